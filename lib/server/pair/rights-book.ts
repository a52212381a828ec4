// What this server may give: the record of the pair, what of it is on the disk, and what the lease
// table and each new lease make of it (lib/ha/README.md, rules 3 and 4a).

import type { HaPlan } from '../../config/plan/ha-plan.ts'
import { longestLifetimeOf } from '../../config/plan/longest-lifetime.ts'
import type { Plan } from '../../config/plan/plan.ts'
import { NO_FAMILY } from '../../ha/families.ts'
import type { PairRecord } from '../../ha/pair-record.ts'
import { rightsOf } from '../../ha/pair-rights.ts'
import {
  hasSameStanding,
  initialRecord,
  loseDatabase,
  recordAtStart,
  recordInNewLife,
  waitsAsCopy,
} from '../../ha/pair-steps.ts'
import { type FamilyVersion, type Key, versionOf } from '../../leases/keys/key.ts'
import { type Change, LEASE_STATE } from '../../leases/lease.ts'
import { keysByCounters } from '../../leases/rights.ts'
import type { JournalInfo } from '../../ports/journal.ts'
import { NEVER, type Seconds } from '../../time/units.ts'
import type { PairServices } from './pair-services.ts'
import { randomName } from './random-name.ts'

/** What a server has under each, the least first. */
const RIGHTS_ORDER = ['none', 'shared', 'sole'] as const

type Services = Pick<
  PairServices,
  'delivery' | 'draw' | 'lastChange' | 'plan' | 'reporter' | 'tables'
>

export interface RightsBookDuties {
  /** Whether another server is connected: it hears of whatever this one becomes. */
  isMet(): boolean
  /** Families whose leases reach the partner as they are given; none while it is not heard. */
  reachPartner(): readonly FamilyVersion[]
  /** Whether this server serves in place of its partner. */
  isPartnerDown(): boolean
  /** A free address of the subnet was given, and its second key went to the partner. */
  took(key: Key, subnetId: number): void
}

export class RightsBook {
  readonly #plan: HaPlan
  readonly #services: Services
  readonly #duties: RightsBookDuties
  #record: PairRecord
  #stored: PairRecord
  #shared: readonly FamilyVersion[] = NO_FAMILY
  /** The database decides between the two, and the partner was found to write another one. */
  partnerIsApart = false

  constructor(plan: HaPlan, services: Services, duties: RightsBookDuties) {
    this.#plan = plan
    this.#services = services
    this.#duties = duties
    this.#record = initialRecord(false, plan.thisServer.role)
    this.#stored = this.#record
  }

  /** What this database knows of its pair: this server keeps to it at once. */
  get record(): PairRecord {
    return this.#record
  }

  /** What of it would be there after a crash: other servers are told nothing else. */
  get stored(): PairRecord {
    return this.#stored
  }

  /** Whether a hello may be said: it would not be taken back by the next commit. */
  get isSettled(): boolean {
    return this.#stored === this.#record || hasSameStanding(this.#stored, this.#record)
  }

  /**
   * Whether keys are shared with each grant: the partner is connected and both have their rights.
   */
  get isSharing(): boolean {
    return this.#shared.length > 0
  }

  /** Families for which it is so. */
  get shared(): readonly FamilyVersion[] {
    return this.#shared
  }

  /** No lease was or will be given for longer, as far as this server knows; seconds. */
  get longestLifetime(): Seconds {
    return longestLifetime(this.#services.plan(), this.#record)
  }

  /**
   * Whether clients may be answered. Of two with a database each, which both take for the one that
   * decides, only the primary does that.
   */
  get mayServe(): boolean {
    const { role } = this.#plan.thisServer
    const isKeptOut = this.partnerIsApart && role !== 'primary'
    return this.#services.tables.rights.kind !== 'none' && !isKeptOut
  }

  /** The journal has been read. */
  begin(info: JournalInfo): void {
    if (this.#plan.sharesDatabase) this.#beginOnDatabase(info)
    else this.#beginWithKeys(info)
  }

  /** It decides about each change: nothing is noted of the partner but who it is. */
  #beginOnDatabase({ pair }: JournalInfo): void {
    const { partnerDuids = [] } = pair ?? {}
    this.#record = { ...initialRecord(true, 'primary'), partnerDuids }
    this.#stored = this.#record
  }

  #beginWithKeys({ pair, change, restored, longest }: JournalInfo): void {
    const { tables, delivery } = this.#services
    // A server that was on its own had no record to remember longer leases in.
    const own = pair === undefined ? tables.longestLifetime() : 0
    // What a start makes of a journal, the next start would make of it again, but for the name of
    // its life: nobody notes that before more is stored.
    const known = Math.max(longest ?? 0, own)
    this.#record = this.#inNewLife(recordAtStart(pair, change, this.#plan, known)!)
    this.#stored = this.#record
    if (this.#record !== pair) delivery.store(this.#record)
    // That it was put back the next start would not know: nobody hears anything else before it is
    // stored.
    if (restored !== undefined) this.#restore(restored)
    this.apply()
    this.#warnOfNoRights()
  }

  #warnOfNoRights(): void {
    const { rights, noneBecause } = this.#record
    const { partner } = this.#plan
    if (rights === 'none' && partner !== undefined)
      this.#services.reporter.say('HA_NO_RIGHTS', { partner: partner.name, because: noneBecause })
  }

