// One seed, one world: first faults, with every invariant checked all the time; then no more
// faults, and within a bound every client for which there is an address has one.

import { rangeContains, rangeSize } from '../../lib/address/ipv4.ts'
import { knownAs } from '../../lib/config/plan/known4.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import type { Plan4, Subnet4 } from '../../lib/config/plan/plan4.ts'
import { createLab, type Lab, type LabSettings } from '../../lib/lab/lab.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import { addHosts, foundInUse } from './address-checks.ts'
import { Chaos } from './chaos.ts'
import { rangesForAll } from './classes.ts'
import { isCard } from './hosts.ts'
import { reusesIn } from './leasing.ts'
import { scenarioOf } from './scenario.ts'

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

export interface SimulationOptions {
  readonly trace?: boolean
  /** Changes the lab before it begins, to show that a broken promise is found. */
  readonly spoil?: Partial<LabSettings>
}

export function simulate(seed: number, options: SimulationOptions = {}): SimulationResult {
  const scenario = scenarioOf(seed, options.trace)
  const lab = createLab({ ...scenario.lab, ...options.spoil })
  addHosts(lab, seed, scenario.duration)
  const drops = { late: 0, refused: 0 }
  lab.server().onEvent((_, event) => {
    if (event.kind !== 'drop') return
    if (event.reason === 'answer-too-late') drops.late++
    if (event.reason === 'refused-by-hook') drops.refused++
  })
  const chaos = new Chaos(lab, scenario)
  lab.advance(scenario.duration)
  chaos.end()
  const reused = reusesIn(lab)
  const { violations } = lab.invariants
  const found = internalErrors(lab)
  const checks = [() => unserved(lab, scenario, boundWanted(lab)), () => orderlyStop(lab)]
  for (const check of checks) if (violations.length + found.length === 0) found.push(...check())
  const statistics = lab.status()?.statistics ?? {}
  const { counters } = lab.invariants
  return {
    seed,
    violations: [...violations, ...found],
    steps: lab.world.steps,
    faults: chaos.counts,
    checks: { ...counters, ...drops, occupied: foundInUse(lab), reused },
    statistics,
    trace: lab.trace(),
  }
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
  const counted = lab.clients.filter((client) => !isCard(lab.server().plan.dhcp4, client))
  const bound = () => counted.filter((client) => client.isBound).length
  if (lab.world.advanceUntil(() => bound() >= wanted, wait * 1000)) return []
  const unbound = counted
    .filter((client) => !client.isBound)
    .map(({ name, state }) => `${name} ${state}`)
  return [
    `${wait} s after the last fault ${bound()} of ${wanted} clients have an address; not: ${unbound.join(', ')}`,
  ]
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
  const live = running.table.walk('leases').next(10_000)
  const stored = lab.rows()
  if (JSON.stringify(live) === JSON.stringify(stored)) return []
  return [`${server.name} stopped with ${live.length} leases and has stored ${stored.length}`]
}

function boundWanted(lab: Lab): number {
  const { plan } = lab.server()
  let wanted = 0
  for (const subnet of plan.dhcp4.subnets) {
    const here = lab.clients.filter((client) => client.link === lab.link(subnet.id))
    const counted = here.filter((client) => !isCard(plan.dhcp4, client))
    const cards = here.length - counted.length
    const { length } = counted.filter((client) => hasReservation(plan.dhcp4, subnet, client))
    const free = Math.max(0, freeForAll(plan, subnet) - cards)
    wanted += length + Math.min(counted.length - length, free)
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
  const ranges = rangesForAll(subnet)
  const pools = ranges.reduce((sum, range) => sum + rangeSize(range), 0)
  const reserved = [...plan.dhcp4.reservedAddresses()].filter((address) =>
    ranges.some((range) => rangeContains(range, address)),
  )
  return pools - reserved.length
}
