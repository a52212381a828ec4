// The addresses of this machine, also those of interfaces that have no carrier at the moment: Node
// does not list them, and a server whose partner is off, or whose cable is out, is who it was.

import { readdirSync, readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { type Ipv4, ipv4FromText } from '../address/ipv4.ts'
import type { Device } from './interfaces.ts'

/** IPv4 and IPv6, in any spelling, some of them perhaps twice. */
export function localAddresses(): string[] {
  const listed = networkInterfaces()
  const shown = Object.values(listed).flatMap((infos) =>
    (infos ?? []).map(({ address }) => address),
  )
  return isComplete(new Set(Object.keys(listed)))
    ? shown
    : [...shown, ...ipv4Local(), ...ipv6Local()]
}

/** IPv4 alone: what the devices have that Node lists, and those that it does not. */
export function localAddresses4(listed: ReadonlyMap<string, Pick<Device, 'addresses'>>): Ipv4[] {
  const shown = [...listed.values()].flatMap(({ addresses }) => addresses.map((one) => one.address))
  if (isComplete(new Set(listed.keys()))) return shown
  return [...new Set([...shown, ...ipv4Local().flatMap((text) => ipv4FromText(text) ?? [])])]
}

/**
 * Also of interfaces that are down; undefined on other systems than Linux, where those cannot be
 * learned.
 */
export function interfaceNames(): string[] | undefined {
  try {
    return readdirSync('/sys/class/net')
  } catch {
    return undefined
  }
}

/** Whether Node has listed every device: what follows may be long on a router. */
function isComplete(names: ReadonlySet<string>): boolean {
  return interfaceNames()?.every((name) => names.has(name)) ?? false
}

/** From the kernel's routes to itself, which stay while an interface has no carrier. */
function ipv4Local(): string[] {
  return addressesInTrie(readOr('/proc/net/fib_trie'))
}

/** `/proc/net/fib_trie`: a leaf is a line with its address, and a line for each route to it. */
export function addressesInTrie(text: string): string[] {
  const leaves = text.matchAll(/\|-- (\d+\.\d+\.\d+\.\d+)\n((?: +\/\d+ .*\n)+)/g)
  return [...leaves].flatMap(([, address = '', routes = '']) =>
    /^ +\/32 host LOCAL$/m.test(routes) ? [address] : [],
  )
}

function ipv6Local(): string[] {
  const rows = readOr('/proc/net/if_inet6').matchAll(/^([0-9a-f]{32}) /gm)
  return [...rows].map(([, digits = '']) => digits.match(/.{4}/g)!.join(':'))
}

/** '' on other systems than Linux, and where it may not be read. */
function readOr(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}
