// All leases of this server in memory: the answer to every question of LeaseView, and the one place
// where leases change. Leases change by apply(change) and load(records) only; offers by offer and
// withdrawOffer; what time does to leases comes out of due() as changes, to be journaled and
// applied.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { Draw } from '../../time/draw.ts'
import type { Instant, Seconds } from '../../time/units.ts'
import type { BindingKind } from '../binding.ts'
import { ChangeWriter, checkedRecordEnd, viewOf } from '../change-codec.ts'
import { type DueChange, dueChange, isOwed } from '../due-change.ts'
import { RELEASE_GUARD_MS, rowOverAt } from '../grace.ts'
import { isSameClient } from '../identity.ts'
import { type Family, isPrefix } from '../keys/family.ts'
import { type Key, type Range, versionOf } from '../keys/key.ts'
import type { KeyIndex } from '../keys/key-space.ts'
import { type Change, type ClientIdentity, LEASE_STATE, type Lease } from '../lease.ts'
import { FIELD } from '../record.ts'
import { type Keys, keysUnder, type Rights, type Side } from '../rights.ts'
import type { Pieces } from '../store/pieces.ts'
import type { Elsewhere, FreeSearch, LeaseView } from '../view.ts'
import { Availability, type FreeKeys } from './availability.ts'
import { ClassCounts } from './class-counts.ts'
import { ClientIndex } from './client-index.ts'
import { Expiry } from './expiry.ts'
import type { FreeCount } from './free-count.ts'
import { isCountedAs, LeaseCounts, type SubnetCounts } from './lease-counts.ts'
import { LeaseRows } from './lease-rows.ts'
import { LifetimeScan } from './lifetime-scan.ts'
import { Listed } from './listed.ts'
import { type Preference, preferredOf } from './preferred.ts'
import { Reuses } from './reuses.ts'
import { Scans } from './scans.ts'
import type { Refill, Walk, Walked } from './walk.ts'

export class LeaseTable<A extends Key = Ipv4> implements LeaseView<A> {
  readonly #family: Family<A>
  readonly #rows: LeaseRows<A>
  readonly lifetimes: LifetimeScan<A>
  readonly scans: Scans<A>
  readonly classes: ClassCounts<A>
  readonly #byAddress: KeyIndex<A>
  readonly #clients: ClientIndex<A>
  readonly reuses = new Reuses<A>()
  readonly counted = new LeaseCounts()
  readonly #expiry: Expiry<A>
  readonly #availability: Availability<A>
  readonly #listed: Listed<A>
  readonly #scratch: ChangeWriter
  /** Which free addresses are tried first; undefined: none is better than others. */
  preference: Preference<A> | undefined = undefined
  #size = 0
  /** The row found last: what is asked for is mostly asked for or changed again at once. */
  #recent = 0
  #hold: Seconds = 0

  /** `seed` makes hashes unpredictable to clients; any 32-bit number. */
  constructor(family: Family<A>, seed: number) {
    const rows = new LeaseRows(family)
    const space = family.space()
    this.#family = family
    this.#rows = rows
    this.lifetimes = new LifetimeScan(rows)
    this.classes = new ClassCounts(rows, family)
    this.#byAddress = space.rows
    this.#listed = new Listed(family, space, rows, this.#leaseAt)
    this.#scratch = new ChangeWriter(1024)
    this.#clients = new ClientIndex(family, rows, seed)
    this.scans = new Scans(rows, this.#clients)
    this.#expiry = new Expiry(
      rows,
      (row) => this.#availability.lapsed(row),
      (row) => isOwed(this.rights, this.homeOf(rows.address(row)), rows.keys(row, this.rights)),
    )
    const rowAt = (address: A) => this.#rowAt(address)
    this.#availability = new Availability(family, space, rows, this.#expiry, rowAt, seed)
  }

