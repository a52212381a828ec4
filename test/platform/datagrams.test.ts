// The real sockets on loopback, without rights: receiving, sending, counting, closing. What needs
// devices of its own stands in test/system/datagrams.test.ts.

import { type ChildProcess, spawn } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { type Ipv4, ipv4FromText } from '../../lib/address/ipv4.ts'
import type { InterfacesPlan } from '../../lib/config/plan/plan4.ts'
import { type DatagramsSettings4, openDatagrams4 } from '../../lib/platform/datagrams/datagrams4.ts'
import { DATAGRAM_MAX } from '../../lib/platform/datagrams/drain.ts'
import { FRAME_HEADER, writeFrameHeader } from '../../lib/platform/datagrams/frame4.ts'
import { GROUP_MAX } from '../../lib/platform/datagrams/listener.ts'
import { wantedInterfaces } from '../../lib/platform/datagrams/selection4.ts'
import { TURN_PACE, TurnPace } from '../../lib/platform/datagrams/turn-pace.ts'
import { undeliveredIn } from '../../lib/platform/datagrams/undeliverable4.ts'
import { loadLibc } from '../../lib/platform/libc.ts'
import { passedDescriptors } from '../../lib/platform/systemd.ts'
import type {
  DatagramSink4,
  Datagrams4,
  Interface4,
  InterfaceStatus4,
  Reply4,
} from '../../lib/ports/datagrams4.ts'

const LOCALHOST = 0x7f000001
const linux = process.platform === 'linux' ? false : 'Linux only'
const native = typeof loadLibc() === 'string' ? `no C library: ${loadLibc()}` : false

/** Plan for interfaces as they are written in the document. */
function plan(...texts: string[]): InterfacesPlan {
  const named = texts
    .filter((text) => text !== '*')
    .map((text) => {
      const [name = '', address] = text.split('/')
      return { name, address: address === undefined ? undefined : ipv4FromText(address) }
    })
  return { all: texts.includes('*'), named }
}

interface Arrival {
  from: Interface4
  bytes: Buffer
  address: number
  port: number
}

/** Keeps everything it is told; `until` waits for a fact, not for a time. */
class Recorder implements DatagramSink4 {
  readonly arrivals: Arrival[] = []
  readonly groups: number[] = []
  readonly oversized: string[] = []
  readonly statuses: InterfaceStatus4[] = []
  readonly addresses: (readonly Ipv4[])[] = []
  onArrival: (arrival: Arrival) => void = () => {}
  #open = 0
  #watchers: (() => void)[] = []

  onDatagram(
    from: Interface4,
    bytes: Uint8Array,
    start: number,
    end: number,
    address: number,
    port: number,
  ): void {
    const arrival = { from, bytes: Buffer.from(bytes.slice(start, end)), address, port }
    this.arrivals.push(arrival)
    this.#open++
    this.onArrival(arrival)
  }

  onOversized(from: Interface4, address: number): void {
    this.oversized.push(`${from.name} ${address}`)
  }

  onUndelivered(): void {}

  onAddresses(addresses: readonly Ipv4[]): void {
    this.addresses.push(addresses)
  }

  onBatchEnd(): void {
    this.groups.push(this.#open)
    this.#open = 0
    this.#wake()
  }

  onInterface(status: InterfaceStatus4): void {
    this.statuses.push(status)
    this.#wake()
  }

  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => this.#watchers.push(resolve))
  }

  #wake(): void {
    for (const watcher of this.#watchers.splice(0)) watcher()
  }
}

function openDescriptors(): number {
  return linux === false ? readdirSync('/proc/self/fd').length : 0
}

type Test = Pick<typeof t, 'after'>

function start(
  test: Test,
  settings: DatagramsSettings4,
): { datagrams: Datagrams4; sink: Recorder; port: number } {
  const datagrams = openDatagrams4(settings)
  const sink = new Recorder()
  test.after(() => new Promise<void>((resolve) => datagrams.close(resolve)))
  datagrams.open(sink)
  return { datagrams, sink, port: datagrams.traffic()[0]?.port ?? 0 }
}

