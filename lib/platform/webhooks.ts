// What happens, told to who wants to be called: a POST for each event, one after the other. Each
// reads from the ring of events at its own pace, so that one that does not answer holds up nobody,
// and nothing is kept for it beyond what the ring keeps.

import { createHmac } from 'node:crypto'
import type { WebhookPlan } from '../config/plan/control-plan.ts'
import type { EventQueue, TakenEvent } from '../ports/events.ts'
import { type Log, tell } from '../ports/log.ts'
import type { Millis } from '../time/units.ts'
import { wordsOf } from './system-error.ts'

/** For an answer. */
const PATIENCE: Millis = 10_000
/** Before it is tried again; after the last one the event is given up. */
const PAUSES: readonly Millis[] = [1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1000)

export interface WebhookSettings {
  /** Events from now on, by their names; undefined: there will be none any more. */
  readonly follow: (events: readonly string[]) => EventQueue | undefined
  readonly log: Log
  readonly pauses?: readonly Millis[]
}

export class Webhooks {
  readonly #settings: WebhookSettings
  readonly #callers = new Map<string, Caller>()

  constructor(settings: WebhookSettings) {
    this.#settings = settings
  }

  /** One that the new plan leaves as it was goes on where it is. */
  use(plans: readonly WebhookPlan[]): void {
    const wanted = new Map(plans.map((plan) => [JSON.stringify(plan), plan]))
    for (const [key, caller] of this.#callers)
      if (!wanted.has(key)) {
        caller.close()
        this.#callers.delete(key)
      }
    for (const [key, plan] of wanted)
      if (!this.#callers.has(key)) this.#callers.set(key, new Caller(plan, this.#settings))
  }

  close(): void {
    this.use([])
  }
}

class Caller {
  readonly #plan: WebhookPlan
  readonly #settings: WebhookSettings
  readonly #queue: EventQueue | undefined
  readonly #end = new AbortController()
  #isCalling = false
  #timer: NodeJS.Timeout | undefined

  constructor(plan: WebhookPlan, settings: WebhookSettings) {
    this.#plan = plan
    this.#settings = settings
    this.#queue = settings.follow(plan.events)
    if (this.#queue !== undefined) this.#queue.onNews = () => this.#soon()
  }

  close(): void {
    this.#end.abort()
    clearTimeout(this.#timer)
    this.#queue?.close()
  }

  /** In a turn of its own: whoever notes an event waits for nothing. */
  #soon(): void {
    if (this.#isCalling || this.#end.signal.aborted) return
    this.#isCalling = true
    setImmediate(() => this.#next())
  }

  #next(): void {
    this.#isCalling = false
    const taken = this.#end.signal.aborted ? undefined : this.#queue?.next()
    if (taken === undefined) return
    this.#isCalling = true
    this.#call(taken, 0)
  }

  #call(taken: TakenEvent, attempt: number): void {
    this.#post(taken).then((trouble) => {
      if (this.#end.signal.aborted) return
      if (trouble === '') return this.#next()
      const { log, pauses = PAUSES } = this.#settings
      const pause = pauses[attempt]
      if (pause !== undefined) {
        this.#timer = setTimeout(() => this.#call(taken, attempt + 1), pause)
        return
      }
      const { origin, pathname } = new URL(this.#plan.url)
      tell(log, 'WEBHOOK_FAILED', { url: origin + pathname, event: taken.name, trouble })
      this.#next()
    })
  }

  /** '' where it was taken, else why not. */
  async #post({ id, name, text }: TakenEvent): Promise<string> {
    const { secret, url } = this.#plan
    const signature = createHmac('sha256', secret).update(text).digest('hex')
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        body: text,
        headers: {
          'Content-Type': 'application/json',
          'X-Whio-Event': name,
          'X-Whio-Id': id,
          ...(secret === '' ? {} : { 'X-Whio-Signature': `sha256=${signature}` }),
        },
        signal: AbortSignal.any([this.#end.signal, AbortSignal.timeout(PATIENCE)]),
      })
      await response.body?.cancel()
      return response.ok ? '' : `it answered ${response.status}`
    } catch (error) {
      return wordsOf((error as Error).cause ?? error)
    }
  }
}
