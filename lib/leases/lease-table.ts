// All leases of this server in memory: the answer to every question of LeaseView, and the one place
// where leases change. Leases change by apply(change) and load(records) only; offers by offer and
// withdrawOffer; what time does to leases comes out of due() as changes, to be journaled and applied.

import type { Ipv4, Ipv4Range } from '../address/ipv4.ts'
import type { Instant, Seconds } from '../time/units.ts'
import { AddressBitmap } from './address-bitmap.ts'
import { ChangeWriter, checkedRecordEnd, RECORD, viewOf } from './change-codec.ts'
import { ClientIndex } from './client-index.ts'
import { type DueChange, dueChange, isOwed } from './due-change.ts'
import { Expiry } from './expiry.ts'
import { FreeSpace } from './free-space.ts'
import { overAt, RELEASE_GUARD_MS } from './grace.ts'
import { HashIndex } from './hash-index.ts'
import { isSameClient } from './identity.ts'
import {
  type Change,
  type ClientIdentity,
  LEASE_STATE,
  type Lease,
  type LeaseState,
} from './lease.ts'
import { LeaseCounts, type SubnetCounts } from './lease-counts.ts'
import { LeaseRows, LINK } from './lease-rows.ts'
import { scramble } from './octets-hash.ts'
import { Offers } from './offers.ts'
import { ALONE, type Keys, keysUnder, type Rights } from './rights.ts'
import type { FreeSearch, LeaseView } from './view.ts'

/** Rows that one search for an address moves to the over ones: first, and when nothing was found. */
const ADVANCE_MAX = 64
const ADVANCE_MORE_MAX = 4096

/** Offers that are compared for the oldest. */
const LENT_COMPARED_MAX = 256

export class LeaseTable implements LeaseView {
  readonly #rows = new LeaseRows()
  readonly #byAddress: HashIndex
  readonly #clients: ClientIndex
  readonly #counts = new LeaseCounts()
  readonly #expiry: Expiry
  readonly #offers: Offers
  readonly #space = new FreeSpace()
  /** Addresses that have a row, and those whose row is not free, for reading them in order. */
  readonly #present = new AddressBitmap()
  readonly #visible = new AddressBitmap()
  #rights: Rights = ALONE
  #reserved = new AddressBitmap()
  #reservedAddresses: readonly Ipv4[] = []
  readonly #scratch = new ChangeWriter(1024)
  #size = 0
  /** The row found last: what is asked for is mostly asked for or changed again at once. */
  #recent = 0
  #hold: Seconds = 0

  /** `seed` makes hashes unpredictable to clients; any 32-bit number. */
  constructor(seed = 0) {
    const rows = this.#rows
    this.#byAddress = new HashIndex(rows.store, LINK.address, (row) => scramble(rows.address(row)))
    this.#clients = new ClientIndex(rows, seed)
    this.#offers = new Offers(seed, (address) => this.#refresh(address, this.#rowAt(address)))
    this.#expiry = new Expiry(
      rows,
      (row) => this.#refresh(rows.address(row), row),
      (row) => isOwed(this.#rights, rows.address(row), rows.keys(row, this.#rights)),
    )
  }

  /** Leases, in whatever state; free rows are none. */
  get size(): number {
    return this.#size
  }

  get rights(): Rights {
    return this.#rights
  }

