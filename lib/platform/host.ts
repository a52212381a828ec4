// Wires a server to the real world: the journal on its thread, sockets, clock, chance and log.
// Whatever runs a server on this machine (the command line, the public API) comes through here.

import type { Plan } from '../config/plan/plan.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import type { Log } from '../ports/log.ts'
import { afterRestore } from '../server/after-restore.ts'
import type { ServerEvent } from '../server/events.ts'
import { Server } from '../server/server.ts'
import type { ServerPorts } from '../server/settings.ts'
import { systemClock } from './clock.ts'
import { openDatagrams4 } from './datagrams/datagrams4.ts'
import { hasDistantSubnets } from './datagrams/reverse-path.ts'
import { TurnPace } from './datagrams/turn-pace.ts'
import { importOnce } from './import-csv.ts'
import { Interfaces } from './interfaces.ts'
import { openJournal } from './journal/journal.ts'
import { memoryJournal } from './journal/memory.ts'
import { openLink } from './link/link.ts'
import { openOutlets } from './outlets.ts'
import { openProbe } from './probe/probe.ts'
import { systemDraw } from './random.ts'

export interface HostSettings {
  /** UDP port to listen on; 0 = any free one. Default 67. */
  readonly serverPort?: number | undefined
  /** UDP port of clients. Default 68. */
  readonly clientPort?: number | undefined
  readonly log: Log
  readonly onEvent?: ((event: ServerEvent) => void) | undefined
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
  /** The UDP ports really bound, one for each interface that is served. */
  boundPorts(): readonly { readonly interface: string; readonly port: number }[]
}

/**
 * Opens the journal (reading in Kea's CSV file first where the plan names one and there is no
 * journal yet) and makes a server that is not started. Rejects with JournalRefused where serving is
 * impossible.
 */
export async function openHost(plan: Plan, settings: HostSettings): Promise<Host> {
  const { log, ports = {}, serverPort = 67, clientPort = 68 } = settings
  for (const port of [serverPort, clientPort])
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new RangeError(`${port} is no UDP port`)
  // First what may refuse, so that nothing is left open behind it.
  const journal = ports.journal ?? (await journalOf(plan, settings))
  const datagrams =
    ports.datagrams ??
    openNetwork(plan.dhcp4!, serverPort, log, settings.mayRest ? new TurnPace() : undefined)
  const server = new Server(
    plan,
    {
      clock: ports.clock ?? systemClock(),
      draw: ports.draw ?? systemDraw(),
      journal,
      datagrams,
      log,
      hooks: ports.hooks,
      probe: ports.probe ?? openProbe(log),
      outlets: ports.outlets ?? openOutlets(log),
      link: ports.link ?? (plan.ha && openLink({ plan: plan.ha, log })),
    },
    { serverPort, clientPort, onEvent: settings.onEvent },
  )
  return {
    server,
    boundPorts: () => datagrams.traffic().map(({ name, port }) => ({ interface: name, port })),
  }
}

function openNetwork(plan: Plan4, serverPort: number, log: Log, pace: TurnPace | undefined) {
  const devices = new Interfaces(undefined).list()
  const hasDistant = typeof devices === 'string' || hasDistantSubnets(plan, devices.values())
  return openDatagrams4({ interfaces: plan.interfaces, serverPort, log, hasDistant, pace })
}

async function journalOf(plan: Plan, settings: HostSettings) {
  const { persist, path, importCsv, durability } = plan.database
  if (!persist) return memoryJournal()
  if (importCsv !== undefined) await importOnce(importCsv, path, settings.log)
  const { commitDelayMs, witness, afterRestore: isCopy } = settings
  const journal = await openJournal({ path, durability, commitDelayMs, witness, isCopy })
  return isCopy ? afterRestore(journal) : journal
}
