// One seed, one world: first faults, with every invariant checked all the time; then no more
// faults, and within a bound every client for which there is an address has one.

import { rangeContains, rangeSize } from '../../lib/address/ipv4.ts'
import { knownAs } from '../../lib/config/plan/known4.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import type { Plan4, Subnet4 } from '../../lib/config/plan/plan4.ts'
import { createLab, type Lab, type LabSettings } from '../../lib/lab/lab.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import { addHosts, foundInUse } from './address-checks.ts'
import { type Admission, waitingInVain, watchAdmissions } from './admission.ts'
import { Chaos } from './chaos.ts'
import { bothPorts, hooksOf, portsOf, sendHome, stillWaiting } from './hooks.ts'
import { reusesIn } from './leasing.ts'
import { NameChaos } from './name-chaos.ts'
import { portsOfNames } from './named.ts'
import { countDenials } from './peopled.ts'
import { type Scenario, type ScenarioOptions, scenarioOf } from './scenario.ts'
import { unserved6 } from './six.ts'
import { hostsOf, troubleHosts } from './stored-hosts.ts'

export interface SimulationResult {
  readonly seed: number
  /** Sentences; empty when all promises were kept. */
  readonly violations: readonly string[]
  readonly steps: number
  readonly faults: Readonly<Record<string, number>>
  readonly checks: Readonly<Record<string, number>>
  readonly statistics: Readonly<Record<string, number>>
  /** Empty unless asked for. */
  readonly trace: string
}

export interface SimulationOptions extends ScenarioOptions {
  /** Changes the lab before it begins, to show that a broken promise is found. */
  readonly spoil?: Partial<LabSettings>
}

export function simulate(seed: number, options: SimulationOptions = {}): SimulationResult {
  const scenario = scenarioOf(seed, options)
  const { duration, named, stored } = scenario
  const { spoil = {} } = options
  const hooked = bothPorts(hooksOf(seed, duration), hostsOf(stored))
  const ports = bothPorts(bothPorts(hooked, portsOfNames(named)), portsOf(spoil))
  const lab = createLab({ ...scenario.lab, ...spoil, ...ports })
  troubleHosts(lab, stored.table, duration)
  addHosts(lab, seed, scenario.duration)
  const found: string[] = []
  watchAdmissions(lab, scenario.admissions, (sentence) => found.push(sentence))
  const denials = countDenials(lab)
  const chaos = new Chaos(lab, scenario)
  const names = named && new NameChaos(lab, named, scenario.chaos.pauseMax)
  lab.advance(scenario.duration)
  chaos.end()
  sendHome(lab)
  names?.end()
  const reused = reusesIn(lab)
  const { violations } = lab.invariants
  found.push(...internalErrors(lab))
  const served = () =>
    scenario.isPlain
      ? unserved(lab, scenario, boundWanted(lab))
      : inVain(lab, scenario, admissionOf(lab, scenario))
  const { plans, six, lifetimeMax, probation } = scenario
  const served6 = () => {
    const document = six?.documents[plans.indexOf(lab.server().plan)]
    return document === undefined ? [] : unserved6(lab, document, 2 * lifetimeMax + probation + 400)
  }
  const naming = () => names?.settle(lab.server()) ?? []
  const checks = [served, served6, naming, () => stillWaiting(lab), () => orderlyStop(lab)]
  for (const check of checks) if (violations.length + found.length === 0) found.push(...check())
  const statistics = lab.status()?.statistics ?? {}
  const { counters } = lab.invariants
  return {
    seed,
    violations: [...violations, ...found],
    steps: lab.world.steps,
    faults: { ...chaos.counts, ...names?.counts },
    checks: {
      ...counters,
      ...counters6(lab),
      ...names?.checks,
      ...denials,
      occupied: foundInUse(lab),
      lookUps: stored.table?.asked.length ?? 0,
      reused,
    },
    statistics,
    trace: lab.trace(),
  }
}

/** How often the promises of DHCPv6 were put to the test. */
export function counters6({ invariants }: Lab): Record<string, number> {
  const { exclusive, durable, told, prefixes } = invariants.v6.counters
  return { exclusive6: exclusive, durable6: durable, told6: told, prefixes6: prefixes }
}