async function client(test: Test, port = 0): Promise<dgram.Socket> {
  const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
  test.after(() => new Promise<void>((resolve) => socket.close(() => resolve())))
  socket.bind(port)
  await once(socket, 'listening')
  return socket
}

function reply(
  through: Interface4,
  text: string,
  port: number,
  more: Partial<Reply4> = {},
): Reply4 {
  const bytes = Buffer.from(`xx${text}yy`)
  const place = {
    start: 2,
    end: bytes.length - 2,
    address: LOCALHOST,
    port,
    hwAddress: '',
    source: LOCALHOST,
    lastHop: 0,
  }
  return { through, bytes, ...place, ...more }
}

const modes: readonly [string, Partial<DatagramsSettings4>, string | false][] = [
  ['C library, many datagrams a call', {}, native],
  ['C library, one datagram a call', { accelerate: false }, native],
  ['plain Node', { native: false }, false],
]

for (const [name, mode, skip] of modes) {
  t.test(
    'the addresses of the host are told at first, those of the loopback among them',
    async (t) => {
      const interfaces = { all: false, named: [{ name: 'lo', address: undefined }] }
      const { sink } = start(t, { interfaces, serverPort: 0 })
      t.ok(sink.addresses[0]?.includes(0x7f000001))
      t.equal(sink.addresses.length, 1, 'and not again')
    },
  )

  t.test(`on loopback: ${name}`, { skip }, async (t) => {
    for (const text of ['lo', 'lo/127.0.0.1']) {
      const { datagrams, sink, port } = start(t, { interfaces: plan(text), serverPort: 0, ...mode })
      t.match(datagrams.status(), [{ name: 'lo', serving: true, trouble: '', unicast: false }])
      t.same(sink.statuses, datagrams.status(), 'the sink was told')
      const socket = await client(t)
      const heard: string[] = []
      socket.on('message', (bytes) => heard.push(String(bytes)))

      // One sender fills the kernel's queue before the loop turns: many groups, none too large.
      const total = 700
      for (let n = 0; n < total; n++) socket.send(`query ${n}`, port, '127.0.0.1')
      await sink.until(() => sink.arrivals.length === total && sink.groups.at(-1) !== undefined)
      t.strictSame(
        sink.arrivals.map((one) => String(one.bytes)),
        Array.from({ length: total }, (_, n) => `query ${n}`),
        'every datagram once, in order, with its own bytes',
      )
      t.ok(sink.arrivals.every((one) => one.address === LOCALHOST))
      t.ok(sink.arrivals.every((one) => one.port === socket.address().port))
      const { from } = sink.arrivals[0]!
      t.match(from, { name: 'lo', addresses: [{ address: LOCALHOST, length: 8 }] })
      t.ok(
        sink.arrivals.every((one) => one.from === from),
        'one interface object',
      )
      // In the turn that ends a full group Node itself may add up to 32.
      t.ok(Math.max(...sink.groups) <= GROUP_MAX + 64, `largest group ${Math.max(...sink.groups)}`)

      const replies = Array.from({ length: 150 }, (_, n) =>
        reply(from, `reply ${n}`, socket.address().port),
      )
      datagrams.send(replies)
      for (const one of replies) Buffer.from(one.bytes.buffer).fill(0, 0, 0)
      for (const one of replies) (one.bytes as Buffer).fill(0)
      while (heard.length < replies.length) await once(socket, 'message')
      t.strictSame(
        heard.toSorted((a, b) => Number(a.slice(6)) - Number(b.slice(6))),
        replies.map((_, n) => `reply ${n}`),
        'replies arrive whole, although their bytes were reused at once',
      )
      t.match(datagrams.traffic(), [{ name: 'lo', port, received: total, sendErrors: 0 }])
    }
  })

  t.test(`clients without an address, on loopback: ${name}`, { skip: skip || linux }, async (t) => {
    const { datagrams, sink, port } = start(t, { interfaces: plan('lo'), serverPort: 0, ...mode })
    const socket = await client(t)
    socket.send('hello', port, '127.0.0.1')
    await sink.until(() => sink.groups.length > 0)
    const { from } = sink.arrivals[0]!
    const arrived = once(socket, 'message')
    const hwAddress = '\x02\0\x5e\x10\0\x01'
    const address = ipv4FromText('192.0.2.77')!
    datagrams.send([reply(from, 'offer', socket.address().port, { address, hwAddress })])
    t.equal(String((await arrived)[0]), 'offer', 'a broadcast that stays on loopback reaches them')
  })

  t.test(`trouble with sending is counted, not thrown: ${name}`, { skip }, async (t) => {
    const lines: string[] = []
    const log = {
      enabled: () => true,
      write: (_level: string, id: string) => void lines.push(id),
    }
    const settings = { interfaces: plan('lo'), serverPort: 0, log, ...mode }
    const { datagrams, sink, port } = start(t, settings)
    const socket = await client(t)
    socket.send('hello', port, '127.0.0.1')
    await sink.until(() => sink.groups.length > 0)
    const { from } = sink.arrivals[0]!
    const arrived = once(socket, 'message')
    const big = Buffer.alloc(70_000)
    datagrams.send([
      reply(from, 'no datagram can be this long', 9, { bytes: big, start: 0, end: big.length }),
      reply(from, 'no such port', 0),
      reply({ ...from, name: 'gone0' }, 'no such interface', socket.address().port),
      reply({ ...from, addresses: [] }, 'still sent', socket.address().port),
    ])
    t.equal(
      String((await arrived)[0]),
      'still sent',
      'by the name, with an outdated interface object',
    )
    await new Promise(setImmediate)
    t.equal(datagrams.traffic()[0]?.sendErrors, 2)
    t.ok(lines.includes('DHCP4_SEND_FAIL'))
  })

  t.test(`datagrams that are too long or empty: ${name}`, { skip }, async (t) => {
    const { datagrams, sink, port } = start(t, { interfaces: plan('lo'), serverPort: 0, ...mode })
    const socket = await client(t)
    for (const size of [DATAGRAM_MAX, DATAGRAM_MAX + 1, 60_000, 0, DATAGRAM_MAX + 1])
      socket.send(Buffer.alloc(size, 7), port, '127.0.0.1')
    socket.send('last', port, '127.0.0.1')
    await sink.until(() => String(sink.arrivals.at(-1)?.bytes) === 'last')
    t.strictSame(
      sink.arrivals.map((one) => one.bytes.length),
      [DATAGRAM_MAX, 0, 4],
    )
    t.match(datagrams.traffic(), [{ received: 6, oversized: 3 }])
    t.strictSame(sink.oversized, Array(3).fill(`lo ${LOCALHOST}`), 'the sink is told of each')
  })

  t.test(`a second server on the same port is told: ${name}`, { skip }, async (t) => {
    const first = openDatagrams4({ interfaces: plan('lo'), serverPort: 0, ...mode })
    first.open(new Recorder())
    const serverPort = first.traffic()[0]!.port
    const { datagrams, sink } = start(t, {
      interfaces: plan('lo'),
      serverPort,
      refreshEvery: 50,
      ...mode,
    })
    t.match(datagrams.status(), [{ name: 'lo', serving: false, trouble: /already served/ }])
    await new Promise<void>((resolve) => first.close(resolve))
    await sink.until(() => sink.statuses.at(-1)?.serving === true)
    t.match(datagrams.status(), [{ name: 'lo', serving: true, trouble: '' }], 'it takes over')
  })

  t.test(`closing: ${name}`, { skip }, async (t) => {
    const before = openDescriptors()
    const datagrams = openDatagrams4({ interfaces: plan('lo', 'gone0'), serverPort: 0, ...mode })
    const sink = new Recorder()
    datagrams.open(sink)
    const { port } = datagrams.traffic()[0]!
    const socket = dgram.createSocket('udp4')
    // The sink closes in the middle of a group: nothing more may come.
    const closed = new Promise<void>((resolve) => {
      sink.onArrival = () => datagrams.close(resolve)
    })
    for (let n = 0; n < 50; n++) socket.send(`query ${n}`, port, '127.0.0.1')
    await closed
    await new Promise<void>((resolve) => socket.close(resolve))
    t.equal(sink.arrivals.length, 1)
    const { from } = sink.arrivals[0]!
    t.doesNotThrow(() => datagrams.send([reply(from, 'too late', 9)]))
    t.same(datagrams.status(), [])
    await new Promise(setImmediate)
    t.equal(openDescriptors(), before, 'no descriptor is left')
  })
}

