// A storm of changes of the configuration while clients come and renew: reservations and subnets
// by command, whole configurations, files written and read again. Clients notice nothing,
// and what was answered is there afterwards, at both servers of a pair. perfdhcp beside it loses no
// more than it does without one. `npm run storm` is a thousand edits and a hundred reloads, and a
// pair with perfdhcp as well.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Daemon, folder } from './daemon.ts'
import { systemSkip } from './netns.ts'
import { conflicts, Load, missing, PairHosts } from './pair-hosts.ts'
import {
  Operator,
  type Perf,
  type PerfRun,
  type PerfWish,
  perfdhcp,
  RELOAD_EVERY,
  thrownAway,
} from './storm.ts'

const skip = systemSkip('perfdhcp')
const { STORM } = process.env
const ROUNDS = Number(STORM ?? 12)
/** Exchanges a second of perfdhcp, and how many in all. */
const [RATE, EXCHANGES] = STORM === undefined ? [50, 150] : [200, 2000]

/** perfdhcp behind a relay of its own: without a storm, and one run after the other beside it. */
class Beside {
  readonly #from: PerfWish
  readonly #runs: Perf[] = []
  #before: Perf = { sent: 0, lost: 0 }
  #run: PerfRun | undefined

  constructor({ visitor: from }: PairHosts) {
    from.addAddress('eth0', '10.77.0.8/16')
    const more = { device: 'eth0', server: '10.77.0.1', rate: RATE, exchanges: EXCHANGES }
    this.#from = { from, ...more }
  }

  async begin(): Promise<void> {
    this.#before = await this.#next().result
    this.#run = this.#next()
  }

  /** A round of the storm is over. */
  async goOn(): Promise<void> {
    if (!this.#run!.isOver()) return
    this.#runs.push(await this.#run!.result)
    this.#run = this.#next()
  }

  /** What is lost without a storm is the noise of the machine. */
  async end(t: Test, operator: Operator): Promise<void> {
    for (let n = 0; !this.#run!.isOver(); n++) await operator.passing(n)
    this.#runs.push(await this.#run!.result)
    const sum = (what: keyof Perf) => this.#runs.reduce((all, run) => all + run[what], 0)
    const { lost, sent } = this.#before
    t.comment(
      `perfdhcp at ${RATE}/s: ${lost} of ${sent} lost without a storm, ` +
        `${sum('lost')} of ${sum('sent')} beside it`,
    )
    t.ok(sum('sent') >= EXCHANGES)
    t.ok(sum('lost') <= lost * this.#runs.length, 'a storm costs no answer')
  }

  #next(): PerfRun {
    return perfdhcp(this.#from)
  }
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
  const perf = new Beside(pair)
  await perf.begin()
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
    await perf.goOn()
  }
  await perf.end(t, operator)
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

t.test('a pair, one of which is killed in the middle', { skip }, (t) =>
  pairStorm(t, 'load-balancing'),
)

// perfdhcp asks one server, and asks nothing twice: here that one answers all clients. It takes
// minutes: npm run storm.
if (STORM !== undefined)
  t.test('a pair, the standby of which is killed in the middle, and perfdhcp', { skip }, (t) =>
    pairStorm(t, 'hot-standby'),
  )

async function pairStorm(t: Test, mode: 'load-balancing' | 'hot-standby'): Promise<void> {
  const at = folder(t)
  const pair = new PairHosts(t, at, { mode })
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
  const perf = mode === 'hot-standby' ? new Beside(pair) : undefined
  await perf?.begin()
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
    await perf?.goOn()
    if (n === middle - 1) await pair.kill(1)
    if (n === middle + 1) {
      const marks: [number, number] = [pair.server(0).mark, 0]
      pair.server(1).restart()
      await pair.areNormal(marks)
    }
  }
  await perf?.end(t, operators[0]!)
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
}
