// Wires a server to the real world: the journal on its thread, sockets, clock, chance and log.
// Whatever runs a server on this machine (the command line, the public API) comes through here.

import { dirname } from 'node:path'
import type { Plan } from '../config/plan/plan.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import type { Traffic } from '../ports/datagrams.ts'
import type { Hooks } from '../ports/hooks.ts'
import type { Journal } from '../ports/journal.ts'
import type { Log } from '../ports/log.ts'
import type { ServerId } from '../ports/server-id.ts'
import { afterRestore } from '../server/after-restore.ts'
import type { ConfigStart } from '../server/configuration/in-force.ts'
import type { EventBook } from '../server/event-book.ts'
import type { ServerEvent } from '../server/events.ts'
import { Server } from '../server/server.ts'
import type { ServerPorts } from '../server/settings.ts'
import { Bell } from './bell.ts'
import { systemClock } from './clock.ts'
import { openDatagrams4 } from './datagrams/datagrams4.ts'
import { openDatagrams6 } from './datagrams/datagrams6.ts'
import { hasDistantSubnets } from './datagrams/reverse-path.ts'
import { paceOfNode, TurnPace } from './datagrams/turn-pace.ts'
import { openUpdater } from './dns/ncr.ts'
import { openResolver } from './dns/resolver.ts'
import { HooksRefused, ModuleHooks } from './hooks/module-hooks.ts'
import { openHosts } from './hosts/hosts.ts'
import { Interfaces } from './interfaces.ts'
import { memoryJournal } from './journal/memory.ts'
import type { Rest } from './journal/protocol.ts'
import { openLeaseJournal } from './lease-journal.ts'
import { openBulkQueries } from './lease-query/bulk-door.ts'
import { openLink } from './link/link.ts'
import { openNameSinks } from './name-sinks/sinks.ts'
import { openOutlets } from './outlets.ts'
import { openProbe } from './probe/probe.ts'
import { systemDraw } from './random.ts'
import { openServerId } from './server-id.ts'

export interface HostSettings {
  /** UDP port to listen on; 0 = any free one. Default 67. */
  readonly serverPort?: number | undefined
  /** UDP port of clients. Default 68. */
  readonly clientPort?: number | undefined
  /** The same of DHCPv6. Default 547 and 546. */
  readonly serverPort6?: number | undefined
  readonly clientPort6?: number | undefined
  readonly log: Log
  readonly onEvent?: ((event: ServerEvent) => void) | undefined
  /** See ServerSettings. */
  readonly eventBook?: EventBook | undefined
  /** Where the plan comes from, for who is to change it by command. */
  readonly configuration?: ConfigStart | undefined
  /** Where packages of hooks are looked for before the folder of Whio. */
  readonly hookFolders?: readonly string[] | undefined
  /** Where what the database was is noted (journal/witness.ts); undefined: nowhere. */
  readonly witness?: string | undefined
  /** The database may be an older copy: a server of a pair waits for its partner. */
  readonly afterRestore?: boolean | undefined
  /** For labs and benchmarks: every commit of the journal takes so much longer, milliseconds. */
  readonly commitDelayMs?: number | undefined
  /**
   * The thread is the server's own: under load it may sleep for a moment (datagrams/turn-pace.ts).
   */
  readonly mayRest?: boolean | undefined
  /** Parts of the world to replace. */
  readonly ports?: Partial<ServerPorts> | undefined
}

export interface Host {
  readonly server: Server
  /** Its hooks: those of another plan are made ready before it is put in force. */
  readonly hooks: Hooks
  /** The UDP ports really bound, one for each interface that is served. */
  boundPorts(): readonly BoundPort[]
}

export interface BoundPort {
  readonly family: 4 | 6
  readonly interface: string
  readonly port: number
}

/**
 * Opens the journal (reading in Kea's CSV file first where the plan names one and there is no
 * journal yet) and makes a server that is not started. Rejects with JournalRefused where serving is
 * impossible, and with HooksRefused where a hook cannot be set up.
 */
