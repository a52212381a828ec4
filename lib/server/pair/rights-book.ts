// What this server may give: the record of the pair, what of it is on the disk, and what the lease table and each
// new lease make of it (lib/ha/README.md, rules 3 and 4a).

import type { Plan4 } from '../../config/plan/plan4.ts'
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
import { type Change, LEASE_STATE } from '../../leases/lease.ts'
import { keysByCounters } from '../../leases/rights.ts'
import type { JournalInfo } from '../../ports/journal.ts'
import type { Seconds } from '../../time/units.ts'
import type { Pair } from './pair.ts'
import { randomName } from './random-name.ts'

/** What a server has under each, the least first. */
const RIGHTS_ORDER = ['none', 'shared', 'sole'] as const

export class RightsBook {
  readonly #pair: Pair
  #record: PairRecord
  #stored: PairRecord
  #isSharing = false

  constructor(pair: Pair) {
    this.#pair = pair
    this.#record = initialRecord(false, pair.plan.thisServer.role)
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

  /** Whether keys are shared with each grant: the partner is connected and both have their rights. */
  get isSharing(): boolean {
    return this.#isSharing
  }

  /** No lease was or will be given for longer, as far as this server knows; seconds. */
  get longestLifetime(): Seconds {
    return longestLifetime(this.#pair.services.plan(), this.#record)
  }

  /** The journal has been read. */
  begin({ pair, change, restored, longest }: JournalInfo): void {
    const { plan, services } = this.#pair
    // A server that was on its own had no record to remember longer leases in.
    const own = pair === undefined ? services.table.lifetimes.longest() : 0
    // What a start makes of a journal, the next start would make of it again, but for the name of its life: nobody
    // notes that before more is stored.
    this.#record = this.#inNewLife(recordAtStart(pair, change, plan, Math.max(longest ?? 0, own))!)
    this.#stored = this.#record
    if (this.#record !== pair) services.delivery.store(this.#record)
    // That it was put back the next start would not know: nobody hears anything else before it is stored.
    if (restored !== undefined) this.#restore(restored)
    this.apply()
  }

  /**
   * Stores a new record with the next batch; `then` is called when it is durable. Rights that shrink do so at
   * once, those that grow when `then` applies them.
   */
  change(next: PairRecord, then?: () => void): void {
    const { delivery } = this.#pair.services
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
    const { services, conversations } = this.#pair
    const isMet = conversations.sessions.size > 0
    const life = { id: randomName(services.draw), from: services.lastChange(), isMet }
    return recordInNewLife(record, life)
  }

  #restore(restored: 'older' | 'told'): void {
    const { plan, services } = this.#pair
    const id = waitsAsCopy(this.#record, restored, plan.partner !== undefined)
      ? 'HA_AFTER_RESTORE'
      : 'RESTORED_ALONE'
    services.reporter.say(id, { because: restored })
    if (id === 'HA_AFTER_RESTORE') this.change(loseDatabase(this.#record))
  }

  /** Lets the lease table judge by the record. */
  apply(): void {
    const { plan, machine, services } = this.#pair
    const rights = rightsOf(this.#record, plan)
    const takesAll = plan.whenSilent === 'available' && machine.state === 'partner-down'
    services.table.setRights(
      takesAll && rights.kind === 'keys' ? { ...rights, kind: 'all' } : rights,
    )
    this.updateSharing()
  }

  /** Sharing begins and ends with contact and rights. */
  updateSharing(): void {
    const { services, conversations, contact } = this.#pair
    const partner = conversations.withPartner
    const isSharing =
      partner?.hasUpdates === true &&
      partner.outgoing !== undefined &&
      this.#record.rights === 'shared' &&
      contact.isConnected(services.now())
    if (isSharing === this.#isSharing) return
    this.#isSharing = isSharing
    services.table.setSharing(isSharing)
  }

  /** A change of the engine with what the pair must know of it (rules 4a and 6c). */
  stamp(change: Change): Change {
    // Before the first meeting nobody knows which side this server is.
    if (change.kind !== 'put' || this.#record.pairId === '') return change
    const { lease } = change
    if (lease.state !== LEASE_STATE.assigned)
      return { kind: 'put', lease: { ...lease, knew: this.#knew() } }
    this.noteLifetime(lease.validLifetime)
    const home = this.#pair.services.table.homeOf(lease.address)
    const keys = keysByCounters(home, this.#record.side, lease.gave, lease.got)
    const got = this.#record.rights === 'sole' && keys === 0 ? lease.got + 2 : lease.got
    const gave = this.#isSharing && keys === 2 ? lease.gave + 1 : lease.gave
    if (got === lease.got && gave === lease.gave) return change
    if (gave !== lease.gave) this.#pair.stock.took(lease.subnetId)
    return { kind: 'put', lease: { ...lease, gave, got } }
  }

  /** Leases are or may be given for so long, here or by the partner: a quarantine must last longer. */
  noteLifetime(lifetime: Seconds): void {
    if (lifetime <= this.#record.longestLifetime) return
    this.change({ ...this.#record, longestLifetime: lifetime })
  }

  /** The partner has stored that leases are given for so long. undefined: it is a version that does not tell. */
  noteTold(lifetime: Seconds | undefined): void {
    if (lifetime === undefined || lifetime === this.#record.toldLifetime) return
    this.change({ ...this.#record, toldLifetime: lifetime })
    this.apply()
  }

  /** Position of the partner's stream that is stored here. */
  #knew(): number {
    return this.#record.applied[this.#record.partnerDatabase] ?? 0
  }
}

/** No lease was or will be given for longer, as far as plan and record say; seconds. */
export function longestLifetime({ subnets }: Plan4, record: PairRecord): Seconds {
  return subnets.reduce(
    (longest, { lifetime }) => Math.max(longest, lifetime.max),
    record.longestLifetime,
  )
}
