// The addresses of hosts that the value of an option of DHCPv6 names: what clients are to send to.

import { type Ipv6, ipv6FromText } from '../../address/ipv6.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { OptionDefinition } from './definition.ts'
import { notationOf } from './internal.ts'
import { OPTIONS6 } from './options6.ts'
import type { OptionRegistry } from './registry.ts'
import { subOptions } from './sub-options.ts'
import { fieldOf, valueTypes } from './text.ts'

/** The option 144, whose addresses stand in words of its own. */
const RESOLVER = 144

/**
 * Of an option of the message, sub-options included; nothing where the code has no standard
 * definition, or where the document means something else by it.
 */
export function hostsInOption6(code: number, data: Octets, registry: OptionRegistry): Ipv6[] {
  const definition = OPTIONS6.byCode('dhcp6', code)
  if (definition === undefined || registry.byCode('dhcp6', code) !== definition) return []
  return code === RESOLVER ? hostsOfResolver(definition, data) : hostsIn(definition, data, registry)
}

/** `priority, name, addresses, parameters`, as it is printed. */
function hostsOfResolver(definition: OptionDefinition, data: Octets): Ipv6[] {
  const [resolver = ''] = notationOf(definition)?.read(data) ?? []
  const addresses = resolver.split(', ')[2] ?? ''
  return addresses.split(' ').flatMap((address) => ipv6FromText(address) ?? [])
}

function hostsIn(definition: OptionDefinition, data: Octets, registry: OptionRegistry): Ipv6[] {
  const types = valueTypes(definition)
  const hosts: Ipv6[] = []
  let at = 0
  for (let index = 0; at < data.length && (index < types.length || definition.array); index++) {
    const type = types[Math.min(index, types.length - 1)]
    const read = type === undefined ? undefined : fieldOf(definition, type).read(data, at)
    if (read === undefined || read.end <= at) return hosts
    if (type === 'ipv6-address') hosts.push(data.slice(at, at + 16))
    at = read.end
  }
  const { encapsulates } = definition
  const inside = encapsulates === '' ? undefined : subOptions(data.slice(at), 2)
  for (const [code, value] of inside ?? []) {
    const inner = registry.byCode(encapsulates, code)
    if (inner !== undefined) hosts.push(...hostsIn(inner, value, registry))
  }
  return hosts
}
