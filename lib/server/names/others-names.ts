// What names become because of other servers on the database: they write leases at any time, of
// which this server hears a moment later, and some are gone that owed something to DNS.

import type { Octets } from '../../bytes/octets.ts'
import {
  asTheirs,
  asTheLeaseSays,
  isWished,
  type NameCause,
  type NameWish,
  newEntry,
} from '../../ddns/name-changes.ts'
import { FORWARD, type NameEntry, type NameRecord } from '../../ddns/name-record.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import { type LeftName, leftAddress } from '../../ports/shared-journal.ts'
import type { Instant } from '../../time/units.ts'
import { type NameLedger, recordOfStored } from './ledger.ts'
import type { Machines } from './machines.ts'
import type { NamesDuties } from './names-duties.ts'
import { withAliases } from './orders.ts'
import type { NamesStance } from './stance.ts'
import { inherited } from './told.ts'
import { isOfHolder, wishOf } from './wishes.ts'

export interface OthersDuties
  extends Pick<NamesDuties, 'delivery' | 'now' | 'plan' | 'shared' | 'tables'> {
  readonly ledger: NameLedger
  readonly machines: Machines
  readonly stance: Pick<NamesStance, 'isApart' | 'isHeir' | 'isShared' | 'mayBeWanted'>
  /** The record is as it is from now on. */
  keep(key: Key, record: NameRecord): void
}

/** A name that this server has removed from DNS. */
interface Removal {
  readonly fqdn: Octets
  readonly at: Instant
}

export class OthersNames {
  readonly #duties: OthersDuties
  /** Of what nobody may have heard yet that it is wanted again. */
  readonly #removals = new Map<Key, readonly Removal[]>()

  constructor(duties: OthersDuties) {
    this.#duties = duties
  }

  /** Another server has written the lease. */
  written(
    key: Key,
    wish: NameWish | undefined,
    former: Lease<Key> | undefined,
    cause: Pick<NameCause, 'isSameClient' | 'now'>,
  ): NameRecord {
    const { ledger, plan, shared } = this.#duties
    const { readAt } = shared()!
    const record = asTheirs(ledger.of(key), wish, wishOf(plan(), former), { ...cause, readAt })
    if (wish !== undefined) this.#addBeside(key, wish.fqdn, readAt)
    // Its server may have registered it before this one has removed it.
    const isLate = this.#removals.get(key)?.some(({ at, fqdn }) => {
      return fqdn === wish?.fqdn && at >= readAt
    })
    return isLate === true ? asked(record, wish!, cause.now) : record
  }

  /**
   * Who adds an address of DHCPv6 takes others of the name away that are not known there. What this
   * server has added meanwhile it adds again, beside the one that it hears of.
   */
  #addBeside(key: Key, fqdn: Octets, readAt: Instant): void {
    const { keep, ledger } = this.#duties
    const isLost = (one: NameEntry) =>
      one.fqdn === fqdn && one.at >= readAt && (one.sure & FORWARD) !== 0 && one.by === 'us'
    for (const other of ledger.keysOf(fqdn)) {
      const record = ledger.of(other)
      if (other === key || typeof other === 'number' || !record.some(isLost)) continue
      keep(
        other,
        record.map((one) => (isLost(one) ? { ...one, sure: one.sure & ~FORWARD } : one)),
      )
    }
  }

  /** A lease is about to change by this server: what others may have made of its names. */
  toldOf(key: Key, record: NameRecord): NameRecord {
    if (this.#duties.shared() === undefined) return record
    const { linkFamilies } = this.#duties.plan().names
    return withAliases(key, record, { ...this.#duties, linkFamilies })
  }

  /** DNS has removed what this server did not want any more. */
  removed(key: Key, fqdn: Octets): void {
    const { keep, ledger, now, plan, shared, tables } = this.#duties
    // What is still known of it was not removed because the lease had ended.
    if (shared() === undefined || ledger.of(key).some((entry) => entry.fqdn === fqdn)) return
    const wish = wishOf(plan(), tables.of(key).byAddress(key))
    if (wish?.fqdn === fqdn) return keep(key, asked(ledger.of(key), wish, now()))
    const others = this.#removals.get(key)?.filter((one) => one.fqdn !== fqdn) ?? []
    this.#removals.set(key, [...others, { fqdn, at: now() }])
  }

  /** What others had stored meanwhile is known. */
  turn(): void {
    if (this.#removals.size === 0) return
    const { readAt } = this.#duties.shared()!
    for (const [key, removals] of this.#removals)
      if (removals.every(({ at }) => at < readAt)) this.#removals.delete(key)
  }

  /**
   * They owed it that are gone. What a lease does not ask for that somebody has written since is
   * for that one; what was to be removed is not.
   */
  inherit(left: readonly LeftName[]): void {
    const { delivery, keep, ledger, now, plan, stance, tables } = this.#duties
    for (const { member, ...stored } of left) {
      const found = recordOfStored(stored)
      if (found === undefined) continue
      const address = leftAddress(stored.address, member)
      delivery().storeName({ address, text: '' })
      const [key, theirs] = found
      const row = tables.of(key).byAddress(key)
      const wish = wishOf(plan(), row)
      const isHeir = stance.isHeir(row, member)
      const record = inherited(ledger.of(key), theirs, ({ fqdn }) => isHeir || fqdn === wish?.fqdn)
      const cause = { isSameClient: isOfHolder(record, row), now: now() }
      keep(key, asTheLeaseSays(record, wish, cause))
    }
  }
}

/** With what the lease asks for: this server adds it, whoever else does. */
function asked(record: NameRecord, wish: NameWish, at: Instant): NameRecord {
  const is = (one: NameEntry) => isWished(one, wish, { isSameClient: true })
  return [...record.filter((entry) => !is(entry)), newEntry(wish, at)]
}