  get version(): 4 | 6 {
    return versionOf(this.#family.all.first)
  }

  /** Leases, in whatever state; free rows are none, nor is what was erased. */
  get size(): number {
    return this.#size
  }

  get rights(): Rights {
    return this.#availability.rights
  }

  /** What this server may give from now on. Walks over all rows when keys count otherwise. */
  setRights(rights: Rights): void {
    const { kind, side, paired } = this.rights
    this.#availability.setRights(rights)
    if (rights.kind === kind && rights.side === side && rights.paired === paired) return
    this.#listed.forgetShared()
    for (let row = 0; row < this.#rows.store.end; row++) {
      if (!this.#rows.isUsed(row)) continue
      const address = this.#rows.address(row)
      this.#expiry.reconsider(row)
      if (this.#expiry.isOver(row)) this.#availability.refresh(address, row)
      this.#listed.noteShared(address, row, rights)
    }
  }

  /** Whether keys can go to the partner now, false at first: what owes one is not due before. */
  setSharing(isSharing: boolean): void {
    this.#expiry.isSharing = isSharing
  }

  /** It is so late at least. Told before load(), what is over by then is free once it is read. */
  noteTime(now: Instant): void {
    this.#expiry.noteTime(now)
  }

  get offerCount(): number {
    return this.#availability.offers.size
  }

  // ---- questions

  byAddress(address: A): Lease<A> | undefined {
    const row = this.#rowAt(address)
    return row < 0 ? undefined : this.#rows.lease(row, undefined)
  }

  byClient(client: ClientIdentity, subnetId: number): Lease<A> | undefined {
    const row = this.#clients.find(client, subnetId)
    if (row < 0) return undefined
    this.#recent = row
    return this.#rows.lease(row, client)
  }

  belongsTo(lease: Lease<A>, client: ClientIdentity): boolean {
    return isSameClient(lease, client)
  }

  isOver(lease: Lease<A> | undefined, now: Instant): boolean {
    if (lease === undefined || lease.state === LEASE_STATE.released) return true
    return rowOverAt(lease) <= now
  }

  keysOf(address: A, lease: Lease<A> | undefined): Keys {
    const keys = keysUnder(this.rights, this.homeOf(address), lease?.gave ?? 0, lease?.got ?? 0)
    return this.#availability.keysBeside(address, keys)
  }

  /** The side that an address belongs to until keys move. */
  homeOf(address: A): Side {
    return this.#family.homeOf(address)
  }

  mayGive(address: A, lease: Lease<A> | undefined, now: Instant): boolean {
    if (this.#isDoubtful(lease === undefined, now)) return false
    if (this.keysOf(address, lease) !== 2 || !this.isOver(lease, now)) return false
    return !this.#availability.isOverlapped(address, now)
  }

  byDuid(duid: Octets, kinds?: readonly BindingKind[]): Lease<A>[] {
    return this.#clients.ofDuid(duid, kinds).map(this.#leaseOf)
  }

  hasBindings(duid: Octets, kind: BindingKind): boolean {
    return this.#clients.hasOfDuid(duid, kind)
  }

  around(address: A, now: Instant): Lease<A>[] {
    return this.#availability.rowsInTheWay(address, now).map(this.#leaseOf)
  }

  /** In doubt nothing without a row is given, and nothing at all where it came with every key. */
  #isDoubtful(isWithoutRow: boolean, now: Instant): boolean {
    const { kind, doubtUntil } = this.rights
    return now < doubtUntil && (isWithoutRow || kind === 'all')
  }

  counts(subnetId: number): SubnetCounts {
    return this.counted.of(subnetId)
  }

  /** In the order of addresses: all, or a range, where it goes on behind one that lies in it. */
  walk(walked: Walked, range?: Range<A>, behind?: A): Walk<A> {
    return this.#listed.walk(walked, range, behind)
  }

  /** For a server that gets every row of another one. */
  refill(): Refill<A> {
    return this.#listed.refill()
  }

  /**
   * About how many addresses of the ranges are free: `mine` this server may give, `foreign` only
   * its partner may, of the `tied` each has a key, `resting` ones wait for the end of a doubt.
   * Exact for up to 4096 addresses, as of the last search or due().
   */
  freeCount(ranges: readonly Range<A>[], draw: Draw): FreeCount {
    return this.#availability.count(ranges, draw)
  }

  /** What is free, for those who have to know more of it. */
  get free(): FreeKeys<A> {
    return this.#availability
  }

  // ---- offers and free addresses

  offerOf(client: ClientIdentity, subnetId: number, now: Instant): A | undefined {
    return this.#availability.offers.addressOf(client, subnetId, now)
  }

  /** What is free is asked for now: some offers whose time has passed are forgotten. */
  expireOffers(now: Instant): void {
    this.#availability.noteTime(now)
  }

  /** Whether somebody was offered the address. */
  isOffered(address: A): boolean {
    return this.#availability.offers.has(address)
  }

  isOfferedToOther(address: A, client: ClientIdentity, now: Instant): boolean {
    return this.#availability.offers.isToOther(address, client, now)
  }

  offer(address: A, client: ClientIdentity, subnetId: number, until: Instant): void {
    this.#availability.offers.put(address, client, subnetId, until)
  }

  withdrawOffer(client: ClientIdentity, subnetId: number): void {
    this.#availability.offers.withdraw(client, subnetId)
  }

  findFree(ranges: readonly Range<A>[], search: FreeSearch, now: Instant): A | undefined {
    const { preference } = this
    if (preference === undefined) return this.#availability.find(ranges, search, now)
    return preferredOf(() => this.#availability.find(ranges, search, now), preference)
  }

  findLent(ranges: readonly Range<A>[], now: Instant): A | undefined {
    return this.#availability.findLent(ranges, now)
  }

  occupancy(ranges: readonly Range<A>[], except: A, draw: Draw, now: Instant): number {
    return this.#availability.occupancy(ranges, except, draw, now)
  }

  elsewhere(ranges: readonly Range<A>[], draw: Draw, now: Instant): Elsewhere {
    return this.#availability.elsewhere(ranges, draw, now)
  }

  /** Keeps these addresses, and no others, out of findFree: they are reserved for somebody. */
  setReserved(addresses: readonly A[] | Pieces<A>, beside: readonly A[] = []): void {
    this.#availability.setReserved(addresses, beside)
  }

  // ---- changes

  /** The only way a lease changes while the server serves. */
  apply(change: Change<A>): void {
    this.#scratch.clear()
    this.#scratch.put(change)
    this.#applyRecord(this.#scratch.buffer, this.#scratch.view, 0)
  }

  /**
   * Applies records of change-codec.ts, many new rows fastest of all: the first question after them
   * completes the indexes. Throws ChangeCodecError; the records before the bad one count.
   */
  load(records: Uint8Array): void {
    const view = viewOf(records)
    let at = 0
    while (at < records.length) {
      const end = checkedRecordEnd(view, at, this.#family)
      const address = this.#family.read(records, view, at)
      const isNew =
        view.getUint8(at + FIELD.kind) === this.#family.put && !this.#listed.has(address)
      if (isNew) this.#create(address, records, view, at, 'later')
      else this.#applyRecord(records, view, at)
      at = end
    }
  }

  /** Completes the indexes after load(), as a question would: half a second for a million. */
  completeIndexes(): void {
    this.#clients.complete()
  }

  // ---- time

  /**
   * What time has done to leases, as at most `max` changes that the caller applies at once: ended
   * leases become expired and are kept for `holdReclaimed` seconds, then removed, as are released
   * ones; declined ones are removed when their quarantine is over. In a pair rows are emptied
   * instead, and what is not streamed keeps its number (due-change.ts). What is not applied comes
   * again later.
   */
  due(
    now: Instant,
    max: number,
    expiry: { readonly holdReclaimed: Seconds },
    nextChange: () => number,
  ): DueChange<A>[] {
    const changes: DueChange<A>[] = []
    this.#hold = Math.max(expiry.holdReclaimed, RELEASE_GUARD_MS / 1000)
    this.#availability.offers.expire(now)
    this.#expiry.due(now, max, this.#hold, (row) => {
      const home = this.homeOf(this.#rows.address(row))
      changes.push(dueChange(this.#rows.lease(row, undefined), home, this.rights, nextChange))
    })
    return changes
  }

  /** When due() may have something to say next; it may prove too early, never too late. */
  nextDeadline(): Instant {
    return this.#expiry.next(this.#hold)
  }

  #applyRecord(bytes: Uint8Array, view: DataView, at: number): void {
    const address = this.#family.read(bytes, view, at)
    const row = this.#rowAt(address)
    if (view.getUint8(at + FIELD.kind) === this.#family.put) {
      if (row < 0) this.#create(address, bytes, view, at, 'now')
      else this.#replace(row, bytes, view, at)
    } else if (row >= 0) {
      this.#remove(row, address)
      this.#availability.refresh(address, -1)
    }
  }

  /** `when` its client can be found. */
  #create(address: A, bytes: Uint8Array, view: DataView, at: number, when: 'now' | 'later'): void {
    const row = this.#rows.create(bytes, view, at)
    this.#byAddress.add(address, row)
    if (when === 'now') this.#clients.insert(row)
    else this.#clients.insertLater(row)
    this.#enter(row, address)
    if (when === 'now') this.#availability.created(row)
    else this.#availability.refresh(address, row)
  }

  #enter(row: number, address: A): void {
    this.#listed.add(address)
    this.classes.enter(row)
    this.#count(row, address, 1)
    this.#expiry.update(row)
    this.#listed.noteShared(address, row, this.rights)
  }

  #replace(row: number, bytes: Uint8Array, view: DataView, at: number): void {
    const rows = this.#rows
    const isSame = rows.hasSameKeys(row, bytes, view, at)
    if (!isSame) this.#clients.remove(row)
    const address = rows.address(row)
    const use = this.#availability.useOf(row)
    this.classes.leave(row)
    const isCounted = isCountedAs(rows, row, view, at)
    if (!isCounted) this.#count(row, address, -1)
    rows.replace(row, bytes, view, at)
    this.classes.enter(row)
    if (!isSame) this.#clients.insert(row)
    if (!isCounted) this.#count(row, address, 1)
    this.#expiry.update(row)
    this.#availability.replaced(row, use)
    this.#listed.noteShared(address, row, this.rights)
  }

  #remove(row: number, address: A): void {
    this.#expiry.leave(row)
    this.classes.leave(row)
    this.#count(row, address, -1)
    this.#listed.remove(address)
    this.#clients.remove(row)
    this.#byAddress.delete(address)
    this.#rows.release(row)
  }

  /** A lease came (1) or went (-1). */
  #count(row: number, address: A, amount: 1 | -1): void {
    const state = this.#rows.leaseState(row)
    if (state === LEASE_STATE.free) return
    const isOfPrefix = isPrefix(this.#family, address)
    this.counted.add(this.#rows.subnetId(row), this.#rows.poolId(row), state, isOfPrefix, amount)
    this.#listed.noteLease(address, amount === 1)
    this.#size += amount
  }

  #rowAt(address: A): number {
    if (this.#rows.isOf(this.#recent, address)) return this.#recent
    const row = this.#byAddress.get(address)
    if (row >= 0) this.#recent = row
    return row
  }

  readonly #leaseOf = (row: number): Lease<A> => this.#rows.lease(row, undefined)
  readonly #leaseAt = (address: A): Lease<A> => this.#leaseOf(this.#rowAt(address))
}
