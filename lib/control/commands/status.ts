// status-get: how the server is, in Kea's shape, which health checks and dashboards read whole. The
// agent tells of the process only.

import { STATES } from '../../ha/states.ts'
import type { PairStatus, PartnerStatus } from '../../server/pair/pair-status.ts'
import type { Server } from '../../server/server.ts'
import { ORIGIN } from '../../server/service-switch.ts'
import type { ServerStatus } from '../../server/status.ts'
import { type Asked, type Command, type ControlRoom, EVERYWHERE } from '../command.ts'

export const STATUS: readonly Command[] = [
  {
    name: 'status-get',
    access: 'read',
    library: 'built-in',
    personas: EVERYWHERE,
    summary: 'Tells how the server is: since when, its sockets, its service, its pair',
    parameters: undefined,
    run: (asked, room, answer) => answer({ result: 0, arguments: statusFor(asked, room) }),
  },
]

function statusFor({ persona }: Asked, { host, server, configuration }: ControlRoom): object {
  const life = { pid: host.pid, uptime: host.uptime(), reload: host.sinceReload() }
  if (persona !== 'dhcp4' && persona !== 'dhcp6') return life
  const family = persona === 'dhcp6' ? 6 : 4
  const status = server.status()
  const { document } = configuration
  const map = (family === 4 ? document.Dhcp4 : document.Dhcp6) as WithThreads | undefined
  return {
    ...life,
    ...threadsOf(map?.['multi-threading'], status.parkedMeans),
    sockets: socketsOf(status, family),
    'dhcp-state': serviceOf(server, status, family),
    ...(family === 6 ? { 'extended-info-tables': false } : {}),
    ...(status.ha === undefined ? {} : { 'high-availability': [pairOf(status.ha)] }),
  }
}

/**
 * What the document says: clients compare it. There is one thread for packets; what waits is their
 * replies, for the disk.
 */
function threadsOf(document: ThreadsDocument = {}, means: readonly number[]): object {
  const isOn = document['enable-multi-threading'] ?? true
  if (!isOn) return { 'multi-threading-enabled': false }
  return {
    'multi-threading-enabled': true,
    'thread-pool-size': document['thread-pool-size'] ?? 0,
    'packet-queue-size': document['packet-queue-size'] ?? 64,
    'packet-queue-statistics': means,
  }
}

/** Kept for whoever asks; nothing here goes by it. */
interface WithThreads {
  readonly 'multi-threading'?: ThreadsDocument
}

interface ThreadsDocument {
  readonly 'enable-multi-threading'?: boolean
  readonly 'thread-pool-size'?: number
  readonly 'packet-queue-size'?: number
}

/** What cannot be served is tried again for ever, so no socket has failed for good. */
function socketsOf({ interfaces }: ServerStatus, family: 4 | 6): object {
  const errors = interfaces
    .filter((one) => one.family === family && one.trouble !== '')
    .map(({ name, trouble }) => `${name}: ${trouble}`)
  return errors.length === 0 ? { status: 'ready' } : { status: 'retrying', errors }
}

function serviceOf(server: Server, { ha }: ServerStatus, family: 4 | 6): object {
  const origins = server.switches.origins(family)
  const between = (from: number, to: number) => origins.filter((one) => one >= from && one < to)
  // Kea switches its service off by itself in such a state of the pair.
  const isIdle = ha !== undefined && STATES[ha.state].serves === 'none'
  const local = between(ORIGIN.local, ORIGIN.remote)
  const all = isIdle && !local.includes(ORIGIN.local) ? [ORIGIN.local, ...local] : local
  return {
    'globally-disabled': origins.length > 0 || isIdle,
    'disabled-by-user': origins.includes(ORIGIN.user),
    'disabled-by-local-command': all,
    'disabled-by-remote-command': between(ORIGIN.remote, ORIGIN.database),
    'disabled-by-db-connection': between(ORIGIN.database, Number.POSITIVE_INFINITY),
  }
}

/** Clocks are not compared: the pair reckons with times that are left, not with the calendar. */
const NO_CLOCK = { 'system-time': null }

function pairOf(ha: PairStatus): object {
  const { name, role, scopes, state, partner, mode } = ha
  const local = { role, scopes, state, 'server-name': name, ...NO_CLOCK }
  const remote = partner && partnerOf(partner)
  return { 'ha-mode': mode, 'ha-servers': remote === undefined ? { local } : { local, remote } }
}

function partnerOf(partner: PartnerStatus): object {
  return {
    age: partner.age,
    'analyzed-packets': partner.analyzedPackets,
    'clock-skew': null,
    'communication-interrupted': partner.communicationInterrupted,
    'connecting-clients': partner.connectingClients,
    'in-touch': partner.inTouch,
    'last-scopes': partner.lastScopes,
    'last-state': partner.lastState,
    role: partner.role,
    'server-name': partner.name,
    ...NO_CLOCK,
    'unacked-clients': partner.unackedClients,
    'unacked-clients-left': partner.unackedClientsLeft,
  }
}
