// The records of names (ddns/name-record.ts) of all addresses, in memory, found by address and by
// name. Those of leases are as many as leases; what cannot be removed for long is bounded.

import { ipv4FromText } from '../../address/ipv4.ts'
import { prefix6FromText } from '../../address/prefix6.ts'
import type { Octets } from '../../bytes/octets.ts'
import {
  type NameEntry,
  type NameRecord,
  namesOfText,
  toAdd,
  toRemove,
} from '../../ddns/name-record.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { StoredName } from '../../ports/journal.ts'

const NONE: NameRecord = []

export class NameLedger {
  readonly #records = new Map<Key, NameRecord>()
  /** Addresses by name: mostly there is one. */
  readonly #byName = new Map<Octets, Key | Set<Key>>()
  /** Of which something is owed, by whichever server. */
  readonly owed = new Set<Key>()
  /** Of which something is owed, or another's. */
  readonly noted = new Set<Key>()
  /** Of which something is to be removed, the oldest first. */
  readonly leaving = new Set<Key>()
  conflicts = 0
  readonly #served: (key: Key, entry: NameEntry) => number

  /** `served`: bits of the directions of an entry that somebody updates. */
  constructor(served: (key: Key, entry: NameEntry) => number) {
    this.#served = served
  }

  get size(): number {
    return this.#records.size
  }

  get keys(): Iterable<Key> {
    return this.#records.keys()
  }

  of(key: Key): NameRecord {
    return this.#records.get(key) ?? NONE
  }

  put(key: Key, record: NameRecord): void {
    const former = this.of(key)
    this.conflicts += conflictsOf(record) - conflictsOf(former)
    if (record.length === 0) this.#records.delete(key)
    else this.#records.set(key, record)
    note(
      this.owed,
      key,
      record.some((entry) => this.isOwed(key, entry)),
    )
    note(this.noted, key, this.owed.has(key) || conflictsOf(record) > 0)
    note(
      this.leaving,
      key,
      record.some((entry) => toRemove(entry) !== 0),
    )
    for (const { fqdn } of former)
      if (!record.some((one) => one.fqdn === fqdn)) this.#forget(fqdn, key)
    for (const { fqdn } of record) this.#find(fqdn, key)
  }

  /** What no zone has is not owed. */
  isOwed(key: Key, entry: NameEntry): boolean {
    const owed = toAdd(entry) | toRemove(entry)
    return owed !== 0 && (owed & this.#served(key, entry)) !== 0
  }

  /** Addresses with a record of the name. */
  keysOf(fqdn: Octets): readonly Key[] {
    const keys = this.#byName.get(fqdn)
    if (keys === undefined) return []
    return keys instanceof Set ? [...keys] : [keys]
  }

  #find(fqdn: Octets, key: Key): void {
    const keys = this.#byName.get(fqdn)
    if (keys === undefined) this.#byName.set(fqdn, key)
    else if (keys instanceof Set) keys.add(key)
    else if (keys !== key) this.#byName.set(fqdn, new Set([keys, key]))
  }

  #forget(fqdn: Octets, key: Key): void {
    const keys = this.#byName.get(fqdn)
    if (keys instanceof Set && keys.size > 1) keys.delete(key)
    else this.#byName.delete(fqdn)
  }
}

function conflictsOf(record: NameRecord): number {
  let count = 0
  for (const { isConflict } of record) if (isConflict) count++
  return count
}

function note(keys: Set<Key>, key: Key, is: boolean): void {
  if (is) keys.add(key)
  else keys.delete(key)
}

/** Undefined where it is no record of an address. */
export function recordOfStored({ address, text }: StoredName): [Key, NameRecord] | undefined {
  const key = keyOfText(address)
  const record = text === '' ? NONE : namesOfText(text)
  return key === undefined || record === undefined ? undefined : [key, record]
}

export function keyOfText(text: string): Key | undefined {
  return ipv4FromText(text) ?? prefix6FromText(text)
}
