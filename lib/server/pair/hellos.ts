// What this server says first on a connection, and what it makes of what the other end says: lib/ha/handshake.ts
// put to work.

import { wildClaim } from '../../ha/claims.ts'
import { type Agreement, judgeHello, type Refused } from '../../ha/handshake.ts'
import { type Hello, LINK_VERSION, LINK_VERSION_LOWEST } from '../../ha/link-messages.ts'
import { standingOf } from '../../ha/pair-steps.ts'
import type { Pair } from './pair.ts'
import { endpointOf } from './partner-trouble.ts'

export class Hellos {
  readonly #pair: Pair
  /** Counts the hellos of this life. */
  #turn = 0

  constructor(pair: Pair) {
    this.#pair = pair
  }

  /** Whether one may be said: what it would tell is on the disk. */
  get isReady(): boolean {
    return this.#pair.rightsBook.isSettled
  }

  /** Of what is stored only: what a crash would take back is told to nobody. */
  make(): Hello {
    const { plan, machine, instance, candidateId, position, database, services } = this.#pair
    const { stored, longestLifetime } = this.#pair.rightsBook
    return {
      type: 'hello',
      version: LINK_VERSION,
      lowest: LINK_VERSION_LOWEST,
      software: 'whio',
      name: plan.thisServer.name,
      role: plan.thisServer.role,
      mode: plan.mode,
      instance,
      turn: ++this.#turn,
      database,
      position,
      ...standingOf(stored),
      longestLifetime,
      clock: Math.floor(services.served()),
      highest: Math.max(0, ...Object.values(stored.applied)),
      candidateId,
      ...(plan.thisServer.role === 'backup' ? { known: stored.applied } : {}),
      listens: endpointOf(plan.thisServer.url),
      ...(plan.sendLeaseUpdates ? {} : { updates: false }),
      fingerprint: services.plan().fingerprint,
      state: machine.state,
    }
  }

  /** Whether a hello of this server still says what is true. */
  isCurrent(hello: Hello): boolean {
    const { record, longestLifetime } = this.#pair.rightsBook
    const { rights, handOver, side } = record
    if (hello.rights !== rights || hello.handOver !== handOver || hello.side !== side) return false
    const { fingerprint } = this.#pair.services.plan()
    return hello.fingerprint === fingerprint && hello.longestLifetime >= longestLifetime
  }

  /** Its database was that of the partner once, and another one is now. */
  isReplaced({ pairId, role, database, appliedDatabase }: Hello): boolean {
    const { stored } = this.#pair.rightsBook
    if (stored.pairId === '' || stored.pairId !== pairId || role === 'backup') return false
    return appliedDatabase === this.#pair.database && stored.partnerDatabase !== database
  }

  judge(mine: Hello, theirs: Hello): Agreement | Refused {
    const { plan, services, rightsBook } = this.#pair
    const claim = wildClaim(mine, theirs)
    if (claim !== '') {
      this.#pair.say('HA_CLAIM_REFUSED', { peer: theirs.name, claim })
      return { kind: 'refuse', reason: claim, alarm: true }
    }
    return judgeHello(plan, rightsBook.record, mine, theirs, services.now())
  }
}
