// Changes of names that Kea's updater is asked for: each is one request, which is done when that
// has taken it. What becomes of it there nobody is told.

import type { D2Plan } from '../../config/plan/names-plan.ts'
import type { Flight } from '../../ddns/queue.ts'
import type { Verdict } from '../../ddns/transaction.ts'
import type { Updater, UpdaterRequest, UpdaterSink } from '../../ports/updater.ts'

export class UpdaterCourses implements UpdaterSink {
  readonly #updater: Updater
  readonly #ended: (flight: Flight, verdict: Verdict) => void
  readonly #flights = new Map<number, Flight>()
  #tickets = 0

  constructor(updater: Updater, ended: (flight: Flight, verdict: Verdict) => void) {
    this.#updater = updater
    this.#ended = ended
  }

  open(): void {
    this.#updater.open(this)
  }

  close(): void {
    this.#flights.clear()
    this.#updater.close()
  }

  begin(flight: Flight, to: D2Plan, request: UpdaterRequest): void {
    const ticket = ++this.#tickets
    this.#flights.set(ticket, flight)
    this.#updater.send(ticket, to, request)
  }

  onRequestSent(ticket: number, trouble: string): void {
    const flight = this.#flights.get(ticket)
    if (flight === undefined) return
    this.#flights.delete(ticket)
    this.#ended(
      flight,
      trouble === '' ? { kind: 'done' } : { kind: 'retry', trouble: 'refused', detail: trouble },
    )
  }
}
