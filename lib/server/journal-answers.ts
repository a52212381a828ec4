// What the journal says to the server, and what that makes of its life: leases come, it serves;
// nothing is stored, it has failed; something is stored again, it serves on.

import type { JournalInfo, JournalSink } from '../ports/journal.ts'
import type { SharedCommit } from '../ports/shared-journal.ts'
import type { Life, LivingParts } from './life.ts'
import type { ServerCore } from './server-parts.ts'
import type { StallWatch } from './stall-watch.ts'

export class JournalAnswers implements JournalSink {
  readonly #core: ServerCore
  readonly #parts: LivingParts
  readonly #life: Life
  readonly #watch: StallWatch

  constructor(core: ServerCore, parts: LivingParts, life: Life, watch: StallWatch) {
    this.#core = core
    this.#parts = parts
    this.#life = life
    this.#watch = watch
  }

  onRows(rows: Uint8Array): void {
    this.#core.tables.load(rows)
  }

  onReady(info: JournalInfo): void {
    const { clock, configuration, numbers, plan, reporter, services, switches, tables } = this.#core
    const { delivery, pairing, shared } = this.#parts
    if (shared === undefined) numbers.begin(info.change)
    clock.set(info.stamp, info.counted)
    this.#watch.begin(info.stamp)
    delivery.begin(info)
    shared?.begin(info)
    services().ready(info)
    reporter.journalRead(info, tables.size)
    configuration()?.begin(info.edits ?? [])
    if (this.#life.state !== 'starting') return this.#life.finish()
    pairing.begin(info)
    this.#life.serve()
    const off = switches.offOf(plan())
    if (off !== 'nothing') pairing.pair?.switched(off)
    services().say('started', { leases: tables.size })
    services().open()
    this.#parts.schedule()
  }

  onCommitted(answer?: SharedCommit): void {
    const { now, proceed, reporter } = this.#core
    const { delivery, shared } = this.#parts
    if (answer !== undefined) shared!.committed(answer)
    delivery.onCommitted(now(), answer)
    if (this.#life.state === 'failed' && !shared?.isAway) {
      this.#life.recover()
      reporter.say('JOURNAL_RECOVERED', {})
    }
    proceed()
  }

  onFailed(trouble: string): void {
    const { clock, now, reporter } = this.#core
    if (!clock.isSet) return this.#life.giveUp(trouble)
    this.#parts.delivery.onFailed(trouble, now())
    if (this.#life.fail()) reporter.say('JOURNAL_FAILED', { trouble })
    this.#parts.work.journalFailed(trouble)
    if (this.#life.state === 'stopping') return this.#life.finish()
    this.#parts.schedule()
  }

  /** The database that others share does not answer. */
  onAway(trouble: string): void {
    this.#parts.work.journalFailed(trouble)
    this.#life.fail()
    this.#parts.schedule()
  }
}
