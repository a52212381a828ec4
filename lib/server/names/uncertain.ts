// Records that have changed in batches which are not stored yet. Nothing of them is sent before.
//
//   noted ──stored──> certain: what is owed is sent
//         ──refused──> as it was before: of a shared database, where another server was first
//
// A change of one lease may change records of several addresses: they are taken back together.

import { isSameEntry, type NameRecord } from '../../ddns/name-record.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Instant } from '../../time/units.ts'
import type { Delivery } from '../delivery.ts'

export interface UncertainDuties {
  now(): Instant
  delivery(): Pick<Delivery, 'park' | 'batch'>
  /** Nothing is sent of the address before this batch is certain. */
  uncertain(key: Key, batch: number): void
  certain(key: Key, batch: number): void
  of(key: Key): NameRecord
  /** It is stored as it is. */
  put(key: Key, record: NameRecord): void
}

/** What has changed in a batch. */
interface Gathered {
  readonly batch: number
  readonly keys: Key[]
}

/** What the change of a lease has made of the record of an address. */
interface Step {
  readonly batch: number
  readonly key: Key
  readonly before: NameRecord
  readonly after: NameRecord
}

export class Uncertain {
  readonly #duties: UncertainDuties
  /** Changed in the batch that is gathered, of this number. */
  #gathered: Gathered | undefined
  /** By the lease of which the change is, in their order. */
  readonly #steps = new Map<Key, Step[]>()

  constructor(duties: UncertainDuties) {
    this.#duties = duties
  }

  /** The record of the address is stored with whatever is gathered. */
  note(key: Key): void {
    const { delivery, now, uncertain } = this.#duties
    const { batch } = delivery()
    if (this.#gathered?.batch !== batch) {
      const gathered: Gathered = { batch, keys: [] }
      this.#gathered = gathered
      delivery().park({ kind: 'answer', arrived: now(), say: () => this.#certain(gathered) })
    }
    this.#gathered.keys.push(key)
    uncertain(key, batch)
  }

  /** It became so by the change of this lease, which may be refused. */
  follow(cause: Key, key: Key, before: NameRecord, after: NameRecord): void {
    const steps = this.#steps.get(cause) ?? []
    steps.push({ batch: this.#duties.delivery().batch, key, before, after })
    this.#steps.set(cause, steps)
  }

  /** Changes of the lease are not stored, as far as it is known. Whether there were any. */
  takeBack(cause: Key): boolean {
    const steps = this.#steps.get(cause)
    if (steps === undefined) return false
    this.#steps.delete(cause)
    const { of, put } = this.#duties
    for (const step of steps.reverse()) {
      const record = of(step.key)
      const former = formerOf(record, step, cause)
      if (former !== record) put(step.key, former)
    }
    return true
  }

  #certain({ batch, keys }: Gathered): void {
    for (const key of keys) {
      const left = this.#steps.get(key)?.filter((step) => step.batch !== batch)
      if (left?.length === 0) this.#steps.delete(key)
      else if (left !== undefined) this.#steps.set(key, left)
      this.#duties.certain(key, batch)
    }
  }
}

/** What came of DNS meanwhile may be forgotten, since it is asked once more. */
function formerOf(record: NameRecord, { after, before, key }: Step, cause: Key): NameRecord {
  if (record === after) return before
  if (key !== cause) return record
  const isKnown = (list: NameRecord, at: number) =>
    list.some((one) => isSameEntry(one, record[at]!))
  return [...before, ...record.filter((_, at) => !isKnown(before, at) && !isKnown(after, at))]
}
