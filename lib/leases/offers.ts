// Addresses that have been offered and not yet requested. They live in memory only and for seconds; a
// flood of made-up clients is bounded by OFFERS_MAX. One offer a client and subnet, one an address.
// A client with a client-id is known by that alone here, another one by its hardware address.
//
// Where a pool has nothing else left, an address is offered over an older offer. Such an offer is contested:
// it keeps nobody away, the first REQUEST wins. Else a flood of DISCOVERs would take every offer from its
// client before the client can ask for it.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Instant } from '../time/units.ts'
import { AddressIndex } from './address-index.ts'
import { DeadlineHeap } from './deadline-heap.ts'
import { HashIndex } from './hash-index.ts'
import type { ClientIdentity } from './lease.ts'
import { hashOctets, scramble } from './octets-hash.ts'
import { RowStore } from './row-store.ts'

/** Beyond it the oldest offer is forgotten. */
export const OFFERS_MAX = 65536

/** Ended offers that one call forgets. */
const EXPIRED_MAX = 256

const WORD = {
  address: 0,
  subnetId: 1,
  htype: 2,
  hash: 3,
  clientLink: 4,
  place: 5,
  contested: 6,
} as const

export class Offers {
  readonly #rows = new RowStore()
  readonly #hwAddresses: Octets[] = []
  readonly #clientIds: Octets[] = []
  readonly #byAddress = new AddressIndex()
  readonly #byClient: HashIndex
  readonly #untils: DeadlineHeap
  readonly #seed: number
  readonly #max: number
  readonly #onChange: (address: Ipv4) => void

  /** `onChange` is called behind every change with the address whose offer came or went. */
  constructor(seed: number, onChange: (address: Ipv4) => void, max = OFFERS_MAX) {
    this.#seed = seed
    this.#max = max
    this.#onChange = onChange
    const rows = this.#rows
    this.#byClient = new HashIndex(rows, WORD.clientLink, {
      of: (row) => this.#word(row, WORD.hash),
      upper: (row) => this.#word(row, WORD.hash) >>> 16,
    })
    this.#untils = new DeadlineHeap(rows, WORD.place)
  }

  get size(): number {
    return this.#untils.size
  }

  has(address: Ipv4): boolean {
    return this.#rowAt(address) >= 0
  }

  /** See LeaseView.offerOf. */
  addressOf(client: ClientIdentity, subnetId: number, now: Instant): Ipv4 | undefined {
    const row = this.#rowOf(client, subnetId)
    return row >= 0 && this.#untils.deadlineOf(row) > now ? this.#address(row) : undefined
  }

  /** See LeaseView.isOfferedToOther. */
  isToOther(address: Ipv4, client: ClientIdentity, now: Instant): boolean {
    const row = this.#rowAt(address)
    if (row < 0 || this.#untils.deadlineOf(row) <= now) return false
    return this.#word(row, WORD.contested) === 0 && !this.#isTo(row, client)
  }

  put(address: Ipv4, client: ClientIdentity, subnetId: number, until: Instant): void {
    const former = this.#rowOf(client, subnetId)
    if (former >= 0 && this.#address(former) === address) return this.#untils.move(former, until)
    if (former >= 0) this.#forget(former)
    const other = this.#rowAt(address)
    if (other >= 0) this.#forget(other)
    if (this.#untils.size >= this.#max) this.#forget(this.#untils.firstRow)
    this.#create(address, client, subnetId, until, other >= 0)
    this.#onChange(address)
  }

  withdraw(client: ClientIdentity, subnetId: number): void {
    const row = this.#rowOf(client, subnetId)
    if (row >= 0) this.#forget(row)
  }

  /** Forgets offers whose time has passed, a bounded number of them. */
  expire(now: Instant): void {
    for (let left = EXPIRED_MAX; left > 0 && this.#untils.first <= now; left--)
      this.#forget(this.#untils.firstRow)
  }

  /** The addresses that are offered. */
  addresses(): Ipv4[] {
    return Array.from({ length: this.#untils.size }, (_, place) =>
      this.#address(this.#untils.rowAt(place)),
    )
  }

  /** Of the `max` oldest offers or so, the oldest one whose address satisfies `isWanted`. */
  oldest(max: number, isWanted: (address: Ipv4) => boolean): Ipv4 | undefined {
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
    address: Ipv4,
    client: ClientIdentity,
    subnetId: number,
    until: Instant,
    contested: boolean,
  ): void {
    const row = this.#rows.allocate()
    const at = this.#rows.at(row)
    const hash = this.#hash(client, subnetId)
    this.#rows.unsigned[at + WORD.address] = address
    this.#rows.unsigned[at + WORD.subnetId] = subnetId
    this.#rows.words[at + WORD.htype] = client.htype
    this.#rows.words[at + WORD.hash] = hash
    this.#rows.words[at + WORD.contested] = contested ? 1 : 0
    this.#hwAddresses[row] = client.hwAddress
    this.#clientIds[row] = client.clientId
    this.#byAddress.add(address, row)
    this.#byClient.insert(row, hash)
    this.#untils.add(row, until)
  }

  #forget(row: number): void {
    const address = this.#address(row)
    this.#byAddress.delete(address)
    this.#byClient.remove(row, this.#word(row, WORD.hash))
    this.#untils.remove(row)
    this.#hwAddresses[row] = ''
    this.#clientIds[row] = ''
    this.#rows.release(row)
    this.#onChange(address)
  }

  #rowAt(address: Ipv4): number {
    return this.#byAddress.get(address)
  }

  #rowOf(client: ClientIdentity, subnetId: number): number {
    const hash = this.#hash(client, subnetId)
    let row = this.#byClient.first(hash)
    while (row >= 0) {
      if (this.#word(row, WORD.hash) === hash && this.#subnetId(row) === subnetId)
        if (this.#isTo(row, client)) return row
      row = this.#byClient.next(row)
    }
    return -1
  }

  #isTo(row: number, client: ClientIdentity): boolean {
    if (this.#clientIds[row] !== client.clientId) return false
    if (client.clientId !== '') return true
    return (
      this.#word(row, WORD.htype) === client.htype && this.#hwAddresses[row] === client.hwAddress
    )
  }

  #hash(client: ClientIdentity, subnetId: number): number {
    const seed = scramble(this.#seed ^ Math.imul(subnetId, 0x9e3779b1))
    return hashOctets(client.clientId === '' ? client.hwAddress : client.clientId, seed)
  }

  #word(row: number, word: number): number {
    return this.#rows.words[this.#rows.at(row) + word]!
  }

  #address(row: number): Ipv4 {
    return this.#rows.unsigned[this.#rows.at(row) + WORD.address]!
  }

  #subnetId(row: number): number {
    return this.#rows.unsigned[this.#rows.at(row) + WORD.subnetId]!
  }
}
