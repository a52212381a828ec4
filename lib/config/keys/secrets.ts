// What of a configuration nobody is shown: passwords and keys, by the names of their members,
// wherever they stand. Whoever writes back what was shown keeps them. Files that hold some are no
// secret.

import { isMap } from '../text/map.ts'

const SECRET = /(?:^|-)(?:password|passwd|secret|psk|key-data|api-key|tokens?)$/i

/** What stands where a secret does for who may not see it. It is never taken for one. */
export const MARK = '*****'

type Path = readonly (string | number)[]

export function isSecretKey(key: string): boolean {
  return SECRET.test(key)
}

/** The value with the mark in place of secrets; itself where it has none. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const list = value.map(withoutSecrets)
    return list.some((one, index) => one !== value[index]) ? list : value
  }
  let copy: Record<string, unknown> | undefined
  for (const [key, member] of Object.entries(value)) {
    const shown = isSecretKey(key) && hasText(member) ? MARK : withoutSecrets(member)
    if (shown === member) continue
    copy ??= { ...value }
    copy[key] = shown
  }
  return copy ?? value
}

function hasText(member: unknown): boolean {
  return member !== '' && member !== null && member !== undefined
}

/** The path of a mark for which no secret stands. */
export class NoSecret {
  readonly path: Path

  constructor(path: Path) {
    this.path = path
  }
}

/**
 * The value with what stands in the place of each mark. A secret belongs to what is said beside it:
 * the map that has the mark, and each element of a list on the way there, says nothing else than
 * the one that stands, as far as both say it. Throws NoSecret where there is none such.
 */
export function withSecrets(value: unknown, standing: unknown, path: Path = []): unknown {
  if (!hasMark(value)) return value
  if (Array.isArray(value)) {
    const likes = new Likes(Array.isArray(standing) ? standing : [])
    return value.map((one, index) =>
      hasMark(one) ? withSecrets(one, likes.of(one), [...path, index]) : one,
    )
  }
  const entries = Object.entries(value as object).map(([key, member]) => {
    const at = [...path, key]
    const there = isMap(standing) ? standing[key] : undefined
    if (!isMark(key, member)) return [key, withSecrets(member, there, at)]
    if (!hasText(there) || there === MARK || !isAlike(value, standing)) throw new NoSecret(at)
    return [key, there]
  })
  return Object.fromEntries(entries)
}

function hasMark(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, member]) => isMark(key, member) || hasMark(member))
}

function isMark(key: string, member: unknown): boolean {
  return isSecretKey(key) && member === MARK
}

/** Members by which elements of lists are mostly told apart. */
const NAMING = ['id', 'name', 'user', 'url', 'hw-address', 'duid', 'client-id', 'ip-address']

/** Elements of a list, found by what others say. */
class Likes {
  readonly #list: readonly unknown[]
  /** By a member of NAMING and its value, so that ten thousand are not compared with each other. */
  readonly #by = new Map<string, Map<unknown, unknown[]>>()

  constructor(list: readonly unknown[]) {
    this.#list = list
  }

  /** The only one that may be meant. */
  of(one: unknown): unknown {
    const found = this.#near(one).filter((other) => isAlike(one, other))
    return found.length === 1 ? found[0] : undefined
  }

  #near(one: unknown): readonly unknown[] {
    if (!isMap(one)) return []
    const key = NAMING.find((name) => isPlain(one[name]))
    if (key === undefined) return this.#list
    let by = this.#by.get(key)
    if (by === undefined) {
      by = Map.groupBy(this.#list, (other) => (isMap(other) ? other[key] : undefined))
      this.#by.set(key, by)
    }
    return [...(by.get(one[key]) ?? []), ...(by.get(undefined) ?? [])]
  }
}

function isAlike(one: unknown, other: unknown): boolean {
  if (!isMap(one) || !isMap(other)) return false
  return Object.entries(one).every(
    ([key, member]) =>
      isSecretKey(key) || !isPlain(member) || !isPlain(other[key]) || member === other[key],
  )
}

/** Says something by itself. */
function isPlain(value: unknown): boolean {
  return value !== undefined && typeof value !== 'object'
}
