// What is registered in DNS for one address, as it was decided when the lease was given: a change
// of the configuration must not change what a removal undoes.

import type { Octets } from '../bytes/octets.ts'
import type { ConflictMode } from '../names/rules.ts'
import type { Seconds } from '../time/units.ts'

/** Other DHCIDs of the same machine that are looked for. */
export const ALIASES_MAX = 4

export interface Registration {
  /** 4 octets of IPv4, 16 of IPv6. */
  readonly address: Octets
  /** Lower case, without a final dot. */
  readonly fqdn: Octets
  /** The name leads to the address. */
  readonly forward: boolean
  /** The address leads to the name. */
  readonly reverse: boolean
  readonly ttl: Seconds
  readonly mode: ConflictMode
  /** 35 octets (RFC 4701), whatever the mode. */
  readonly dhcid: Octets
  /** DHCIDs that the same machine may have registered the name with, of its other family mostly. */
  readonly aliases: readonly Octets[]
  /** Those of them that are stored as such: who removes the name later will look for them. */
  readonly known: readonly Octets[]
}
