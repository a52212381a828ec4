// Names of classes and their numbers. A name gets its number where it is first mentioned, and keeps
// it: what was compiled with it stays right as long as this object is kept.

import { CLASS, FIXED_CLASSES, HA_CLASSES } from './class-set.ts'

/** Names that stand for an effect, or for what Kea finds out by itself, by their numbers. */
const FIXED: Readonly<Record<string, number>> = {
  ALL: CLASS.all,
  KNOWN: CLASS.known,
  UNKNOWN: CLASS.unknown,
  BOOTP: CLASS.bootp,
  DROP: CLASS.drop,
  REJECT: CLASS.reject,
  SKIP_DDNS: CLASS.skipDdns,
}

export class ClassNames {
  readonly #numbers = new Map<string, number>(Object.entries(FIXED))
  /** By number. Without a pair its classes have no name. */
  readonly #names: string[] = new Array(FIXED_CLASSES).fill('')

  /** `owners`: names of the classes of a pair, by number; '' where no client is in one. */
  constructor(owners: readonly string[] = []) {
    for (const [name, number] of this.#numbers) this.#names[number] = name
    for (const [number, name] of owners.slice(0, HA_CLASSES).entries()) {
      if (name === '') continue
      this.#names[number] = name
      this.#numbers.set(name, number)
    }
  }

  /** How many numbers are taken. */
  get size(): number {
    return this.#names.length
  }

  /** '' where the number has no name. */
  nameOf(number: number): string {
    return this.#names[number] ?? ''
  }

  /** Undefined where nothing has mentioned the name. */
  numberOf(name: string): number | undefined {
    return this.#numbers.get(name)
  }

  /** The number of a name that something mentions. */
  mention(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    const number = this.#names.push(name) - 1
    this.#numbers.set(name, number)
    return number
  }

  /** As they stand now, by number. */
  list(): readonly string[] {
    return [...this.#names]
  }
}
