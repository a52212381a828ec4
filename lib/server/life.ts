// The life of a server: in which of its states it is, who hears of it, and how it ends.
//
//   starting --journal read--> serving <--> failed --stop--> stopping --> stopped

import type { Delivery } from './delivery.ts'
import { Ending } from './ending.ts'
import type { ServerState } from './events.ts'
import { closeHooks } from './hooks.ts'
import type { OperatorWork } from './operator-work.ts'
import type { Pairing } from './pair/pairing.ts'
import type { ServerCore } from './server-parts.ts'
import type { SharedSide } from './shared/shared-side.ts'

/** Whom it suspends and ends. */
export interface LivingParts {
  readonly delivery: Delivery
  readonly shared: SharedSide | undefined
  readonly work: OperatorWork
  readonly pairing: Pairing
  /** What is due is due at another time. */
  schedule(): void
}

export class Life {
  readonly #core: ServerCore
  readonly #parts: LivingParts
  readonly #ending: Ending
  #state: ServerState = 'starting'

  constructor(core: ServerCore, parts: LivingParts) {
    this.#core = core
    this.#parts = parts
    const { hooks, journal } = core.ports
    const { pair } = parts.pairing
    this.#ending = new Ending({
      delivery: parts.delivery,
      closeServices: (done) => core.services().close(done),
      leave: (done) => (pair === undefined ? done() : pair.leave(done)),
      closeJournal: (done) => journal.close(() => closeHooks(hooks, done)),
      ended: () => {
        this.#enter('stopped')
        core.services().say('stopped')
      },
    })
  }

  get state(): ServerState {
    return this.#state
  }

  /** Nothing but the end is waited for any more. */
  get isClosing(): boolean {
    return this.#ending.isClosing
  }

  /** The journal is read. */
  serve(): void {
    this.#enter('serving')
  }

  /** Nothing can be stored: nobody is answered, and the partner serves all. Whether that is new. */
  fail(): boolean {
    if (this.#state !== 'serving') return false
    this.#enter('failed')
    this.#parts.pairing.pair?.suspend()
    return true
  }

  recover(): void {
    if (this.#state !== 'failed') return
    this.#enter('serving')
    this.#parts.pairing.pair?.resume()
  }

  /** Takes no new messages; the end comes when what waits has come to its end. */
  stop(done: () => void): void {
    if (this.#state === 'stopped') return done()
    this.#ending.whenOver(done)
    if (this.#state === 'stopping') return
    const { clock, services } = this.#core
    this.#enter('stopping')
    services().say('stopping')
    clock.cancel()
    this.#parts.work.stop()
    this.#parts.shared?.stop()
    this.#parts.pairing.stopTaking()
    this.goOnStopping()
  }

  goOnStopping(): void {
    this.#parts.delivery.drain(this.#core.now())
    this.finish()
    this.#parts.schedule()
  }

  /** Ends where it is to end and nothing is waited for. */
  finish(): void {
    if (this.#state !== 'stopping' || !this.#ending.isReady) return
    this.#core.clock.cancel()
    this.#ending.close()
  }

  /** The journal could not be read: without it nothing may be answered, so the server ends. */
  giveUp(trouble: string): void {
    this.#core.reporter.say('JOURNAL_UNREADABLE', { trouble })
    this.#state = 'stopping'
    this.finish()
  }

  #enter(state: ServerState): void {
    this.#state = state
    this.#core.settings.onEvent?.({ kind: 'state', state })
  }
}
