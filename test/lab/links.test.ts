// The simulated links between the servers of a pair: what TCP promises, what it does not, and what
// firewalls, pauses and dead hosts do to it.

import t from 'tap'
import type { HaPeer, HaPlan } from '../../lib/config/plan/ha-plan.ts'
import type { LinkHost } from '../../lib/lab/link-host.ts'
import { LinkNet } from '../../lib/lab/link-net.ts'
import { Node } from '../../lib/lab/node.ts'
import { VirtualLink } from '../../lib/lab/virtual-link.ts'
import { World } from '../../lib/lab/world.ts'
import { LINK_MESSAGE_MAX, type LinkConnection, type LinkSink } from '../../lib/ports/link.ts'

const NAMES = ['one', 'two']

function planOf(self: number): HaPlan {
  const peers = NAMES.map((name, index): HaPeer => {
    const url = { text: '', host: `192.0.2.${index + 1}`, port: 8000, secure: false }
    return { name, role: 'primary', url, autoFailover: true, basicAuth: undefined, tls: undefined }
  })
  return { peers, thisServer: peers[self]!, partner: peers[1 - self] } as unknown as HaPlan
}

/** One process after another on one host: what it was told, and its connections. */
class Party implements LinkSink {
  readonly heard: string[] = []
  readonly node: Node
  readonly host: LinkHost
  link: VirtualLink
  connection: LinkConnection | undefined
  readonly #net: LinkNet
  readonly #plan: HaPlan

  constructor(net: LinkNet, index: number) {
    this.node = new Node(net.world, NAMES[index]!)
    this.host = net.addHost(NAMES[index]!, this.node)
    this.#net = net
    this.#plan = planOf(index)
    this.link = this.start()
  }

  start(): VirtualLink {
    this.node.boot()
    this.host.isUp = true
    this.link = new VirtualLink(this.#net, this.host, this.#plan)
    this.link.open(this)
    this.#net.repeat()
    return this.link
  }

  kill(): void {
    this.node.crash()
  }

  crash(): void {
    this.#net.powerOff(this.host)
    this.node.crash()
  }

  /** What was heard since the last call. */
  take(): string[] {
    return this.heard.splice(0)
  }

  onLinkOpened(connection: LinkConnection): void {
    this.connection = connection
    this.heard.push(connection.dialled === '' ? 'opened' : `dialled ${connection.dialled}`)
  }
  onLinkMessage(connection: LinkConnection, message: string | Uint8Array): void {
    if (connection !== this.connection) this.heard.push('stale')
    this.heard.push(typeof message === 'string' ? message : `[${message.join()}]`)
  }
  onLinkClosed(_: LinkConnection, reason: string): void {
    this.heard.push(`closed: ${reason}`)
  }
  onDialFailed(peer: string, failure: string): void {
    this.heard.push(`${failure} ${peer}`)
  }
  onListener(trouble: string): void {
    if (trouble !== '') this.heard.push(`listener: ${trouble}`)
  }
  onStranger(): void {}
}

function setUp(seed = 1) {
  const world = new World({ seed })
  const net = new LinkNet(world)
  const [one, two] = [new Party(net, 0), new Party(net, 1)]
  world.advance(10)
  /** A connection that `one` has dialled. */
  const meet = () => {
    one.link.dial('two')
    world.advance(10)
    one.take()
    two.take()
  }
  return { world, net, one, two, meet }
}

t.test('messages arrive in order and once, text and bytes', async (t) => {
  const { world, one, two } = setUp()
  one.link.dial('two')
  one.link.dial('two')
  world.advance(10)
  t.same([one.take(), two.take()], [['dialled two'], ['opened']], 'one dial at a time')
  const bytes = new Uint8Array([1, 2])
  for (let mark = 0; mark < 50; mark++) one.connection!.send(`${mark}`)
  one.connection!.send(bytes)
  t.same([...bytes], [0xee, 0xee], 'the bytes were given away')
  two.connection!.send('back')
  world.advance(100)
  t.same(two.take(), [...Array.from({ length: 50 }, (_, mark) => `${mark}`), '[1,2]'])
  t.same(one.take(), ['back'])
  one.connection!.send('x'.repeat(LINK_MESSAGE_MAX + 1))
  world.advance(100)
  t.same(two.take(), ['closed: a message too long'])
  t.same(one.take(), ['closed: closed by the other end'])
})

t.test('dialling: refused, unreachable, rejected by a firewall, accepted late', async (t) => {
  const { world, net, one, two } = setUp()
  two.kill()
  one.link.dial('two')
  world.advance(10)
  t.same(one.take(), ['refused two'], 'the host answers for its dead process, at once')
  two.crash()
  one.link.dial('two')
  world.advance(1900)
  t.same(one.take(), [])
  world.advance(200)
  t.same(one.take(), ['unreachable two'], 'nobody answers for a dead host')
  two.start()
  net.reject('two')
  one.link.dial('two')
  world.advance(10)
  t.same(one.take(), ['refused two'], 'a firewall says what is not true')
  net.reject('two', false)
  net.block('two', 'no such address')
  one.link.dial('two')
  world.advance(10)
  t.same(one.take(), ['refused two'])
  t.same(two.take(), ['listener: no such address'])
  net.unblock('two')
  for (const direction of ['forth', 'both'] as const) {
    net.cut('two', 'one', direction)
    one.link.dial('two')
    world.advance(2100)
    t.same(one.take(), ['unreachable two'])
    net.heal()
  }
  world.advance(40_000)
  two.take()
  two.node.pause()
  one.link.dial('two')
  world.advance(2100)
  t.same(one.take(), ['unreachable two'], 'a paused process does not shake hands')
  two.node.resume()
  t.same(two.take(), ['opened'])
  two.connection!.send('who are you?')
  world.advance(10)
  t.same(two.take(), ['closed: reset by the other host'])
  one.link.dial('two')
  world.advance(500)
  net.cut('one', 'two')
  one.take()
  one.link.dial('two')
  world.advance(500)
  net.heal()
  world.advance(600)
  t.same(one.take(), ['dialled two'], 'the SYN is repeated')
})

t.test('a short cut only delays; a long one ends each end by itself', async (t) => {
  const { world, net, one, two, meet } = setUp()
  meet()
  net.cut('one', 'two')
  one.connection!.send('a')
  one.connection!.send('b')
  world.advance(10_000)
  t.same(two.take(), [])
  net.heal('one', 'two')
  world.advance(3000)
  t.same(two.take(), ['a', 'b'])
  net.cut('one', 'two')
  one.connection!.send('c')
  world.advance(31_000)
  t.same(one.take(), ['closed: timed out'])
  t.same(two.take(), [], 'who sends nothing notices nothing')
  net.heal()
  two.connection!.send('d')
  world.advance(3000)
  t.same(two.take(), ['closed: reset by the other host'])
})

t.test('a one-way cut: what one sends is lost, what it hears is not', async (t) => {
  const { world, net, one, two, meet } = setUp()
  meet()
  net.cut('one', 'two', 'forth')
  one.connection!.send('a')
  two.connection!.send('b')
  world.advance(1000)
  t.same([one.take(), two.take()], [['b'], []])
  t.equal(one.connection!.buffered, 0)
  for (let round = 0; round < 40; round++) one.connection!.send('x'.repeat(1000))
  t.ok(one.connection!.buffered > 20_000, 'the kernel takes no more')
  world.advance(31_000)
  t.match(one.take(), ['closed: timed out'])
  t.match(two.take(), ['closed: timed out'], 'its acknowledgements do not arrive either')
})

t.test('a killed process is told at once, a dead host is not', async (t) => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const { world, one, two, meet } = setUp(seed)
    meet()
    two.kill()
    world.advance(10)
    t.same(one.take(), ['closed: closed by the other end'])
    two.start()
    meet()
    two.connection!.send('sent before it died')
    two.crash()
    world.advance(60_000)
    t.same(one.take(), ['sent before it died'], 'the connection is half open')
    one.connection!.send('lost')
    world.advance(1000)
    two.start()
    world.advance(3000)
    t.same(one.take(), ['closed: reset by the other host'])
    t.same(two.take(), [], 'a new life knows nothing of former connections')
    meet()
    two.crash()
    one.connection!.send('lost')
    world.advance(31_000)
    t.same(one.take(), ['closed: timed out'])
  }
})

