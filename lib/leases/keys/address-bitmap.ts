// A set of IPv4 addresses as a sparse bitmap over the whole address space. Addresses come in chunks
// of 2^15, which cost 4 KiB each and exist only where a member is or was; two small trees over the
// chunks lead past whole chunks, so that a full /8 is searched as fast as an empty /24.

import type { Ipv4 } from '../../address/ipv4.ts'
import { BitTree } from '../store/bit-tree.ts'
import type { KeySet } from './key-space.ts'

const CHUNK_BITS = 15
const CHUNK_SIZE = 2 ** CHUNK_BITS
const CHUNK_MASK = CHUNK_SIZE - 1
const CHUNK_COUNT = 2 ** (32 - CHUNK_BITS)

export class AddressBitmap implements KeySet<Ipv4> {
  readonly #chunks: (BitTree | undefined)[] = [undefined]
  /** Where in #chunks each chunk of the address space is; 0 = it does not exist. */
  readonly #places = new Int32Array(CHUNK_COUNT)
  #occupied = new BitTree(CHUNK_COUNT)
  #full = new BitTree(CHUNK_COUNT)

  /** Costs a copy of the chunks. */
  assign(other: KeySet<Ipv4>): void {
    const source = other as AddressBitmap
    this.#chunks.length = 1
    for (const chunk of source.#chunks.slice(1)) this.#chunks.push(chunk?.copy())
    this.#places.set(source.#places)
    this.#occupied = source.#occupied.copy()
    this.#full = source.#full.copy()
  }

  clear(): void {
    this.#chunks.length = 1
    this.#places.fill(0)
    this.#occupied = new BitTree(CHUNK_COUNT)
    this.#full = new BitTree(CHUNK_COUNT)
  }

  has(address: Ipv4): boolean {
    return this.#existing(address >>> CHUNK_BITS)?.has(address & CHUNK_MASK) ?? false
  }

  add(address: Ipv4): void {
    const number = address >>> CHUNK_BITS
    const chunk = this.#chunkAt(number)
    if (chunk.isEmpty) this.#occupied.add(number)
    chunk.add(address & CHUNK_MASK)
    if (chunk.isFull) this.#full.add(number)
  }

  delete(address: Ipv4): void {
    const number = address >>> CHUNK_BITS
    const chunk = this.#existing(number)
    if (chunk === undefined) return
    if (chunk.isFull) this.#full.delete(number)
    chunk.delete(address & CHUNK_MASK)
    if (chunk.isEmpty) this.#occupied.delete(number)
  }

  /** Adds or deletes. */
  set(address: Ipv4, isMember: boolean): void {
    if (isMember) this.add(address)
    else this.delete(address)
  }

  /** The lowest member of `from` … `last`, or undefined. */
  nextSet(from: Ipv4, last: Ipv4): Ipv4 | undefined {
    if (from > last) return undefined
    let number = from >>> CHUNK_BITS
    let found = this.#existing(number)?.nextSet(from & CHUNK_MASK) ?? -1
    if (found < 0) {
      number = this.#occupied.nextSet(number + 1)
      if (number < 0) return undefined
      found = this.#existing(number)!.nextSet(0)
    }
    return upTo(last, number, found)
  }

  /** The lowest address of `from` … `last` that is no member, or undefined. */
  nextClear(from: Ipv4, last: Ipv4): Ipv4 | undefined {
    if (from > last) return undefined
    let number = from >>> CHUNK_BITS
    const chunk = this.#existing(number)
    if (chunk === undefined) return from
    let found = chunk.nextClear(from & CHUNK_MASK)
    if (found < 0) {
      number = this.#full.nextClear(number + 1)
      if (number < 0) return undefined
      found = this.#existing(number)?.nextClear(0) ?? 0
    }
    return upTo(last, number, found)
  }

  #existing(number: number): BitTree | undefined {
    return this.#chunks[this.#places[number]!]
  }

  #chunkAt(number: number): BitTree {
    const known = this.#existing(number)
    if (known !== undefined) return known
    const chunk = new BitTree(CHUNK_SIZE)
    this.#places[number] = this.#chunks.length
    this.#chunks.push(chunk)
    return chunk
  }
}

function upTo(last: Ipv4, chunk: number, offset: number): Ipv4 | undefined {
  // Multiplied, not shifted: half of the addresses are above 2^31.
  const address = chunk * CHUNK_SIZE + offset
  return address <= last ? address : undefined
}
