// What a shared network and a subnet show of the levels above them. Kea copies these keys into them
// when it reads a file, and shows the copies; all others it looks up when they count, and shows
// where they were said.

import { PREFERRED, VALID } from '../compile/lifetimes.ts'
import type { Members } from '../text/map.ts'
import { defaultOf } from './level.ts'
import type { Draft } from './members.ts'

const COPIED: readonly string[] = [
  ...VALID.keys,
  ...PREFERRED.keys,
  ...['renew-timer', 'rebind-timer', 'calculate-tee-times', 't1-percent', 't2-percent'],
  ...['store-extended-info', 'cache-threshold', 'cache-max-age', 'offer-lifetime'],
  ...['adaptive-lease-time-threshold', 'allocator', 'pd-allocator'],
]

/** What is said of these keys at this level and above it. */
export function saidBelow(map: Members, above: Members): Members {
  const said: Draft = { ...above }
  for (const key of COPIED) if (map[key] !== undefined) said[key] = map[key]
  return said
}

/** Those that are shown though nobody says them. */
const ALWAYS: readonly string[] = [
  ...['valid-lifetime', 'calculate-tee-times', 't1-percent', 't2-percent', 'store-extended-info'],
  'allocator',
]

/** The copies, as they count at a level where this is `said`; `global` is the level of defaults. */
export function copiesOf(said: Members, global: 'global' | 'global6'): Draft {
  const copies: Draft = { ...said }
  for (const key of ALWAYS) {
    const byDefault = defaultOf(global, key)
    if (byDefault !== undefined) copies[key] ??= byDefault
  }
  fillBounds(copies, VALID.keys)
  // 0 says nothing.
  const usual = PREFERRED.keys.map((key) => said[key]).find((value) => Number(value) > 0)
  if (usual !== undefined) {
    const [key] = PREFERRED.keys
    if (!(Number(copies[key]) > 0)) copies[key] = usual
    fillBounds(copies, PREFERRED.keys)
  }
  fillReuse(copies)
  return copies
}

/** Bounds that nobody says follow the lifetime. */
function fillBounds(copies: Draft, [value, min, max]: readonly [string, string, string]): void {
  copies[min] ??= copies[value]
  copies[max] ??= copies[value]
}

/** Either bound alone is enough, and a threshold of 0 switches reuse off. */
function fillReuse(copies: Draft): void {
  copies['cache-threshold'] ??= copies['cache-max-age'] === undefined ? 0 : 1
}
