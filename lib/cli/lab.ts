// `whio lab`: a server with a real journal and simulated clients that talk to it over real UDP on
// loopback. On a terminal a live view, elsewhere plain lines. `--for 10s` ends by itself.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { textFromIpv4 } from '../address/ipv4.ts'
import { createServer, type DhcpServer } from '../index.ts'
import type { Client4Action, Client4Settings } from '../lab/client4-settings.ts'
import { labView } from './lab-view.ts'
import { RELAY_ADDRESS, type UdpClient, UdpClients } from './udp-clients.ts'
import { durationFromText, UsageError } from './usage.ts'

/** More addresses than the pool has. */
const CLIENTS_MAX = 200

/** The journal's file in the lab's temporary folder. */
const JOURNAL = 'leases.sqlite'

const CONFIG = {
  Dhcp4: {
    'interfaces-config': { interfaces: [`lo/${RELAY_ADDRESS}`] },
    'lease-database': { type: 'memfile', name: JOURNAL },
    'valid-lifetime': 20,
    'calculate-tee-times': true,
    subnet4: [
      {
        id: 1,
        subnet: '192.0.2.0/24',
        relay: { 'ip-addresses': [RELAY_ADDRESS] },
        pools: [{ pool: '192.0.2.10 - 192.0.2.250' }],
        'option-data': [{ name: 'routers', data: '192.0.2.1' }],
      },
    ],
  },
}

/** Clients of a lab are in a hurry: their leases are short, and people watch. */
const CLIENT: Partial<Client4Settings> = {
  startDelayMax: 1500,
  backoffMin: 500,
  backoffMax: 4000,
  renewPauseMin: 1000,
}

/** Exit code 0 where every client was bound at the end, else 1. */
export async function lab(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      for: { type: 'string' },
      clients: { type: 'string', default: '8' },
    },
  })
  const duration = values.for === undefined ? undefined : durationFromText(values.for, '--for')
  const count = Number(values.clients)
  if (!Number.isInteger(count) || count < 1 || count > CLIENTS_MAX)
    throw new UsageError(`--clients: a number from 1 to ${CLIENTS_MAX}`)
  const folder = mkdtempSync(join(tmpdir(), 'whio-lab-'))
  try {
    return await run(folder, count, duration)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function run(folder: string, count: number, duration: number | undefined): Promise<number> {
  const server = createServer(CONFIG, { port: 0, stateDirectory: folder })
  const journal = join(folder, JOURNAL)
  const isLive = process.stdout.isTTY === true && process.env.TERM !== 'dumb'
  const tell = isLive ? () => {} : (line: string) => process.stdout.write(`${line}\n`)
  server.on('lease', ({ action, lease }) =>
    tell(`server: ${action} ${textFromIpv4(lease.address)}`),
  )
  server.on('drop', ({ reason }) => tell(`server: dropped a message: ${reason}`))
  await server.start()
  const port = server.ports()[0]?.port
  if (port === undefined) return noLoopback(server)
  tell(`server: serving 192.0.2.0/24 on ${RELAY_ADDRESS}:${port}, journal ${journal}`)
  const clients = new UdpClients(count, port, CLIENT, (client, action) => {
    const line = lineOf(client, action)
    if (line !== '') tell(line)
  })
  await clients.start()
  const view = isLive ? labView(server, clients, port, journal) : undefined
  await ended(duration)
  view?.close()
  const bound = clients.clients.filter((client) => clients.remaining(client) > 0).length
  clients.close()
  await server.stop()
  process.stdout.write(`${bound} of ${count} clients bound, ${summaryOf(server)}\n`)
  return bound === count ? 0 : 1
}

/** As in a container without network. */
async function noLoopback(server: DhcpServer): Promise<number> {
  const trouble = server.status().interfaces[0]?.trouble
  await server.stop()
  process.stderr.write(`whio lab: loopback (lo, ${RELAY_ADDRESS}) cannot be used: ${trouble}\n`)
  return 1
}

function lineOf({ name }: UdpClient, action: Client4Action): string {
  switch (action.kind) {
    case 'bound':
    case 'extended': {
      const { address, lifetime } = action.lease
      return `${name}: ${action.kind} ${textFromIpv4(address)} for ${lifetime} s`
    }
    case 'unbound':
      return `${name}: lost ${textFromIpv4(action.address)} (${action.why})`
    default:
      return ''
  }
}

function summaryOf(server: DhcpServer): string {
  const { statistics } = server.status()
  const counts = ['discover-received', 'offer-sent', 'request-received', 'ack-sent', 'nak-sent']
  return counts.map((name) => `${statistics[`pkt4-${name}`]} ${name.split('-')[0]}`).join(', ')
}

/** When the time is over, somebody wants it to end, the terminal is gone or nobody reads any more. */
function ended(duration: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = duration === undefined ? undefined : setTimeout(end, duration)
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    // A pending timer keeps the process alive; without a duration the sockets do.
    function end(): void {
      clearTimeout(timer)
      for (const signal of signals) process.off(signal, end)
      resolve()
    }
    for (const signal of signals) process.on(signal, end)
    process.stdout.on('error', end)
  })
}
