// The package as somebody who embeds it sees it: real sockets on loopback, no privileges.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { freePorts } from '../../lib/cli/lab-cable.ts'
import {
  type Clock,
  ConfigError,
  type Configuration,
  createLab,
  createPair,
  createServer,
  type Datagrams4,
  DhcpServer,
  decodeMessage4,
  encodeMessage4,
  formatProblem,
  type HaState,
  type HookModule,
  type Journal,
  JournalRefused,
  type JournalSink,
  type LeaseAction,
  type LeaseInfo,
  type Log,
  loadConfig,
  MESSAGE_TYPE4,
  octetsFromIpv4,
  type PairLab,
  PortError,
  type Reason4,
  type ServerOptions,
  type ServerState,
} from '../../lib/index.ts'
import { FakeHosts, FakeTable } from '../server/fake-hosts.ts'
import { CONFIG, RelayClient } from './relay-client.ts'

const { ack, discover, inform, offer, release, request } = MESSAGE_TYPE4

function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'whio-api-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A server that serves, stopped after the test. */
async function serving(t: Test, options: ServerOptions = {}, config: Configuration = CONFIG) {
  const server = createServer(config, { port: 0, ...options })
  await server.start()
  t.after(() => server.stop())
  return server
}

async function clientOf(t: Test, server: DhcpServer): Promise<RelayClient> {
  const client = await RelayClient.open(server)
  t.after(() => client.close())
  return client
}

/** With other members in its Dhcp4. */
function configWith(more: object): { Dhcp4: object } {
  return { Dhcp4: { ...CONFIG.Dhcp4, ...more } }
}

t.test('a server, an exchange, the end', async (t) => {
  const server = createServer(CONFIG, { port: 0 })
  const told: unknown[] = []
  server.on('state', (state) => told.push(state))
  server.on('lease', ({ action, lease }) => told.push(`${action} ${lease.address}`))
  server.on('drop', ({ reason }) => told.push(reason))
  await server.start()
  const ports = server.ports()
  t.match(ports, [{ interface: 'lo' }])
  t.ok(ports[0]!.port > 0)
  t.match(server.status(), {
    state: 'serving',
    journalTrouble: '',
    interfaces: [{ name: 'lo', serving: true, trouble: '' }],
    subnets: [{ id: 1, subnet: '198.18.0.0/24', addresses: 90, assigned: 0 }],
  })

  const client = await RelayClient.open(server)
  const answer = await client.bind()
  t.match(answer, { type: ack, yiaddr: '198.18.0.10' })
  t.equal(answer.uint(51), 3600)
  t.match(server.leases(), [{ address: '198.18.0.10', state: 'assigned', validLifetime: 3600 }])
  const left = server.leases()[0]!.end - server.now()
  t.ok(left > 3_590_000 && left <= 3_600_000, 'now() is the clock that leases end by')
  t.match(server.status(), { leases: 1, subnets: [{ assigned: 1 }] })
  t.equal(server.status().statistics['pkt4-ack-sent'], 1)

  const renewed = once(server, 'lease')
  await client.request(answer.yiaddr, answer.octets(54)!)
  await renewed
  const dropped = once(server, 'drop')
  client.sendRaw(new Uint8Array(3))
  const [drop] = (await dropped) as [{ reason: Reason4; interface: string }]
  t.match(drop, { reason: 'too-short', interface: 'lo', hwAddress: '', type: 0 })
  const released = once(server, 'lease')
  client.send(release, [[54, answer.octets(54)!]])
  // A RELEASE names its address in ciaddr, which this one does not: it is told why it is nothing.
  t.match(await Promise.race([released, once(server, 'drop')]), [{ reason: 'no-address-named' }])

  client.close()
  await server.stop()
  t.equal(server.status().state, 'stopped', 'what it counted can be read afterwards')
  t.same(told, [
    'serving',
    'granted 198.18.0.10',
    'renewed 198.18.0.10',
    'too-short',
    'no-address-named',
    'stopping',
    'stopped',
  ])
})

