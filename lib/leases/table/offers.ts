// Addresses that have been offered and not yet requested. They live in memory only and for seconds;
// a flood of made-up clients is bounded by OFFERS_MAX. One offer a client and subnet, one an
// address. Who is the same client is judged as for leases (identity.ts): one that leaves out its
// client-id at the REQUEST is known by its hardware address.
//
// Where a pool has nothing else left, an address is offered over an older offer. Such an offer is
// contested: it keeps nobody away, the first REQUEST wins. Else a flood of DISCOVERs would take
// every offer from its client before the client can ask for it.

import type { Octets } from '../../bytes/octets.ts'
import type { Instant } from '../../time/units.ts'
import type { Family } from '../keys/family.ts'
import type { Key } from '../keys/key.ts'
import type { KeyIndex } from '../keys/key-space.ts'
import type { ClientIdentity } from '../lease.ts'
import { DeadlineHeap } from '../store/deadline-heap.ts'
import { HashIndex } from '../store/hash-index.ts'
import { hashOctets, scramble } from '../store/octets-hash.ts'
import { RowStore } from '../store/row-store.ts'

/** Beyond it the oldest offer is forgotten. */
export const OFFERS_MAX = 65536

/** Every offer ends after it. */
const BEGINNING: Instant = Number.NEGATIVE_INFINITY

/** Ended offers that one call forgets. */
const EXPIRED_MAX = 256

const WORD = {
  subnetId: 0,
  htype: 1,
  idHash: 2,
  idLink: 3,
  place: 4,
  contested: 5,
  hwHash: 6,
  hwLink: 7,
} as const

/**
 * Kinds of key, mixed into the hash. Offers with and without a client-id are kept apart, so that
 * chains stay short where one hardware address comes with many client-ids.
 */
const KEY = { clientId: 1, hwAddressAlone: 2, hwAddressBeside: 3 } as const

export class Offers<A extends Key> {
  readonly #rows = new RowStore()
  readonly #hwAddresses: Octets[] = []
  readonly #clientIds: Octets[] = []
  readonly #addresses: A[] = []
  readonly #byAddress: KeyIndex<A>
  readonly #byClientId: HashIndex
  readonly #byHwAddress: HashIndex
  readonly #untils: DeadlineHeap
  readonly #seed: number
  readonly #max: number
  readonly #onChange: (address: A) => void

  /** `onChange` is called behind every change with the address whose offer came or went. */
  constructor(family: Family<A>, seed: number, onChange: (address: A) => void, max = OFFERS_MAX) {
    this.#byAddress = family.index()
    this.#seed = seed
    this.#max = max
    this.#onChange = onChange
    const rows = this.#rows
    this.#byClientId = this.#index(WORD.idLink, WORD.idHash)
    this.#byHwAddress = this.#index(WORD.hwLink, WORD.hwHash)
    this.#untils = new DeadlineHeap(rows, WORD.place)
  }

