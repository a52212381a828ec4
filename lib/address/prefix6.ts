// IPv6 prefixes, by which leases of DHCPv6 are known: an address is a /128.

import type { Octets } from '../bytes/octets.ts'

/**
 * 17 octets: the length, then the address with the bits behind that length zero. `===` and `<`
 * order them, by length first.
 */
export type Prefix6 = Octets