t.test('leases are in memory only, unless a folder is named', async (t) => {
  const server = createServer(CONFIG, { port: 0 })
  await server.start()
  const client = await clientOf(t, server)
  await client.bind()
  await server.stop()
  await server.start()
  t.same(server.leases(), [], 'it may be started again, and remembers nothing')
  await server.stop()

  const stateDirectory = join(folder(t), 'made', 'when', 'needed')
  const first = createServer(CONFIG, { port: 0, stateDirectory })
  await first.start()
  const { yiaddr } = await (await clientOf(t, first)).bind()
  await first.stop()
  t.ok(existsSync(join(stateDirectory, 'whio-leases4.sqlite')))
  const second = await serving(t, { stateDirectory })
  t.match(second.leases(), [{ address: yiaddr, hwAddress: '02:00:00:00:00:01' }])
  t.equal((await (await clientOf(t, second)).bind()).yiaddr, yiaddr)
})

t.test('one journal, one server', async (t) => {
  const stateDirectory = folder(t)
  const first = await serving(t, { stateDirectory })
  const second = createServer(CONFIG, { port: 0, stateDirectory })
  const refusal: unknown = await second.start().catch((error: unknown) => error)
  t.ok(refusal instanceof JournalRefused)
  t.match(refusal, { code: 'locked', message: /is in use by process \d+ / })
  t.throws(() => second.status(), /was not started/)
  await second.stop()
  await first.stop()
  await second.start()
  t.equal(second.status().state, 'serving', 'it can be tried again')
  await second.stop()
})

t.test('a bad configuration is told whole', async (t) => {
  const bad = configWith({
    'valid-lifetime': 'long',
    'renew-tiemr': 7,
    subnet4: [{ id: 1, subnet: '198.18.0.0/24', reservations: [{ 'hw-address': 'x' }] }],
  })
  const error = t.throws(() => createServer(bad), ConfigError) as ConfigError
  t.same(error.problems.map(({ path }) => path.at(-1)).sort(), [
    'hw-address',
    'renew-tiemr',
    'valid-lifetime',
  ])
  t.equal(error.message, error.problems.map(formatProblem).join('\n'))
  t.match(error.message, /did you mean "renew-timer"/)
  t.throws(() => createLab({ config: bad, clients: 1 }), ConfigError)
  // @ts-expect-error There is no map of a server.
  t.throws(() => createServer({}), ConfigError)
  t.equal(loadConfig(bad).plan, undefined)
  t.match(loadConfig(CONFIG), { plan: { dhcp4: { subnets: [{ id: 1 }] } }, problems: [] })

  t.test('one that is partly in a database, which nobody would ask', async (t) => {
    const databases = { 'config-databases': [{ type: 'mysql' as const, name: 'kea' }] }
    const config = configWith({ 'config-control': databases })
    const error = t.throws(() => createServer(config), ConfigError) as ConfigError
    const why = 'a server inside a program asks no configuration database (use whio serve)'
    t.equal(error.message, `Dhcp4.config-control: ${why}`)
    t.ok(loadConfig(config).plan, 'it can be looked at all the same')
  })

  t.test('a file with its places', async (t) => {
    const file = join(folder(t), 'bad.conf')
    writeFileSync(file, '{ "Dhcp4": {\n  "valid-lifetime": -1 } }')
    const error = t.throws(() => createServer(file), ConfigError) as ConfigError
    t.match(error.message, `${file}:2:21 Dhcp4.valid-lifetime: `)
    const absent = t.throws(() => createServer(`${file}.absent`), ConfigError) as ConfigError
    t.equal(absent.message, `${file}.absent cannot be read: no such file or directory`)
    t.match(loadConfig(folder(t)), { plan: undefined, problems: [{ code: 'file-unreadable' }] })
    const six = join(folder(t), 'six.conf')
    writeFileSync(six, '{ "Dhcp6": { "subnet6": [{ "id": 1, "subnet": "2001:db8::/64" }] } }')
    const [problem] = loadConfig([file, six]).problems.filter(
      ({ severity }) => severity === 'error',
    )
    t.match(problem?.place, { file, line: 2 })
    t.match(loadConfig([six]), { plan: { dhcp6: { subnets: [{ id: 1 }] } } })
    t.match(loadConfig([six, `${six}.no`]).problems[0]?.message, `${six}.no cannot be read`)
  })
})

