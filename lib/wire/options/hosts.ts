// The addresses of hosts that the value of an option names: what clients are to send to.

import type { Ipv4 } from '../../address/ipv4.ts'
import { ipv4FromText } from '../../address/ipv4.ts'
import { uintFromOctets } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import { OPTION4 } from '../v4/codes.ts'
import { notationOf } from './internal.ts'
import { OPTIONS4 } from './options4.ts'
import { OptionRegistry } from './registry.ts'
import { readRoutes } from './routes.ts'
import { fieldOf, valueTypes } from './text.ts'

/** Addresses in them are masks, or networks: subnet-mask, policy-filter, broadcast-address. */
const NOT_HOSTS = new Set([1, 21, 28])

/**
 * Of an option of the message; nothing where the code has no standard definition, or where the
 * document means something else by it.
 */
export function hostsInOption(
  code: number,
  data: Octets,
  registry: OptionRegistry = OptionRegistry.standard4,
): Ipv4[] {
  const definition = OPTIONS4.byCode('dhcp4', code)
  if (definition === undefined || NOT_HOSTS.has(code)) return []
  if (registry.byCode('dhcp4', code)?.type !== definition.type) return []
  if (notationOf(definition)?.read === readRoutes)
    return (readRoutes(data) ?? []).map((route) => ipv4FromText(route.split(' - ')[1] ?? '') ?? 0)
  const types = valueTypes(definition)
  const hosts: Ipv4[] = []
  let at = 0
  for (let index = 0; at < data.length && (index < types.length || definition.array); index++) {
    const type = types[Math.min(index, types.length - 1)]
    const read = type === undefined ? undefined : fieldOf(definition, type).read(data, at)
    if (read === undefined || read.end <= at) break
    if (type === 'ipv4-address') hosts.push(uintFromOctets(data, at, 4))
    at = read.end
  }
  // Pairs of a destination and the router on the way there.
  return code === OPTION4.staticRoutes ? hosts.filter((_, index) => index % 2 === 1) : hosts
}
