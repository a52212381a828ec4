// What this server says first on a connection, and what it makes of what the other end says:
// lib/ha/handshake.ts put to work.

import { hexFromOctets } from '../../bytes/octets.ts'
import type { HaPlan, HaState } from '../../config/plan/ha-plan.ts'
import { wildClaim } from '../../ha/claims.ts'
import { EVERY_FAMILY } from '../../ha/families.ts'
import { type Agreement, judgeHello } from '../../ha/handshake.ts'
import type { Refused } from '../../ha/hello-refusals.ts'
import { type Hello, LINK_VERSION, LINK_VERSION_LOWEST } from '../../ha/link-messages.ts'
import { standingOf } from '../../ha/pair-steps.ts'
import type { DatabasePosition } from './database-position.ts'
import type { PairServices } from './pair-services.ts'
import { endpointOf } from './partner-trouble.ts'
import { randomName } from './random-name.ts'
import type { RightsBook } from './rights-book.ts'

type Services = Pick<
  PairServices,
  'draw' | 'edits' | 'hooks' | 'now' | 'plan' | 'reporter' | 'served' | 'serverDuid' | 'tables'
>

export class Hellos {
  readonly #plan: HaPlan
  readonly #services: Services
  readonly #rightsBook: RightsBook
  readonly #database: DatabasePosition
  readonly #state: () => HaState
  /** Names this life of the process. */
  readonly #instance: string
  /** Offered as the name of the pair if this is its first meeting. */
  readonly #candidateId: string
  /** Counts the hellos of this life. */
  #turn = 0

  constructor(
    plan: HaPlan,
    services: Services,
    rightsBook: RightsBook,
    database: DatabasePosition,
    state: () => HaState,
  ) {
    this.#plan = plan
    this.#services = services
    this.#rightsBook = rightsBook
    this.#database = database
    this.#state = state
    this.#instance = randomName(services.draw)
    this.#candidateId = randomName(services.draw)
  }

  /** Whether one may be said: what it would tell is on the disk. */
  get isReady(): boolean {
    return this.#rightsBook.isSettled
  }

  /** Of what is stored only: what a crash would take back is told to nobody. */
  make(): Hello {
    const [plan, services] = [this.#plan, this.#services]
    const { stored, longestLifetime } = this.#rightsBook
    const serverDuid = services.serverDuid()
    return {
      type: 'hello',
      version: LINK_VERSION,
      lowest: LINK_VERSION_LOWEST,
      software: 'whio',
      name: plan.thisServer.name,
      role: plan.thisServer.role,
      mode: plan.mode,
      instance: this.#instance,
      turn: ++this.#turn,
      database: this.#database.name,
      position: this.#database.position,
      ...standingOf(stored),
      longestLifetime,
      clock: Math.floor(services.served()),
      highest: Math.max(0, ...Object.values(stored.applied)),
      candidateId: this.#candidateId,
      ...(plan.thisServer.role === 'backup' ? { known: stored.applied } : {}),
      listens: endpointOf(plan.thisServer.url),
      ...(plan.sendLeaseUpdates ? {} : { updates: false }),
      ...(plan.sharesDatabase && { sharesDatabase: true }),
      fingerprint: services.plan().fingerprint,
      families: EVERY_FAMILY,
      holds: services.tables.held,
      ...(services.hooks() !== '' && { hooks: services.hooks() }),
      ...(serverDuid !== '' && { serverDuid: hexFromOctets(serverDuid) }),
      asks: true,
      names: true,
      ...(plan.sharesEdits && services.edits() !== undefined && { edits: true }),
      state: this.#state(),
    }
  }

  /** Whether a hello of this server still says what is true. */
  isCurrent(hello: Hello): boolean {
    const { record, longestLifetime } = this.#rightsBook
    const { rights, handOver, side } = record
    if (hello.rights !== rights || hello.handOver !== handOver || hello.side !== side) return false
    const { fingerprint } = this.#services.plan()
    return hello.fingerprint === fingerprint && hello.longestLifetime >= longestLifetime
  }

  /** Its database was that of the partner once, and another one is now. */
  isReplaced({ pairId, role, database, appliedDatabase }: Hello): boolean {
    const { stored } = this.#rightsBook
    if (stored.pairId === '' || stored.pairId !== pairId || role === 'backup') return false
    return appliedDatabase === this.#database.name && stored.partnerDatabase !== database
  }

  judge(mine: Hello, theirs: Hello): Agreement | Refused {
    const now = this.#services.now()
    const claim = wildClaim(mine, theirs)
    if (claim !== '') {
      this.#services.reporter.ofPeer('HA_CLAIM_REFUSED', { peer: theirs.name, claim }, now)
      return { kind: 'refuse', reason: claim, alarm: true }
    }
    const judged = judgeHello(this.#plan, this.#rightsBook.record, mine, theirs, now)
    if (judged.kind === 'agree') this.#rightsBook.partnerIsApart = false
    else if (judged.isApart === true) this.#rightsBook.partnerIsApart = true
    return judged
  }
}