t.test('a reload changes what clients get, and keeps leases', async (t) => {
  const server = await serving(t)
  const client = await clientOf(t, server)
  const { yiaddr } = await client.bind()
  server.reload(configWith({ 'valid-lifetime': 100 }))
  const again = await client.bind()
  t.match(again, { type: ack, yiaddr })
  t.equal(again.uint(51), 100)
  t.throws(() => server.reload(configWith({ 'valid-lifetime': -1 })), ConfigError)
  t.equal((await client.bind(2)).uint(51), 100, 'a bad one changes nothing')
  await server.stop()
  await server.start()
  t.equal((await (await clientOf(t, server)).bind()).uint(51), 100, 'nor does a new start')
})

t.test('starting and stopping in every order', async (t) => {
  const server = createServer(CONFIG, { port: 0 })
  t.throws(() => server.ports(), /was not started/)
  t.throws(() => server.reload(CONFIG), /was not started/)
  await server.stop()

  const starting = server.start()
  await t.rejects(server.start(), /was started already/)
  await Promise.all([server.stop(), server.stop()])
  await starting
  t.equal(server.status().state, 'stopped', 'a stop waits for the start that is under way')

  await server.start()
  await t.rejects(server.start(), /was started already/)
  await Promise.all([server.stop(), server.stop()])
  await server.stop()
  t.equal(server.status().state, 'stopped')
})

t.test('a listener that throws harms the process, not the server', async (t) => {
  const script = join(import.meta.dirname, 'throwing-listener.ts')
  const args = ['-u', 'NODE_OPTIONS', process.execPath, script]
  const stdout = await new Promise((resolve) => {
    execFile('env', args, (_, stdout, stderr) => resolve(stdout + stderr))
  })
  t.equal(stdout, `uncaught: from a listener\n${ack}\n${ack}\nstopped\n`)
})

/** Answers when it is told to. */
class ManualJournal implements Journal {
  sink: JournalSink | undefined
  commits = 0

  open(sink: JournalSink): void {
    this.sink = sink
  }

  commit(): void {
    this.commits++
  }

  close(done: () => void): void {
    done()
  }
}

/** A network of one link on which nothing moves by itself. */
class ManualNetwork implements Datagrams4 {
  readonly link = { name: 'eth0', index: 1, addresses: [{ address: 0xc6120001, length: 24 }] }
  readonly sent: Uint8Array[] = []
  deliver: (bytes: Uint8Array) => void = () => {}

  open(sink: Parameters<Datagrams4['open']>[0]): void {
    this.deliver = (bytes) => {
      sink.onDatagram(this.link, bytes, 0, bytes.length, 0, 68, 0)
      sink.onBatchEnd()
    }
  }

  send(replies: Parameters<Datagrams4['send']>[0]): void {
    for (const { bytes, start, end } of replies) this.sent.push(bytes.slice(start, end))
  }

  select(): void {}

  traffic(): [] {
    return []
  }

  status() {
    return [{ name: 'eth0', serving: true, trouble: '', unicast: true }]
  }

  close(done: () => void): void {
    done()
  }
}

