// One seed, one pair: first faults, with every invariant checked all the time; then no more faults,
// and within a bound the pair works together, both know the same, and every client is served.

import { rangeContains, rangeSize } from '../../lib/address/ipv4.ts'
import { knownAs } from '../../lib/config/plan/known4.ts'
import type { Plan4, Subnet4 } from '../../lib/config/plan/plan4.ts'
import { createPair, type PairLab, type PairSettings } from '../../lib/lab/pair.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import { addHosts, foundInUse } from './address-checks.ts'
import { watchAdmissions } from './admission.ts'
import { bothPorts, hooksOf, portsOf, sendHome, stillWaiting } from './hooks.ts'
import { LeaseOrders } from './lease-orders.ts'
import { reusesIn } from './leasing.ts'
import { NameChaos } from './name-chaos.ts'
import { portsOfNames } from './named.ts'
import { PairChaos } from './pair-chaos.ts'
import { type PairScenario, type PairScenarioOptions, pairScenarioOf } from './pair-scenario.ts'
import { countDenials } from './peopled.ts'
import { ServiceOrders } from './service-orders.ts'
import { counters6, internalErrors, inVain, type SimulationResult } from './simulate.ts'
import { unserved6 } from './six.ts'
import { hostsOf, troubleHosts } from './stored-hosts.ts'

export interface PairSimulationOptions extends PairScenarioOptions {
  /** Changes the lab before it begins, to show that a broken promise is found. */
  readonly spoil?: Partial<PairSettings>
  /** Leases are deleted by command that somebody has. */
  readonly lies?: boolean
}

/** Longest time from the last fault to a pair that works together, milliseconds. */
const NORMAL_WITHIN = 60_000

/**
 * Longest time in which each has heard what the other one gave in its absence, and late ACKs have
 * arrived.
 */
const SETTLED_WITHIN = 15_000

/** Longest time in which all rows are the same on both disks, once there is nothing new to say. */
const ALIKE_WITHIN = 60_000

export function simulatePair(seed: number, options: PairSimulationOptions = {}): SimulationResult {
  const scenario = pairScenarioOf(seed, options)
  const { duration, named, stored } = scenario
  const { spoil = {} } = options
  const hooked = bothPorts(hooksOf(seed, duration), hostsOf(stored))
  const ports = bothPorts(bothPorts(hooked, portsOfNames(named)), portsOf(spoil))
  const lab = createPair({ ...scenario.lab, ...spoil, ...ports })
  troubleHosts(lab, stored.table, duration)
  if (scenario.isAvailable) exemptAll(lab)
  addHosts(lab, seed, scenario.duration)
  const found: string[] = []
  watchAdmissions(lab, scenario.admissions, (sentence) => found.push(sentence))
  const denials = countDenials(lab)
  const chaos = new PairChaos(lab, scenario)
  const orders = scenario.hasOrders
    ? new LeaseOrders(lab, scenario.lifetimeMax, (one) => found.push(one), options.lies)
    : undefined
  if (orders !== undefined) chaos.heed(orders)
  const names = named && new NameChaos(lab, named, scenario.pauseMax)
  const switches = scenario.hasSwitches ? new ServiceOrders(lab) : undefined
  lab.advance(scenario.duration)
  chaos.end()
  sendHome(lab)
  orders?.end()
  switches?.end()
  names?.end()
  const reused = reusesIn(lab)
  const { violations } = lab.invariants
  const { believed, refused } = chaos.impostors
  found.push(...internalErrors(lab))
  if (believed > 0) found.push(`an impostor was believed ${believed} times`)
  const naming = () => names?.settle(lab.server()) ?? []
  for (const check of [reunion, settlement, liveness, liveness6, likeness, naming, stillWaiting])
    if (violations.length + found.length === 0) found.push(...check(lab, scenario))
  const { counters, pair } = lab.invariants
  return {
    seed,
    violations: [...violations, ...found],
    steps: lab.world.steps,
    faults: { ...chaos.counts, ...orders?.counts, ...switches?.counts, ...names?.counts },
    checks: {
      ...names?.checks,
      ...counters,
      ...counters6(lab),
      ...denials,
      ...pair.counters,
      impostorsRefused: refused,
      occupied: foundInUse(lab),
      lookUps: stored.table?.asked.length ?? 0,
      reused,
    },
    statistics: lab.status()?.statistics ?? {},
    trace: lab.trace(),
  }
}

