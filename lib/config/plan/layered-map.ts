// A map that is never written to, and what a few edits make of it: the next version shares the
// large map with the former one, which stays as it was.

/** With so many changes above it, the map is written anew. */
const CHANGED_MAX = 1024

/** Undefined: there is none. */
type Change<Key, Value> = readonly [Key, Value | undefined]

export class LayeredMap<Key, Value extends object> {
  readonly #base: ReadonlyMap<Key, Value>
  readonly #changed: ReadonlyMap<Key, Value | undefined>

  constructor(base: ReadonlyMap<Key, Value>, changed: ReadonlyMap<Key, Value | undefined> = NONE) {
    this.#base = base
    this.#changed = changed
  }

  get(key: Key): Value | undefined {
    if (this.#changed.size === 0) return this.#base.get(key)
    const changed = this.#changed.get(key)
    return changed !== undefined || this.#changed.has(key) ? changed : this.#base.get(key)
  }

  *keys(): Iterable<Key> {
    for (const key of this.#base.keys()) if (!this.#changed.has(key)) yield key
    for (const [key, value] of this.#changed) if (value !== undefined) yield key
  }

  /** Nothing is in it, and nothing was. */
  get isEmpty(): boolean {
    return this.#base.size + this.#changed.size === 0
  }

  with(changes: readonly Change<Key, Value>[]): LayeredMap<Key, Value> {
    if (changes.length === 0) return this
    const changed = new Map(this.#changed)
    for (const [key, value] of changes) changed.set(key, value)
    return changed.size <= CHANGED_MAX
      ? new LayeredMap(this.#base, changed)
      : new LayeredMap(merged(this.#base, changed))
  }
}

const NONE = new Map<never, never>()

function merged<Key, Value>(
  base: ReadonlyMap<Key, Value>,
  changed: ReadonlyMap<Key, Value | undefined>,
): ReadonlyMap<Key, Value> {
  const all = new Map(base)
  for (const [key, value] of changed)
    if (value === undefined) all.delete(key)
    else all.set(key, value)
  return all
}
