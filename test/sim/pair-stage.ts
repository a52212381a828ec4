// The stage of the named schedules of a pair: server1 and server2, addresses of known homes,
// clients that are answered by a known server, and cuts that leave a client with one server.

import { type Ipv4, ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { hexFromOctets } from '../../lib/bytes/octets.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import type { HaMode } from '../../lib/config/plan/ha-plan.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { pearson } from '../../lib/ha/hash.ts'
import type { LabClientSettings } from '../../lib/lab/lab.ts'
import type { PairLab, PairSettings } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import { homeOf } from '../../lib/leases/rights.ts'

export const S1 = 'server1'
export const S2 = 'server2'
export const HOUR = 3600
export const HOUR_MS = 3_600_000

/** X and its like are at home at server1, Y and its like at server2. */
const AT_ONE = addressesOf(0)
const AT_TWO = addressesOf(1)
export const X = AT_ONE[0]!
export const X2 = AT_ONE[1]!
/** Eight addresses at home at server1, X among them. */
export const XS: readonly Ipv4[] = AT_ONE.slice(0, 8)
export const Y = AT_TWO[0]!
export const Y2 = AT_TWO[1]!
export const FOUR: readonly Ipv4[] = [X, X2, Y, Y2]

/** Settings of clients: one that renews often, and a second one that server1 answers. */
export const RENEWER = { renewPauseMin: 5000 }
export const OF_S1 = { hwAddress: hardwareAddress(0, 1) }

/** A document with a pool of these addresses and nothing else in it. */
export function poolOf(
  addresses: readonly Ipv4[],
  lifetime: number,
  more: Partial<Dhcp4Document> = {},
): Partial<Dhcp4Document> {
  const pools = addresses
    .filter((address) => !addresses.includes(address - 1))
    .map((first) => ({
      pool: `${textFromIpv4(first)} - ${textFromIpv4(lastOf(addresses, first))}`,
    }))
  return {
    'valid-lifetime': lifetime,
    ...more,
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools, ...more.subnet4?.[0] }],
  }
}

/** Adjacent addresses are one pool. */
function lastOf(addresses: readonly Ipv4[], first: Ipv4): Ipv4 {
  return addresses.includes(first + 1) ? lastOf(addresses, first + 1) : first
}

export function plansOf(dhcp4: Partial<Dhcp4Document>, mode: HaMode = 'load-balancing'): Plan[] {
  const plans = pairPlans(pairConfig({ mode, dhcp4 }))
  for (const [index, plan] of plans.entries()) WRITTEN.set(plan, { dhcp4, mode, index })
  return plans
}

/** What the plans of a stage were made of, and which server's each is. */
export const WRITTEN = new WeakMap<
  Plan,
  { readonly dhcp4: Partial<Dhcp4Document>; readonly mode: HaMode; readonly index: number }
>()

/**
 * Settings of a pair with client A, answered by server1, and B, answered by server2; both are off.
 */
export function stage(
  dhcp4: Partial<Dhcp4Document>,
  a: LabClientSettings = {},
  b: LabClientSettings = {},
): PairSettings {
  const off = { startDelayMax: 0, start: false }
  return {
    plans: plansOf(dhcp4),
    clients: [
      { name: 'A', hwAddress: hardwareAddress(0), ...off, ...a },
      { name: 'B', hwAddress: hardwareAddress(1), ...off, ...b },
    ],
  }
}

/** Two more clients, for X2 and Y. */
export function withOthers(settings: PairSettings): PairSettings {
  const others = ([0, 1] as const).map((owner) => ({
    name: `other${owner}`,
    hwAddress: hardwareAddress(owner, 5),
    startDelayMax: 0,
    start: false,
  }))
  return { ...settings, clients: [...(settings.clients as LabClientSettings[]), ...others] }
}

/** A pool in which an address is reserved for client B. */
export function reservedForB(addresses: readonly Ipv4[], address = X) {
  const reservations = [{ 'hw-address': hardwareAddress(1), 'ip-address': textFromIpv4(address) }]
  const dhcp4 = poolOf(addresses, HOUR)
  return { ...dhcp4, subnet4: [{ ...dhcp4.subnet4![0]!, reservations }] }
}

/** A hardware address whose clients the server of this number answers; `nth` of them. */
export function hardwareAddress(owner: 0 | 1, nth = 0): string {
  let left = nth
  for (let last = 1; last < 256; last++) {
    const address = `\x02\x00\x00\x00\x00${String.fromCharCode(last)}`
    if ((pearson(address) & 1) === owner && left-- === 0) return hexFromOctets(address, ':')
  }
  throw new Error('no such hardware address')
}

export function both(lab: PairLab): [VirtualClient4, VirtualClient4] {
  return [lab.client(0), lab.client(1)]
}

/** From now on the client hears and reaches only this server. */
export function only(lab: PairLab, client: VirtualClient4, server: string): void {
  for (const { name } of lab.servers) {
    lab.network.heal(name, client.name)
    lab.network.heal(client.name, name)
    if (name === server) continue
    lab.network.cut(name, client.name)
    lab.network.cut(client.name, name)
  }
}

/**
 * Lets a client that is off, or has forgotten, get an address; false where it gets none in time.
 */
export function bind(lab: PairLab, client: VirtualClient4, limit = 60_000): boolean {
  client.start()
  return lab.world.advanceUntil(() => client.isBound, limit)
}

/** The client asks for this address in its DISCOVERs from now on. */
export function wish(client: VirtualClient4, requestedAddress: Ipv4): void {
  client.machine.settings = { ...client.machine.settings, requestedAddress }
}

/** Takes a client to an address over this server alone, asking for it in its DISCOVER. */
export function bindAt(
  lab: PairLab,
  client: VirtualClient4,
  server: string,
  address: Ipv4,
  limit = 60_000,
): boolean {
  only(lab, client, server)
  wish(client, address)
  return bind(lab, client, limit)
}

/** Addresses of 192.0.2.10 to 99 by their home. */
function addressesOf(side: 0 | 1): Ipv4[] {
  const first = ipv4FromText('192.0.2.10')!
  return Array.from({ length: 90 }, (_, index) => first + index).filter(
    (address) => homeOf(address) === side,
  )
}
