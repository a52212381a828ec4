// A storm of changes of the configuration while clients come and renew: reservations and subnets
// by command, whole configurations, files written and read again. Clients notice nothing,
// and what was answered is there afterwards, at both servers of a pair. STORM=400 is a thousand
// edits and a hundred reloads.

import { readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { Daemon, folder } from './daemon.ts'
import { systemSkip } from './netns.ts'
import { conflicts, Load, missing, PairHosts } from './pair-hosts.ts'

const skip = systemSkip()
const ROUNDS = Number(process.env.STORM ?? 12)
/** Of these one reads the files again. */
const RELOAD_EVERY = 4

interface Reply {
  readonly result: number
  readonly text?: string
  readonly arguments?: Readonly<Record<string, unknown>>
}

function ask(path: string, command: string, given?: unknown): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    let text = ''
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    socket.on('error', reject).on('end', () => {
      if (text === '') reject(new Error(`${command} is not answered`))
      else resolve(JSON.parse(text))
    })
    socket.write(JSON.stringify({ command, arguments: given }))
  })
}

/** Commands at the socket of a server, each of which must be done. */
class Operator {
  readonly #path: string
  edits = 0

  constructor(path: string) {
    this.#path = path
  }

  async does(command: string, given?: unknown): Promise<Reply> {
    const reply = await ask(this.#path, command, given)
    if (reply.result !== 0) throw new Error(`${command}: ${reply.result} ${reply.text}`)
    return reply
  }

  async edit(command: string, given: unknown): Promise<void> {
    await this.does(command, given)
    this.edits++
  }

  /** Reservations stay, every second subnet goes again. */
  async round(n: number): Promise<void> {
    const [high, low] = [n >> 8, n & 255]
    const hex = [high, low].map((octet) => octet.toString(16).padStart(2, '0')).join(':')
    await this.edit('reservation-add', {
      reservation: {
        'subnet-id': 1,
        'hw-address': `02:99:00:00:${hex}`,
        'ip-address': `10.77.${240 - (n >> 7)}.${1 + (n & 127)}`,
      },
      'operation-target': 'memory',
    })
    await this.edit('subnet4-add', {
      subnet4: [{ id: 1000 + n, subnet: `10.${100 + high}.${low}.0/24` }],
    })
    if (n % 2 === 1) await this.edit('subnet4-del', { id: 1000 + n })
  }

  async reload(): Promise<void> {
    await this.does('config-write')
    await this.does('config-reload')
  }

  async got(): Promise<Readonly<Record<string, unknown>>> {
    return (await this.does('config-get')).arguments!
  }
}

/** Datagrams that the kernel has thrown away, of all sockets in the namespace. */
function thrownAway(table: string): number {
  const counts = table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => Number(line.trim().split(/\s+/).at(-1)))
  return counts.reduce((sum, count) => sum + count, 0)
}

