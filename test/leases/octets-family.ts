// A second family of keys: 17 octets, as the length and the address of an IPv6 prefix take. It
// shows that the lease table is written over families and not for IPv4, and what a second table
// costs the first one.

import { type Octets, octetsFromBytes, writeOctets } from '../../lib/bytes/octets.ts'
import type { Family } from '../../lib/leases/keys/family.ts'
import type { KeyIndex, KeySet } from '../../lib/leases/keys/key-space.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { FIELD, RECORD } from '../../lib/leases/record.ts'
import { hashOctets } from '../../lib/leases/store/octets-hash.ts'

const OCTETS = 17
const PUT = 3
const REMOVE = 4

/** Key number `index` of a network of single addresses. */
export function keyOf(index: number): Octets {
  return octetsOf((0x80n << 128n) | (0x20010db8n << 96n) | BigInt(index))
}

function octetsOf(number: bigint): Octets {
  return Buffer.from(number.toString(16).padStart(2 * OCTETS, '0'), 'hex').toString('latin1')
}

function numberOf(key: Octets): bigint {
  return BigInt(`0x${Buffer.from(key, 'latin1').toString('hex')}`)
}

/** Behind every key. */
const END = '\xff'.repeat(OCTETS + 1)

function after(key: Octets): Octets {
  for (let at = OCTETS - 1; at >= 0; at--) {
    const octet = key.charCodeAt(at)
    if (octet < 0xff)
      return key.slice(0, at) + String.fromCharCode(octet + 1) + '\0'.repeat(OCTETS - 1 - at)
  }
  return END
}

class Index implements KeyIndex<Octets> {
  readonly #rows = new Map<Octets, number>()

  get(key: Octets): number {
    return this.#rows.get(key) ?? -1
  }

  add(key: Octets, row: number): void {
    this.#rows.set(key, row)
  }

  delete(key: Octets): void {
    this.#rows.delete(key)
  }
}

/** Members in order, in one list. */
class SortedKeys implements KeySet<Octets> {
  #keys: Octets[] = []

  has(key: Octets): boolean {
    return this.#keys[this.#place(key)] === key
  }

  add(key: Octets): void {
    if (!this.has(key)) this.#keys.splice(this.#place(key), 0, key)
  }

  delete(key: Octets): void {
    if (this.has(key)) this.#keys.splice(this.#place(key), 1)
  }

  set(key: Octets, isMember: boolean): void {
    if (isMember) this.add(key)
    else this.delete(key)
  }

  clear(): void {
    this.#keys = []
  }

  copy(): SortedKeys {
    const copied = new SortedKeys()
    copied.#keys = [...this.#keys]
    return copied
  }

  nextSet(from: Octets, last: Octets): Octets | undefined {
    const key = this.#keys[this.#place(from)]
    return key !== undefined && key <= last ? key : undefined
  }

  nextClear(from: Octets, last: Octets): Octets | undefined {
    let key = from
    for (let place = this.#place(from); this.#keys[place] === key; place++) key = after(key)
    return key <= last ? key : undefined
  }

  /** Of the first member that is not below the key. */
  #place(key: Octets): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#keys[middle]! < key) low = middle + 1
      else high = middle
    }
    return low
  }
}

export const octetsFamily: Family<Octets> = {
  put: PUT,
  remove: REMOVE,
  keyOctets: OCTETS,
  stateMax: LEASE_STATE.registered,
  isSound: () => true,
  all: { first: '\0'.repeat(OCTETS), last: '\xff'.repeat(OCTETS) },
  read(bytes, view, at) {
    const start = startOf(view, at)
    return octetsFromBytes(bytes, start, start + OCTETS)
  },
  write(key, bytes, view, at) {
    view.setUint32(at + FIELD.address, 0)
    writeOctets(key, bytes, startOf(view, at))
  },
  space: () => ({ rows: new Index(), set: () => new SortedKeys() }),
  after,
  at: ({ first }, index) => octetsOf(numberOf(first) + BigInt(index)),
  sizeOf: ({ first, last }) => Number(numberOf(last) - numberOf(first) + 1n),
  homeOf: (key) => ((hashOctets(key, 0) >>> 7) & 1 ? 1 : 0),
  keyOf(rows, row) {
    const start = rows.keyStart(row)
    return octetsFromBytes(rows.octetsPage(row), start, start + OCTETS)
  },
  isKeyOf(rows, row, key) {
    const page = rows.octetsPage(row)
    const start = rows.keyStart(row)
    for (let index = 0; index < OCTETS; index++)
      if (page[start + index] !== key.charCodeAt(index)) return false
    return true
  },
}

/** Where the key stands in the record at `at`. */
function startOf(view: DataView, at: number): number {
  const isPut = view.getUint8(at + FIELD.kind) === PUT
  return at + (isPut ? RECORD.putHeader : RECORD.removeLength)
}
