// Two hosts on a bridge with their clients, in network namespaces, for the benchmarks; and what
// serves there: a hot-standby pair of Whio or of Kea, or one server on its own.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Daemon } from '../system/daemon.ts'
import { type Namespace, type Network, network, type Running } from '../system/netns.ts'

/** Addresses of the primary, of the standby, and of the relay that all clients are behind. */
export const PRIMARY = '10.0.0.1'
export const STANDBY = '10.0.0.2'
export const RELAY = '10.0.0.9'

const PREFIX = 8
const PORT = 8000
const KEA_HOOKS = '/usr/lib/x86_64-linux-gnu/kea/hooks'

export const SUBNET = {
  subnet: '10.0.0.0/8',
  id: 1,
  pools: [{ pool: '10.16.0.0 - 10.80.255.255' }],
  'option-data': [
    { name: 'routers', data: '10.0.0.3' },
    { name: 'domain-name-servers', data: '10.0.0.4, 10.0.0.5' },
  ],
}

/** Index of a server: 0 the primary, 1 the standby. */
export type Index = 0 | 1

export const PEERS = [
  { name: 'server1', url: `http://${PRIMARY}:${PORT}/`, role: 'primary' },
  { name: 'server2', url: `http://${STANDBY}:${PORT}/`, role: 'standby' },
] as const

export class Stand {
  readonly hosts: readonly [Namespace, Namespace]
  /** Where the relay is, and the bridge `br0`, whose ports `host1` and `host2` are. */
  readonly clients: Namespace
  readonly folder: string
  readonly #net: Network

