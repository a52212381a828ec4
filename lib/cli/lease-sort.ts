// In which order leases are listed.

import type { AnyListed } from './lease-filter.ts'
import { allOf, type Listed } from './listing.ts'
import { UsageError } from './usage.ts'

/** Text is compared as text, numbers as numbers. Undefined: as they come, by address. */
const KEYS: Readonly<Record<string, ((lease: AnyListed) => string | number) | undefined>> = {
  address: undefined,
  expires: ({ left }) => left ?? Number.POSITIVE_INFINITY,
  hostname: ({ hostname }) => hostname.toLowerCase(),
  mac: ({ hwAddress }) => hwAddress,
  subnet: ({ subnet }) => subnet,
}

/** Those that are alike stay in the order of their addresses. */
export type Order = <T extends AnyListed>(leases: Listed<T>) => Listed<T>

/** `expires`, or `-expires` for the other way round. */
export function orderOf(wish: string | undefined): Order {
  if (wish === undefined) return (leases) => leases
  const isReverse = wish.startsWith('-')
  const name = isReverse ? wish.slice(1) : wish
  if (!Object.hasOwn(KEYS, name))
    throw new UsageError(
      `--sort: one of ${Object.keys(KEYS).join(', ')}; the other way round with --sort=-expires`,
    )
  const key = KEYS[name]
  const sign = isReverse ? -1 : 1
  return async function* (leases) {
    const all = await allOf(leases)
    if (key !== undefined) all.sort((one, other) => sign * compared(key(one), key(other)))
    else if (isReverse) all.reverse()
    yield* all
  }
}

function compared(one: string | number, other: string | number): number {
  return one < other ? -1 : one > other ? 1 : 0
}
