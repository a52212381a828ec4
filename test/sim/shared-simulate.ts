// One seed, several servers on one database: first faults, with every invariant checked all the
// time; then no more of them, and within a bound everybody for whom there is an address has one,
// and all servers know the same.

import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { between, chance, happens, oneOf } from '../../lib/lab/chance.ts'
import { createLab, type Lab, type LabSettings } from '../../lib/lab/lab.ts'
import { textFromKey } from '../../lib/leases/keys/key-text.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { NameChaos } from './name-chaos.ts'
import { namedOf, portsOfNames } from './named.ts'
import { planOf, planOfBoth } from './plans.ts'
import { clientsOf, driftOf, networkOf } from './scenario.ts'
import { SharedChaos } from './shared-chaos.ts'
import { onDatabase, pairOnDatabase } from './shared-plans.ts'
import { SharedReloads } from './shared-reloads.ts'
import { counters6, internalErrors, type SimulationResult } from './simulate.ts'
import { countsFromReply, longest6, SixFaults, sixOf, unserved6 } from './six.ts'

const PROBATION = 60

/** The longest of six.ts. */
const PROBATION6 = 330

export interface SharedSimulationOptions {
  readonly trace?: boolean
  /** DHCPv6 is served, too, and servers are told other pools one after the other. */
  readonly six?: boolean
  /** The servers are a pair, which does heartbeats and takeover; their pools stay. */
  readonly pairs?: boolean
  /** Names are registered in DNS; in half of these worlds a server dies in the end, for good. */
  readonly names?: boolean
  /** Changes the lab before it begins, to show that a broken promise is found. */
  readonly spoil?: Partial<LabSettings>
}

export function simulateShared(
  seed: number,
  options: SharedSimulationOptions = {},
): SimulationResult {
  const { trace = false, six: isSix = false, pairs = false, names: isNamed, spoil = {} } = options
  const draw = chance(seed, 'shared-scenario')
  const drawn = clientsOf(draw)
  const servers = pairs ? 2 : 2 + draw(3)
  const lifetime = oneOf(draw, [60, 180, 600])
  const addresses = Math.max(1, drawn.length + draw(4) - 1)
  const last = textFromIpv4(0xc000020a + addresses - 1)
  const drawnDocument: Dhcp4Document = {
    'valid-lifetime': lifetime,
    allocator: oneOf(draw, ['iterative', 'random', 'flq'] as const),
    authoritative: happens(draw, 0.5),
    'decline-probation-period': PROBATION,
    ...(happens(draw, 0.3) && { 'cache-threshold': 0.3 }),
    ...(happens(draw, 0.5) && { 'expired-leases-processing': { 'hold-reclaimed-time': 30 } }),
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: `192.0.2.10 - ${last}` }] }],
  }
  const onFail = oneOf(draw, [
    'stop-retry-exit',
    'serve-retry-exit',
    'serve-retry-continue',
  ] as const)
  const cast = {
    ...{ documents: [drawnDocument], clients: drawn },
    six: isSix ? sixOf(seed, true)! : undefined,
  }
  const { clients, documents, named, six } = namedOf(seed, cast, true, isNamed !== true)
  const document = documents[0]!
  const mode = oneOf(chance(seed, 'pair'), ['load-balancing', 'hot-standby'] as const)
  const dhcp6 = six?.documents[0]
  const pairPlans = pairs
    ? pairOnDatabase({
        mode,
        onFail,
        dhcp4: document,
        around: named?.document,
        ...(dhcp6 && { dhcp6 }),
      })
    : []
  const plans = (
    six?.documents.map((document6) => planOfBoth(document, document6, named?.document)) ?? [
      planOf(document, named?.document),
    ]
  ).map((plan) => onDatabase(plan, onFail))
  // Calendars that are kept from the network, by which a start can tell how long it was off.
  const hasCalendars = happens(chance(seed, 'calendars'), 0.5)
  const counting =
    clients.some((client) => client.countsFrom === 'ack') ||
    (six !== undefined && countsFromReply(six))
  const lab = createLab({
    ...{ plan: pairPlans[0] ?? plans[0]!, plans: pairPlans },
    ...{ clients, clients6: six?.clients ?? [], servers, seed, trace, shared: true },
    network: networkOf(draw, counting),
    busyMax: oneOf(draw, [0, 0, 5, 100]),
    nodes: Array.from({ length: servers }, () => ({
      drift: driftOf(draw),
      skew: between(draw, -1e9, 1e9) * (hasCalendars ? 0 : 1),
    })),
    ...{ ...portsOfNames(named), ...spoil },
  })
  const pauseMax = oneOf(draw, [3000, 20_000, 60_000])
  const chaos = new SharedChaos(lab, pauseMax)
  const names = named && new NameChaos(lab, named, pauseMax)
  const chaos6 = six && {
    clients: new SixFaults(lab, pauseMax),
    reloads: pairs ? undefined : new SharedReloads(lab, plans),
  }
  lab.advance(1000 * between(draw, 300, 1500))
  chaos.end()
  lab.network.heal()
  chaos6?.clients.end()
  names?.end()
  const gone = names === undefined || pairs ? undefined : loseOne(lab, seed)
  const found = internalErrors(lab)
  const { violations, counters } = lab.invariants
  // A clock that seems to have jumped is doubted for as long as any lease may last, of both
  // families, and until then nothing is given anew.
  const longest = Math.max(lifetime, six === undefined ? 0 : longest6(six))
  const wait = 1000 * (3 * longest + 300) + chaos.delays
  const served6 = () => {
    const document6 = six?.documents[chaos6!.reloads?.end() ?? 0]
    if (six === undefined || document6 === undefined) return []
    return unserved6(lab, document6, 3 * longest6(six) + PROBATION6 + 400 + chaos.delays / 1000)
  }
  // What a failover has lost nobody knows: neither that a name was to be removed.
  const wasForgotten = (chaos.counts.failover ?? 0) > 0
  const checks = [
    () => served(lab, Math.min(addresses, clients.length), wait),
    served6,
    () => alike(lab),
    () => names?.settle(lab.servers.find(({ isRunning }) => isRunning)!, wasForgotten) ?? [],
  ]
  for (const check of checks) if (violations.length + found.length === 0) found.push(...check())
  return {
    seed,
    violations: [...violations, ...found],
    steps: lab.world.steps,
    faults: {
      ...{ ...chaos.counts, ...chaos6?.clients.counts, ...chaos6?.reloads?.counts },
      ...{ ...names?.counts, ...(gone && { gone: 1 }) },
    },
    checks: { ...counters, ...counters6(lab), ...countsOf(lab), ...names?.checks },
    statistics: {},
    trace: lab.trace(),
  }
}

