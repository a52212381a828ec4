// The real sockets on real devices: veth pairs between network namespaces. A responder runs in the
// namespace of the server, clients in their own; each prints what it hears.

import t from 'tap'
import { type Namespace, type Network, network, systemSkip } from './netns.ts'
import { twoLinks } from './places.ts'
import { client, type Events, serve } from './responder.ts'

const skip = systemSkip('setpriv')
t.test('two interfaces', { skip }, async (t) => {
  const { server, left, right } = twoLinks(network(t))
  // An address with a label looks like a device of its own to Node.
  server.run('ip', 'address', 'add', '192.0.2.3/24', 'dev', 'eth0', 'label', 'eth0:1')
  const responder = await serve(server, ['*'])
  t.match(
    responder.seen.flatMap((event) => event.interface ?? []),
    ['eth0', 'eth1'].map((name) => ({ name, serving: true, trouble: '', unicast: true })),
    'both are served',
  )
  t.equal(responder.seen.filter((event) => event.interface !== undefined).length, 2, 'no loopback')
  const a = await client(left, 68, 'eth0')
  const b = await client(right, 68, 'eth0')

  a.running.tell('255.255.255.255 67 1 answer 255.255.255.255 68')
  const first = await responder.hears('answer 255.255.255.255 68')
  t.match(first, { on: 'eth0', from: '0.0.0.0', port: 68 })
  t.match(await a.hears('answer 255.255.255.255 68'), { from: '192.0.2.1', port: 67 })

  b.running.tell('255.255.255.255 67 1 from the right')
  t.match(await responder.hears('from the right'), { on: 'eth1' })
  b.running.tell('255.255.255.255 67 1 answer 255.255.255.255 68 ')
  const reply = await b.next((event) => event.heard !== undefined)
  t.match(reply, { from: '198.51.100.1', port: 67 }, 'from the address of its own interface')
  const queries = responder.seen.filter((event) => event.heard !== undefined)
  t.equal(queries.filter((event) => event.on === 'eth0').length, 1, 'each heard its own only')

  // The client's kernel has no address and answers no ARP; the address is added only to receive.
  left.addAddress('eth0', '192.0.2.77/32')
  const plain = await client(left, 6868)
  left.run('ip', 'neighbour', 'flush', 'all')
  server.run('ip', 'neighbour', 'flush', 'all')
  const frame = `answer 192.0.2.99 6868 ${left.hwAddress('eth0')}`
  const good = `answer 192.0.2.77 6868 ${left.hwAddress('eth0')}`
  const odd = `${good} odd`.replace(' odd', '').padEnd(good.length + 1)
  for (const text of [frame, good, odd]) a.running.tell(`255.255.255.255 67 1 ${text}`)
  t.match(await plain.next((event) => event.heard !== undefined), {
    heard: good,
    from: '192.0.2.1',
    port: 67,
  })
  t.match(await plain.next((event) => event.heard !== undefined), { heard: odd }, 'odd length')
  const neighbours = server.run('ip', 'neighbour', 'show', 'dev', 'eth0')
  t.notMatch(neighbours, /192\.0\.2\.77/, 'sent without asking for the address')
  const checks = left.run('cat', '/proc/net/snmp')
  t.match(checks, /InCsumErrors/)
  t.equal(counter(checks, 'Udp', 'InCsumErrors'), 0, 'the receiving kernel checked the UDP sums')
  t.equal(counter(checks, 'Ip', 'InHdrErrors'), 0)

  // A relay: unicast to the server, and the reply to the relay's own address and port 67.
  right.addAddress('eth0', '198.51.100.9/24')
  const relay = await client(right, 67)
  relay.running.tell('198.51.100.1 67 1 relayed')
  t.match(await responder.hears('relayed'), { on: 'eth1', from: '198.51.100.9', port: 67 })
  t.match(await relay.hears('relayed'), { from: '198.51.100.1', port: 67 })

  // A burst that meets a server which is elsewhere: all of it waits in the kernel.
  const total = 2000
  responder.running.kill('SIGSTOP')
  relay.running.tell(`198.51.100.1 67 ${total} quiet`)
  await relay.next((event) => event.sent === 'quiet')
  responder.running.kill('SIGCONT')
  for (let answered = 0; answered < total; answered++) await relay.hears('quiet')
  t.pass('every datagram of the burst was answered')
  responder.running.tell('traffic')
  const { traffic } = await responder.next((event) => event.traffic !== undefined)
  const groups = responder.seen.flatMap((event) => event.group ?? [])
  // A full group, and what Node reads one by one until the next turn.
  t.ok(Math.max(...groups) >= 256, `the burst came in groups: ${groups.slice(-12)}`)
  t.ok(Math.max(...groups) <= 256 + 32, 'which are bounded')
  t.equal(traffic!.length, 2)
  const ofRight = traffic!.find(({ name }) => name === 'eth1')
  t.match(ofRight, { overrun: 0, sendErrors: 0 })

  responder.running.tell('close')
  t.equal(await responder.running.ended, 0, 'ends by itself when it is closed')
})

