// The parts of the simulated platform, each by itself.

import t from 'tap'
import { BROADCAST, type Ipv4, ipv4FromText } from '../../lib/address/ipv4.ts'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import { chance } from '../../lib/lab/chance.ts'
import { Client4 } from '../../lib/lab/client4.ts'
import type { Client4Action } from '../../lib/lab/client4-settings.ts'
import { VirtualDisk } from '../../lib/lab/disk.ts'
import { EventHeap } from '../../lib/lab/event-heap.ts'
import { createLab } from '../../lib/lab/lab.ts'
import { type Datagram, Network, type Station } from '../../lib/lab/network.ts'
import { Node } from '../../lib/lab/node.ts'
import {
  bytesFromPacket,
  octetsFromUint32,
  optionUint32,
  type Packet4,
  packetFromBytes,
} from '../../lib/lab/packet4.ts'
import { relayedToClient, relayedToServers } from '../../lib/lab/relay4.ts'
import { VirtualDatagrams4 } from '../../lib/lab/virtual-datagrams4.ts'
import { World } from '../../lib/lab/world.ts'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import type { DatagramSink4 } from '../../lib/ports/datagrams4.ts'
import type { JournalInfo, JournalSink } from '../../lib/ports/journal.ts'
import { NEVER } from '../../lib/time/units.ts'
import { onePool, planOf } from '../sim/plans.ts'

const SERVER = address('192.0.2.1')
const ADDRESS = address('192.0.2.10')

function address(text: string): Ipv4 {
  return ipv4FromText(text)!
}

t.test('chance', async (t) => {
  t.test('one seed and purpose draw the same, another purpose differently', async (t) => {
    const take = (seed: number, purpose: string) => {
      const draw = chance(seed, purpose)
      return Array.from({ length: 50 }, () => draw(1000)).join()
    }
    t.equal(take(7, 'network'), take(7, 'network'))
    t.not(take(7, 'network'), take(7, 'disk'))
    t.not(take(7, 'network'), take(8, 'network'))
  })

  t.test('draws are uniform enough and within their bound', async (t) => {
    const draw = chance(1, 'uniform')
    const counts = new Array<number>(10).fill(0)
    for (let round = 0; round < 10_000; round++) counts[draw(10)]!++
    t.ok(Math.min(...counts) > 850 && Math.max(...counts) < 1150, counts.join())
    const large = Array.from({ length: 100 }, () => draw(2 ** 32))
    t.ok(large.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32))
    t.ok(large.some((value) => value > 2 ** 31))
  })
})

t.test('event heap', async (t) => {
  const heap = new EventHeap()
  const draw = chance(3, 'heap')
  const wanted: { time: number; sequence: number }[] = []
  for (let sequence = 0; sequence < 500; sequence++) {
    const event = heap.push(draw(40), () => {})
    if (draw(5) === 0) event.cancelled = true
    else wanted.push(event)
  }
  wanted.sort((one, other) => one.time - other.time || one.sequence - other.sequence)
  const got: unknown[] = []
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) got.push(next)
  t.equal(got.length, wanted.length, 'what was taken back does not come')
  t.ok(
    wanted.every((event, index) => event === got[index]),
    'by time, then by order of scheduling',
  )
})

t.test('node', async (t) => {
  t.test('a paused node acts late and in order, a crashed one never', async (t) => {
    const world = new World({ seed: 1 })
    const node = new Node(world, 'n')
    const seen: string[] = []
    node.after(10, () => seen.push(`a ${world.now}`))
    node.after(20, () => seen.push(`b ${world.now}`))
    node.after(90, () => seen.push('never'))
    node.pause()
    world.advance(50)
    t.same(seen, [])
    node.resume()
    t.same(seen, ['a 50', 'b 50'])
    node.crash()
    node.boot()
    node.after(100, () => seen.push('second life'))
    world.advance(200)
    t.same(seen, ['a 50', 'b 50', 'second life'])
  })

  t.test('a fast clock wakes early in true time, never before its own time', async (t) => {
    const world = new World({ seed: 1 })
    const clock = new Node(world, 'n', { drift: 0.005 }).clock()
    const start = clock.monotonic()
    let woken = 0
    clock.wakeAt(start + 999_999, () => (woken = -1))
    clock.wakeAt(start + 100_000, () => (woken = clock.monotonic()))
    world.advance(99_400)
    t.equal(woken, 0)
    world.advance(200)
    t.ok(woken >= start + 100_000, 'not too early by its own clock')
    world.advance(2_000_000)
    t.not(woken, -1, 'the former wish was replaced')
  })

  t.test('a jump of the calendar leaves the steady clock alone', async (t) => {
    const world = new World({ seed: 1 })
    const node = new Node(world, 'n')
    const clock = node.clock()
    const [steady, wall] = [clock.monotonic(), clock.wall()]
    node.skew += 86_400_000
    t.equal(clock.monotonic(), steady)
    t.equal(clock.wall(), wall + 86_400_000)
  })
})