function reunion(lab: PairLab): string[] {
  if (lab.reachNormal(NORMAL_WITHIN)) {
    lab.invariants.pair.markQuiet()
    return []
  }
  return [`${NORMAL_WITHIN / 1000} s after the last fault the pair is ${lab.states().join(', ')}`]
}

/** Kea's behaviour for a partner that is silent: what two servers give then may be one address. */
function exemptAll({ invariants }: PairLab): void {
  invariants.isExempt = () => true
  invariants.pair.mayConflict.add('available')
}

/**
 * Once both know what the other gave, nobody else is given an address that somebody has; but where
 * both gave one, it stays with one of its clients.
 */
function settlement(lab: PairLab, scenario: PairScenario): string[] {
  const { clients, invariants, world } = lab
  if (!scenario.isAvailable) return []
  world.advance(SETTLED_WITHIN)
  const contested = new Set(clients.filter((one) => !isKnown(one, lab)).map(({ ipv4 }) => ipv4))
  invariants.isExempt = (address) => contested.has(address)
  world.advance(1000 * scenario.lifetimeMax)
  return []
}

/** Whether its address is its own by the rows of both. */
function isKnown({ ipv4: address, machine }: VirtualClient4, { servers }: PairLab): boolean {
  const { hwAddress } = machine.settings
  return servers.every(({ disk }) => disk.durableRow(address)?.hwAddress === hwAddress)
}

/** Everybody must be served once every old right has run out, and clients have asked again. */
function liveness(lab: PairLab, scenario: PairScenario): string[] {
  if (!scenario.isPlain) return inVain(lab, scenario, scenario.admissions[0]!)
  const wait = 2 * scenario.lifetimeMax + scenario.probation + 200
  const wanted = boundWanted(lab, scenario)
  const bound = () => lab.clients.filter((client) => client.isBound).length
  if (lab.world.advanceUntil(() => bound() >= wanted, wait * 1000)) return []
  const unbound = lab.clients
    .filter((client) => !client.isBound)
    .map(({ name, state }) => `${name} ${state}`)
  return [
    `${wait} s after the last fault ${bound()} of ${wanted} clients have an address; not: ${unbound.join(', ')}`,
  ]
}

function liveness6(lab: PairLab, { six, lifetimeMax, probation }: PairScenario): string[] {
  const [document] = six?.documents ?? []
  return document === undefined ? [] : unserved6(lab, document, 2 * lifetimeMax + probation + 400)
}

/**
 * A backup whose old disk was put back, or which was away when a client gave its lease back, may
 * take a lease that has ended for one that runs, until its end.
 */
function likeness(lab: PairLab, { lifetimeMax }: PairScenario): string[] {
  const hasBackup = lab.servers.some(({ plan }) => plan.ha?.thisServer.role === 'backup')
  const wait = ALIKE_WITHIN + (hasBackup ? 2000 * lifetimeMax : 0)
  const isAlike = () => lab.isNormal && lab.invariants.pair.differences().length === 0
  if (lab.world.advanceUntil(isAlike, wait)) return []
  return [`not normal, or not alike, at last: ${lab.invariants.pair.differences().join('; ')}`]
}

/**
 * In guarded pools each client has only the addresses of its server: who gets none is not counted.
 */
function boundWanted(lab: PairLab, { guarded }: PairScenario): number {
  const { plan } = lab.server()
  let wanted = 0
  for (const subnet of plan.dhcp4!.subnets) {
    const isReserved = (one: VirtualClient4) => hasReservation(plan.dhcp4!, subnet, one)
    const reserved = lab.clients.filter(isReserved).length
    const others = guarded ? 0 : Math.min(lab.clients.length - reserved, freeForAll(subnet, lab))
    wanted += reserved + others
  }
  return wanted
}

function hasReservation({ reservations }: Plan4, subnet: Subnet4, client: VirtualClient4): boolean {
  const { hwAddress, clientId } = client.machine.settings
  const known = knownAs({ htype: 1, hwAddress, clientId })
  return (reservations.of(known, subnet)?.address ?? 0) !== 0
}

function freeForAll(subnet: Subnet4, lab: PairLab): number {
  const pools = subnet.ranges.reduce((sum, range) => sum + rangeSize(range), 0)
  const reserved = [...lab.server().plan.dhcp4!.reservedAddresses()].filter((address) =>
    subnet.ranges.some((range) => rangeContains(range, address)),
  )
  return pools - reserved.length
}