t.test('an interface that comes and goes', { skip }, async (t) => {
  const net = network(t)
  const server = net.namespace('server')
  const left = net.namespace('left')
  const responder = await serve(server, ['eth0'])
  t.match(responder.seen[0]?.interface, { serving: false, trouble: /does not exist/ })

  net.veth(server, 'eth0', left, 'eth0')
  await responder.next((event) => /no IPv4 address/.test(event.interface?.trouble ?? ''))
  t.pass('up but without an address is told apart')
  server.addAddress('eth0', '192.0.2.1/24')
  t.match(
    await responder.reports('eth0', true),
    { trouble: '', unicast: true },
    'address came late',
  )
  const a = await client(left, 68, 'eth0')
  a.running.tell('255.255.255.255 67 1 one')
  const { index } = await responder.hears('one')

  server.down('eth0')
  t.match(await responder.reports('eth0', false), { trouble: /is down/ })
  server.up('eth0')
  await responder.reports('eth0', true)
  left.down('eth0')
  t.match(await responder.reports('eth0', false), { trouble: /no carrier/ })
  left.up('eth0')
  await responder.reports('eth0', true)
  a.running.tell('255.255.255.255 67 1 two')
  t.equal((await responder.hears('two')).index, index, 'served again after down and up')

  server.run('ip', 'link', 'delete', 'eth0')
  t.match(await responder.reports('eth0', false), { trouble: /does not exist/ })
  await anew(net, server, left)
  await responder.reports('eth0', true)
  const again = await client(left, 68, 'eth0')
  again.running.tell('255.255.255.255 67 1 three')
  t.not((await responder.hears('three')).index, index, 'a new device of the same name')

  // Between two looks at the devices: only the index tells.
  server.run('ip', 'link', 'delete', 'eth0')
  await anew(net, server, left)
  const third = await client(left, 68, 'eth0')
  await untilHeard(third, responder)

  server.removeAddress('eth0', '192.0.2.1/24')
  t.match(await responder.reports('eth0', false), { trouble: /no IPv4 address/ })
  server.addAddress('eth0', '203.0.113.1/24')
  await responder.reports('eth0', true)
  third.running.tell('255.255.255.255 67 1 answer 255.255.255.255 68')
  t.match(await third.hears('answer 255.255.255.255 68'), { from: '203.0.113.1' })
})

t.test('* follows the devices', { skip }, async (t) => {
  const net = network(t)
  const server = net.namespace('server')
  const left = net.namespace('left')
  const responder = await serve(server, ['*'])
  t.match(responder.seen[0]?.interface, { name: '*', serving: false, trouble: /no interface/ })
  net.veth(server, 'eth7', left, 'eth0')
  server.addAddress('eth7', '192.0.2.1/24')
  t.match(await responder.reports('eth7', true), { unicast: true })
  server.run('ip', 'link', 'delete', 'eth7')
  await responder.reports('eth7', false)
  await responder.reports('*', false)
  t.pass('a device that is removed is reported, and that none is left')
})

t.test('one address of an interface', { skip }, async (t) => {
  const { server, left } = twoLinks(network(t))
  server.addAddress('eth0', '192.0.2.2/24')
  const responder = await serve(server, [`eth0/${0xc0000202}`])
  const a = await client(left, 68, 'eth0')
  a.running.tell('255.255.255.255 67 1 answer 255.255.255.255 68')
  t.match(await a.hears('answer 255.255.255.255 68'), { from: '192.0.2.2', port: 67 })
  left.addAddress('eth0', '192.0.2.9/24')
  const relay = await client(left, 67)
  relay.running.tell('192.0.2.1 67 1 to the other address')
  relay.running.tell('192.0.2.2 67 1 to this address')
  t.match(await relay.hears('to this address'), { from: '192.0.2.2', port: 67 })
  const heard = responder.seen.map((event) => event.heard)
  t.notOk(heard.includes('to the other address'), 'the other address is not served')
})