t.test('what comes while the loop rests is read at its end', { skip: native }, async (t) => {
  const RESTS = 20
  /** How often somebody has asked for a datagram, and how many were sent. */
  const counts = new Int32Array(new SharedArrayBuffer(8))
  let rests = 0
  let late = 0
  const pace = new TurnPace({
    // Each turn follows the one before at once, and is over at once.
    monotonic: () => rests * TURN_PACE,
    sleep: () => {
      const before = sink.arrivals.length
      rests++
      if (rests > RESTS) return
      Atomics.add(counts, 0, 1)
      Atomics.notify(counts, 0)
      while (counts[1]! < rests) Atomics.wait(counts, 1, rests - 1)
      // Before the loop goes on.
      queueMicrotask(() => {
        if (sink.arrivals.length === before) late++
      })
    },
    atEndOfTurn: (run) => setImmediate(run),
  })
  const interfaces = plan('lo/127.0.0.1')
  const { datagrams, sink, port } = start(t, { interfaces, serverPort: 0, pace })
  const sender = new Worker(SENDER, { eval: true, workerData: { counts, port, rests: RESTS } })
  t.after(() => sender.terminate())
  const socket = await client(t)
  // A row of turns first, by way of Node.
  while (rests < RESTS) {
    const { length } = sink.arrivals
    socket.send('awake', port, '127.0.0.1')
    await sink.until(() => sink.arrivals.length > length && sink.groups.at(-1) !== undefined)
  }
  const asleep = () =>
    sink.arrivals.map(({ bytes }) => `${bytes}`).filter((text) => text !== 'awake')
  await sink.until(() => asleep().length === RESTS)
  t.strictSame(
    asleep(),
    Array.from({ length: RESTS }, (_, n) => `asleep ${n}`),
  )
  t.equal(late, 0, 'none waited for Node')
  t.match(datagrams.traffic(), [{ received: sink.arrivals.length }])
})

