// A map with all that holds in it: what it says, else what the key table has as default. No value
// stands here: which keys are there without being said is the only thing that the table does not
// tell.

import { KEYS } from '../keys/keys.ts'
import type { KeyRow } from '../keys/row.ts'
import { isMap, type Members } from '../text/map.ts'
import { type Draft, mapsOf } from './members.ts'

/**
 * Keys that stay out where nobody says them, though they have a default: those with which Kea does
 * the same, and Whio's own.
 */
const UNSAID: ReadonlySet<string> = new Set([
  ...['offer-lifetime', 'adaptive-lease-time-threshold', 'leases-per-ia'],
  ...['compatibility', 'config-control', 'hosts-databases', 'control-sockets', 'loggers'],
  ...['reservations', 'client-classes', 'evaluate-additional-classes', 'interface'],
  ...['identifiers', 'pool-id', 'excluded-prefix-len', 'only-in-additional-list'],
  ...['allow-address-registration'],
])

/** Levels that are shown as they were written: what they leave out says something. */
const AS_WRITTEN: ReadonlySet<string> = new Set([
  ...['leaseDatabase', 'database', 'configControl', 'compatibility', 'compatibility6', 'hook'],
  ...['controlSocket', 'controlSocket6', 'controlSocketD2'],
])

/** How the value of a member is shown whose row leads to a level; undefined: by the level. */
export type Special = (key: string, value: unknown) => unknown

/**
 * The map of this level with all that holds in it. `special` goes before what is done here;
 * `inherits` tells keys whose default is not that of the level: where they are not said, what is
 * above counts.
 */
export function filled(
  level: string,
  map: Members,
  special?: Special,
  inherits?: (key: string) => boolean,
): Draft {
  const { keys } = KEYS[level]!
  const shown: Draft = {}
  for (const [key, row] of Object.entries(keys)) {
    if (row.support === 'old' || NOTES.has(key)) continue
    const value = map[key]
    if (value !== undefined) shown[key] = special?.(key, value) ?? shownValue(row, value)
    else if (row.schema.default !== undefined && !UNSAID.has(key) && inherits?.(key) !== true)
      shown[key] = row.schema.default
  }
  for (const [key, value] of Object.entries(map)) if (!Object.hasOwn(keys, key)) shown[key] = value
  return annotated(map, shown)
}

/** The default of a key of this level. */
export function defaultOf(level: string, key: string): unknown {
  return KEYS[level]?.keys[key]?.schema.default
}

function shownValue({ level }: KeyRow, value: unknown): unknown {
  if (level === undefined) return value
  if (Array.isArray(value)) return mapsOf(value).map((one) => shownMap(level, one))
  return isMap(value) ? shownMap(level, value) : value
}

function shownMap(level: string, map: Members): Draft {
  return AS_WRITTEN.has(level) ? asWritten(map) : filled(level, map)
}

/** The map as it is, but for its comment. */
export function asWritten(map: Members): Draft {
  const { comment: _, 'user-context': __, ...others } = map
  return annotated(map, others)
}

const NOTES: ReadonlySet<string> = new Set(['comment', 'user-context'])

/** Kea keeps a comment as a member of user-context. */
function annotated({ comment, 'user-context': context }: Members, shown: Draft): Draft {
  if (comment !== undefined) shown['user-context'] = { ...(context as Members), comment }
  else if (context !== undefined) shown['user-context'] = context
  return shown
}