/** By chance one of the servers dies, and does not come back. */
function loseOne(lab: Lab, seed: number): boolean {
  const draw = chance(seed, 'gone')
  if (happens(draw, 0.5)) return false
  const server = oneOf(draw, lab.servers)
  if (server.isRunning) server.kill()
  return true
}

/**
 * Everybody is served once old rights have run out, and clients have asked again; where the network
 * loses much, not all of them have an address at one moment.
 */
function served(lab: Lab, wanted: number, wait: number): string[] {
  const found = new Set<string>()
  const bound = () => {
    for (const { isBound, name } of lab.clients) if (isBound) found.add(name)
    return found.size
  }
  if (lab.world.advanceUntil(() => bound() >= wanted, wait)) return []
  const states = lab.clients.map(({ name, state }) => `${name} ${state}`)
  return [
    `${wait / 1000} s after the last fault ${bound()} of ${wanted} clients have an address: ${states.join(', ')}`,
  ]
}

/** What all servers and the database know of who has what. */
function alike(lab: Lab): string[] {
  const differences = () => {
    const database = lab.database!
    const found: string[] = []
    for (const { lease } of database.rows())
      for (const { name, server } of lab.servers) {
        if (server === undefined) continue
        const row = server.tables.of(lease.address).byAddress(lease.address)
        const isFree = row?.state === LEASE_STATE.free
        if (row !== undefined && (isFree || row.change === lease.change)) continue
        found.push(`${name} has another row of ${textFromKey(lease.address)}`)
      }
    return found
  }
  const isAlike = () => differences().length === 0
  return lab.world.advanceUntil(isAlike, 60_000) ? [] : differences()
}

function countsOf({ database, servers }: Lab): Record<string, number> {
  const sums = { conflicts: database!.conflicts, bridged: 0, confirmations: 0 }
  for (const { server } of servers) {
    const status = server?.status().database
    sums.bridged += status?.bridged ?? 0
    sums.confirmations += status?.confirmations ?? 0
  }
  return sums
}
