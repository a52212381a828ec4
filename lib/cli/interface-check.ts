// Which interfaces could serve nobody but relays, with the addresses that they have now: lines of
// `whio check`.

import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { type Ipv4, ipv4FromText } from '../address/ipv4.ts'
import { type Ipv6, ipv6FromText } from '../address/ipv6.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import type { Plan6 } from '../config/plan/plan6.ts'
import { misfits, misfits6 } from '../server/interface-fit.ts'

export interface InterfaceFinding {
  readonly severity: 'warning'
  readonly text: string
}

/** `devices`: of this machine; one without an address may get a fitting one yet. */
export function interfaceFindings(
  plan: Plan4,
  devices: NodeJS.Dict<NetworkInterfaceInfo[]> = devicesNow(),
): InterfaceFinding[] {
  const { all, named } = plan.interfaces
  const served: { name: string; addresses: readonly Ipv4[] }[] = []
  for (const [name, addresses] of addressesOf(devices)) {
    const wishes = named.filter((wish) => wish.name === name)
    if (wishes.length === 0 && !all) continue
    const chosen = wishes.flatMap(({ address }) => address ?? [])
    served.push({ name, addresses: chosen.length > 0 ? chosen : addresses })
  }
  const how = { serving: true, trouble: '', unicast: true }
  const found = misfits(
    plan,
    served.map((one) => ({ ...one, ...how })),
    false,
  )
  return [...found].map(([name, why]) => ({
    severity: 'warning',
    text: `interface ${name}: ${why}`,
  }))
}

/** The same of DHCPv6. */
export function interfaceFindings6(
  plan: Plan6,
  devices: NodeJS.Dict<NetworkInterfaceInfo[]> = devicesNow(),
): InterfaceFinding[] {
  const { all, named } = plan.interfaces
  const isServed = (name: string) => all || named.some((wish) => wish.name === name)
  const served = [...addressesOf6(devices)]
    .filter(([name]) => isServed(name))
    .map(([name, addresses]) => ({ name, addresses, serving: true, trouble: '' }))
  return [...misfits6(plan, served, false)].map(([name, why]) => ({
    severity: 'warning',
    text: `interface ${name}: ${why}`,
  }))
}

function addressesOf6(devices: NodeJS.Dict<NetworkInterfaceInfo[]>): Map<string, Ipv6[]> {
  const found = new Map<string, Ipv6[]>()
  for (const [name, infos = []] of Object.entries(devices)) {
    const addresses = infos.flatMap(({ address }) => ipv6FromText(address.split('%', 1)[0]!) ?? [])
    if (addresses.length > 0) found.set(name, addresses)
  }
  return found
}

/** Of loopback, nobody but relays and tests is served; `eth0:1` is an address of `eth0`. */
function addressesOf(devices: NodeJS.Dict<NetworkInterfaceInfo[]>): Map<string, Ipv4[]> {
  const found = new Map<string, Ipv4[]>()
  for (const [label, infos = []] of Object.entries(devices)) {
    const name = label.split(':', 1)[0]!
    const addresses = infos.flatMap(({ address }) => ipv4FromText(address) ?? [])
    if (addresses.length === 0 || isLoopback(addresses)) continue
    found.set(name, [...(found.get(name) ?? []), ...addresses])
  }
  return found
}

function isLoopback(addresses: readonly Ipv4[]): boolean {
  return addresses.every((address) => address >>> 24 === 127)
}

/** None where they cannot be told at present. */
function devicesNow(): NodeJS.Dict<NetworkInterfaceInfo[]> {
  try {
    return networkInterfaces()
  } catch {
    return {}
  }
}