t.test('parts of the platform can be replaced', async (t) => {
  const journal = new ManualJournal()
  const datagrams = new ManualNetwork()
  const lines: string[] = []
  const log: Log = { enabled: () => true, write: (_level, id) => lines.push(id) }
  let time = 5000
  let wake: () => void = () => {}
  const clock: Clock = {
    monotonic: () => time,
    wall: () => 0,
    wakeAt: (_when, fire) => {
      wake = fire
    },
    cancel: () => {},
  }
  const platform = { journal, datagrams, clock, log, draw: () => 0 }
  const server = createServer(CONFIG, { platform })
  const events: string[] = []
  server.on('state', (state) => events.push(state))
  server.on('lease', ({ action, lease }) => events.push(`${action} until ${lease.end}`))
  const starting = server.start()
  await new Promise<void>((resolve) => setImmediate(resolve))
  t.same(events, [], 'nothing is served before the journal is read')
  journal.sink!.onReady({ stamp: 70_000, change: 9, setAside: 0, database: 'd', pair: undefined })
  await starting
  t.same(server.ports(), [], 'no UDP port is involved')
  t.equal(server.now(), 70_000, 'the lease clock goes on where the journal left it')

  const hwAddress = '02:00:00:00:00:01'
  datagrams.deliver(encodeMessage4({ xid: 1, hwAddress }, [[53, String.fromCharCode(discover)]]))
  const [bytes] = datagrams.sent
  const offered = decodeMessage4(bytes!)
  t.match(offered, { type: offer, yiaddr: '198.18.0.10' })
  time += 1000
  datagrams.deliver(
    encodeMessage4({ xid: 1, hwAddress }, [
      [53, String.fromCharCode(request)],
      [54, offered.octets(54)!],
      [50, octetsFromIpv4(offered.yiaddr)],
    ]),
  )
  wake()
  t.equal(journal.commits, 1)
  t.equal(datagrams.sent.length, 1, 'the ACK waits for the journal')
  journal.sink!.onCommitted()
  t.equal(decodeMessage4(datagrams.sent[1]!).type, ack)
  t.same(events, ['serving', `granted until ${71_000 + 3_600_000}`])
  t.ok(lines.includes('DHCP4_LEASE_ALLOC'), "the platform's log is written to")
  await server.stop()
})

t.test('reservations of a database are read, and what changes there counts', async (t) => {
  const table = new FakeTable()
  table.put(1, { 'hw-address': '02:00:00:00:00:01', 'ip-address': '198.18.0.77' })
  const hosts = new FakeHosts((delay, work) => void setTimeout(work, delay).unref(), { 4: [table] })
  const database = { type: 'postgresql', host: '/nowhere', name: 'kea' }
  const config = configWith({ 'hosts-databases': [database] })
  const server = await serving(t, { platform: { hosts } }, config)
  const isKnown = (reservations: number) => {
    const [told] = server.status().hosts ?? []
    return told?.isAwaited === false && told.reservations === reservations
  }
  while (!isKnown(1)) await delay(5)
  const client = await clientOf(t, server)
  t.match(await client.bind(), { yiaddr: '198.18.0.77' })
  table.put(2, { 'hw-address': '02:00:00:00:00:02', 'ip-address': '198.18.0.78' })
  while (!isKnown(2)) await delay(5)
  await server.reload(configWith({ 'hosts-databases': [database], 'valid-lifetime': 1800 }))
  const answer = await client.bind(2)
  t.match(answer, { yiaddr: '198.18.0.78' })
  t.equal(answer.uint(51), 1800)
})

t.test('a journal that cannot be read to its end', async (t) => {
  const journal = new ManualJournal()
  const server = createServer(CONFIG, { port: 0, platform: { journal } })
  const starting = server.start()
  await new Promise<void>((resolve) => setImmediate(resolve))
  journal.sink!.onFailed('the disk reports an error')
  await t.rejects(starting, /the journal could not be read to its end/)
  t.equal(server.status().state, 'stopped')
  const again = server.start()
  await new Promise<void>((resolve) => setImmediate(resolve))
  journal.sink!.onReady({ stamp: 0, change: 0, setAside: 0, database: 'd', pair: undefined })
  await again
  t.equal(server.status().state, 'serving')
  await server.stop()
})

