// The real sockets of DHCPv6 on real devices: veth pairs between network namespaces. A responder
// runs in the namespace of the server, clients in their own; each prints what it hears.

import t from 'tap'
import { type Namespace, type Network, network, type Owner, systemSkip } from './netns.ts'
import { client6, type Event, type Events, serve6 } from './responder.ts'

const skip = systemSkip()
const SERVERS = 'ff02::1:2%eth0'

interface Links {
  readonly net: Network
  readonly server: Namespace
  readonly left: Namespace
  readonly right: Namespace
}

/** Two links of a server, a host on each; addresses as they come with the devices. */
function links(t: Owner): Links {
  const net = network(t)
  const server = net.namespace('server')
  const left = net.namespace('left')
  const right = net.namespace('right')
  net.veth(server, 'eth0', left, 'eth0')
  net.veth(server, 'eth1', right, 'eth0')
  return { net, server, left, right }
}

t.test('two interfaces', { skip }, async (t) => {
  const { server, left, right } = links(t)
  server.addAddress6('eth1', '2001:db8:1::1/64')
  server.addAddress6('lo', '2001:db8:ff::1/128')
  const responder = await serve6(server, ['*'])
  // The kernel takes its time before it lets the link-local addresses be used.
  const [eth0, eth1] = [await server.linkLocal('eth0'), await server.linkLocal('eth1')]
  for (const name of ['eth0', 'eth1'])
    if (!responder.seen.some((event) => isServing(event.interface, name)))
      await responder.next((event) => isServing(event.interface, name))
  const [fromLeft, fromRight] = [await left.linkLocal('eth0'), await right.linkLocal('eth0')]

  const a = await client6(left, 546)
  const b = await client6(right, 546)
  a.running.tell(`${SERVERS} 547 1 one`)
  const heard = { on: 'eth0', from: fromLeft, port: 546, to: 'ff02::1:2' }
  t.match(await responder.hears('one'), heard)
  t.match(await a.hears('one'), { from: `${eth0}%eth0`, port: 547 }, 'from its link-local address')
  b.running.tell(`${SERVERS} 547 1 two`)
  t.match(await responder.hears('two'), { on: 'eth1', from: fromRight, to: 'ff02::1:2' })
  t.match(await b.hears('two'), { from: `${eth1}%eth0`, port: 547 })
  const twice = responder.seen.filter((event) => event.heard === 'one' || event.heard === 'two')
  t.equal(twice.length, 2, 'each interface heard its own, once')

  // A relay: to all servers of the site, to an address of the interface, and to one of the host.
  right.addAddress6('eth0', '2001:db8:1::9/64')
  right.run('ip', '-6', 'route', 'add', 'default', 'via', '2001:db8:1::1')
  const relay = await client6(right, 547)
  relay.running.tell('ff05::1:3%eth0 547 1 site')
  t.match(await responder.hears('site'), { on: 'eth1', port: 547, to: 'ff05::1:3' })
  await relay.hears('site')
  relay.running.tell('2001:db8:1::1 547 1 global')
  const asked = { on: 'eth1', from: '2001:db8:1::9', port: 547, to: '2001:db8:1::1' }
  t.match(await responder.hears('global'), asked)
  t.match(await relay.hears('global'), { from: '2001:db8:1::1', port: 547 }, 'from that address')
  relay.running.tell(`${eth1}%eth0 547 1 near`)
  t.match(await responder.hears('near'), { to: eth1 })
  relay.running.tell('2001:db8:ff::1 547 1 service')
  t.match(await responder.hears('service'), { on: 'eth1', from: '2001:db8:1::9', to: 'elsewhere' })
  t.match(await relay.hears('service'), { from: '2001:db8:1::1', port: 547 })

  const total = 2000
  responder.running.kill('SIGSTOP')
  relay.running.tell(`2001:db8:1::1 547 ${total} quiet`)
  await relay.next((event) => event.sent === 'quiet')
  responder.running.kill('SIGCONT')
  for (let answered = 0; answered < total; answered++) await relay.hears('quiet')
  t.pass('every datagram of a burst was answered')
  relay.running.tell(`2001:db8:1::1 547 1 ${'long'.repeat(1200)}`)
  await responder.next((event) => event.oversized === '2001:db8:1::9')
  responder.running.tell('traffic')
  const { traffic } = await responder.next((event) => event.traffic !== undefined)
  // In the order in which they began to be served.
  const ofRight = traffic!.find(({ name }) => name === 'eth1')
  t.equal(traffic!.length, 2)
  t.match(ofRight, { overrun: 0, sendErrors: 0, oversized: 1 })
  const groups = responder.seen.flatMap((event) => event.group ?? [])
  t.ok(Math.max(...groups) >= 256, `the burst came in groups: ${groups.slice(-12)}`)

  responder.running.tell('close')
  t.equal(await responder.running.ended, 0, 'ends by itself when it is closed')
})