function station(name: string, held: Ipv4, heard: string[]): Station {
  return {
    name,
    hwAddress: `\x02\x00\x00\x00\x00${name}`,
    holds: (one) => one === held,
    receive: (datagram) => heard.push(`${name} ${datagram.bytes[0]}`),
  }
}

function datagram(destination: Ipv4, hwAddress = '', mark = 1): Datagram {
  const bytes = new Uint8Array([mark])
  return { source: 1, sourcePort: 68, destination, destinationPort: 67, hwAddress, bytes }
}

t.test('network', async (t) => {
  const setUp = () => {
    const world = new World({ seed: 5 })
    const network = new Network(world)
    const link = network.link('lan')
    const heard: string[] = []
    const [a, b, c] = [station('a', 1, heard), station('b', 2, heard), station('c', 3, heard)]
    link.attach(a)
    link.attach(b)
    network.link('other').attach(c)
    return { world, network, link, heard, a, b, c }
  }

  t.test('broadcasts stay on the link, frames and addresses reach one station', async (t) => {
    const { world, network, link, heard, a } = setUp()
    const d = station('d', 4, heard)
    link.attach(d)
    const sends: [Datagram, string][] = [
      [datagram(BROADCAST), 'b 1,d 1'],
      [datagram(99, d.hwAddress), 'd 1'],
      [datagram(2), 'b 1'],
      [datagram(3), 'c 1'],
      [datagram(99), ''],
    ]
    for (const [sent, expected] of sends) {
      heard.length = 0
      network.send(link, a, sent)
      world.advance(1)
      t.equal(heard.join(), expected)
    }
  })

  t.test('a cut direction is silent, the other is not, and it heals', async (t) => {
    const { world, network, link, heard, a, b } = setUp()
    network.cut('a', 'b')
    network.send(link, a, datagram(2))
    network.send(link, b, datagram(1))
    world.advance(1)
    t.same(heard, ['a 1'])
    network.heal()
    network.send(link, a, datagram(2))
    world.advance(1)
    t.same(heard, ['a 1', 'b 1'])
  })

  t.test('loses, doubles and reorders in the stated measure', async (t) => {
    const { world, network, link, heard, a } = setUp()
    network.faults = { ...network.faults, loss: 0.2, duplicate: 0.1, delayMax: 50 }
    for (let mark = 0; mark < 250; mark++) network.send(link, a, datagram(2, '', mark))
    world.advance(100)
    const order = heard.map((line) => Number(line.split(' ')[1]))
    t.ok(heard.length > 190 && heard.length < 260, `${heard.length} of 250 arrived`)
    t.ok(network.counters.lost > 25 && network.counters.duplicated > 10)
    t.ok(
      order.some((mark, index) => index > 0 && mark < order[index - 1]!),
      'some overtook',
    )
  })
})

t.test('virtual datagrams: what arrives while the server is paused is one batch', async (t) => {
  const world = new World({ seed: 2 })
  const network = new Network(world)
  const link = network.link('lan')
  const node = new Node(world, 'server')
  const heard: string[] = []
  const sender = station('a', 1, heard)
  link.attach(sender)
  const ports = new VirtualDatagrams4(node, {
    interfaces: [{ name: 'eth0', link, addresses: ['192.0.2.1/24'] }],
    queueLengthMax: 5,
  })
  const log: string[] = []
  const kept: Uint8Array[] = []
  const sink: DatagramSink4 = {
    onDatagram: (from, bytes, start) => {
      log.push(`${from.name} ${bytes[start]}`)
      kept.push(bytes)
    },
    onOversized: () => {},
    onUndelivered: () => {},
    onBatchEnd: () => log.push('end'),
    onAddresses: () => {},
    onInterface: (status) => log.push(`${status.name} ${status.serving}`),
  }
  ports.open(sink)
  world.advance(1)
  t.same(log.splice(0), ['eth0 true'])
  node.pause()
  for (let mark = 0; mark < 8; mark++) network.send(link, sender, datagram(SERVER, '', mark))
  world.advance(5)
  node.resume()
  world.advance(5)
  t.same(log.splice(0), ['eth0 0', 'eth0 1', 'eth0 2', 'eth0 3', 'eth0 4', 'end'])
  t.equal(ports.overflows, 3)
  t.ok(
    kept.every((bytes) => bytes[0] === 0xee),
    'bytes are spoilt after the call',
  )
  ports.down('eth0')
  network.send(link, sender, datagram(SERVER))
  world.advance(5)
  t.same(log, ['eth0 false'])
})