  #index(link: number, hashWord: number): HashIndex {
    return new HashIndex(this.#rows, link, {
      of: (row) => this.#word(row, hashWord),
      upper: (row) => this.#word(row, hashWord) >>> 16,
    })
  }

  get size(): number {
    return this.#untils.size
  }

  has(address: A): boolean {
    return this.#rowAt(address) >= 0
  }

  /** See LeaseView.offerOf. */
  addressOf(client: ClientIdentity, subnetId: number, now: Instant): A | undefined {
    const row = this.#rowOf(client, subnetId, now)
    return row >= 0 ? this.#address(row) : undefined
  }

  /** See LeaseView.isOfferedToOther. */
  isToOther(address: A, client: ClientIdentity, now: Instant): boolean {
    const row = this.#rowAt(address)
    if (row < 0 || this.#untils.deadlineOf(row) <= now) return false
    return this.#word(row, WORD.contested) === 0 && !this.#isTo(row, client)
  }

  put(address: A, client: ClientIdentity, subnetId: number, until: Instant): void {
    const former = this.#rowOf(client, subnetId, BEGINNING)
    if (former >= 0 && this.#address(former) === address) return this.#untils.move(former, until)
    if (former >= 0) this.#forget(former)
    const other = this.#rowAt(address)
    if (other >= 0) this.#forget(other)
    if (this.#untils.size >= this.#max) this.#forget(this.#untils.firstRow)
    this.#create(address, client, subnetId, until, other >= 0)
    this.#onChange(address)
  }

  withdraw(client: ClientIdentity, subnetId: number): void {
    const row = this.#rowOf(client, subnetId, BEGINNING)
    if (row >= 0) this.#forget(row)
  }

  /** Forgets offers whose time has passed, a bounded number of them. */
  expire(now: Instant): void {
    for (let left = EXPIRED_MAX; left > 0 && this.#untils.first <= now; left--)
      this.#forget(this.#untils.firstRow)
  }

  /** The addresses that are offered. */
  addresses(): A[] {
    return Array.from({ length: this.#untils.size }, (_, place) =>
      this.#address(this.#untils.rowAt(place)),
    )
  }

  /** Of the `max` oldest offers or so, the oldest one whose address satisfies `isWanted`. */
  oldest(max: number, isWanted: (address: A) => boolean): A | undefined {
    let oldest = -1
    const places = Math.min(max, this.#untils.size)
    for (let place = 0; place < places; place++) {
      const row = this.#untils.rowAt(place)
      if (oldest >= 0 && this.#untils.deadlineOf(row) >= this.#untils.deadlineOf(oldest)) continue
      if (isWanted(this.#address(row))) oldest = row
    }
    return oldest >= 0 ? this.#address(oldest) : undefined
  }

  #create(
    address: A,
    client: ClientIdentity,
    subnetId: number,
    until: Instant,
    contested: boolean,
  ): void {
    const row = this.#rows.allocate()
    const at = this.#rows.at(row)
    this.#addresses[row] = address
    this.#rows.unsigned[at + WORD.subnetId] = subnetId
    this.#rows.words[at + WORD.htype] = client.htype
    this.#rows.words[at + WORD.contested] = contested ? 1 : 0
    this.#hwAddresses[row] = client.hwAddress
    this.#clientIds[row] = client.clientId
    this.#byAddress.add(address, row)
    this.#insert(row, at, client, subnetId)
    this.#untils.add(row, until)
  }

  #insert(
    row: number,
    at: number,
    { clientId, hwAddress }: ClientIdentity,
    subnetId: number,
  ): void {
    if (clientId !== '') {
      const hash = this.#hash(clientId, subnetId, KEY.clientId)
      this.#rows.words[at + WORD.idHash] = hash
      this.#byClientId.insert(row, hash)
    }
    if (hwAddress === '') return
    const key = clientId === '' ? KEY.hwAddressAlone : KEY.hwAddressBeside
    const hash = this.#hash(hwAddress, subnetId, key)
    this.#rows.words[at + WORD.hwHash] = hash
    this.#byHwAddress.insert(row, hash)
  }

  #forget(row: number): void {
    const address = this.#address(row)
    this.#byAddress.delete(address)
    if (this.#clientIds[row] !== '') this.#byClientId.remove(row, this.#word(row, WORD.idHash))
    if (this.#hwAddresses[row] !== '') this.#byHwAddress.remove(row, this.#word(row, WORD.hwHash))
    this.#untils.remove(row)
    this.#hwAddresses[row] = ''
    this.#clientIds[row] = ''
    this.#rows.release(row)
    this.#onChange(address)
  }

  #rowAt(address: A): number {
    return this.#byAddress.get(address)
  }

  /**
   * The offer, of those that end after `now`, by client-id, else by hardware address: see
   * LeaseView.byClient.
   */
  #rowOf(client: ClientIdentity, subnetId: number, now: Instant): number {
    const { clientId, hwAddress } = client
    if (clientId !== '') {
      const hash = this.#hash(clientId, subnetId, KEY.clientId)
      const row = this.#find(WORD.idHash, hash, client, subnetId, now)
      if (row >= 0) return row
    }
    if (hwAddress === '') return -1
    const hash = this.#hash(hwAddress, subnetId, KEY.hwAddressAlone)
    const alone = this.#find(WORD.hwHash, hash, client, subnetId, now)
    if (alone >= 0 || clientId !== '') return alone
    const beside = this.#hash(hwAddress, subnetId, KEY.hwAddressBeside)
    return this.#find(WORD.hwHash, beside, client, subnetId, now)
  }

  #find(
    hashWord: number,
    hash: number,
    client: ClientIdentity,
    subnetId: number,
    now: Instant,
  ): number {
    const index = hashWord === WORD.idHash ? this.#byClientId : this.#byHwAddress
    for (let row = index.first(hash); row >= 0; row = index.next(row)) {
      if (this.#word(row, hashWord) !== hash || this.#subnetId(row) !== subnetId) continue
      if (this.#isTo(row, client) && this.#untils.deadlineOf(row) > now) return row
    }
    return -1
  }

  /** The rule of identity.ts, without an object for the row. */
  #isTo(row: number, { htype, hwAddress, clientId }: ClientIdentity): boolean {
    const own = this.#clientIds[row]
    if (own !== '' && clientId !== '') return own === clientId
    if (hwAddress === '' || this.#hwAddresses[row] !== hwAddress) return false
    return this.#word(row, WORD.htype) === htype
  }

  #hash(octets: Octets, subnetId: number, key: number): number {
    return hashOctets(octets, scramble(this.#seed ^ Math.imul(subnetId, 0x9e3779b1) ^ (key << 8)))
  }

  #word(row: number, word: number): number {
    return this.#rows.words[this.#rows.at(row) + word]!
  }

  #address(row: number): A {
    return this.#addresses[row]!
  }

  #subnetId(row: number): number {
    return this.#rows.unsigned[this.#rows.at(row) + WORD.subnetId]!
  }
}
