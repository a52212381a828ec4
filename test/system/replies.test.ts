// Where replies reach somebody: relays that are not routed, addresses that were asked, sums that
// nobody else would write; and what is told when nobody is reached.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { compile } from '../../lib/config/compile/compile.ts'
import { hasDistantSubnets } from '../../lib/platform/datagrams/reverse-path.ts'
import type { Device } from '../../lib/platform/interfaces.ts'
import { Capture } from './capture.ts'
import { type Namespace, network, systemSkip } from './netns.ts'
import { twoLinks } from './places.ts'
import { client, type Event, serve } from './responder.ts'

const skip = systemSkip('setpriv', 'dumpcap', 'tshark')

/** The address of a relay's other side. */
const GIADDR = '203.0.113.1'
const TO_GIADDR = `answer ${GIADDR} 67`

function setReversePath(where: Namespace, device: string, value: number): void {
  where.run('sh', '-c', `echo ${value} > /proc/sys/net/ipv4/conf/${device}/rp_filter`)
}

for (const [what, isRouted] of [
  ['not routed at all', false],
  ['routed by another interface', true],
] as const)
  t.test(`a relay whose giaddr is ${what} is answered where it sent from`, { skip }, async (t) => {
    const { server, left, right } = twoLinks(network(t))
    right.addAddress('eth0', '198.51.100.9/24')
    if (isRouted) server.run('ip', 'route', 'add', 'default', 'via', '198.51.100.9')
    left.addAddress('eth0', '192.0.2.9/24')
    await serve(server, ['eth0', 'eth1'])
    const relay = await client(left, 67)
    relay.running.tell(`192.0.2.1 67 1 ${TO_GIADDR}`)
    t.match(await relay.hears(TO_GIADDR), { from: '192.0.2.1', port: 67 })
  })

t.test(
  'a relay that only another interface leads to is answered by that one',
  { skip },
  async (t) => {
    const { server, left, right } = twoLinks(network(t))
    for (const device of ['all', 'eth0']) setReversePath(server, device, 0)
    right.addAddress('eth0', '198.51.100.9/24')
    server.run('ip', 'route', 'add', '203.0.113.0/24', 'via', '198.51.100.9')
    // The relay sends by the left and hears by the right.
    right.addAddress('lo', `${GIADDR}/32`)
    left.addAddress('lo', `${GIADDR}/32`)
    left.addAddress('eth0', '192.0.2.9/24')
    left.run('ip', 'route', 'add', '192.0.2.1/32', 'dev', 'eth0', 'src', GIADDR)
    const responder = await serve(server, ['eth0'])
    const sends = await client(left, 67)
    const hears = await client(right, 67)
    sends.running.tell(`192.0.2.1 67 1 ${TO_GIADDR}`)
    t.match(await responder.hears(TO_GIADDR), { on: 'eth0', from: GIADDR })
    t.match(await hears.hears(TO_GIADDR), { from: '192.0.2.1', port: 67 })
  },
)

t.test('a reply that reaches nobody is told and counted', { skip }, async (t) => {
  const { server, left } = twoLinks(network(t))
  left.addAddress('eth0', '192.0.2.9/24')
  left.run('ip', 'route', 'add', 'default', 'via', '192.0.2.1')
  const responder = await serve(server, ['eth0'])
  const relay = await client(left, 67)
  const undelivered = (address: string): Promise<Event> =>
    responder.next((event) => event.undelivered === address)

  relay.running.tell('192.0.2.1 67 1 answer 192.0.2.200 68')
  const told = await undelivered('192.0.2.200')
  t.match(told, { through: 'eth0', why: /does not answer/ }, 'nobody answers ARP')

  // A relay that is switched off, while its host runs; a client's kernel may not know of its
  // client.
  relay.running.tell('192.0.2.1 67 1 answer 192.0.2.9 68')
  relay.running.tell('192.0.2.1 67 1 answer 192.0.2.9 6767')
  t.match(await undelivered('192.0.2.9'), { why: /nobody listens/ })
  responder.running.tell('traffic')
  const { traffic } = await responder.next((event) => event.traffic !== undefined)
  t.match(traffic, [{ name: 'eth0', undeliverable: 2 }])
})

