// A map that is never written to, and what edits make of it: the next version shares the large map
// with the former one, which stays as it was. What has changed lies above it in buckets, of which
// an edit makes one anew: it costs the same however much was edited before.

import { scramble } from '../../leases/store/octets-hash.ts'

/** A power of two. */
const BUCKETS = 256

/** A map that is no larger is written anew with each edit, or with so many of them. */
const SMALL = 256
const CHANGED_MAX = 1024
const WRITTEN_MAX = 8192

/** Undefined: there is none. */
type Change<Key, Value> = readonly [Key, Value | undefined]
type Bucket<Key, Value> = ReadonlyMap<Key, Value | undefined>

/** By bucket. */
interface Changed<Key, Value> {
  readonly buckets: readonly (Bucket<Key, Value> | undefined)[]
  readonly size: number
}

export class LayeredMap<Key, Value extends object> {
  readonly #base: ReadonlyMap<Key, Value>
  /** Undefined: nothing has changed. */
  readonly #changed: Changed<Key, Value> | undefined

  constructor(base: ReadonlyMap<Key, Value>, changed?: Changed<Key, Value>) {
    this.#base = base
    this.#changed = changed
  }

  get(key: Key): Value | undefined {
    const bucket = this.#changed?.buckets[bucketOf(key)]
    if (bucket === undefined) return this.#base.get(key)
    const changed = bucket.get(key)
    return changed !== undefined || bucket.has(key) ? changed : this.#base.get(key)
  }

  *keys(): Iterable<Key> {
    const buckets = this.#changed?.buckets ?? []
    for (const key of this.#base.keys()) if (buckets[bucketOf(key)]?.has(key) !== true) yield key
    for (const bucket of buckets)
      for (const [key, value] of bucket ?? []) if (value !== undefined) yield key
  }

  /** Nothing is in it, and nothing was. */
  get isEmpty(): boolean {
    return this.#base.size === 0 && this.#changed === undefined
  }

  /** So much has changed that who can make it from nothing does better. */
  get isWorn(): boolean {
    return (this.#changed?.size ?? 0) > Math.max(CHANGED_MAX, this.#base.size)
  }

  with(changes: readonly Change<Key, Value>[]): LayeredMap<Key, Value> {
    if (changes.length === 0) return this
    const buckets = [...(this.#changed?.buckets ?? NO_BUCKETS)] as (
      | Bucket<Key, Value>
      | undefined
    )[]
    const own = new Map<number, Map<Key, Value | undefined>>()
    let size = this.#changed?.size ?? 0
    for (const [key, value] of changes) {
      const at = bucketOf(key)
      let bucket = own.get(at)
      if (bucket === undefined) {
        bucket = new Map(buckets[at])
        buckets[at] = bucket
        own.set(at, bucket)
      }
      if (!bucket.has(key)) size++
      bucket.set(key, value)
    }
    const max = this.#base.size <= SMALL ? 0 : CHANGED_MAX
    return size > max && this.#base.size <= WRITTEN_MAX
      ? new LayeredMap(merged(this.#base, buckets))
      : new LayeredMap(this.#base, { buckets, size })
  }
}

const NO_BUCKETS: readonly undefined[] = Array.from({ length: BUCKETS }, () => undefined)

/** By the end of a text, which is where identifiers and addresses differ. */
function bucketOf(key: unknown): number {
  if (typeof key === 'number') return scramble(key) & (BUCKETS - 1)
  const text = String(key)
  let hash = text.length
  for (let at = Math.max(0, text.length - 4); at < text.length; at++)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return scramble(hash) & (BUCKETS - 1)
}

function merged<Key, Value>(
  base: ReadonlyMap<Key, Value>,
  buckets: readonly (Bucket<Key, Value> | undefined)[],
): ReadonlyMap<Key, Value> {
  const all = new Map(base)
  for (const bucket of buckets)
    for (const [key, value] of bucket ?? [])
      if (value === undefined) all.delete(key)
      else all.set(key, value)
  return all
}
