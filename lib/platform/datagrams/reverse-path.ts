// Whether Linux throws away what comes in by an interface from an address that it would answer by
// another one (RFC 3704 strict mode): relays and routed clients are such addresses easily.

import { readFileSync } from 'node:fs'
import type { Plan4, Subnet4 } from '../../config/plan/plan4.ts'
import type { Device } from '../interfaces.ts'

const STRICT = 1

/** Whether clients of some subnet are beyond a router: the subnet is on no link of this host. */
export function hasDistantSubnets(plan: Plan4, devices: Iterable<Device>): boolean {
  const near = new Set<Subnet4 | undefined>()
  for (const { name, addresses } of devices) {
    near.add(plan.subnetByInterface(name))
    for (const { address } of addresses) near.add(plan.subnetByAddress(address))
  }
  return plan.subnets.some((subnet) => !near.has(subnet))
}

/** The larger of the two counts, as the kernel has it. */
export function filtersStrictly(device: string): boolean {
  return Math.max(settingOf('all'), settingOf(device)) === STRICT
}

/** The name of the setting, as sysctl wants it: the device may have dots. */
export function filterSetting(device: string): string {
  return `net/ipv4/conf/${device}/rp_filter`
}

function settingOf(where: string): number {
  try {
    return Number(readFileSync(`/proc/sys/${filterSetting(where)}`, 'latin1'))
  } catch {
    // No Linux, or the device has gone.
    return 0
  }
}
