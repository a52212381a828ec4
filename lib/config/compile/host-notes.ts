// Hosts that a configuration names, in either family, as they are gathered, and what is told where
// a pool holds one of them or a reservation gives it away.

import type { Key } from '../../leases/keys/key.ts'
import type { Site } from '../text/site.ts'

/** By address who says so, each once. */
export class HostNotes<A extends Key> {
  readonly #by = new Map<A, Set<string>>()

  note(address: A, by: string): void {
    const known = this.#by.get(address)
    if (known === undefined) this.#by.set(address, new Set([by]))
    else known.add(by)
  }

  /** Those that clients could be given. */
  within(isHere: (address: A) => boolean): ReadonlyMap<A, string> {
    const kept = new Map<A, string>()
    for (const [address, by] of this.#by) if (isHere(address)) kept.set(address, [...by].join(', '))
    return kept
  }
}

/** Where the subnet of a host stands, and what it says of the address. */
export interface HostPlace {
  readonly site: Site
  readonly isReserved: boolean
  /** The pool that holds it, -1 = none. */
  readonly pool: number
}

/** `by`: who says that somebody has the address, which stands in `text`. */
export function warnOfHost(
  { site, isReserved, pool }: HostPlace,
  text: string,
  by: string,
  isServers: boolean,
): void {
  if (isReserved && isServers) {
    const message = `the reserved ${text} is a server's own (${by})`
    const hint = 'it is given to nobody who does not have it; reserve another one'
    site.entry.at('reservations').warning('host-reserved', message, hint)
  } else if (!isReserved && pool >= 0) {
    const whose = isServers ? "a server's own" : 'a host that the file names'
    const message = `${text} in the pool is ${whose} (${by})`
    const hint =
      'it is given to nobody; leave it out of the pool, or reserve it for the client that has it'
    site.entry.at('pools').at(pool).at('pool').warning('host-in-pool', message, hint)
  }
}
