// Names that are somebody else's in DNS. On a database that others write, too, nobody tells this
// server that one was removed which is in its way: it asks for them again now and then.

import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import type { NameLedger } from './ledger.ts'
import type { Runner } from './runner.ts'
import type { NamesStance } from './stance.ts'

const WAIT: Millis = 600_000

export class BlockedNames {
  readonly #stance: NamesStance
  readonly #ledger: NameLedger
  /** Who has to wait for the name may have it. */
  readonly #runner: Pick<Runner, 'freed'>
  #askedAt: Instant = 0

  constructor(stance: NamesStance, ledger: NameLedger, runner: Pick<Runner, 'freed'>) {
    this.#stance = stance
    this.#ledger = ledger
    this.#runner = runner
  }

  get deadline(): Instant {
    const isAny = this.#stance.isShared && this.#ledger.conflicts > 0
    return isAny ? this.#askedAt + WAIT : NEVER
  }

  turn(now: Instant): void {
    if (now < this.deadline) return
    this.#askedAt = now
    for (const key of [...this.#ledger.noted])
      for (const { fqdn, isConflict } of this.#ledger.of(key))
        if (isConflict) this.#runner.freed(fqdn)
  }
}