export function internalErrors(lab: Lab): string[] {
  return lab.servers.flatMap((server) =>
    server.log.lines
      .filter((line) => line.id === 'INTERNAL_ERROR')
      .map((line) => `${server.name} logs ${line.id}: ${line.fields.error}`),
  )
}

/**
 * Everybody must be served once every old right has run out, and clients have asked again. What is
 * wrong; `wanted`: so many clients must have an address.
 */
export function unserved(
  lab: Lab,
  { lifetimeMax, probation }: { readonly lifetimeMax: number; readonly probation: number },
  wanted: number,
): string[] {
  const wait = 2 * lifetimeMax + probation + 200
  const bound = () => lab.clients.filter((client) => client.isBound).length
  if (lab.world.advanceUntil(() => bound() >= wanted, wait * 1000)) return []
  const unbound = lab.clients
    .filter((client) => !client.isBound)
    .map(({ name, state }) => `${name} ${state}`)
  return [
    `${wait} s after the last fault ${bound()} of ${wanted} clients have an address; not: ${unbound.join(', ')}`,
  ]
}

/** By the document that is in force. */
function admissionOf(lab: Lab, { admissions, plans }: Scenario): Admission {
  return admissions[plans.indexOf(lab.server().plan)]!
}

/** The same where not everybody may have every address: nobody waits while one is free for it. */
export function inVain(
  lab: Lab,
  scenario: {
    readonly lifetimeMax: number
    readonly probation: number
  },
  admission: Admission,
): string[] {
  const { lifetimeMax, probation } = scenario
  const wait = 2 * lifetimeMax + probation + 200
  const waiting = () => waitingInVain(lab, admission)
  if (lab.world.advanceUntil(() => waiting().length === 0, wait * 1000)) return []
  return [`${wait} s after the last fault wait in vain: ${waiting().join(', ')}`]
}

/** After an orderly stop the disk holds what the table held. */
function orderlyStop(lab: Lab): string[] {
  const server = lab.server()
  // It may have been started a moment ago.
  lab.advance(5000)
  const running = server.server!
  let isStopped = false
  lab.stop(0, () => (isStopped = true))
  lab.advance(20_000)
  if (!isStopped) return [`${server.name} does not stop`]
  // What a disk in trouble did not take was acknowledged to nobody.
  if (running.status().journalTrouble !== '') return []
  const { v4, v6 } = running.tables
  const live = [v4.walk('leases').next(10_000), v6.walk('leases').next(10_000)]
  const stored = [lab.rows(), lab.rows6()]
  if (JSON.stringify(live) === JSON.stringify(stored)) return []
  const counts = (lists: readonly (readonly unknown[])[]) => lists.map(({ length }) => length)
  return [`${server.name} stopped with ${counts(live)} leases and has stored ${counts(stored)}`]
}

function boundWanted(lab: Lab): number {
  const { plan } = lab.server()
  let wanted = 0
  for (const subnet of plan.dhcp4!.subnets) {
    const here = lab.clients.filter((client) => client.link === lab.link(subnet.id))
    const reserved = here.filter((client) => hasReservation(plan.dhcp4!, subnet, client))
    wanted += reserved.length + Math.min(here.length - reserved.length, freeForAll(plan, subnet))
  }
  return wanted
}

export function hasReservation(
  { reservations }: Plan4,
  subnet: Subnet4,
  client: VirtualClient4,
): boolean {
  const { hwAddress, clientId } = client.machine.settings
  const known = knownAs({ htype: 1, hwAddress, clientId })
  return (reservations.of(known, subnet)?.address ?? 0) !== 0
}

/** Addresses of the pools that are nobody's by a reservation. */
export function freeForAll(plan: Plan, subnet: Subnet4): number {
  const pools = subnet.ranges.reduce((sum, range) => sum + rangeSize(range), 0)
  const reserved = [...plan.dhcp4!.reservedAddresses()].filter((address) =>
    subnet.ranges.some((range) => rangeContains(range, address)),
  )
  return pools - reserved.length
}
