// The name under which the name of an address is looked up (RFC 1035 §3.5, RFC 3596 §2.5).

import { hexFromOctets, type Octets } from '../bytes/octets.ts'

/** Of 4 octets or 16. */
export function reverseNameOf(address: Octets): Octets {
  return address.length === 4
    ? `${numbersOf(address).reverse().join('.')}.in-addr.arpa`
    : `${[...hexFromOctets(address)].reverse().join('.')}.ip6.arpa`
}

function numbersOf(address: Octets): number[] {
  return [...address].map((octet) => octet.charCodeAt(0))
}