t.test('the address that was asked is the one that answers', { skip }, async (t) => {
  const { server, left } = twoLinks(network(t))
  server.addAddress('eth0', '192.0.2.2/24')
  server.addAddress('eth0', '203.0.113.1/24')
  left.addAddress('eth0', '192.0.2.9/24')
  left.run('ip', 'route', 'add', '203.0.113.0/24', 'via', '192.0.2.1')
  const responder = await serve(server, ['eth0'])
  const relay = await client(left, 67, 'eth0')
  const asks = async (to: string, text: string): Promise<string | undefined> => {
    relay.running.tell(`${to} 67 1 ${text}`)
    t.equal((await responder.hears(text)).to, to)
    return (await relay.hears(text)).from
  }
  for (const to of ['192.0.2.1', '192.0.2.2', '203.0.113.1']) t.equal(await asks(to, to), to)

  // Many at once: the kernel's queue of each socket is emptied with its own address.
  responder.running.kill('SIGSTOP')
  for (const to of ['192.0.2.1', '192.0.2.2']) relay.running.tell(`${to} 67 100 burst ${to}`)
  for (const to of ['192.0.2.1', '192.0.2.2'])
    await relay.next((event) => event.sent === `burst ${to}`)
  responder.running.kill('SIGCONT')
  const answers: string[] = []
  while (answers.length < 200) {
    const { heard, from } = await relay.next((event) => event.heard?.startsWith('burst') === true)
    answers.push(`${heard} from ${from}`)
  }
  const expected = ['192.0.2.1', '192.0.2.2'].map((to) => `burst ${to} from ${to}`)
  t.same([...new Set(answers)].toSorted(), expected)

  relay.running.tell('255.255.255.255 67 1 to all')
  t.equal((await responder.hears('to all')).to, '255.255.255.255')
  relay.running.tell('192.0.2.255 67 1 to all of the network')
  t.equal((await responder.hears('to all of the network')).to, '255.255.255.255')

  // Another server finds the port taken, although it was shared for a moment.
  const second = await serve(server, ['eth0'])
  t.match(second.seen[0]?.interface, { serving: false, trouble: /already served/ })

  server.removeAddress('eth0', '203.0.113.1/24')
  server.addAddress('eth0', '192.0.2.3/24')
  await relay.askedUntil('192.0.2.3', responder)
  t.equal(await asks('192.0.2.3', 'added'), '192.0.2.3', 'an address that came later')
  t.equal(await asks('192.0.2.1', 'stayed'), '192.0.2.1')
})

for (const [rights, without, status] of [
  ['all rights', '', '1'],
  ['no right to raw sockets', '-net_raw,-net_admin', '3'],
] as const)
  t.test(`replies have whole sums on a device that writes none: ${rights}`, { skip }, async (t) => {
    const at = mkdtempSync(join(tmpdir(), 'whio-replies-'))
    t.teardown(() => rmSync(at, { recursive: true, force: true }))
    const { server, left } = twoLinks(network(t))
    left.addAddress('eth0', '192.0.2.9/24')
    await serve(server, ['eth0'], {}, without)
    const targets = ['192.0.2.9 68', '255.255.255.255 68', '192.0.2.9 67']
    // Longer than the device takes: in fragments.
    const texts = [
      ...targets.map((to) => `answer ${to}`),
      `answer ${targets[0]} ${'x'.repeat(2000)}`,
    ]
    const filter = 'src host 192.0.2.1 and udp'
    const capture = await Capture.start(left, `${at}/sums.pcap`, ['eth0'], filter, texts.length + 1)
    const asks = await client(left, 6767)
    for (const text of texts) asks.running.tell(`192.0.2.1 67 1 ${text}`)
    const frames = await capture.readChecked('udp.checksum.status', 'ip.checksum.status')
    const whole = frames.filter((one) => one['udp.checksum.status'] !== '')
    t.same(
      whole.map((one) => one['udp.checksum.status']),
      texts.map(() => status),
      status === '1' ? 'good' : 'none, which is right by RFC 768',
    )
    t.ok(frames.every((one) => one['ip.checksum.status'] === '1'))
  })