t.test('a port that is taken is told to whoever starts the server', async (t) => {
  const first = await serving(t)
  const { port } = first.ports()[0]!
  const second = createServer(CONFIG, { port })
  const error: unknown = await second.start().catch((error: unknown) => error)
  t.ok(error instanceof PortError)
  t.match(error, { code: 'EADDRINUSE', message: new RegExp(`^lo: UDP port ${port} .* served by`) })
  t.equal(second.status().state, 'stopped')
  await first.stop()
  await second.start()
  t.equal(second.ports()[0]?.port, port, 'it can be tried again')
  await second.stop()
})

t.test('a port that is none is told to whoever starts the server', async (t) => {
  for (const wrong of [99_999, -1, 6.7, Number.NaN, '67'])
    for (const name of ['port', 'clientPort']) {
      const server = createServer(CONFIG, { [name]: wrong })
      await t.rejects(server.start(), { name: 'RangeError', message: `${wrong} is no UDP port` })
    }
})

t.test('an interface that is not there keeps nobody waiting', async (t) => {
  const config = configWith({ 'interfaces-config': { interfaces: ['absent0'] } })
  const server = await serving(t, {}, config)
  t.same(server.ports(), [])
  t.match(server.status().interfaces, [{ name: 'absent0', serving: false, trouble: /exist/ }])
})

t.test('messages are built and read without the wire room', async (t) => {
  const bytes = encodeMessage4(
    { xid: 0xfeedbeef, ciaddr: '0.0.0.1', hwAddress: '02:00:00:00:00:01' },
    [
      [53, String.fromCharCode(inform)],
      [6, octetsFromIpv4('192.0.2.1', '192.0.2.2')],
    ],
  )
  const message = decodeMessage4(bytes)
  t.match(message, {
    type: inform,
    xid: 0xfeedbeef,
    ciaddr: '0.0.0.1',
    hwAddress: '02:00:00:00:00:01',
  })
  t.equal(message.octets(6), '\xc0\0\x02\x01\xc0\0\x02\x02')
  t.throws(
    () => decodeMessage4(bytes.subarray(0, 100)),
    /not a DHCPv4 message: .*too? short|shorter/,
  )
})