t.test('a second server on the same interface', { skip }, async (t) => {
  const { server, left } = twoLinks(network(t))
  const first = await serve(server, ['eth0'])
  const second = await serve(server, ['eth0', 'eth1'])
  const reports = second.seen.flatMap((event) => event.interface ?? [])
  t.match(reports, [
    { name: 'eth0', serving: false, trouble: new RegExp(`pid ${first.running.pid}\\b`) },
    { name: 'eth1', serving: true, trouble: '' },
  ])
  first.running.kill('SIGKILL')
  await second.reports('eth0', true)
  const a = await client(left, 68, 'eth0')
  a.running.tell('255.255.255.255 67 1 hello')
  t.match(await second.hears('hello'), { on: 'eth0' }, 'it takes over when the first is killed')
})

t.test('without the C library', { skip }, async (t) => {
  const { server, left } = twoLinks(network(t))
  const alone = await serve(server, ['eth0', 'lo'], { native: false })
  t.match(alone.seen, [
    { log: 'DHCP4_SOCKETS_PLAIN' },
    { interface: { name: 'eth0', serving: true, trouble: '', unicast: false } },
    { interface: { name: 'lo', serving: true, trouble: '', unicast: false } },
  ])
  const a = await client(left, 68, 'eth0')
  const query = `answer 192.0.2.77 68 ${left.hwAddress('eth0')}`
  a.running.tell(`255.255.255.255 67 1 ${query}`)
  t.match(await alone.hears(query), { on: 'eth0' })
  t.match(await a.hears(query), { from: '192.0.2.1', port: 67 }, 'broadcast instead of a frame')
  alone.running.tell('close')
  await alone.running.ended

  const both = await serve(server, ['*'], { native: false })
  t.match(
    both.seen.flatMap((event) => event.interface ?? []),
    ['eth0', 'eth1'].map((name) => ({ name, serving: true, trouble: /relayed/ })),
    'broadcasts of two interfaces are not guessed at',
  )
})

t.test('rights that are missing', { skip }, async (t) => {
  const { server, left } = twoLinks(network(t))
  const frameless = await serve(server, ['eth0'], {}, '-net_raw,-net_admin')
  t.match(frameless.seen, [
    { log: 'DHCP4_SOCKETS_NO_FRAMES' },
    { interface: { name: 'eth0', serving: true, trouble: '', unicast: false } },
  ])
  const a = await client(left, 68, 'eth0')
  const query = `answer 192.0.2.77 68 ${left.hwAddress('eth0')}`
  a.running.tell(`255.255.255.255 67 1 ${query}`)
  t.match(await a.hears(query), { from: '192.0.2.1', port: 67 }, 'broadcast instead of a frame')
  const portless = await serve(server, ['eth1'], {}, '-net_bind_service')
  const trouble = /CAP_NET_BIND_SERVICE/
  t.match(portless.seen, [{ interface: { name: 'eth1', serving: false, trouble } }])
})

/** A device of the same name in the place of the one that was removed. */
async function anew(net: Network, server: Namespace, left: Namespace): Promise<void> {
  net.veth(server, 'eth0', left, 'eth0')
  server.addAddress('eth0', '192.0.2.1/24')
}

/** Sends until it is heard: how soon the device is bound again is not known. */
async function untilHeard(from: Events, responder: Events): Promise<void> {
  const timer = setInterval(() => from.running.tell('255.255.255.255 67 1 anybody'), 100)
  try {
    await responder.hears('anybody')
  } finally {
    clearInterval(timer)
  }
}

/** A number of /proc/net/snmp: a line of names, then one of values. */
function counter(snmp: string, protocol: string, name: string): number {
  const [names = '', values = ''] = snmp
    .split('\n')
    .filter((line) => line.startsWith(`${protocol}: `))
  return Number(values.split(' ')[names.split(' ').indexOf(name)])
}
