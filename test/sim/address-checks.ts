// In some worlds addresses are asked for on the wire before they are offered, and hosts come and go
// that have one of the pool without a lease. In the second half nobody has, so that clients are
// served in the end.

import { type Ipv4, textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { between, chance, happens, oneOf } from '../../lib/lab/chance.ts'
import type { Lab } from '../../lib/lab/lab.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { isAsked } from './hooks.ts'

/**
 * With a chance of its own: what else a seed decides stays as it is. Not where a hook is asked,
 * too: clients that wait for both may not all be served at one time.
 */
export function checksOf(seed: number): Pick<Dhcp4Document, 'hooks-libraries'> {
  const draw = chance(seed, 'address-checks')
  if (!happens(draw, 0.3) || isAsked(seed)) return {}
  const parameters = {
    'min-ping-requests': oneOf(draw, [1, 1, 3]),
    'reply-timeout': oneOf(draw, [50, 600, 600]),
    'ping-cltt-secs': oneOf(draw, [0, 60]),
  }
  return { 'hooks-libraries': [{ library: 'libdhcp_ping_check.so', parameters }] }
}

/** Hosts in a world whose server asks, at about every third address. */
export function addHosts(lab: Lab, seed: number, duration: number): void {
  const draw = chance(seed, 'hosts')
  for (const { addressCheck, id, ranges } of lab.server().plan.dhcp4!.subnets)
    for (const { first, last } of addressCheck === undefined ? [] : ranges)
      for (let address = first; address <= last; address++)
        if (happens(draw, 0.3)) addHost(lab, draw, id, address, duration)
}

function addHost(lab: Lab, draw: Draw, subnet: number, address: Ipv4, duration: number): void {
  const host = lab.addHost({ address: textFromIpv4(address), subnet })
  const comesAt = happens(draw, 0.7) ? 0 : between(draw, 0, duration / 2)
  if (comesAt > 0) host.leave()
  lab.world.after(comesAt, () => host.appear())
  lab.world.after(between(draw, comesAt, duration / 2), () => host.leave())
}

/** How many addresses were found in use by such a host. */
export function foundInUse(lab: Lab): number {
  let found = 0
  for (const { log } of lab.servers)
    for (const { id } of log.lines) if (id === 'DHCP4_SERVER_INITIATED_DECLINE') found++
  return found
}