  constructor() {
    this.#net = network()
    this.folder = mkdtempSync(join(tmpdir(), 'whio-bench-'))
    const clients = this.#net.namespace('clients')
    const hosts = [this.#net.namespace('host1'), this.#net.namespace('host2')] as const
    for (const [index, host] of hosts.entries()) {
      this.#net.veth(clients, `host${index + 1}`, host, 'eth0')
      host.addAddress('eth0', `${[PRIMARY, STANDBY][index]}/${PREFIX}`)
    }
    this.#net.bridge(clients, 'br0', ['host1', 'host2'])
    clients.addAddress('br0', `${RELAY}/${PREFIX}`)
    this.clients = clients
    this.hosts = hosts
  }

  async remove(): Promise<void> {
    await this.#net.remove()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** A folder of its own for a server. */
  folderOf(index: Index): string {
    const path = join(this.folder, `server${index + 1}`)
    mkdirSync(path, { recursive: true })
    return path
  }

  /** The journal that the Whio of this host has. */
  journalOf(index: Index): string {
    return join(this.folderOf(index), 'journal', 'leases.sqlite')
  }

  /** Starts Whio; `prefix` is a command that runs the one behind it, such as taskset. */
  whio(index: Index, prefix: readonly string[], inPair = true, severity = 'INFO'): Daemon {
    const document = whioConfig(index, inPair, severity)
    return new Daemon(this.hosts[index], this.folderOf(index), document, prefix)
  }
}

export function whioConfig(index: Index, inPair: boolean, severity: string): object {
  const parameters = {
    'high-availability': [
      { 'this-server-name': PEERS[index].name, mode: 'hot-standby', peers: PEERS },
    ],
  }
  return {
    'interfaces-config': { interfaces: ['eth0'] },
    'valid-lifetime': 3600,
    subnet4: [{ ...SUBNET, interface: 'eth0' }],
    loggers: [{ name: 'kea-dhcp4', severity, 'output-options': [{ output: 'stdout' }] }],
    ...(inPair ? { 'hooks-libraries': [{ library: 'libdhcp_ha.so', parameters }] } : {}),
  }
}

/** From here on a Whio logs errors only: a line for each lease would be measured too. */
export async function quiet(server: Daemon, index: Index, inPair = true): Promise<void> {
  await setSeverity(server, index, inPair, 'ERROR')
}

/** It logs states and status again. */
export async function loud(server: Daemon, index: Index, inPair = true): Promise<void> {
  await setSeverity(server, index, inPair, 'INFO')
}

async function setSeverity(server: Daemon, index: Index, inPair: boolean, severity: string) {
  server.configure(whioConfig(index, inPair, severity))
  server.running.kill('SIGHUP')
  // A reload says so only where infos are logged, and takes no time to speak of.
  await new Promise((resolve) => setTimeout(resolve, 300))
}

/** Starts a pair of Whio and returns when both work together. */
export async function whioPair(
  stand: Stand,
  prefixes: readonly [readonly string[], readonly string[]],
): Promise<[Daemon, Daemon]> {
  const pair: [Daemon, Daemon] = [stand.whio(0, prefixes[0]), stand.whio(1, prefixes[1])]
  for (const server of pair) await server.line('HA_STATE_TRANSITION', { to: 'hot-standby' })
  for (const server of pair) await server.serves('eth0')
  return pair
}

/** What a Whio says of its pair: SIGUSR1. */
export interface PairSays {
  readonly leases: number
  readonly ha: {
    readonly state: string
    readonly isSharing: boolean
    readonly conflicts: number
    readonly peers: readonly { readonly lag: number; readonly isCaughtUp: boolean }[]
  }
}

export async function statusOf(server: Daemon): Promise<PairSays> {
  return (await server.status()) as unknown as PairSays
}

// ---- Kea

/**
 * Starts a pair of Kea 2.2 (hot-standby, dedicated listener, threads for everything) and returns
 * when both work together. Heartbeats are each second, so that this is soon.
 */
export async function keaPair(
  stand: Stand,
  prefixes: readonly [readonly string[], readonly string[]],
): Promise<[Running, Running]> {
  const start = (index: Index) => startKea(stand, index, prefixes[index], true, keaHooks(index))
  const pair: [Running, Running] = [start(0), start(1)]
  for (const server of pair) await server.until(/to HOT-STANDBY/)
  return pair
}

/**
 * Starts a Kea on its own, on the first host, and returns when it serves. Members of `document` go
 * before the usual ones.
 */
export async function keaAlone(
  stand: Stand,
  prefix: readonly string[],
  isThreaded: boolean,
  document: object = {},
): Promise<Running> {
  const kea = startKea(stand, 0, prefix, isThreaded, document)
  await listening(stand.hosts[0], kea)
  return kea
}

/** Returns when something in the namespace listens on UDP port 67. */
export async function listening(where: Namespace, server: Running): Promise<void> {
  let isOver: number | string | undefined
  server.ended.then((result) => {
    isOver = result
  })
  while (isOver === undefined) {
    if (/:67\s/.test(where.run('ss', '-Hlun'))) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the server ended (${isOver}):\n${server.stdout}${server.stderr}`)
}

function startKea(
  stand: Stand,
  index: Index,
  prefix: readonly string[],
  isThreaded: boolean,
  document: object,
): Running {
  const folder = stand.folderOf(index)
  const file = join(folder, 'kea.json')
  writeFileSync(file, JSON.stringify(keaConfig(folder, isThreaded, document)))
  const environment = [`KEA_PIDFILE_DIR=${folder}`, `KEA_LOCKFILE_DIR=${folder}`]
  return stand.hosts[index].start('env', ...environment, ...prefix, 'kea-dhcp4', '-c', file)
}

/** What makes a Kea one of a pair. */
export function keaHooks(index: Index): object {
  const parameters = {
    'high-availability': [
      {
        'this-server-name': PEERS[index].name,
        mode: 'hot-standby',
        'heartbeat-delay': 1000,
        peers: PEERS,
        'multi-threading': {
          'enable-multi-threading': true,
          'http-dedicated-listener': true,
          'http-listener-threads': 4,
          'http-client-threads': 4,
        },
      },
    ],
  }
  return {
    'hooks-libraries': [
      { library: join(KEA_HOOKS, 'libdhcp_lease_cmds.so') },
      { library: join(KEA_HOOKS, 'libdhcp_ha.so'), parameters },
    ],
  }
}

function keaConfig(folder: string, isThreaded: boolean, document: object): object {
  return {
    Dhcp4: {
      'interfaces-config': { interfaces: ['eth0'] },
      'lease-database': {
        type: 'memfile',
        persist: true,
        name: join(folder, 'leases.csv'),
        'lfc-interval': 0,
      },
      'multi-threading': { 'enable-multi-threading': isThreaded, 'thread-pool-size': 2 },
      'valid-lifetime': 3600,
      subnet4: [{ ...SUBNET, interface: 'eth0' }],
      ...document,
      loggers: [
        { name: 'kea-dhcp4', severity: 'ERROR', output_options: [{ output: 'stderr' }] },
        { name: 'kea-dhcp4.ha-hooks', severity: 'INFO', output_options: [{ output: 'stdout' }] },
      ],
    },
  }
}
