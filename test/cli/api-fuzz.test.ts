// Clients are served, and memory stays bounded, whatever comes to the ports of the management side
// meanwhile: requests by chance, towers of brackets, numbers beyond all, half requests that stay
// open, two that pretend to be one. API_FUZZ=N sends N rounds.

import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import t from 'tap'
import { freePorts } from '../../lib/cli/lab-cable.ts'
import { HURRY } from '../../lib/cli/lab-wish.ts'
import { RELAY_ADDRESS, UdpClients } from '../../lib/cli/udp-clients.ts'
import { COMMANDS } from '../../lib/control/table.ts'
import { chance, oneOf } from '../../lib/lab/chance.ts'
import { randomRequests } from '../control/random-requests.ts'
import { configure, folder, start, whio } from './whio.ts'

const ROUNDS = Number(process.env.API_FUZZ ?? 3)
const CLIENTS = 8
/** Half requests, more than a port keeps open. */
const HELD = 1000
/** Beyond what a server needs by itself. */
const GROWTH_MAX = 400 << 20

/** Ends the server, or what clients are served by. */
const SPARED: ReadonlySet<string> = new Set([
  ...['shutdown', 'config-set', 'config-write', 'config-reload', 'dhcp-disable', 'subnet4-del'],
  ...['subnet4-update', 'subnet4-delta-add', 'subnet4-delta-del', 'lease4-wipe', 'lease4-del'],
  ...['lease4-update', 'lease4-add', 'reservation-add', 'reservation-update', 'class-add'],
])

function post(path: string, body: string, length = Buffer.byteLength(body)): string {
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`
  return `${head}Content-Length: ${length}\r\n\r\n${body}`
}

/** What no client would send. */
const NASTY: readonly string[] = [
  post('/', '['.repeat(20_000) + ']'.repeat(20_000)),
  post(
    '/',
    `{"command":"config-test","arguments":{"Dhcp4":${'{"a":'.repeat(99)}1${'}'.repeat(99)}}}`,
  ),
  post(
    '/',
    `{"command":"lease4-get","arguments":{"subnet-id":${'9'.repeat(4000)},"ip-address":"x"}}`,
  ),
  post('/', `{"command":"${'x'.repeat(1_000_000)}"}`),
  post('/', '{"command":', 5000),
  post('/', '{"command":"version-get"}') + post('/../../etc/passwd', '{'),
  'POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n',
  'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\nabc',
  `GET /${'%2e%2e/'.repeat(500)}etc/passwd HTTP/1.1\r\n\r\n`,
  'GET /api/v1/leases?limit=99999999999999999999&cursor=%00&q=%ff HTTP/1.1\r\n\r\n',
  'GET /api/v1/events?since=x-1 HTTP/1.1\r\n\r\n',
  'PUT /api/v1/reservations/1/hw-address/zz HTTP/1.1\r\nContent-Length: 2\r\n\r\n[]',
  'PATCH /api/v1/config?dry-run=1 HTTP/1.1\r\nContent-Length: 13\r\n\r\n{"Dhcp4":[1]}',
  '\0\x01\x02\x03\r\n\r\n',
  `GET / HTTP/1.1\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
]

/** Sends it, and leaves when something was said, at the end, or after a while. */
function sent(port: number, bytes: string, patience: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const end = (): void => {
      socket.destroy()
      resolve()
    }
    socket.setTimeout(patience, end)
    socket.on('data', end).on('end', end).on('error', end).on('close', end)
  })
}

function memoryOf(pid: number): number {
  const [, size] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(size) * 1024
}

t.test('clients have their addresses whatever comes to the ports', async (t) => {
  const at = folder(t)
  const [port, served] = await freePorts(2)
  const subnet = {
    ...{ id: 7, subnet: '192.0.2.0/24', 'valid-lifetime': 8 },
    pools: [{ pool: '192.0.2.100 - 192.0.2.250' }],
    relay: { 'ip-addresses': [RELAY_ADDRESS] },
  }
  const door = { 'socket-type': 'http', 'socket-address': '127.0.0.1', 'socket-port': port }
  const file = configure(at, { subnet4: [subnet], 'control-sockets': [door] })
  const daemon = start(t, ['serve', '-c', file, '-p', `${served}`])
  await daemon.log('DHCP4_INTERFACE_SERVING')
  const clients = new UdpClients(
    CLIENTS,
    () => [served!],
    HURRY,
    () => {},
  )
  t.teardown(() => clients.close())
  await clients.start()
  const allBound = async (): Promise<void> => {
    while (clients.bound < CLIENTS) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await allBound()
  const before = memoryOf(daemon.pid)

  const draw = chance(7, 'fuzz')
  const commands = [...COMMANDS.values()].filter(({ name }) => !SPARED.has(name))
  const held = [...Array(HELD)].map(() => sent(port!, 'POST / HTTP/1.1\r\nContent-', 30_000))
  const rest = [...randomRequests(commands, ROUNDS, 7)]
  const worker = async (): Promise<void> => {
    for (let request = rest.pop(); request !== undefined; request = rest.pop()) {
      await sent(port!, post(oneOf(draw, ['/', '/dhcp4', '/ca']), JSON.stringify(request)), 5000)
      await sent(port!, oneOf(draw, NASTY), 300)
    }
  }
  await Promise.all([...Array(16)].map(worker))

  // Leases are shorter than all this: whoever has one has renewed it meanwhile.
  await allBound()
  t.equal(clients.bound, CLIENTS)
  t.ok(memoryOf(daemon.pid) - before < GROWTH_MAX, `${memoryOf(daemon.pid) - before} bytes more`)
  const url = `http://127.0.0.1:${port}/dhcp4`
  t.match(await whio('ctl', 'version-get', '--url', url), { code: 0 })
  daemon.signal('SIGTERM')
  const { code, stdout } = await daemon.ended
  t.equal(code, 0)
  t.notMatch(stdout, /INTERNAL_ERROR/)
  await Promise.all(held)
})
