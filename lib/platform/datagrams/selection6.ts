// Which interfaces the `interfaces-config` of DHCPv6 asks for, given the devices there are. Pure.

import type { Ipv6 } from '../../address/ipv6.ts'
import type { Interfaces6Plan } from '../../config/plan/plan6.ts'
import type { Device6 } from '../devices6.ts'

export interface Wanted6 {
  readonly name: string
  /** Asked for besides (`eth0/2001:db8::1`): all others of the interface are heard, too. */
  readonly addresses: readonly Ipv6[]
}

/**
 * One entry a device: those named, in the order of the document, then with `*` every other device
 * that takes multicast. Loopback only by name.
 */
export function wantedInterfaces6(
  { all, named }: Interfaces6Plan,
  devices: ReadonlyMap<string, Device6>,
): readonly Wanted6[] {
  const wanted = new Map<string, Wanted6>(named.map((one) => [one.name, one]))
  if (all)
    for (const { name, loopback, multicast } of devices.values())
      if (multicast && !loopback && !wanted.has(name)) wanted.set(name, { name, addresses: [] })
  return [...wanted.values()]
}