/** Sends a datagram each time that it is asked to. */
const SENDER = `
  const { counts, port, rests } = require('node:worker_threads').workerData
  const socket = require('node:dgram').createSocket('udp4')
  const next = (n) => {
    if (n === rests) return socket.close()
    while (Atomics.load(counts, 0) === n) Atomics.wait(counts, 0, n)
    socket.send('asleep ' + n, port, '127.0.0.1', () => {
      Atomics.add(counts, 1, 1)
      Atomics.notify(counts, 1)
      next(n + 1)
    })
  }
  next(0)
`

t.test('an interface that is not there is reported', async (t) => {
  const { datagrams, sink } = start(t, { interfaces: plan('gone0'), serverPort: 0 })
  t.match(sink.statuses, [{ name: 'gone0', serving: false, trouble: /does not exist/ }])
  t.same(datagrams.traffic(), [])
})

t.test('the sink may close while it is told of the first interface', async (t) => {
  const before = openDescriptors()
  const datagrams = openDatagrams4({ interfaces: plan('lo', 'gone0'), serverPort: 0 })
  const told: string[] = []
  await new Promise<void>((resolve) => {
    const onInterface = ({ name }: InterfaceStatus4): void => {
      told.push(name)
      datagrams.close(resolve)
    }
    datagrams.open({
      onDatagram() {},
      onOversized() {},
      onUndelivered() {},
      onBatchEnd() {},
      onAddresses() {},
      onInterface,
    })
  })
  t.strictSame(told, ['lo'])
  t.equal(openDescriptors(), before)
})

t.test('an address that is not on the interface is reported', async (t) => {
  const { sink } = start(t, { interfaces: plan('lo/192.0.2.1'), serverPort: 0 })
  t.match(sink.statuses, [{ name: 'lo', serving: false, trouble: /192\.0\.2\.1/ }])
})

t.test('missing means are logged once, with the reason', async (t) => {
  const lines: string[] = []
  const log = {
    enabled: () => true,
    write: (_level: string, id: string, _text: string, fields: object) =>
      void lines.push(`${id} ${JSON.stringify(fields)}`),
  }
  start(t, { interfaces: plan('lo'), serverPort: 0, native: false, log })
  t.strictSame(lines, ['DHCP4_SOCKETS_PLAIN {"reason":"it is switched off"}'])
})