t.test('a link-local address that is late, changes, and is taken', { skip }, async (t) => {
  const { server, left } = links(t)
  server.run('ip', 'link', 'set', 'eth0', 'addrgenmode', 'none')
  server.down('eth0')
  server.up('eth0')
  const responder = await serve6(server, ['eth0'])
  const isWithout = ({ interface: told }: Event): boolean =>
    /no IPv6 link-local address/.test(told?.trouble ?? '')
  if (!responder.seen.some(isWithout)) await responder.next(isWithout)
  server.addAddress6('eth0', '2001:db8::1/64')
  server.run('ip', 'address', 'add', 'fe80::a/64', 'dev', 'eth0')
  t.match(await responder.reports('eth0', true), { trouble: '' }, 'once nobody else has it')
  const a = await client6(left, 546)
  await left.linkLocal('eth0')
  a.running.tell(`${SERVERS} 547 1 one`)
  t.match(await a.hears('one'), { from: 'fe80::a%eth0' })

  server.addAddress6('eth0', 'fe80::b/64')
  server.removeAddress('eth0', 'fe80::a/64')
  await responder.next(({ interface: told }) => told?.addresses?.includes('fe80::b') === true)
  a.running.tell(`${SERVERS} 547 1 two`)
  t.match(await a.hears('two'), { from: 'fe80::b%eth0' }, 'from the new one')

  server.removeAddress('eth0', 'fe80::b/64')
  t.match(await responder.reports('eth0', false), { trouble: /no IPv6 link-local address/ })
  left.addAddress6('eth0', 'fe80::c/64')
  server.run('ip', 'address', 'add', 'fe80::c/64', 'dev', 'eth0')
  await responder.next(({ interface: told }) => /another host/.test(told?.trouble ?? ''))
  t.pass('an address that another host has is told')
  server.removeAddress('eth0', 'fe80::c/64')
  server.addAddress6('eth0', 'fe80::d/64')
  await responder.reports('eth0', true)
  a.running.tell(`${SERVERS} 547 1 three`)
  t.match(await a.hears('three'), { from: 'fe80::d%eth0' })
})

t.test('an interface that comes and goes', { skip }, async (t) => {
  const { net, server, left } = links(t)
  const responder = await serve6(server, ['eth0', 'eth5'])
  const missing = responder.seen.find((event) => event.interface?.name === 'eth5')
  t.match(missing?.interface, { serving: false, trouble: /does not exist/ })
  if (!responder.seen.some((event) => isServing(event.interface, 'eth0')))
    await responder.reports('eth0', true)
  await left.linkLocal('eth0')
  const a = await client6(left, 546)
  a.running.tell(`${SERVERS} 547 1 one`)
  const { index } = await responder.hears('one')

  server.down('eth0')
  t.match(await responder.reports('eth0', false), { trouble: /is down/ })
  server.up('eth0')
  await responder.reports('eth0', true)
  await untilHeard(a, responder)

  server.run('ip', 'link', 'delete', 'eth0')
  t.match(await responder.reports('eth0', false), { trouble: /does not exist/ })
  net.veth(server, 'eth0', left, 'eth0')
  await responder.reports('eth0', true)
  await left.linkLocal('eth0')
  const b = await client6(left, 1546)
  b.running.tell(`${SERVERS} 547 1 again`)
  t.not((await responder.hears('again')).index, index, 'a new device of the same name')
  t.ok(await b.hears('again'))
})