function lease(at: Ipv4, change: number): Lease {
  return {
    address: at,
    htype: 1,
    hwAddress: '\x02\x00\x00\x00\x00\x01',
    clientId: '',
    state: LEASE_STATE.assigned,
    subnetId: 1,
    poolId: 0,
    hostname: '',
    fqdnFwd: false,
    fqdnRev: false,
    fresh: false,
    validLifetime: 60,
    preferredLifetime: 0,
    start: 0,
    end: 60_000,
    userContext: '',
    change,
    gave: 0,
    got: 0,
    givenBy: 'us',
    knew: 0,
  }
}

t.test('disk', async (t) => {
  const setUp = (behaviour = {}, seed = 1) => {
    const world = new World({ seed })
    const node = new Node(world, 'server')
    const disk = new VirtualDisk(world, 'disk', { commitMin: 10, commitMax: 10, ...behaviour })
    const log: string[] = []
    const infos: JournalInfo[] = []
    const sink: JournalSink = {
      onRows: (rows) => log.push(`${rows.length} bytes`),
      onReady: (info) => infos.push(info),
      onCommitted: () => log.push('committed'),
      onFailed: (trouble) => log.push(trouble),
    }
    const open = () => {
      const journal = disk.journal(node)
      journal.open(sink)
      world.advance(5)
      return journal
    }
    return { world, node, disk, log, infos, open }
  }
  const pairRecord = (position: number): PairRecord => ({
    pairId: 'pair',
    side: 0,
    partnerDatabase: 'them',
    rights: 'shared',
    noneBecause: 'fresh',
    handOver: 0,
    longestLifetime: 0,
    doubtUntil: NEVER,
    applied: { them: position },
    doubtFrom: 0,
    toldLifetime: 0,
    whole: [],
    partnerDuids: [],
    clocks: {},
    lives: [],
    heard: {},
  })
  const put = (at: Ipv4, change: number) => {
    const writer = new ChangeWriter()
    writer.put({ kind: 'put', lease: lease(at, change) })
    return writer.copy()
  }

  t.test('what was committed is there after a crash', async (t) => {
    const { world, node, disk, log, infos, open } = setUp()
    const journal = open()
    journal.commit(put(5, 1), 1, 700, pairRecord(3))
    world.advance(9)
    t.same(log, [], 'a commit takes its time')
    world.advance(2)
    t.same(log.splice(0), ['committed'])
    node.crash()
    node.boot()
    open()
    t.same(log, ['74 bytes'])
    t.same(infos[1], {
      stamp: 700,
      downtime: 0,
      counted: 0,
      change: 1,
      setAside: 0,
      longest: 0,
      edits: [],
      names: [],
      database: 'disk/1',
      pair: pairRecord(3),
    })
    open().commit(new Uint8Array(), 0, 800)
    world.advance(20)
    t.same(disk.load().pair, pairRecord(3), 'a batch without a record leaves it as it was')
  })

  t.test('a batch under way at a crash is stored whole or not at all, by chance', async (t) => {
    const outcomes = new Set<number>()
    for (let seed = 1; seed < 20; seed++) {
      const { world, node, disk, log, open } = setUp({}, seed)
      const writer = new ChangeWriter()
      for (const at of [5, 6]) writer.put({ kind: 'put', lease: lease(at, at) })
      open().commit(writer.copy(), 2, 1, pairRecord(2))
      world.advance(4)
      node.crash()
      world.advance(50)
      t.same(log, [], 'nobody is told')
      const { rows, pair } = disk.load()
      outcomes.add(rows.size)
      t.same(pair, rows.size === 0 ? undefined : pairRecord(2), 'the record with its batch')
    }
    t.same([...outcomes].sort(), [0, 2])
  })

  t.test('a failing disk stores nothing and recovers', async (t) => {
    const { world, disk, log, open } = setUp({ trouble: 'disk full' })
    const journal = open()
    journal.commit(put(5, 1), 1, 1)
    world.advance(20)
    t.same(log.splice(0), ['disk full'])
    t.equal(disk.load().rows.size, 0)
    disk.behaviour.trouble = ''
    journal.commit(put(5, 1), 1, 1)
    world.advance(20)
    t.same(log, ['committed'])
    t.ok(disk.durableRow(5))
  })

  t.test('a disk that lies loses what it acknowledged last', async (t) => {
    const { world, node, disk, log, open } = setUp({ syncDelay: 1000 })
    open().commit(put(5, 1), 1, 1)
    world.advance(20)
    t.same(log, ['committed'])
    t.equal(disk.durableRow(5), undefined)
    t.equal(disk.load().rows.size, 1)
    node.crash()
    t.equal(disk.load().rows.size, 0)
  })

  t.test('an older snapshot can be put back', async (t) => {
    const { world, node, disk, open } = setUp()
    const journal = open()
    journal.commit(new Uint8Array(), 0, 1, pairRecord(1))
    world.advance(20)
    const before = disk.snapshot()
    journal.commit(put(5, 1), 1, 1, pairRecord(2))
    world.advance(20)
    node.crash()
    disk.restore(before)
    const { rows, database, pair } = disk.load()
    t.same([rows.size, database, pair], [0, 'disk/1', pairRecord(1)])
  })

  t.test('a new disk holds nothing of the former one and another database', async (t) => {
    const { world, disk, open } = setUp({ syncDelay: 1000 })
    open().commit(put(5, 1), 1, 700, pairRecord(1))
    world.advance(20)
    disk.replace()
    world.advance(2000)
    const empty = {
      rows: new Map(),
      rows6: new Map(),
      edits: new Map(),
      names: new Map(),
      stamp: 0,
      change: 0,
      database: 'disk/2',
      pair: undefined,
    }
    t.same(disk.load(), empty)
  })
})