t.test('which interfaces are asked for', async (t) => {
  const device = (name: string, more: object = {}) => ({
    ...{ name, index: 1, loopback: false, broadcast: true },
    ...{ addresses: [{ address: 1, length: 24 }], ...more },
  })
  const list = [
    device('lo', { loopback: true, broadcast: false }),
    device('eth0'),
    device('tun0', { broadcast: false }),
    device('eth1'),
  ]
  const devices = new Map(list.map((one) => [one.name, one]))
  const names = (...texts: string[]): string[] =>
    wantedInterfaces(plan(...texts), devices).map((one) =>
      `${one.name} ${one.only.join(',')}`.trim(),
    )
  t.strictSame(names('*'), ['eth0', 'eth1'], 'no loopback, no point-to-point')
  t.strictSame(names('*', 'lo'), ['lo', 'eth0', 'eth1'], 'loopback by name')
  t.strictSame(names('eth1', 'eth7'), ['eth1', 'eth7'], 'absent ones stay wanted')
  t.strictSame(names('eth0/0.0.0.1', 'eth0/0.0.0.2', '*'), ['eth0 1,2', 'eth1'])
  t.strictSame(names('eth0/0.0.0.1', 'eth0'), ['eth0'])
  t.strictSame(names('eth0', 'eth0/0.0.0.1'), ['eth0'])
  t.strictSame(names(), [])
})

t.test('frame headers: RFC 791 and RFC 768 sums', async (t) => {
  // A receiver adds every word of what is summed and must get all ones (RFC 1071 §1).
  const total = (bytes: Uint8Array, from: number, to: number, start = 0): number => {
    let sum = start
    for (let at = from; at < to; at++) sum += at % 2 === from % 2 ? bytes[at]! << 8 : bytes[at]!
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
    return sum
  }
  for (const size of [0, 1, 2, 299, 300, 1472]) {
    const bytes = new Uint8Array(3 + FRAME_HEADER + size).fill(0xa7)
    writeFrameHeader(bytes, 3, size, 0xc0000201, 67, 0xc00002fe, 68)
    const frame = bytes.subarray(3)
    t.equal(total(frame, 0, 20), 0xffff, `IP header, ${size} bytes`)
    t.equal(total(frame, 20, frame.length, total(frame, 12, 20, 17 + 8 + size)), 0xffff, 'UDP')
    t.equal(frame[2]! * 256 + frame[3]!, frame.length)
    t.same([...frame.subarray(12, 28)].slice(0, 14), [
      ...[192, 0, 2, 1, 192, 0, 2, 254, 0, 67, 0, 68],
      ...[(size + 8) >> 8, (size + 8) & 255],
    ])
  }
  // The one payload word that makes the sum come out as zero.
  const bytes = new Uint8Array(FRAME_HEADER + 2)
  writeFrameHeader(bytes, 0, 2, 0, 0, 0, 0)
  const needed = (bytes[26]! << 8) | bytes[27]!
  bytes.set([needed >>> 8, needed & 255], FRAME_HEADER)
  writeFrameHeader(bytes, 0, 2, 0, 0, 0, 0)
  t.same([...bytes.subarray(26, 28)], [255, 255], 'RFC 768: zero is sent as all ones')
})

