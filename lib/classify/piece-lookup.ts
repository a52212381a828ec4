// Which of many literals a piece of a value is, found without a string of the piece: prefixes of
// vendor classes, ports of switches, makers of network cards.

import type { Octets } from '../bytes/octets.ts'
import type { Text } from './expression.ts'
import type { Facts } from './facts.ts'

interface Entry<Found> {
  readonly literal: Octets
  readonly found: Found
}

export class PieceLookup<Found> {
  readonly #read: Text
  readonly #start: number
  readonly #length: number
  /** By a hash of the literal. */
  readonly #entries = new Map<number, Entry<Found>[]>()

  /** The piece is substring(read, start, length); `length` above 0, may be Infinity. */
  constructor(read: Text, start: number, length: number, found: ReadonlyMap<Octets, Found>) {
    this.#read = read
    this.#start = start
    this.#length = length
    for (const [literal, own] of found) {
      const hash = hashOf(literal, 0, literal.length)
      const others = this.#entries.get(hash)
      if (others === undefined) this.#entries.set(hash, [{ literal, found: own }])
      else others.push({ literal, found: own })
    }
  }

  of(facts: Facts): Found | undefined {
    const value = this.#read(facts)
    let from = this.#start < 0 ? value.length + this.#start : this.#start
    if (from < 0 || from > value.length) from = value.length
    const end = Math.min(from + this.#length, value.length)
    const entries = this.#entries.get(hashOf(value, from, end))
    if (entries === undefined) return undefined
    for (const { literal, found } of entries)
      if (literal.length === end - from && value.startsWith(literal, from)) return found
    return undefined
  }
}

function hashOf(value: Octets, from: number, end: number): number {
  let hash = 0
  for (let at = from; at < end; at++) hash = Math.imul(hash ^ value.charCodeAt(at), 0x01000193)
  return hash
}