/** What the client sent last, decoded. */
function sent(actions: readonly Client4Action[]): Packet4 | undefined {
  const send = actions.find((action) => action.kind === 'send')
  return send === undefined ? undefined : packetFromBytes(send.bytes)
}

function typeOf(packet: Packet4 | undefined): number | undefined {
  return packet?.options.get(53)?.charCodeAt(0)
}

function reply(query: Packet4, type: number, lifetime = 600): Uint8Array {
  const options = new Map([
    [53, String.fromCharCode(type)],
    [54, octetsFromUint32(SERVER)],
  ])
  if (type !== 6) options.set(51, octetsFromUint32(lifetime))
  return bytesFromPacket({ ...query, op: 2, yiaddr: type === 6 ? 0 : ADDRESS, options })
}

function feed(client: Client4, bytes: Uint8Array, now: number): Client4Action[] {
  return client.onMessage(bytes, 0, bytes.length, now)
}

/**
 * A client with a lease of 600 s, whose REQUEST was sent at `requested` and answered 500 ms later.
 */
function boundClient(settings = {}) {
  const client = new Client4({ startDelayMax: 0, ...settings }, chance(9, 'client'))
  client.start(0)
  const discover = sent(client.onDeadline(0))!
  const request = sent(feed(client, reply(discover, 2), 100))!
  const actions = feed(client, reply(request, 5), 600)
  return { client, discover, request, actions }
}

