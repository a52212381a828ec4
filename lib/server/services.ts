// The families of addresses that a server serves: those of its plan, as one for the loop. What is
// said to all of them, and what is of one of them and goes to it.

import type { Octets } from '../bytes/octets.ts'
import { type OrderResult, refused } from '../catalogue/order-result.ts'
import { hasOrigin } from '../config/compile/with-hosts.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { Heard } from '../dhcp/asking.ts'
import type { Heard4 } from '../dhcp4/asking.ts'
import type { UnheardReport, WhyReport } from '../explain/why4.ts'
import { type Key, versionOf } from '../leases/keys/key.ts'
import type { Lease } from '../leases/lease.ts'
import type { JournalInfo } from '../ports/journal.ts'
import type { Instant } from '../time/units.ts'
import type { LeaseAction } from './events.ts'
import { HostBooks } from './hosts/host-books.ts'
import { type AskDatabase, LookUps } from './hosts/look-ups.ts'
import type { KeptKeys } from './kept-keys.ts'
import { LIFE_LINES, type LifeStep } from './life-lines.ts'
import { Names } from './names/names.ts'
import type { NamesDuties } from './names/names-duties.ts'
import { sharedResolver } from './names/shared-resolver.ts'
import { NamesSweep } from './names/sweep.ts'
import type { Parked, ParkedReply } from './parked.ts'
import type { Waiting4 } from './question4.ts'
import type { Waiting6 } from './question6.ts'
import type { ReconfigureOrder } from './reconfigure/reconfigurer6.ts'
import type { Reporter } from './reporter.ts'
import type { Service, ServiceDuties } from './service.ts'
import { Service4 } from './service4.ts'
import { Service6 } from './service6.ts'
import type { ServerPorts, ServerSettings } from './settings.ts'
import type { ServiceStatus } from './status.ts'

/** Where queries wait for databases of reservations. */
interface LookUpRooms {
  readonly 4: LookUps<Waiting4['arrival'], Heard4>
  readonly 6: LookUps<Waiting6['arrival'], Heard>
}

export class Services {
  readonly #services: readonly Service[]
  /** Of clients, in DNS. */
  readonly names: Names
  /** What of them stands in DNS. */
  readonly sweep: NamesSweep
  readonly #reporter: Reporter
  /** Databases of reservations. */
  readonly hosts: HostBooks
  readonly #lookUps: LookUpRooms

  constructor(
    plan: Plan,
    ports: ServerPorts,
    settings: ServerSettings,
    reporter: Reporter,
    duties: ServiceDuties,
  ) {
    const { compileHosts: compile, now, switches } = duties
    const isCompiled = settings.configuration !== undefined || hasOrigin(plan)
    this.hosts = new HostBooks(isCompiled ? ports.hosts : undefined, {
      ...{ reporter, switches, now, compile },
      answered: (family, ticket, isKnown) => {
        this.#lookUps[family].answered(ticket, isKnown, duties.turn())
        duties.proceed()
      },
    })
    const ask: AskDatabase = (...asked) => this.hosts.lookUp(...asked)
    const lookUps: LookUpRooms = { 4: new LookUps(4, ask), 6: new LookUps(6, ask) }
    this.#lookUps = lookUps
    const { delivery, proceed, tables, tell } = duties
    const [resolver, forSweep] = ports.resolver === undefined ? [] : sharedResolver(ports.resolver)
    const ofNames: NamesDuties = {
      ...{ delivery, now, proceed, reporter, tables, tell, draw: ports.draw },
      plan: () => duties.plan(),
      wall: () => ports.clock.wall(),
      shared: () => duties.shared,
      // On a database that both write, names are registered as by any number of servers.
      pair: () => (duties.pair?.plan.sharesDatabase === true ? undefined : duties.pair?.names),
    }
    this.names = new Names(plan, { ...ports, resolver }, ofNames)
    const isSure = () => duties.shared?.isAway !== true
    this.sweep = new NamesSweep(forSweep, { ...ofNames, names: this.names, isSure })
    this.#services = servicesOf(plan, ports, lookUps, settings, reporter, duties)
    this.#reporter = reporter
  }

  get v4(): Service4 | undefined {
    return this.#services.find((one): one is Service4 => one instanceof Service4)
  }

  get v6(): Service6 | undefined {
    return this.#services.find((one): one is Service6 => one instanceof Service6)
  }