t.test('what is wrong in a test is told, and does not run for ever', async (t) => {
  const lab = createLab({ config: CONFIG })
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, -1, '60s', undefined]) {
    t.throws(() => lab.advance(wrong as number), { name: 'RangeError', message: /milliseconds/ })
    if (wrong !== undefined) t.throws(() => lab.settle(wrong as number), { name: 'RangeError' })
  }
  t.throws(() => lab.advance(1e20), {
    name: 'RangeError',
    message: /too many: the lab ends in \d+/,
  })
  t.throws(() => lab.settle(1e20), { name: 'RangeError', message: /too many/ })
  const none = [undefined, null, 7, 'file', []] as unknown[]
  for (const settings of none)
    t.throws(() => createLab(settings as Parameters<typeof createLab>[0]), {
      ...{ name: 'TypeError', message: /settings of the lab: .* is not an object/ },
    })
  for (const settings of none.slice(1))
    t.throws(() => createPair(settings as object), { name: 'TypeError', message: /not an object/ })
  t.throws(() => createLab({} as Parameters<typeof createLab>[0]), {
    ...{ name: 'TypeError', message: /the lab needs a setting 'config'/ },
  })
  t.throws(() => lab.addClient(null as never), { message: /settings of a client: null is not/ })
  t.throws(() => lab.addClient6(7 as never), { message: /settings of a client of DHCPv6: 7 is/ })
  t.throws(() => lab.addHost({ address: '192.0.2' }), { message: /'address' of a host: "192/ })
  t.throws(() => lab.reload(undefined as never), { message: /undefined is no plan/ })
  const sideways = 'sideways' as 'both'
  t.throws(() => createPair().cutLink(sideways), {
    message: /"sideways" is not one of both, forth/,
  })
  const settings: [object, RegExp][] = [
    [{ client: 3 }, /has no setting 'client'/],
    [{ clients: 2.5 }, /'clients' of the lab: 2\.5 is not a number of clients/],
    [{ clients: [{ hostnaem: 'x' }] }, /a client has no setting 'hostnaem'/],
    [{ clients: [{ lifetime: -1 }] }, /'lifetime' of a client: -1 is not/],
    [{ clients: [{ hwAddress: 'printer' }] }, /'hwAddress' of a client: "printer" is not/],
    [{ clients: [{ hwAddress: `02${':02'.repeat(16)}` }] }, /'hwAddress' of a client/],
    [{ clients: [{ clientId: '01:x' }] }, /'clientId' of a client: "01:x" is not/],
    [{ clients: [{ requestedAddress: 3221225994 }] }, /'requestedAddress' of a client: 32/],
    [{ clients: [{ requestedAddress: '192.0.2' }] }, /'requestedAddress' of a client: "192/],
    [{ seed: 'x' }, /'seed'/],
    [{ network: { loss: 2 } }, /'network'/],
    [{ network: { los: 0.1 } }, /'network'/],
    [{ disk: { trouble: true } }, /'disk'/],
    [{ servers: 0 }, /'servers'/],
    [{ nodes: [{ drift: Number.NaN }] }, /'nodes'/],
    [{ busyMax: -1 }, /'busyMax'/],
    [{ logLevel: 'loud' }, /'logLevel'/],
  ]
  for (const [setting, message] of settings) {
    t.throws(() => createLab({ config: CONFIG, ...setting }), { name: 'TypeError', message })
    t.throws(() => createPair(setting), { name: 'TypeError', message })
  }
  t.throws(() => createPair({ mode: 'active' as 'hot-standby' }), { message: /'mode'/ })
  const mode = { config: CONFIG, mode: 'hot-standby' }
  t.throws(() => createLab(mode), { message: /the lab has no setting 'mode'/ })
  const slip = { ha: { 'hearbeat-delay': 3 } }
  t.throws(() => createPair(slip as object), {
    message: /hearbeat-delay: unknown key, .*"heartbeat-delay"/,
  })
})

t.test('a lab in three lines', async (t) => {
  const lab = createLab({ config: CONFIG, clients: 2 })
  t.ok(lab.settle())
  t.same(
    lab.clients.map(({ address }) => address),
    ['198.18.0.11', '198.18.0.10'],
  )
  t.equal(lab.client(0).machine.state, 'bound')
})

t.test('a client of the lab is told who it is in text', async (t) => {
  const one = {
    hwAddress: '02:00:5e:00:00:07',
    clientId: '01:02:00:5e:00:00:07',
    requestedAddress: '198.18.0.11',
  }
  const lab = createLab({ config: CONFIG, clients: [one] })
  t.ok(lab.settle())
  t.match(lab.leases(), [{ address: '198.18.0.11', hwAddress: '02:00:5e:00:00:07' }])
  t.equal(lab.leases()[0]?.clientId, one.clientId)
})

/**
 * Never run: these lines are for the type checker, which refuses one that is wrong in either way.
 */
function types(server: DhcpServer): void {
  server.on('lease', ({ action, lease }) => {
    const isAction: LeaseAction = action
    const isLease: LeaseInfo = lease
    return [isAction, isLease]
  })
  server.on('drop', (drop) => {
    const { interface: name, address, type } = drop
    const isReason: Reason4 | undefined = drop.family === 4 ? drop.reason : undefined
    return [isReason, name.length, address.length + type]
  })
  server.once('state', (state) => {
    const isState: ServerState = state
    return isState
  })
  const isPromise: Promise<void> = server.start()
  const isPort: number | undefined = server.ports()[0]?.port
  // @ts-expect-error There is no such event.
  server.on('lost', () => {})
  // @ts-expect-error A lease is not to be changed.
  server.leases()[0]!.address = '1'
  // @ts-expect-error A configuration is an object or a path.
  createServer(67)
  // @ts-expect-error A port is a number.
  createServer(CONFIG, { port: '67' })
  // @ts-expect-error A log has two methods.
  createServer(CONFIG, { platform: { log: {} } })
  // @ts-expect-error A lab wants a configuration.
  createLab({ clients: 3 })
  t.ok([isPromise, isPort])
}

/** The same of a hook as somebody writes it in TypeScript. */
const hook = {
  name: 'hello',
  apiVersion: 1,
  setup4(parameters: { text: string }, { log }) {
    return {
      received: ({ query }) => log.info(parameters.text, { client: query.hwAddress }),
      reserve: ({ found }) => (found ? { addresses: [String(found)] } : undefined),
    }
  },
} satisfies HookModule

t.test('types', async (t) => {
  t.type(types, 'function')
  t.type(hook.setup4, 'function')
  t.ok(createServer(CONFIG) instanceof DhcpServer)
})

t.test('a pair: states, orders of an operator, what is told', async (t) => {
  const [one, other] = await freePorts(2)
  const peers = [
    { name: 'server1', role: 'primary', url: `http://127.0.0.1:${one}/` },
    { name: 'server2', role: 'secondary', url: `http://127.0.0.1:${other}/` },
  ]
  const parameters = { 'high-availability': [{ mode: 'load-balancing', peers }] }
  const config = configWith({ 'hooks-libraries': [{ library: 'libdhcp_ha.so', parameters }] })
  const [first, second] = ['server1', 'server2'].map((thisServer) =>
    createServer(config, { port: 0, thisServer }),
  ) as [DhcpServer, DhcpServer]
  t.after(() => Promise.all([first.stop(), second.stop()]))
  const reached = (server: DhcpServer, state: HaState) =>
    new Promise<string>((resolve) => {
      server.on('ha-state', ({ to, why }) => {
        if (to === state) resolve(why)
      })
    })
  const normal = Promise.all([first, second].map((server) => reached(server, 'load-balancing')))
  await Promise.all([first.start(), second.start()])
  await normal
  const { ha } = first.status()
  t.match(ha, { name: 'server1', mode: 'load-balancing', rights: 'shared', scopes: ['server1'] })
  t.match(await first.confirmPartnerOff(), { allowed: false, why: 'the partner is connected' })
  t.match(await first.serveAlone(), { allowed: false })
  t.match(await first.endDoubt(), { allowed: false })
  t.match(await first.continueHa(), { allowed: false })

  const handedOver = reached(second, 'in-maintenance')
  t.same(await first.startMaintenance(), { allowed: true, why: '' })
  await handedOver
  const again = reached(second, 'load-balancing')
  t.same(await first.cancelMaintenance(), { allowed: true, why: '' })
  await again

  const alone = reached(first, 'partner-down')
  await second.stop()
  t.match(await alone, 'the partner said that it stops')
  t.same(await first.confirmPartnerOff(), { allowed: true, why: '' })
  t.match(first.status().ha, { rights: 'sole', free: [{ here: 90, partner: 0 }] })
  t.match(await second.confirmPartnerOff(), { allowed: false, why: /starting or stopping/ })
})

t.test('a server without a pair takes no orders', async (t) => {
  const server = await serving(t)
  const refused = { allowed: false, why: 'this server is not one of a pair' }
  t.same(await server.confirmPartnerOff(), refused)
  t.same(await server.resetHa(), refused)
})

t.test('a pair in simulated time', async (t) => {
  const pair: PairLab = createPair({ clients: 3, mode: 'hot-standby' })
  t.ok(pair.settle())
  t.same(pair.states(), ['hot-standby', 'hot-standby'])
  t.match(pair.status(1)?.ha?.words, 'standby')
  pair.kill(0)
  pair.advance(10_000)
  t.same(pair.states(), [undefined, 'partner-down'])
})