t.test('client', async (t) => {
  t.test('DISCOVER, REQUEST, bound; the lifetime counts from the REQUEST', async (t) => {
    const { client, discover, request, actions } = boundClient({ clientId: '\x01abc' })
    t.equal(typeOf(discover), 1)
    t.equal(typeOf(request), 3)
    t.equal(request.xid, discover.xid)
    t.equal(optionUint32(request, 50), ADDRESS)
    t.equal(optionUint32(request, 54), SERVER)
    t.equal(request.options.get(61), '\x01abc')
    t.equal(request.ciaddr, 0)
    t.match(actions, [{ kind: 'bound', lease: { address: ADDRESS, until: 600_100 } }])
    t.equal(client.holds(600_099), ADDRESS)
    t.equal(client.holds(600_100), 0)
  })

  t.test('counts from the ACK where told so', async (t) => {
    const { client } = boundClient({ countsFrom: 'ack' })
    t.equal(client.lease?.until, 600_600)
  })

  t.test('RFC 2131 §4.1: repeats with growing, jittered pauses', async (t) => {
    const client = new Client4({ startDelayMax: 0 }, chance(4, 'client'))
    client.start(0)
    let now = 0
    const waits: number[] = []
    for (let round = 0; round < 6; round++) {
      t.equal(typeOf(sent(client.onDeadline(now))), 1)
      waits.push((client.deadline - now) / 1000)
      now = client.deadline
    }
    for (const [index, wanted] of [4, 8, 16, 32, 64, 64].entries())
      t.ok(Math.abs(waits[index]! - wanted) <= 1, `${waits[index]} is about ${wanted}`)
    t.ok(sent(client.onDeadline(now))!.secs >= 120, 'secs grows')
  })

  t.test('RFC 2131 §4.4.5: renews by unicast at T1, rebinds by broadcast at T2', async (t) => {
    const { client } = boundClient()
    t.equal(client.deadline, 300_100)
    const renewal = client.onDeadline(300_100)
    t.match(renewal, [{ kind: 'send', destination: SERVER, source: ADDRESS }])
    const packet = sent(renewal)!
    t.equal(packet.ciaddr, ADDRESS)
    t.notOk(packet.options.has(50) || packet.options.has(54))
    t.equal(client.state, 'renewing')
    t.equal(client.deadline, 300_100 + 112_500, 'half of what is left until T2')
    const rebinding = client.onDeadline(525_100)
    t.equal(client.state, 'rebinding')
    t.match(rebinding, [{ kind: 'send', destination: BROADCAST, source: ADDRESS }])
    t.match(feed(client, reply(sent(rebinding)!, 5), 526_000), [
      { kind: 'extended', lease: { until: 525_100 + 600_000 } },
    ])
    t.same(feed(client, reply(packet, 5), 526_100), [], 'an old ACK changes nothing')
  })

  t.test('an unrenewed lease ends by itself', async (t) => {
    const { client } = boundClient({ renews: false })
    t.equal(client.deadline, 600_100)
    t.match(client.onDeadline(600_100), [{ kind: 'unbound', address: ADDRESS, why: 'ended' }])
    t.equal(client.state, 'init')
  })

  t.test('INIT-REBOOT: names its address, no server', async (t) => {
    const { client } = boundClient()
    client.stop()
    t.equal(client.holds(1000), ADDRESS, 'the right to it lives on')
    const request = sent(client.start(1000))!
    t.equal(optionUint32(request, 50), ADDRESS)
    t.notOk(request.options.has(54))
    t.equal(client.state, 'rebooting')
    t.match(feed(client, reply(request, 6), 1100), [{ kind: 'unbound', why: 'nak' }])
    t.equal(client.state, 'init')
  })

  t.test('RFC 2131 §3.2: may go on with a remembered lease when nobody answers', async (t) => {
    for (const trustsMemory of [true, false]) {
      const { client } = boundClient({ trustsMemory })
      client.stop()
      client.start(1000)
      while (client.state === 'rebooting') client.onDeadline(client.deadline)
      t.equal(client.state, trustsMemory ? 'bound' : 'init')
    }
  })

  t.test('probes, and declines an address in use', async (t) => {
    const { client, actions } = boundClient({ probes: true })
    t.match(actions, [{ kind: 'probe', address: ADDRESS }])
    t.equal(client.holds(700), 0, 'not used before the probe')
    const decline = sent(client.onProbed(true, 1600))!
    t.equal(typeOf(decline), 4)
    t.equal(optionUint32(decline, 50), ADDRESS)
    t.equal(optionUint32(decline, 54), SERVER)
    t.equal(decline.ciaddr, 0)
    t.equal(client.deadline, 11_600, 'RFC 2131 §3.1: waits ten seconds')
  })

  t.test('a probe without answer binds', async (t) => {
    const { client } = boundClient({ probes: true })
    t.match(client.onProbed(false, 1600), [{ kind: 'bound' }])
    t.equal(client.holds(1600), ADDRESS)
  })

  t.test('releases by unicast and can repeat that datagram', async (t) => {
    const { client } = boundClient()
    const actions = client.release(1000)
    t.match(actions, [
      { kind: 'send', destination: SERVER, source: ADDRESS },
      { kind: 'unbound', why: 'released' },
    ])
    t.equal(sent(actions)!.ciaddr, ADDRESS)
    t.equal(client.state, 'off')
    t.equal(client.holds(1000), 0)
    t.equal(client.repeatRelease()[0], actions[0])
  })

  t.test('an infinite lease never renews and never ends', async (t) => {
    const client = new Client4({ startDelayMax: 0 }, chance(9, 'client'))
    client.start(0)
    const discover = sent(client.onDeadline(0))!
    const request = sent(feed(client, reply(discover, 2, 0xffffffff), 1))!
    feed(client, reply(request, 5, 0xffffffff), 2)
    t.equal(client.deadline, Number.POSITIVE_INFINITY)
    t.equal(client.holds(1e15), ADDRESS)
  })
})

