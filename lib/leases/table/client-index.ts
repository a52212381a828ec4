// Finds the row of a client in a subnet, by client-id and by hardware address. The subnet is part
// of the keys, and rows with and without a client-id are kept apart, so that chains stay short even
// where one hardware address shows up in many subnets or with many client-ids.
//
// Of DHCPv6 the second key is the DUID instead, in whatever subnet: by it all that a client has is
// found. Kinds of bindings are kept apart, so that a client that registers many addresses of its
// own does not hide what it leases.

import type { Octets } from '../../bytes/octets.ts'
import { BINDING_KIND, type BindingKind, DUID_AT } from '../binding.ts'
import type { Family } from '../keys/family.ts'
import type { Key } from '../keys/key.ts'
import { type ClientIdentity, LEASE_STATE, type LeaseState } from '../lease.ts'
import { HashIndex } from '../store/hash-index.ts'
import { hashBytes, hashOctets, scramble } from '../store/octets-hash.ts'
import { type LeaseRows, LINK, TAG } from './lease-rows.ts'

/** Rows of one client and subnet that are compared; a client with more gets the best of these. */
const CANDIDATES_MAX = 64

/** States in which a row is its client's. */
const LEASED: Record<LeaseState, boolean> = {
  [LEASE_STATE.assigned]: true,
  [LEASE_STATE.declined]: false,
  [LEASE_STATE.expired]: true,
  [LEASE_STATE.released]: true,
  [LEASE_STATE.free]: false,
  [LEASE_STATE.registered]: false,
}

const BINDING_KINDS: readonly BindingKind[] = Object.values(BINDING_KIND)

/** Kinds of key, mixed into the hash. */
const KEY = { clientId: 1, hwAddressAlone: 2, hwAddressBeside: 3, duid: 4 } as const

/** Instead of a subnet. */
const ANYWHERE = 0

export class ClientIndex<A extends Key> {
  readonly #rows: LeaseRows<A>
  readonly #seed: number
  readonly #isByDuid: boolean
  readonly #byClientId: HashIndex
  /** Or by DUID. */
  readonly #byHwAddress: HashIndex

