// DHCPv6 on the stand of two hosts (stand.ts): what is configured, a hot-standby pair of Whio or of
// Kea, and Whio on its own. Partners talk over IPv4.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon6 } from '../system/daemon.ts'
import type { Namespace, Running } from '../system/netns.ts'
import { type Index, keaHooks, PEERS, type Stand } from './stand.ts'

export const SUBNET6 = {
  id: 1,
  subnet: '2001:db8::/32',
  interface: 'eth0',
  pools: [{ pool: '2001:db8:0:1::/80' }],
  'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 33, 'delegated-len': 60 }],
  'option-data': [{ name: 'dns-servers', data: '2001:db8::53, 2001:db8::54' }],
}

const TIMES = {
  ...{ 'valid-lifetime': 4000, 'preferred-lifetime': 3000 },
  ...{ 'renew-timer': 1000, 'rebind-timer': 2000 },
}

/** Gives the hosts addresses of IPv6, and returns when all may send. */
export async function with6({ hosts, clients }: Stand): Promise<void> {
  for (const [index, host] of hosts.entries()) host.addAddress6('eth0', `2001:db8::${index + 1}/64`)
  await Promise.all([
    ...hosts.map((host) => host.linkLocal('eth0')),
    ...['br0', 'host1', 'host2'].map((device) => clients.linkLocal(device)),
  ])
}

export function whioConfig6(severity: string, more: object = {}): object {
  return {
    'interfaces-config': { interfaces: ['eth0'] },
    ...{ ...TIMES, subnet6: [SUBNET6] },
    loggers: [{ name: 'kea-dhcp6', severity, 'output-options': [{ output: 'stdout' }] }],
    ...more,
  }
}

/** What makes a Whio one of a pair. */
function whioHooks(index: Index): object {
  const parameters = {
    'high-availability': [
      { 'this-server-name': PEERS[index].name, mode: 'hot-standby', peers: PEERS },
    ],
  }
  return { 'hooks-libraries': [{ library: 'libdhcp_ha.so', parameters }] }
}

/** From here on it logs errors only, or states again. */
export async function say6(server: Daemon6, severity: string, more: object = {}): Promise<void> {
  server.configure({ ...whioConfig6(severity, more) })
  server.running.kill('SIGHUP')
  // A reload says so only where infos are logged, and takes no time to speak of.
  await new Promise((resolve) => setTimeout(resolve, 300))
}

/** Starts a Whio that logs states, and returns when it serves. */
export async function whio6(
  host: Namespace,
  folder: string,
  prefix: readonly string[],
): Promise<Daemon6> {
  const server = new Daemon6(host, folder, whioConfig6('INFO'), prefix)
  await server.serves('eth0')
  return server
}

/** Starts a pair and returns when both work together. */
export async function whioPair6(
  stand: Stand,
  prefixes: readonly [readonly string[], readonly string[]],
): Promise<[Daemon6, Daemon6]> {
  const start = (index: Index) =>
    new Daemon6(
      stand.hosts[index],
      stand.folderOf(index),
      whioConfig6('INFO', whioHooks(index)),
      prefixes[index],
    )
  const pair: [Daemon6, Daemon6] = [start(0), start(1)]
  for (const server of pair) await server.line('HA_STATE_TRANSITION', { to: 'hot-standby' })
  for (const server of pair) await server.serves('eth0')
  return pair
}

export async function sayPair6(pair: readonly Daemon6[], severity: string): Promise<void> {
  for (const [index, server] of pair.entries())
    await say6(server, severity, whioHooks(index as Index))
}

// ---- Kea

function keaConfig6(folder: string, isThreaded: boolean, more: object): object {
  return {
    'interfaces-config': { interfaces: ['eth0'] },
    'lease-database': {
      ...{ type: 'memfile', persist: true, name: join(folder, 'leases.csv'), 'lfc-interval': 0 },
    },
    'server-id': { type: 'LL', persist: false },
    'multi-threading': { 'enable-multi-threading': isThreaded, 'thread-pool-size': 2 },
    ...{ ...TIMES, subnet6: [SUBNET6] },
    ...more,
    loggers: [
      { name: 'kea-dhcp6', severity: 'ERROR', output_options: [{ output: 'stderr' }] },
      { name: 'kea-dhcp6.ha-hooks', severity: 'INFO', output_options: [{ output: 'stdout' }] },
    ],
  }
}

export function startKea6(
  host: Namespace,
  folder: string,
  prefix: readonly string[],
  isThreaded: boolean,
  more: object = {},
): Running {
  const file = join(folder, 'kea.json')
  writeFileSync(file, JSON.stringify({ Dhcp6: keaConfig6(folder, isThreaded, more) }))
  const environment = [`KEA_PIDFILE_DIR=${folder}`, `KEA_LOCKFILE_DIR=${folder}`]
  return host.start('env', ...environment, ...prefix, 'kea-dhcp6', '-c', file)
}

/** Starts a pair of Kea as keaPair does, and returns when both work together. */
export async function keaPair6(
  stand: Stand,
  prefixes: readonly [readonly string[], readonly string[]],
): Promise<[Running, Running]> {
  const start = (index: Index) =>
    startKea6(stand.hosts[index], stand.folderOf(index), prefixes[index], true, keaHooks(index))
  const pair: [Running, Running] = [start(0), start(1)]
  for (const server of pair) await server.until(/to HOT-STANDBY/)
  return pair
}