  /** The plan may allow longer leases than the partner knows of: they wait. */
  warnOfLifetimes(): void {
    const { tables, reporter } = this.#services
    const { longest = NEVER } = tables.rights
    const lifetime = this.longestLifetime
    if (lifetime > longest) reporter.say('HA_LIFETIME_WAITS', { lifetime, longest })
  }

  /**
   * Stores a new record with the next batch; `then` is called when it is durable. Rights that
   * shrink do so at once, those that grow when `then` applies them.
   */
  change(next: PairRecord, then?: () => void): void {
    const { delivery } = this.#services
    const former = this.#record
    const record = hasSameStanding(former, next) ? next : this.#inNewLife(next)
    this.#record = record
    delivery.store(record)
    if (RIGHTS_ORDER.indexOf(record.rights) < RIGHTS_ORDER.indexOf(former.rights)) this.apply()
    delivery.note(() => {
      this.#stored = record
      then?.()
    })
  }

  /** A start and steps of rights move no change number. */
  #inNewLife(record: PairRecord): PairRecord {
    const { draw, lastChange } = this.#services
    const isMet = this.#duties.isMet()
    return recordInNewLife(record, { id: randomName(draw), from: lastChange(), isMet })
  }

  #restore(restored: 'older' | 'told'): void {
    const id = waitsAsCopy(this.#record, restored, this.#plan.partner !== undefined)
      ? 'HA_AFTER_RESTORE'
      : 'RESTORED_ALONE'
    this.#services.reporter.say(id, { because: restored })
    if (id === 'HA_AFTER_RESTORE') this.change(loseDatabase(this.#record))
  }

  /** Lets the lease table judge by the record. */
  apply(): void {
    if (this.#plan.sharesDatabase) return
    const rights = rightsOf(this.#record, this.#plan)
    const takesAll = this.#plan.whenSilent === 'available' && this.#duties.isPartnerDown()
    this.#services.tables.setRights(
      takesAll && rights.kind === 'keys' ? { ...rights, kind: 'all' } : rights,
    )
    this.updateSharing()
  }

  /** Sharing begins and ends with contact and rights. */
  updateSharing(): void {
    const isShared = this.#record.rights === 'shared'
    const shared = isShared ? this.#duties.reachPartner() : NO_FAMILY
    if (shared === this.#shared) return
    this.#shared = shared
    this.#services.tables.setShared(shared)
  }

  /** A change of the engine with what the pair must know of it (rules 4a and 6c). */
  stamp<A extends Key>(change: Change<A>): Change<A> {
    // Before the first meeting nobody knows which side this server is.
    if (change.kind !== 'put' || this.#record.pairId === '') return change
    const { lease } = change
    if (lease.state !== LEASE_STATE.assigned)
      return { kind: 'put', lease: { ...lease, knew: this.#knew() } }
    this.noteLifetime(lease.validLifetime)
    const home = this.#services.tables.of(lease.address).homeOf(lease.address)
    const keys = keysByCounters(home, this.#record.side, lease.gave, lease.got)
    const got = this.#record.rights === 'sole' && keys === 0 ? lease.got + 2 : lease.got
    const isShared = keys === 2 && this.#shared.includes(versionOf(lease.address))
    const gave = isShared ? lease.gave + 1 : lease.gave
    if (got === lease.got && gave === lease.gave) return change
    if (gave !== lease.gave) this.#duties.took(lease.address, lease.subnetId)
    return { kind: 'put', lease: { ...lease, gave, got } }
  }

  /**
   * Leases are or may be given for so long, here or by the partner: a quarantine must last longer.
   */
  noteLifetime(lifetime: Seconds): void {
    if (lifetime <= this.#record.longestLifetime || this.#plan.sharesDatabase) return
    this.change({ ...this.#record, longestLifetime: lifetime })
  }

  /**
   * The partner has stored that leases are given for so long. undefined: it is a version that does
   * not tell.
   */
  noteTold(lifetime: Seconds | undefined): void {
    if (lifetime === undefined || lifetime === this.#record.toldLifetime) return
    if (this.#plan.sharesDatabase) return
    this.change({ ...this.#record, toldLifetime: lifetime })
    this.apply()
  }

  /** Position of the partner's stream that is stored here. */
  #knew(): number {
    return this.#record.applied[this.#record.partnerDatabase] ?? 0
  }
}

/** No lease was or will be given for longer, as far as plan and record say; seconds. */
export function longestLifetime(plan: Plan, record: PairRecord): Seconds {
  return longestLifetimeOf(plan, record.longestLifetime)
}