t.test('relay', async (t) => {
  const settings = { address: address('198.51.100.1'), servers: [SERVER], circuitId: 'port7' }
  const { discover } = boundClient()
  const relayed = packetFromBytes(relayedToServers(bytesFromPacket(discover), settings)!)!
  t.equal(relayed.giaddr, settings.address)
  t.equal(relayed.hops, 1)
  t.equal([...relayed.options.keys()].at(-1), 82, 'RFC 3046 §2.1: option 82 last')
  t.equal(relayed.options.get(82), '\x01\x05port7')
  const answer = bytesFromPacket({ ...relayed, op: 2, yiaddr: ADDRESS })
  const back = relayedToClient(answer, settings)!
  t.equal(back.destination, ADDRESS)
  t.equal(back.hwAddress, discover.hwAddress)
  t.notOk(packetFromBytes(back.bytes)!.options.has(82), 'RFC 3046 §2.2: option 82 is taken out')
  t.equal(relayedToClient(answer, { ...settings, address: 1 }), undefined)
  const nak = bytesFromPacket({ ...relayed, op: 2, yiaddr: 0 })
  t.equal(relayedToClient(nak, settings)!.destination, BROADCAST)
})

t.test('createLab', async (t) => {
  const plan = onePool('192.0.2.10 - 192.0.2.99', 600)

  t.test('three lines give clients their addresses, which survive a crash', async (t) => {
    const lab = createLab({ plan, clients: 3 })
    t.ok(lab.settle())
    t.same(
      lab.clients.map((client) => client.address).sort(),
      lab.leases().map((lease) => lease.address),
    )
    const before = lab.leases()
    lab.crash()
    t.equal(lab.status(), undefined)
    t.same(lab.leases(), before)
    lab.restart()
    lab.advance(1000)
    t.equal(lab.status()?.leases, 3)
    // A RELEASE within 10 s of an ACK does not count: it may be older than the ACK.
    lab.advance(10_000)
    lab.client(1).release()
    lab.advance(1000)
    t.ok(lab.leases().some((lease) => lease.state === 'released'))
    t.same(lab.invariants.violations, [])
  })

  t.test(
    'clients behind relays, on other subnets, without broadcast flag or unicast',
    async (t) => {
      const relayed = planOf({
        'valid-lifetime': 600,
        subnet4: [
          { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.19' }] },
          {
            id: 2,
            subnet: '198.51.100.0/24',
            pools: [{ pool: '198.51.100.10 - 198.51.100.19' }],
            relay: { 'ip-addresses': ['198.51.100.1'] },
          },
        ],
      })
      for (const unicast of [true, false]) {
        const clients = [{}, { broadcast: true }, { subnet: 2 }, { subnet: 2, broadcast: true }]
        const lab = createLab({ plan: relayed, clients, unicast })
        t.ok(lab.settle())
        const networks = lab.clients.map((client) => client.ipv4 >>> 8)
        t.same(networks, [0xc00002, 0xc00002, 0xc63364, 0xc63364])
        lab.advance(3_600_000)
        t.ok(lab.isSettled, 'they renew')
        t.same(lab.invariants.violations, [])
      }
    },
  )

  t.test('two servers on one link both offer; each client takes one', async (t) => {
    const lab = createLab({ plan, clients: 4, servers: 2 })
    t.ok(lab.settle())
    const serverIds = new Set(lab.clients.map((client) => client.lease?.serverId))
    t.ok(serverIds.size >= 1)
    t.equal(lab.leases(0).length + lab.leases(1).length, 4, 'the other server gave nothing')
  })

  t.test('a lab whose pools leave no address for the server says so', async (t) => {
    const full = onePool('192.0.2.1 - 192.0.2.254', 600)
    t.throws(() => createLab({ plan: full }), /leave no address/)
  })

  t.test('one seed, one history', async (t) => {
    const history = (seed: number) => {
      const lab = createLab({ plan, clients: 5, seed, trace: true, network: { loss: 0.3 } })
      lab.advance(300_000)
      return lab.trace()
    }
    t.equal(history(4), history(4))
    t.not(history(4), history(5))
  })
})