t.test('an interface of a smaller MTU: replies in fragments', { skip }, async (t) => {
  const { server, left } = twoLinks(network(t))
  for (const where of [server, left]) where.run('ip', 'link', 'set', 'eth0', 'mtu', '600')
  left.addAddress('eth0', '192.0.2.9/24')
  await serve(server, ['eth0'])
  const relay = await client(left, 67)
  const text = 'x'.repeat(1000)
  relay.running.tell(`192.0.2.1 67 1 ${text}`)
  t.match(await relay.hears(text), { from: '192.0.2.1', port: 67 })
})

t.test('a kernel that will not let relayed queries in is told of', { skip }, async (t) => {
  const { server, right } = twoLinks(network(t))
  for (const device of ['all', 'eth0', 'eth1']) setReversePath(server, device, 0)
  const strict = (seen: readonly Event[]): (string | undefined)[] =>
    seen.filter((one) => one.log === 'DHCP4_REVERSE_PATH_STRICT').map((one) => one.sysctl)
  t.same(strict((await stopped(server)).seen), [])
  for (const [all, own, told] of [
    [1, 0, ['net/ipv4/conf/eth0/rp_filter']],
    [0, 1, ['net/ipv4/conf/eth0/rp_filter']],
    [1, 2, []],
  ] as const) {
    setReversePath(server, 'all', all)
    setReversePath(server, 'eth0', own)
    t.same(strict((await stopped(server)).seen), told, `all=${all} eth0=${own}`)
  }
  setReversePath(server, 'all', 1)
  setReversePath(server, 'eth0', 0)
  right.addAddress('eth0', '198.51.100.9/24')
  server.run('ip', 'route', 'add', 'default', 'via', '198.51.100.9')
  t.same(strict((await stopped(server)).seen), ['net/ipv4/conf/eth0/rp_filter'], 'routed elsewhere')
  server.run('ip', 'route', 'replace', 'default', 'via', '192.0.2.9', 'dev', 'eth0')
  t.same(strict((await stopped(server)).seen), [], 'everything is routed by this interface')
})

t.test('a server whose clients are all on its links is not told of it', async (t) => {
  const device = (name: string, address: string): Device => ({
    ...{ name, index: 2, loopback: false, broadcast: true },
    addresses: [{ address: ipv4FromText(address)!, length: 24 }],
  })
  const devices = [device('eth0', '192.0.2.1'), device('eth1', '10.0.0.1')]
  const subnets = (...texts: string[]) => {
    const subnet4 = texts.map((subnet, at) => ({ id: at + 1, subnet }))
    return compile({ Dhcp4: { subnet4 } }, { stateDirectory: '/tmp' }).plan!.dhcp4!
  }
  t.equal(hasDistantSubnets(subnets('192.0.2.0/24'), devices), false)
  t.equal(hasDistantSubnets(subnets('192.0.2.0/24', '203.0.113.0/24'), devices), true)
  const bound = { id: 1, subnet: '203.0.113.0/24', interface: 'eth1' }
  const { plan } = compile({ Dhcp4: { subnet4: [bound] } }, { stateDirectory: '/tmp' })
  t.equal(hasDistantSubnets(plan!.dhcp4!, devices), false, 'bound to an interface')
})

/** A responder on eth0 that has said what it has to say, and ended. */
async function stopped(where: Namespace): Promise<Awaited<ReturnType<typeof serve>>> {
  const responder = await serve(where, ['eth0'])
  responder.running.tell('close')
  await responder.running.ended
  return responder
}