export async function openHost(plan: Plan, settings: HostSettings): Promise<Host> {
  const { log, ports = {}, serverPort = 67, clientPort = 68 } = settings
  const { serverPort6 = 547, clientPort6 = 546, onEvent, eventBook, configuration } = settings
  for (const port of [serverPort, clientPort, serverPort6, clientPort6])
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new RangeError(`${port} is no UDP port`)
  const draw = ports.draw ?? systemDraw()
  const hooks = ports.hooks ?? new ModuleHooks({ log, draw, folders: settings.hookFolders })
  // First what may refuse, so that nothing is left open behind it.
  await prepared(hooks, plan)
  const rest = settings.mayRest ? newRest() : undefined
  const { journal, serverId } = await opened(plan, settings, rest).catch((error: unknown) => {
    hooks.close?.(() => {})
    throw error
  })
  const pace = rest?.pace
  const { dhcp4, dhcp6 } = plan
  const datagrams = ports.datagrams ?? (dhcp4 && openNetwork(dhcp4, serverPort, log, pace))
  const interfaces = dhcp6?.interfaces
  const datagrams6 =
    ports.datagrams6 ??
    (interfaces && openDatagrams6({ interfaces, serverPort: serverPort6, log, pace }))
  const clock = ports.clock ?? systemClock()
  const server = new Server(
    plan,
    {
      clock,
      draw,
      journal,
      ...{ datagrams, datagrams6, serverId },
      log,
      hooks,
      hosts: ports.hosts ?? openHosts(),
      probe: ports.probe ?? openProbe(log),
      bulkQueries: ports.bulkQueries ?? openBulkQueries(log),
      outlets: ports.outlets ?? openOutlets(log),
      resolver: ports.resolver ?? openResolver(() => clock.wall()),
      updater: ports.updater ?? openUpdater(),
      nameSinks: ports.nameSinks ?? openNameSinks(log),
      link: ports.link ?? (plan.ha && openLink({ plan: plan.ha, log })),
    },
    { serverPort, clientPort, serverPort6, clientPort6, onEvent, eventBook, configuration },
  )
  const boundPorts = () => [...portsOf(4, datagrams), ...portsOf(6, datagrams6)]
  return { server, hooks, boundPorts }
}

function newRest(): Rest & { readonly pace: TurnPace } {
  const bell = new Bell()
  return { bell, pace: new TurnPace(paceOfNode(bell)) }
}

/** Rejects with HooksRefused, and then nothing of them is left. */
async function prepared(hooks: Hooks, plan: Plan): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    if (hooks.prepare === undefined || plan.hooks.length === 0) return resolve()
    hooks.prepare(plan.hooks, true, (trouble) =>
      trouble === '' ? resolve() : reject(new HooksRefused(trouble)),
    )
  })
  hooks.adopt?.()
}

function portsOf(
  family: 4 | 6,
  datagrams: { traffic(): readonly Traffic[] } | undefined,
): readonly BoundPort[] {
  const traffic = datagrams?.traffic() ?? []
  return traffic.map(({ name, port }) => ({ family, interface: name, port }))
}

function openNetwork(plan: Plan4, serverPort: number, log: Log, pace: TurnPace | undefined) {
  const devices = new Interfaces(undefined).list()
  const hasDistant = typeof devices === 'string' || hasDistantSubnets(plan, devices.values())
  return openDatagrams4({ interfaces: plan.interfaces, serverPort, log, hasDistant, pace })
}

/** The journal, and who the server of DHCPv6 is, which stands in it. */
async function opened(
  plan: Plan,
  settings: HostSettings,
  rest: Rest | undefined,
): Promise<{ journal: Journal; serverId: ServerId | undefined }> {
  const { log, ports = {} } = settings
  const { path, importCsv, importCsv6 } = plan.database
  const own =
    ports.journal === undefined ? await openLeaseJournal(plan, { ...settings, rest }) : undefined
  const journal = ports.journal ?? own ?? memoryJournal()
  if (plan.dhcp6 === undefined || ports.serverId !== undefined)
    return { journal: asServed(journal, settings), serverId: ports.serverId }
  const kea = importCsv6 ?? importCsv
  const keaFolder = plan.dhcp6.dataDirectory ?? (kea && dirname(kea))
  const serverId = openServerId({
    ...{ database: path, keaFolder, log },
    stored: own?.duid ?? '',
    store: (duid) => own?.keepDuid(duid),
  })
  return { journal: asServed(journal, settings), serverId }
}

function asServed(journal: Journal, { afterRestore: isCopy }: HostSettings): Journal {
  return isCopy && journal.shared === undefined ? afterRestore(journal) : journal
}