  /** What this server may give from now on. Costs a walk over all rows. */
  setRights(rights: Rights): void {
    this.#rights = rights
    this.#space.setHome(rights.kind === 'keys' ? rights.side : undefined)
    for (let row = 0; row < this.#rows.store.end; row++) {
      if (!this.#rows.isUsed(row)) continue
      this.#expiry.reconsider(row)
      if (this.#expiry.isOver(row)) this.#refresh(this.#rows.address(row), row)
    }
    for (const address of this.#offers.addresses()) this.#refresh(address, this.#rowAt(address))
  }

  /**
   * Whether keys can go to the partner now, false at first. While they cannot, rows that owe it one stay
   * as they are and are not due; when they can again, they are.
   */
  setSharing(isSharing: boolean): void {
    this.#expiry.isSharing = isSharing
  }

  /** It is so late at least. Told before load(), what is over by then is free as soon as it is read. */
  noteTime(now: Instant): void {
    this.#expiry.noteTime(now)
  }

  /** Offers under way. */
  get offerCount(): number {
    return this.#offers.size
  }

  // ---- questions

  byAddress(address: Ipv4): Lease | undefined {
    const row = this.#rowAt(address)
    return row < 0 ? undefined : this.#rows.lease(row, undefined)
  }

  byClient(client: ClientIdentity, subnetId: number): Lease | undefined {
    const row = this.#clients.find(client, subnetId)
    if (row < 0) return undefined
    this.#recent = row
    return this.#rows.lease(row, client)
  }

  belongsTo(lease: Lease, client: ClientIdentity): boolean {
    return isSameClient(lease, client)
  }

  isOver(lease: Lease | undefined, now: Instant): boolean {
    if (lease === undefined || lease.state === LEASE_STATE.released) return true
    return overAt(lease.end, lease.validLifetime) <= now
  }

  keysOf(address: Ipv4, lease: Lease | undefined): Keys {
    return keysUnder(this.#rights, address, lease?.gave ?? 0, lease?.got ?? 0)
  }

  mayGive(address: Ipv4, lease: Lease | undefined, now: Instant): boolean {
    if (lease === undefined && now < this.#rights.doubtUntil) return false
    return this.keysOf(address, lease) === 2 && this.isOver(lease, now)
  }

  /** How many leases a subnet has in each state. */
  counts(subnetId: number): SubnetCounts {
    return this.#counts.of(subnetId)
  }

  /** Leases with addresses from `from` to `last` in ascending order, at most `limit` of them. */
  page(from: Ipv4, limit: number, last: Ipv4 = 0xffffffff): Lease[] {
    const leases: Lease[] = []
    let address = this.#visible.nextSet(from, last)
    while (address !== undefined && leases.length < limit) {
      leases.push(this.#rows.lease(this.#rowAt(address), undefined))
      address = this.#visible.nextSet(address + 1, last)
    }
    return leases
  }

  // ---- offers and free addresses

  offerOf(client: ClientIdentity, subnetId: number, now: Instant): Ipv4 | undefined {
    return this.#offers.addressOf(client, subnetId, now)
  }

  isOfferedToOther(address: Ipv4, client: ClientIdentity, now: Instant): boolean {
    return this.#offers.isToOther(address, client, now)
  }

  offer(address: Ipv4, client: ClientIdentity, subnetId: number, until: Instant): void {
    this.#offers.put(address, client, subnetId, until)
  }

  withdrawOffer(client: ClientIdentity, subnetId: number): void {
    this.#offers.withdraw(client, subnetId)
  }

  findFree(ranges: readonly Ipv4Range[], search: FreeSearch, now: Instant): Ipv4 | undefined {
    if (this.#rights.kind === 'none') return undefined
    this.#offers.expire(now)
    this.#expiry.advance(now, ADVANCE_MAX)
    const isInDoubt = now < this.#rights.doubtUntil
    const fresh = isInDoubt ? undefined : this.#space.findFresh(ranges, search)
    const free = fresh ?? this.#space.findUsed(ranges, search)
    if (free !== undefined) return free
    if (this.#expiry.isBehind(now)) {
      this.#expiry.advance(now, ADVANCE_MORE_MAX)
      const used = this.#space.findUsed(ranges, search)
      if (used !== undefined) return used
    }
    return this.#oldestLent(ranges, isInDoubt)
  }

  /** Keeps these addresses, and no others, out of findFree: they are reserved for somebody. */
  setReserved(addresses: Iterable<Ipv4>): void {
    const former = this.#reservedAddresses
    this.#reservedAddresses = [...addresses]
    this.#reserved = new AddressBitmap()
    for (const address of this.#reservedAddresses) this.#reserved.add(address)
    for (const address of former) this.#refresh(address, this.#rowAt(address))
    for (const address of this.#reservedAddresses) this.#refresh(address, this.#rowAt(address))
  }

  // ---- changes

  /** The only way a lease changes while the server serves. */
  apply(change: Change): void {
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
      const end = checkedRecordEnd(view, at)
      const address = view.getUint32(at + 4, true)
      const isNew = view.getUint8(at) === RECORD.put && !this.#present.has(address)
      if (isNew) this.#createLater(address, records, view, at)
      else this.#applyRecord(records, view, at)
      at = end
    }
  }

  // ---- time

  /**
   * What time has done to leases, as at most `max` changes that the caller applies at once: ended leases
   * become expired and are kept for `holdReclaimed` seconds, then removed, as are released ones;
   * declined ones are removed when their quarantine is over. In a pair rows are emptied instead, and
   * what is not streamed keeps its number (due-change.ts). What is not applied comes again later.
   */
  due(
    now: Instant,
    max: number,
    expiry: { readonly holdReclaimed: Seconds },
    nextChange: () => number,
  ): DueChange[] {
    const changes: DueChange[] = []
    this.#hold = Math.max(expiry.holdReclaimed, RELEASE_GUARD_MS / 1000)
    this.#offers.expire(now)
    this.#expiry.due(now, max, this.#hold, (row) => {
      changes.push(dueChange(this.#rows.lease(row, undefined), this.#rights, nextChange))
    })
    return changes
  }

  /** When due() may have something to say next; it may prove too early, never too late. */
  nextDeadline(): Instant {
    return this.#expiry.next(this.#hold)
  }

  #applyRecord(bytes: Uint8Array, view: DataView, at: number): void {
    const address = view.getUint32(at + 4, true)
    const row = this.#rowAt(address)
    if (view.getUint8(at) === RECORD.put) {
      if (row < 0) this.#refresh(address, this.#create(address, bytes, view, at))
      else this.#replace(row, bytes, view, at)
    } else if (row >= 0) {
      this.#remove(row, address)
      this.#refresh(address, -1)
    }
  }

  #create(address: Ipv4, bytes: Uint8Array, view: DataView, at: number): number {
    const row = this.#rows.create(bytes, view, at)
    this.#byAddress.insert(row, scramble(address))
    this.#clients.insert(row)
    this.#enter(row, address)
    return row
  }

  /** Like create, with the indexes left for later. */
  #createLater(address: Ipv4, bytes: Uint8Array, view: DataView, at: number): void {
    const row = this.#rows.create(bytes, view, at)
    this.#byAddress.insertLater(row, scramble(address))
    this.#clients.insertLater(row)
    this.#enter(row, address)
    this.#refresh(address, row)
  }

  #enter(row: number, address: Ipv4): void {
    this.#present.add(address)
    this.#count(address, this.#rows.subnetId(row), this.#rows.state(row), 1)
    this.#expiry.update(row)
  }

  #replace(row: number, bytes: Uint8Array, view: DataView, at: number): void {
    const rows = this.#rows
    const isSame = rows.hasSameKeys(row, bytes, view, at)
    if (!isSame) this.#clients.remove(row)
    const subnetId = rows.subnetId(row)
    const state = rows.state(row)
    const wasGivable = this.#isGivable(row)
    rows.replace(row, bytes, view, at)
    if (!isSame) this.#clients.insert(row)
    if (rows.subnetId(row) !== subnetId || rows.state(row) !== state) {
      const address = rows.address(row)
      this.#count(address, subnetId, state, -1)
      this.#count(address, rows.subnetId(row), rows.state(row), 1)
    }
    this.#expiry.update(row)
    // A renewal, the most frequent change, alters nothing that the search looks at.
    if (this.#isGivable(row) !== wasGivable) this.#refresh(rows.address(row), row)
  }

  #remove(row: number, address: Ipv4): void {
    this.#expiry.leave(row)
    this.#count(address, this.#rows.subnetId(row), this.#rows.state(row), -1)
    this.#present.delete(address)
    this.#clients.remove(row)
    this.#byAddress.remove(row, scramble(address))
    this.#rows.release(row)
  }

  /** A lease came (1) or went (-1). */
  #count(address: Ipv4, subnetId: number, state: LeaseState, amount: 1 | -1): void {
    if (state === LEASE_STATE.free) return
    this.#counts.add(subnetId, state, amount)
    this.#visible.set(address, amount === 1)
    this.#size += amount
  }

  #rowAt(address: Ipv4): number {
    // A row that is not in use says 0.
    if (address !== 0 && this.#rows.address(this.#recent) === address) return this.#recent
    let row = this.#byAddress.first(scramble(address))
    while (row >= 0 && this.#rows.address(row) !== address) row = this.#byAddress.next(row)
    if (row >= 0) this.#recent = row
    return row
  }

  /** Tells the search what the address, with this row or -1, is good for now. */
  #refresh(address: Ipv4, row: number): void {
    const isOffered = this.#offers.has(address)
    const isReserved = this.#reserved.has(address)
    const isGivable = row < 0 ? keysUnder(this.#rights, address, 0, 0) === 2 : this.#isGivable(row)
    this.#space.mark(
      address,
      row >= 0 || isOffered || isReserved,
      row >= 0 && isGivable && !isOffered && !isReserved,
      isOffered && isGivable && !isReserved,
    )
  }

  /** Whether somebody new may get the address of the row, as far as it is known that time has passed. */
  #isGivable(row: number): boolean {
    return this.#expiry.isOver(row) && this.#rows.keys(row, this.#rights) === 2
  }

  /** While the database is in doubt, only an address that has a row. */
  #oldestLent(ranges: readonly Ipv4Range[], isInDoubt: boolean): Ipv4 | undefined {
    const some = this.#space.findLent(ranges)
    if (some === undefined) return undefined
    const isWanted = (address: Ipv4) =>
      this.#space.isLent(address) &&
      (!isInDoubt || this.#present.has(address)) &&
      ranges.some((range) => range.first <= address && address <= range.last)
    return this.#offers.oldest(LENT_COMPARED_MAX, isWanted) ?? (isInDoubt ? undefined : some)
  }
}