t.test('which datagram an ICMP message is about', async (t) => {
  // RFC 792: its own IP header, type and code and six octets, the datagram's IP header and eight
  // octets.
  const message = (code: number, port: number, more: { ihl?: number; type?: number } = {}) => {
    const ihl = more.ihl ?? 5
    const bytes = new Uint8Array(28 + ihl * 4 + 8)
    bytes[0] = 0x45
    bytes.set([more.type ?? 3, code], 20)
    const inner = 28
    bytes[inner] = 0x40 | ihl
    bytes[inner + 9] = 17
    bytes.set([192, 0, 2, 1, 203, 0, 113, 1], inner + 12)
    bytes.set([0, 67, port >> 8, port & 255], inner + ihl * 4)
    return bytes
  }
  const about = { source: 0xc0000201, sourcePort: 67, target: 0xcb007101 }
  t.match(undeliveredIn(message(1, 68)), { ...about, why: 'the host does not answer' })
  t.match(undeliveredIn(message(13, 67, { ihl: 6 })), { ...about, why: 'a filter forbids it' })
  t.match(undeliveredIn(message(200, 67)), { ...about, why: /code 200/ })
  t.match(undeliveredIn(message(3, 67)), about, 'a relay is switched off')
  t.equal(undeliveredIn(message(3, 68)), undefined, 'a client that reads raw packets')
  t.equal(undeliveredIn(message(0, 68, { type: 11 })), undefined, 'time exceeded')
  const whole = message(1, 68)
  for (let size = 0; size < whole.length; size++)
    t.equal(undeliveredIn(whole.subarray(0, size)), undefined, `cut after ${size}`)
  whole[28] = 0x42
  t.equal(undeliveredIn(whole), undefined, 'a header that is none')
})

t.test('a reload adds and drops interfaces and leaves the others alone', async (t) => {
  const first = '127.0.0.1'
  const { datagrams, port } = start(t, {
    interfaces: plan(`lo/${first}`, 'absent0'),
    serverPort: 0,
  })
  t.same(
    datagrams.status().map(({ name }) => name),
    ['lo', 'absent0'],
  )
  datagrams.select(plan(`lo/${first}`, 'absent1'))
  t.same(
    datagrams.status().map(({ name }) => name),
    ['lo', 'absent1'],
  )
  t.equal(datagrams.traffic()[0]?.port, port, 'the same socket')
  datagrams.select(plan('absent1'))
  t.same(datagrams.traffic(), [])
  datagrams.select(plan(`lo/${first}`))
  t.same(
    datagrams.status().map(({ name, serving }) => [name, serving]),
    [['lo', true]],
  )
})

t.test('descriptors from systemd are for the process that LISTEN_PID names', async (t) => {
  const environment = { LISTEN_PID: '12', LISTEN_FDS: '2', LISTEN_FDNAMES: 'eth0:', HOME: '/' }
  t.same(passedDescriptors({ ...environment }, 13), [])
  t.same(passedDescriptors({ ...environment, LISTEN_FDS: 'x' }, 12), [])
  t.same(passedDescriptors({}, 12), [])
  t.same(passedDescriptors(environment, 12), [
    { fd: 3, name: 'eth0' },
    { fd: 4, name: '' },
  ])
  t.same(environment, { HOME: '/' }, 'children must not take them')
})

t.test('a descriptor from systemd is adopted', { skip: native }, async (t) => {
  const libc = loadLibc() as Exclude<ReturnType<typeof loadLibc>, string>
  const script = fileURLToPath(new URL('./echo-once.ts', import.meta.url))
  // The device is read from the socket, or without the C library from the name.
  for (const [mode, name] of [
    ['native', 'x'],
    ['plain', 'lo'],
  ] as const) {
    // The parent plays systemd: it binds a socket to lo, passes it as descriptor 3 and lets it go.
    const fd = libc.socket(2, 2, 0)
    t.equal(libc.bindToDevice(fd, 'lo'), 0)
    t.equal(libc.bind4(fd, 0, 0), 0)
    const command = `LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=${name} exec "$0" "$@"`
    const child: ChildProcess = spawn('sh', ['-c', command, process.execPath, script, mode], {
      stdio: ['ignore', 'pipe', 'inherit', fd],
    })
    libc.close(fd)
    t.after(() => child.kill('SIGKILL'))
    const exit = once(child, 'exit')
    const [text] = await once(child.stdout!.setEncoding('utf8'), 'data')
    const [first, after] = String(text).trim().split(' ')
    t.match(first, /^\d+$/)
    t.equal(after, first, 'dropped and asked for again: still the socket of systemd')
    const socket = await client(t)
    const arrived = once(socket, 'message')
    socket.send('hello', Number(first), '127.0.0.1')
    t.equal(String((await arrived)[0]), 'hello', mode)
    t.equal((await exit)[0], 0, 'after close nothing keeps the process alive')
  }
})