  constructor({ secondKey }: Pick<Family<A>, 'secondKey'>, rows: LeaseRows<A>, seed: number) {
    this.#rows = rows
    this.#isByDuid = secondKey === 'duid'
    this.#seed = seed
    this.#byClientId = new HashIndex(rows.store, LINK.clientId, {
      of: (row) => this.#clientIdHashOf(row),
      upper: (row) => rows.tag(row, TAG.clientId),
    })
    this.#byHwAddress = new HashIndex(rows.store, LINK.hwAddress, {
      of: (row) => this.#secondHashOf(row),
      upper: (row) => rows.tag(row, TAG.hwAddress),
    })
  }

  insert(row: number): void {
    if (this.#rows.clientIdLength(row) > 0)
      this.#byClientId.insert(row, this.#tagged(row, TAG.clientId, this.#clientIdHashOf(row)))
    if (this.#hasSecond(row))
      this.#byHwAddress.insert(row, this.#tagged(row, TAG.hwAddress, this.#secondHashOf(row)))
  }

  /** See HashIndex.insertLater. */
  insertLater(row: number): void {
    if (this.#rows.clientIdLength(row) > 0)
      this.#byClientId.insertLater(row, this.#tagged(row, TAG.clientId, this.#clientIdHashOf(row)))
    if (this.#hasSecond(row))
      this.#byHwAddress.insertLater(row, this.#tagged(row, TAG.hwAddress, this.#secondHashOf(row)))
  }

  /** See HashIndex.complete. */
  complete(): void {
    this.#byClientId.complete()
    this.#byHwAddress.complete()
  }

  remove(row: number): void {
    if (this.#rows.clientIdLength(row) > 0) this.#byClientId.remove(row, this.#clientIdHashOf(row))
    if (this.#hasSecond(row)) this.#byHwAddress.remove(row, this.#secondHashOf(row))
  }

  /** See LeaseView.byClient. The row, or -1. */
  find(client: ClientIdentity, subnetId: number): number {
    if (client.clientId !== '') {
      const row = this.#findByClientId(client, subnetId)
      if (row >= 0) return row
    }
    if (this.#isByDuid || client.hwAddress === '') return -1
    const alone = this.#findByHwAddress(client, subnetId, KEY.hwAddressAlone, -1)
    if (client.clientId !== '') return alone
    return this.#findByHwAddress(client, subnetId, KEY.hwAddressBeside, alone)
  }

  /**
   * The rows of one client in the subnet, whatever their state: by client-id where it is given,
   * else by hardware address, with and without a client-id beside it.
   */
  all({ clientId, htype, hwAddress }: ClientIdentity, subnetId: number): number[] {
    const rows = this.#rows
    const found: number[] = []
    if (clientId !== '') {
      const hash = hashOctets(clientId, this.#keySeed(subnetId, KEY.clientId))
      for (let row = this.#byClientId.first(hash); row >= 0; row = this.#byClientId.next(row))
        if (rows.subnetId(row) === subnetId && rows.clientIdIs(row, clientId)) found.push(row)
      return found
    }
    for (const key of [KEY.hwAddressAlone, KEY.hwAddressBeside]) {
      const hash = hashOctets(hwAddress, this.#keySeed(subnetId, key) ^ htype)
      for (let row = this.#byHwAddress.first(hash); row >= 0; row = this.#byHwAddress.next(row)) {
        if (rows.subnetId(row) !== subnetId || !rows.hwAddressIs(row, htype, hwAddress)) continue
        if (rows.clientIdLength(row) > 0 === (key === KEY.hwAddressBeside)) found.push(row)
      }
    }
    return found
  }

  /** See LeaseView6.byDuid. */
  ofDuid(duid: Octets, kinds = BINDING_KINDS): number[] {
    const found: number[] = []
    for (const kind of kinds) this.#ofKind(duid, kind, found)
    return found
  }

  /** See LeaseView6.hasBindings. */
  hasOfDuid(duid: Octets, kind: BindingKind): boolean {
    return this.#ofKind(duid, kind, undefined) > 0
  }

  /** Adds them to `found`, or stops at the first; how many there are. */
  #ofKind(duid: Octets, kind: BindingKind, found: number[] | undefined): number {
    const rows = this.#rows
    const hash = hashOctets(duid, this.#duidSeed(kind))
    let count = 0
    for (let row = this.#byHwAddress.first(hash); row >= 0; row = this.#byHwAddress.next(row)) {
      if (rows.tag(row, TAG.hwAddress) !== hash >>> 16) continue
      if (rows.kindOfBinding(row) !== kind || !rows.duidIs(row, duid)) continue
      count++
      if (found === undefined) return count
      found.push(row)
    }
    return count
  }

  #findByClientId(client: ClientIdentity, subnetId: number): number {
    const rows = this.#rows
    const hash = hashOctets(client.clientId, this.#keySeed(subnetId, KEY.clientId))
    let best = -1
    let candidates = 0
    let row = this.#byClientId.first(hash)
    for (; row >= 0 && candidates < CANDIDATES_MAX; row = this.#byClientId.next(row)) {
      if (rows.tag(row, TAG.clientId) !== hash >>> 16) continue
      if (rows.subnetId(row) !== subnetId || !rows.clientIdIs(row, client.clientId)) continue
      candidates++
      best = this.#better(best, row)
    }
    return best
  }

  #findByHwAddress(client: ClientIdentity, subnetId: number, key: number, best: number): number {
    const rows = this.#rows
    const { htype, hwAddress } = client
    const hash = hashOctets(hwAddress, this.#keySeed(subnetId, key) ^ htype)
    let candidates = 0
    let row = this.#byHwAddress.first(hash)
    for (; row >= 0 && candidates < CANDIDATES_MAX; row = this.#byHwAddress.next(row)) {
      if (rows.tag(row, TAG.hwAddress) !== hash >>> 16) continue
      if (rows.subnetId(row) !== subnetId || !rows.hwAddressIs(row, htype, hwAddress)) continue
      if (rows.clientIdLength(row) > 0 !== (key === KEY.hwAddressBeside)) continue
      candidates++
      best = this.#better(best, row)
    }
    return best
  }

  /** A live row before an ended one, then the youngest. */
  #better(best: number, row: number): number {
    const rows = this.#rows
    const state = rows.state(row)
    if (!LEASED[state]) return best
    if (best < 0) return row
    const isLive = state === LEASE_STATE.assigned
    const bestIsLive = rows.state(best) === LEASE_STATE.assigned
    if (isLive !== bestIsLive) return isLive ? row : best
    const age = rows.start(row) - rows.start(best)
    return age > 0 || (age === 0 && rows.change(row) > rows.change(best)) ? row : best
  }

  #tagged(row: number, which: number, hash: number): number {
    this.#rows.setTag(row, which, hash >>> 16)
    return hash
  }

  #clientIdHashOf(row: number): number {
    const start = this.#rows.octetsStart(row) + this.#rows.hwAddressLength(row)
    const end = start + this.#rows.clientIdLength(row)
    const seed = this.#keySeed(this.#rows.subnetId(row), KEY.clientId)
    return hashBytes(this.#rows.octetsPage(row), start, end, seed)
  }

  #hasSecond(row: number): boolean {
    const rows = this.#rows
    return this.#isByDuid ? rows.clientIdLength(row) > DUID_AT : rows.hwAddressLength(row) > 0
  }

  #secondHashOf(row: number): number {
    return this.#isByDuid ? this.#duidHashOf(row) : this.#hwAddressHashOf(row)
  }

  #duidHashOf(row: number): number {
    const rows = this.#rows
    const start = rows.octetsStart(row) + rows.hwAddressLength(row)
    const seed = this.#duidSeed(rows.kindOfBinding(row))
    return hashBytes(rows.octetsPage(row), start + DUID_AT, start + rows.clientIdLength(row), seed)
  }

  #duidSeed(kind: number): number {
    return this.#keySeed(ANYWHERE, KEY.duid) ^ kind
  }

  #hwAddressHashOf(row: number): number {
    const start = this.#rows.octetsStart(row)
    const end = start + this.#rows.hwAddressLength(row)
    const key = this.#rows.clientIdLength(row) > 0 ? KEY.hwAddressBeside : KEY.hwAddressAlone
    const seed = this.#keySeed(this.#rows.subnetId(row), key) ^ this.#rows.htype(row)
    return hashBytes(this.#rows.octetsPage(row), start, end, seed)
  }

  #keySeed(subnetId: number, key: number): number {
    return scramble(this.#seed ^ Math.imul(subnetId, 0x9e3779b1) ^ (key << 8))
  }
}