t.test('a second server on the same interface', { skip }, async (t) => {
  const { server, left } = links(t)
  await Promise.all([server.linkLocal('eth0'), server.linkLocal('eth1')])
  const first = await serve6(server, ['eth0'])
  const second = await serve6(server, ['eth0', 'eth1'])
  const reports = second.seen.flatMap((event) => event.interface ?? [])
  t.match(reports, [
    { name: 'eth0', serving: false, trouble: new RegExp(`pid ${first.running.pid}\\b`) },
    { name: 'eth1', serving: true, trouble: '' },
  ])
  first.running.kill('SIGKILL')
  await second.reports('eth0', true)
  await left.linkLocal('eth0')
  const a = await client6(left, 546)
  a.running.tell(`${SERVERS} 547 1 hello`)
  t.match(await second.hears('hello'), { on: 'eth0' }, 'it takes over when the first is killed')
})

t.test('a reply to a relay that is reached by another interface', { skip }, async (t) => {
  const { server, left, right } = links(t)
  server.addAddress6('eth0', '2001:db8::1/64')
  server.addAddress6('eth1', '2001:db8:1::1/64')
  left.addAddress6('eth0', '2001:db8::9/64')
  right.addAddress6('eth0', '2001:db8:1::9/64')
  right.addAddress6('lo', '2001:db8:aa::1/128')
  server.run('ip', '-6', 'route', 'add', '2001:db8:aa::1', 'via', '2001:db8:1::9')
  await Promise.all([server.linkLocal('eth0'), server.linkLocal('eth1')])
  const responder = await serve6(server, ['eth0', 'eth1'])
  const relay = await client6(right, 547)
  const a = await client6(left, 547)
  a.running.tell('2001:db8::1 547 1 answer 2001:db8:aa::1 547')
  const reply = await relay.hears('answer 2001:db8:aa::1 547')
  t.match(reply, { from: '2001:db8::1', port: 547 })
  a.running.tell('2001:db8::1 547 1 answer 2001:db8:bb::1 547')
  t.match(await responder.next((event) => event.log === 'DHCP6_SEND_FAIL'), {
    error: 'ENETUNREACH',
  })
  a.running.tell('2001:db8::1 547 1 answer 2001:db8::77 547')
  t.match(await responder.next((event) => event.undelivered !== undefined), {
    undelivered: '2001:db8::77',
    through: 'eth0',
    why: 'the host does not answer',
  })
})

t.test('without the C library', { skip }, async (t) => {
  const { server, left, right } = links(t)
  server.addAddress6('eth1', '2001:db8:1::1/64')
  right.addAddress6('eth0', '2001:db8:1::9/64')
  const [eth0] = await Promise.all([server.linkLocal('eth0'), server.linkLocal('eth1')])
  const responder = await serve6(server, ['*'], { native: false })
  await Promise.all([left.linkLocal('eth0'), right.linkLocal('eth0')])
  const a = await client6(left, 546)
  const b = await client6(right, 547)
  a.running.tell(`${SERVERS} 547 1 one`)
  t.match(await responder.hears('one'), { on: 'eth0', to: 'ff02::1:2' })
  t.match(await a.hears('one'), { from: `${eth0}%eth0`, port: 547 })
  b.running.tell(`${SERVERS} 547 1 two`)
  t.match(await responder.hears('two'), { on: 'eth1', to: 'ff02::1:2' })
  b.running.tell('2001:db8:1::1 547 1 three')
  t.match(await responder.hears('three'), { on: 'eth1', to: '2001:db8:1::1' })
  t.match(await b.hears('three'), { from: '2001:db8:1::1', port: 547 })
})

function isServing(told: { name: string; serving: boolean } | undefined, name: string): boolean {
  return told?.name === name && told.serving
}

/** Sends until it is heard: when the kernel lets the client send again is not known. */
async function untilHeard(from: Events, responder: Events): Promise<void> {
  const timer = setInterval(() => from.running.tell(`${SERVERS} 547 1 anybody`), 100)
  try {
    await responder.hears('anybody')
  } finally {
    clearInterval(timer)
  }
}
