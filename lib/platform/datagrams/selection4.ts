// Which interfaces `interfaces-config` asks for, given the devices there are. Pure.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { InterfacesPlan } from '../../config/plan/plan4.ts'
import type { Device, DeviceAddress } from '../interfaces.ts'

export interface Wanted4 {
  readonly name: string
  /** Serve these addresses only (`eth0/192.0.2.1`), in the order of the document; empty = all. */
  readonly only: readonly Ipv4[]
  /** Asked for by name, so it stays wanted while it is absent. */
  readonly named: boolean
}

/**
 * One entry a device: those named, in the order of the document, then with `*` every other device
 * that is up, reaches neighbours by broadcast and has an IPv4 address. Loopback only by name.
 */
export function wantedInterfaces(
  plan: InterfacesPlan,
  devices: ReadonlyMap<string, Device>,
): readonly Wanted4[] {
  const wanted = new Map<string, Wanted4>()
  for (const { name, address } of plan.named) {
    const former = wanted.get(name)
    const only = [...(former?.only ?? []), ...(address === undefined ? [] : [address])]
    // `eth0` beside `eth0/192.0.2.1` asks for all of it.
    const whole = address === undefined || (former !== undefined && former.only.length === 0)
    wanted.set(name, { name, only: whole ? [] : only, named: true })
  }
  if (plan.all)
    for (const device of devices.values())
      if (device.broadcast && !device.loopback && !wanted.has(device.name))
        wanted.set(device.name, { name: device.name, only: [], named: false })
  return [...wanted.values()]
}

/** The addresses of a device that are to be served; empty when none of those asked for is there. */
export function servedAddresses(only: readonly Ipv4[], device: Device): readonly DeviceAddress[] {
  if (only.length === 0) return device.addresses
  return only.flatMap((address) => {
    const found = device.addresses.find((one) => one.address === address)
    return found === undefined ? [] : [found]
  })
}