t.test('a server on its own', { skip }, async (t) => {
  const at = folder(t)
  const pair = new PairHosts(t, at, { mode: 'load-balancing' })
  const [host] = pair.hosts
  const { 'hooks-libraries': _, ...alone } = pair.dhcp4(0)
  const socket = join(at, 'kea4')
  const sockets = [{ 'socket-type': 'unix', 'socket-name': socket }]
  const server = new Daemon(host!, join(at, 'host1'), { ...alone, 'control-sockets': sockets })
  await server.serves('dhcp')
  await server.line('CONTROL_SOCKET_OPEN')
  const load = await Load.start(pair.clients)
  load.go()
  await load.heard(100, 0, 0)
  const operator = new Operator(socket)
  for (let n = 0; n < ROUNDS; n++) {
    const { mark } = load
    await operator.round(n)
    if (n % RELOAD_EVERY === RELOAD_EVERY - 1) await operator.reload()
    if (n % RELOAD_EVERY === 0) {
      const { Dhcp4 } = await operator.got()
      await operator.does('config-set', { Dhcp4 })
    }
    // Whatever is changed, clients go on.
    await load.heard(1, 0, mark)
  }
  await load.settle()
  t.comment(`${operator.edits} edits, ${load.acks.length} ACKs`)
  t.strictSame(load.refusals, [], 'nobody was refused')
  t.strictSame(missing(load.acks, server.leases()), [], 'every ACK is in the journal')
  t.equal(thrownAway(host!.run('cat', '/proc/net/udp')), 0, 'the kernel has thrown nothing away')

  const got = await operator.got()
  const subnets = (got.Dhcp4 as { subnet4: { id: number; reservations: unknown[] }[] }).subnet4
  t.equal(subnets.find(({ id }) => id === 1)!.reservations.length, ROUNDS)
  t.equal(subnets.length, 1 + Math.ceil(ROUNDS / 2))
  server.running.kill('SIGKILL')
  await server.running.ended
  server.restart()
  await server.line('CONTROL_SOCKET_OPEN')
  t.strictSame(await operator.got(), got, 'after a crash all of it is there')
  const text = readFileSync(server.configFile, 'utf8')
  const written = (text.match(/02:99:/g) ?? []).length
  t.equal(
    written,
    ROUNDS - (ROUNDS % RELOAD_EVERY),
    'the file has what was there at the last write',
  )
})

t.test('a pair, one of which is killed in the middle', { skip }, async (t) => {
  const at = folder(t)
  const pair = new PairHosts(t, at, { mode: 'load-balancing' })
  const paths = [0, 1].map((host) => join(at, `kea${host}`))
  for (const host of [0, 1] as const) {
    const server = pair.prepare(host)
    const sockets = [{ 'socket-type': 'unix', 'socket-name': paths[host] }]
    server.configure({ ...pair.dhcp4(host), 'control-sockets': sockets })
    server.restart()
  }
  const load = await Load.start(pair.clients)
  load.go()
  await pair.areNormal()
  const operators = paths.map((path) => new Operator(path))
  const middle = ROUNDS >> 1
  for (let n = 0; n < ROUNDS; n++) {
    const { mark } = load
    // Whichever server is told; the first one while the other is away.
    const isAway = n >= middle && n < middle + 2
    const operator = operators[isAway ? 0 : n % 2]!
    await operator.round(n)
    if (n % RELOAD_EVERY === RELOAD_EVERY - 1 && !isAway)
      for (const one of operators) await one.reload()
    await load.heard(1, 'any', mark)
    if (n === middle - 1) await pair.kill(1)
    if (n === middle + 1) {
      const marks: [number, number] = [pair.server(0).mark, 0]
      pair.server(1).restart()
      await pair.areNormal(marks)
    }
  }
  await load.settle()
  t.strictSame(await pair.differences(), [], 'the tables of the two journals are equal')
  for (const server of pair.servers) {
    t.strictSame(missing(load.acks, server.leases()), [], 'every ACK is in the journal')
    // Where they meet again, one lacks edits: that they differ is said, and true for a moment.
    t.notOk(server.wrote(/^(INTERNAL_ERROR|HA_(LEASE_CONFLICT|ALARM|OVER_EARLY))$/))
  }
  t.strictSame(conflicts(load.acks), [], 'no address was given to two clients, no client moved')
  t.strictSame(load.refusals, [], 'nobody was refused')
  const edits = operators.reduce((sum, operator) => sum + operator.edits, 0)
  t.comment(`${edits} edits, ${load.acks.length} ACKs`)
  const subnets = await Promise.all(
    operators.map(async (operator) => {
      const { subnet4 } = (await operator.got()).Dhcp4 as { subnet4: { id: number }[] }
      return subnet4.toSorted((one, other) => one.id - other.id)
    }),
  )
  t.equal(subnets[0]!.length, 1 + Math.ceil(ROUNDS / 2))
  t.strictSame(subnets[1], subnets[0], 'both say the same')
})