t.test('a close lets go of what was sent, or not', async (t) => {
  const ends = new Set<string>()
  for (let seed = 1; seed < 20; seed++) {
    const { world, one, two, meet } = setUp(seed)
    meet()
    one.connection!.send('last')
    one.connection!.close('enough')
    one.connection!.send('never')
    two.connection!.send('too late')
    world.advance(10)
    t.same(one.take(), ['closed: enough'])
    const [first, ...more] = two.take()
    t.match(more.at(-1) ?? first, /^closed: (closed|reset) by the other/)
    ends.add(first!)
  }
  t.ok(ends.has('last'), 'what was sent may arrive')
  t.ok(ends.has('closed: closed by the other end'), 'or not')
})

t.test('a paused process gets everything when it goes on, a frozen host loses time', async (t) => {
  const { world, net, one, two, meet } = setUp()
  meet()
  two.node.pause()
  for (let mark = 0; mark < 3; mark++) one.connection!.send(`${mark}`)
  world.advance(60_000)
  t.same([one.take(), two.take()], [[], []], 'its kernel acknowledges')
  two.node.resume()
  t.same(two.take(), ['0', '1', '2'])
  const clock = two.node.clock()
  const before = clock.monotonic()
  let woken = 0
  clock.wakeAt(before + 5000, () => (woken = clock.monotonic()))
  one.connection!.send('on the wire')
  world.advance(1)
  two.host.isFrozen = true
  two.node.freeze()
  one.connection!.send('lost')
  world.advance(60_000)
  t.same(one.take(), ['closed: timed out'])
  t.equal(clock.monotonic(), before + 1)
  two.host.isFrozen = false
  two.node.resume()
  net.repeat()
  t.equal(clock.monotonic(), before + 1, 'its clock stood still')
  t.same(two.take(), ['on the wire'])
  world.advance(4990)
  t.equal(woken, 0)
  world.advance(20)
  t.ok(woken >= before + 5000)
})

t.test('connections that go dark or are reset on the way; new ones work', async (t) => {
  const { world, net, one, two, meet } = setUp()
  meet()
  net.darken('one', 'two')
  one.connection!.send('a')
  two.connection!.send('b')
  world.advance(1000)
  t.same([one.take(), two.take()], [[], []])
  meet()
  one.connection!.send('c')
  world.advance(10)
  t.same(two.take(), ['c'])
  net.reset('two', 'one')
  world.advance(10)
  t.same(new Set([...one.take(), ...two.take()]), new Set(['closed: reset on the way']))
})

t.test('an orderly close ends the listener and all connections', async (t) => {
  const { world, one, two, meet } = setUp()
  meet()
  let isClosed = false
  two.link.close(() => (isClosed = true))
  world.advance(10)
  t.ok(isClosed)
  t.same(one.take(), ['closed: closed by the other end'])
  one.link.dial('two')
  world.advance(10)
  t.same(one.take(), ['refused two'])
})
