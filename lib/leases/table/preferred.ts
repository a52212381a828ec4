// Which of the free addresses a server tries first. Those that share a database search apart from
// each other, so that they seldom meet at one address: a preference, and no right.

import type { Key } from '../keys/key.ts'

/** Free addresses that are passed over for one that is preferred. */
const PASSED_MAX = 64

/** Whether the address is one of those that are tried first. */
export type Preference<A extends Key> = (address: A) => boolean

/**
 * `next` finds a free address, another one each time until all were found once. The first that is
 * preferred, else the first one.
 */
export function preferredOf<A extends Key>(
  next: () => A | undefined,
  isPreferred: Preference<A>,
): A | undefined {
  const first = next()
  let address = first
  for (let passed = 0; address !== undefined && passed < PASSED_MAX; passed++) {
    if (isPreferred(address)) return address
    address = next()
    if (address === first) break
  }
  return first
}
