// Addresses inside options.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'

/** The address in four octets; 0 when absent or of another length. */
export function ipv4FromOctets(octets: Octets | undefined): Ipv4 {
  if (octets === undefined || octets.length !== 4) return 0
  return (
    ((octets.charCodeAt(0) << 24) |
      (octets.charCodeAt(1) << 16) |
      (octets.charCodeAt(2) << 8) |
      octets.charCodeAt(3)) >>>
    0
  )
}
