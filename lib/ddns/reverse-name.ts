// The name under which the name of an address is looked up (RFC 1035 §3.5, RFC 3596 §2.5).

import { hexFromOctets, type Octets, octetsFromHex } from '../bytes/octets.ts'

/** Of 4 octets or 16. */
export function reverseNameOf(address: Octets): Octets {
  return address.length === 4
    ? `${numbersOf(address).reverse().join('.')}.in-addr.arpa`
    : `${[...hexFromOctets(address)].reverse().join('.')}.ip6.arpa`
}

function numbersOf(address: Octets): number[] {
  return [...address].map((octet) => octet.charCodeAt(0))
}

/** The address that has this name; undefined where none has. */
export function addressOf(name: Octets): Octets | undefined {
  const labels = name.split('.').reverse().slice(2)
  const address = name.endsWith('.ip6.arpa')
    ? octetsFromHex(labels.join(''))
    : labels.map((label) => String.fromCharCode(Number(label) & 255)).join('')
  return address !== undefined && reverseNameOf(address) === name ? address : undefined
}