  /** What of its keys no client is to get, by family. */
  get kept(): ReadonlyMap<4 | 6, KeptKeys> {
    return new Map(this.#services.map(({ family, kept }) => [family, kept]))
  }

  /** By which clients of DHCPv6 know this server; '' where it is not served. */
  get duid(): Octets {
    return this.#services.find(({ family }) => family === 6)?.duid ?? ''
  }

  /** A line of the log for each family. */
  say(step: LifeStep, fields = {}): void {
    for (const { family, subnets } of this.#services) {
      const told = step === 'starting' || step === 'configured' ? { subnets } : fields
      this.#reporter.say(LIFE_LINES[family][step], told)
    }
  }

  begin({ hostDatabases }: Plan): void {
    this.say('starting')
    this.hosts.begin(hostDatabases)
  }

  /** A new plan is in force. */
  use(plan: Plan): void {
    this.hosts.use(plan.hostDatabases)
    this.names.use(plan)
    this.sweep.use()
    for (const service of this.#services) service.use(plan)
    const isServed = (family: 4 | 6) => this.#services.some((one) => one.family === family)
    const wanted = [plan.dhcp4 !== undefined, plan.dhcp6 !== undefined]
    if (isServed(4) !== wanted[0] || isServed(6) !== wanted[1])
      this.#reporter.say('FAMILY_RESTART', {})
  }

  ready({ names = [] }: JournalInfo): void {
    for (const service of this.#services) service.ready()
    this.names.begin(names)
    this.sweep.open()
  }

  open(): void {
    for (const service of this.#services) service.open()
  }

  /** One after the other; `done` when all are closed. */
  close(done: () => void): void {
    this.hosts.close()
    for (const room of Object.values(this.#lookUps)) room.end()
    this.names.close()
    this.sweep.close()
    const rest = [...this.#services]
    const next = () => {
      const service = rest.shift()
      if (service === undefined) done()
      else service.close(next)
    }
    next()
  }

  reclaim(now: Instant): void {
    for (const service of this.#services) service.reclaim(now)
  }

  reclaimNow(family: 4 | 6, now: Instant, isRemoving: boolean): boolean {
    const service = this.#services.find((one) => one.family === family)
    return service?.reclaim(now, { isRemoving }) ?? false
  }

  get deadline(): Instant {
    const lookUps = Math.min(this.#lookUps[4].deadline, this.#lookUps[6].deadline)
    let deadline = Math.min(lookUps, this.names.deadline, this.sweep.deadline)
    for (const service of this.#services) deadline = Math.min(deadline, service.deadline)
    return deadline
  }

  flush(now: Instant): void {
    for (const room of Object.values(this.#lookUps)) room.turn(now)
    for (const service of this.#services) service.flush()
    this.names.turn(now)
    this.sweep.turn(now)
  }

  release(parked: readonly Parked[], now: Instant): void {
    for (const service of this.#services) service.release(parked, now)
  }

  forget(replies: readonly ParkedReply[]): void {
    for (const service of this.#services) service.forget(replies)
  }

  tell(action: LeaseAction, lease: Lease<Key>): void {
    const version = versionOf(lease.address)
    for (const service of this.#services)
      if (service.family === version) service.tell(action, lease)
  }

  reconfigure(order: ReconfigureOrder): OrderResult {
    const service = this.#services.find((one) => one.reconfigure !== undefined)
    return service?.reconfigure?.(order) ?? refused('this server does not serve DHCPv6')
  }

  status(now: Instant): ServiceStatus[] {
    const hosts = this.hosts.status()
    return this.#services.map((service) => {
      const own = hosts.filter(({ family }) => family === service.family)
      // What is costly to count is counted when it is asked for.
      return Object.assign(service.status(now), { hosts: own })
    })
  }

  /** What is remembered of a client, of whichever family it can be. */
  why(about: string, now: Instant): WhyReport {
    const reports = this.#services.map((service) => service.why(about, now))
    const clients = reports.flatMap((report) => report.clients)
    const unheard = clients.length > 0 ? undefined : unheardBy(reports)
    return { about: reports[0]!.about, clients, unheard }
  }
}

/** Nobody is known by that, in any family. */
function unheardBy(reports: readonly WhyReport[]): UnheardReport {
  const all = reports.flatMap(({ unheard }) => unheard ?? [])
  return {
    remembered: all.reduce((sum, { remembered }) => sum + remembered, 0),
    heard: all.flatMap(({ heard }) => heard),
    check: [...new Set(all.flatMap(({ check }) => check))],
  }
}

function servicesOf(
  { dhcp4, dhcp6 }: Plan,
  ports: ServerPorts,
  lookUps: LookUpRooms,
  settings: ServerSettings,
  reporter: Reporter,
  duties: ServiceDuties,
): Service[] {
  const services: Service[] = []
  const { datagrams, datagrams6, serverId } = ports
  if (dhcp4 !== undefined && datagrams !== undefined)
    services.push(
      new Service4(dhcp4, { ...ports, datagrams, lookUps: lookUps[4] }, settings, reporter, duties),
    )
  if (dhcp6 !== undefined && datagrams6 !== undefined && serverId !== undefined)
    services.push(
      new Service6(
        dhcp6,
        { ...ports, datagrams6, serverId, lookUps: lookUps[6] },
        settings,
        reporter,
        duties,
      ),
    )
  return services
}
