// What a subnet becomes when some of it is added or taken away: a value in place of another, and
// of lists the elements that are the same by what names them.

import { isSame } from '../../../config/difference.ts'
import { isMap, type Members } from '../../../config/text/map.ts'

/** By what elements of a list are told from each other. */
const NAMES: Readonly<Record<string, (element: Members) => string>> = {
  pools: ({ pool }) => String(pool).replaceAll(/\s/g, ''),
  'pd-pools': (one) => `${String(one.prefix).trim()}/${one['prefix-len']}`,
  'option-data': ({ space, code, name }) => `${space ?? ''} ${code ?? ''} ${name ?? ''}`,
}

/** What names the subnet is no part of what is taken away. */
const KEPT: ReadonlySet<string> = new Set(['id', 'subnet'])

export function withDelta(before: Members, delta: Members): Members {
  const result: Record<string, unknown> = { ...before }
  for (const [key, value] of Object.entries(delta)) result[key] = merged(key, before[key], value)
  return result
}

export function withoutDelta(before: Members, delta: Members): Members {
  const result: Record<string, unknown> = { ...before }
  for (const [key, value] of Object.entries(delta)) {
    if (KEPT.has(key) || !Object.hasOwn(before, key)) continue
    const rest = remaining(key, before[key], value)
    if (rest === undefined) delete result[key]
    else result[key] = rest
  }
  return result
}

function merged(key: string, before: unknown, value: unknown): unknown {
  if (Array.isArray(before) && Array.isArray(value)) {
    const isLike = sameness(key)
    const kept = before.map((one) => {
      const other = value.find((each) => isLike(one, each))
      return other === undefined ? one : isMap(one) ? { ...one, ...other } : other
    })
    return [...kept, ...value.filter((each) => !before.some((one) => isLike(one, each)))]
  }
  return isMap(before) && isMap(value) ? withDelta(before, value) : value
}

/** Undefined: nothing. */
function remaining(key: string, before: unknown, value: unknown): unknown {
  if (Array.isArray(before) && Array.isArray(value)) {
    const isLike = sameness(key)
    return before.filter((one) => !value.some((each) => isLike(one, each)))
  }
  return isMap(before) && isMap(value) ? withoutDelta(before, value) : undefined
}

function sameness(key: string): (one: unknown, other: unknown) => boolean {
  const name = NAMES[key]
  if (name === undefined) return isSame
  return (one, other) => isMap(one) && isMap(other) && isNamedAlike(key, name, one, other)
}

/** An option may be called by its code in one place and by its name in the other. */
function isNamedAlike(
  key: string,
  name: (element: Members) => string,
  one: Members,
  other: Members,
): boolean {
  if (key !== 'option-data') return name(one) === name(other)
  if ((one.space ?? other.space) !== (other.space ?? one.space)) return false
  if (one.code !== undefined && other.code !== undefined) return one.code === other.code
  return one.name !== undefined && one.name === other.name
}
