// The DHCPv6 clients that people have, against the real server, on real devices: addresses and
// prefixes are got, renewed, released and got again; a link is moved to; somebody else has the
// address; relays stand between. Runs in network namespaces, so nothing of it reaches the host.

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { ipv6FromText, textFromIpv6 } from '../../lib/address/ipv6.ts'
import { RELEASE_GUARD_MS } from '../../lib/leases/grace.ts'
import { Daemon6, folder } from './daemon.ts'
import { Udhcpc } from './dhcp-clients.ts'
import { Dhclient6, Dhcpcd6, inside, secondInterface, WideDhcp6c } from './dhcp6-clients.ts'
import { type Network, network, systemSkip } from './netns.ts'

const skip = systemSkip('udhcpc', 'dhclient', 'dhcpcd', 'dhcp6c', 'dhcrelay', 'nsenter')

const PREFIXES = { prefix: '2001:db8:8000::', 'prefix-len': 40, 'delegated-len': 56 }

/** `net` is the text before `::`. */
function subnet(id: number, net: string, more: object = {}): object {
  return {
    id,
    subnet: `${net}::/64`,
    pools: [{ pool: `${net}::100 - ${net}::1ff` }],
    'option-data': [{ name: 'dns-servers', data: `${net}::53, 2620:fe::9` }],
    ...more,
  }
}

const LAN = subnet(1, '2001:db8:1', { interface: 'lan', 'pd-pools': [PREFIXES] })

const TIMES = { 'renew-timer': 1000, 'rebind-timer': 2000, 'preferred-lifetime': 3000 }

/** A server whose bridge `lan` has these hosts, each with its eth0. */
async function lan(net: Network, at: string, words: string[], more: object = {}) {
  const server = net.namespace('server')
  const hosts = words.map((word) => net.namespace(word))
  for (const [index, host] of hosts.entries()) net.veth(server, `port${index}`, host, 'eth0')
  net.bridge(
    server,
    'lan',
    hosts.map((_, index) => `port${index}`),
  )
  server.addAddress6('lan', '2001:db8:1::1/64')
  const whio = new Daemon6(server, at, {
    'interfaces-config': { interfaces: ['lan'] },
    ...{ ...TIMES, 'valid-lifetime': 4000, subnet6: [LAN], ...more },
  })
  await whio.serves('lan')
  for (const host of hosts) await host.linkLocal('eth0')
  return { whio, server, hosts }
}

/** What the journal says of an address or prefix. */
function rowOf(whio: Daemon6, key: string) {
  const [text = '', length] = key.split('/')
  return whio
    .leases6()
    .filter(({ address }) => {
      const [own = '', of] = address.split('/')
      return of === length && textFromIpv6(ipv6FromText(own)!) === text
    })
    .at(0)
}

interface Releasing {
  bind(): Promise<unknown>
  release(): Promise<void>
}

/**
 * The client gives it back and the server takes it. A RELEASE soon after a REPLY, or after the
 * server was held up, is not believed: then all is done once more.
 */
async function released(whio: Daemon6, key: string, client: Releasing): Promise<void> {
  const { duid } = await whio.line(/^DHCP6_LEASE_(ALLOC|RENEW)$/, { address: key })
  for (;;) {
    await delay(RELEASE_GUARD_MS + 100)
    const { mark } = whio
    await client.release()
    const { id, reason } = await whio.line(/^DHCP6_(RELEASE|PACKET_DROP)$/, { duid }, mark)
    if (id === 'DHCP6_RELEASE') return await whio.line(id, { address: key }, mark).then(() => {})
    if (reason !== 'release-too-soon') throw new Error(`the RELEASE is dropped: ${reason}`)
    await client.bind()
  }
}

/** No client of a test may have written what the host has. */
const OF_HOST = ['/etc/resolv.conf', '/var/lib/dhcpv6', '/var/lib/dhcpcd']
const timesOfHost = () => OF_HOST.map((at) => statSync(at, { throwIfNoEntry: false })?.mtimeMs)

t.test('every client: get, renew, release, regain', { skip }, async (t) => {
  const before = timesOfHost()
  const at = folder(t)
  const words = ['dhclient', 'dhclient-pd', 'dhcpcd', 'dhcpcd-pd', 'wide']
  const { whio, hosts } = await lan(network(t), at, words)
  const folders = words.map((word) => inside(at, word))
  for (const host of [hosts[3]!, hosts[4]!]) secondInterface(host)
  t.jobs = words.length
  const together = () => ({ buffered: true })

  const a = t.test('dhclient -6', together(), async (t) => {
    const client = new Dhclient6(hosts[0]!, folders[0]!)
    const { ip, dns } = await client.bind()
    t.match(ip, /^2001:db8:1::1[0-9a-f]{2}$/)
    t.equal(dns, '2001:db8:1::53 2620:fe::9')
    t.ok(client.holds(ip))
    t.match(rowOf(whio, ip), { state: 'assigned', kind: 'IA_NA', valid_lifetime: 4000 })
    await released(whio, ip, client)
    t.match(rowOf(whio, ip), { state: 'released' })
    t.equal((await client.bind()).ip, ip, 'the same again')
  })

  const b = t.test('dhclient -6 -P', together(), async (t) => {
    const client = new Dhclient6(hosts[1]!, folders[1]!, '-P')
    const { prefix } = await client.bind()
    t.match(prefix, /^2001:db8:80[0-9a-f]{2}:[0-9a-f]*00::\/56$|^2001:db8:8000::\/56$/)
    t.match(rowOf(whio, prefix), { state: 'assigned', kind: 'IA_PD' })
    await client.cut()
    t.equal((await client.bind()).prefix, prefix, 'after a start by REBIND')
    await whio.line('DHCP6_LEASE_RENEW', { address: prefix })
    await released(whio, prefix, client)
    t.equal((await client.bind()).prefix, prefix)
  })

  const c = t.test('dhcpcd', together(), async (t) => {
    const client = new Dhcpcd6(hosts[2]!, folders[2]!, false)
    const { ip } = await client.bind()
    t.ok(client.holds(ip))
    t.equal((await client.renew()).ip, ip, 'renewed')
    await whio.line('DHCP6_LEASE_RENEW', { address: ip })
    await released(whio, ip, client)
  })

  const d = t.test('dhcpcd, an address and a prefix', together(), async (t) => {
    const client = new Dhcpcd6(hosts[3]!, folders[3]!, true)
    const { ip, prefix } = await client.bind()
    t.match(rowOf(whio, ip), { state: 'assigned', kind: 'IA_NA' })
    t.match(rowOf(whio, prefix), { state: 'assigned', kind: 'IA_PD' })
    const renewed = await client.renew()
    t.match(renewed, { ip, prefix }, 'both are renewed')
    await released(whio, ip, client)
    await whio.line('DHCP6_RELEASE', { address: prefix })
  })

  const e = t.test('wide dhcp6c, a prefix', together(), async (t) => {
    const client = new WideDhcp6c(hosts[4]!, folders[4]!)
    await client.bind()
    const [row] = whio.leases6("kind = 'IA_PD' AND iaid = '00000007'")
    t.match(row, { state: 'assigned' })
    const [base = ''] = row!.address.split('/')
    const key = `${textFromIpv6(ipv6FromText(base)!)}/56`
    await released(whio, key, client)
    t.match(rowOf(whio, key), { state: 'released' })
  })

  await Promise.all([a, b, c, d, e])
  t.same(timesOfHost(), before, 'nothing of the host was written')
  t.equal(await whio.stop(), 0)
})

t.test('a server that is killed and comes again knows its leases', { skip }, async (t) => {
  const at = folder(t)
  const { whio, hosts } = await lan(network(t), at, ['host'])
  const client = new Dhcpcd6(hosts[0]!, inside(at, 'client'), false)
  const { ip } = await client.bind()
  const [row] = whio.leases6()
  whio.running.kill('SIGKILL')
  await whio.running.ended
  whio.restart()
  await whio.serves('lan')
  t.same(whio.leases6(), [row])
  t.notOk(whio.wrote('DHCP6_SERVER_ID_MADE'), 'and is who it was')
  t.equal((await client.renew()).ip, ip, 'so that a RENEW is for it')
  await whio.line('DHCP6_LEASE_RENEW', { address: ip })
})

t.test(
  'a client on another link asks whether its address fits, and gets another',
  { skip },
  async (t) => {
    const at = folder(t)
    const { whio, hosts } = await lan(network(t), at, ['host'])
    const client = new Dhclient6(hosts[0]!, inside(at, 'client'))
    const { ip } = await client.bind()
    await client.cut()
    t.equal((await client.bind()).ip, ip, 'on the same one it fits')
    await whio.line('DHCP6_CONFIRM')
    await client.cut()
    whio.configure({
      'interfaces-config': { interfaces: ['lan'] },
      subnet6: [subnet(2, '2001:db8:2', { interface: 'lan' })],
    })
    const { mark } = whio
    await whio.signal('SIGHUP')
    await whio.line('DHCP6_CONFIG_COMPLETE', {}, mark)
    client.start()
    await whio.line('DHCP6_CONFIRM', { why: 'not on this link' }, mark)
    const event = await client.event(/^BOUND6$/)
    t.match(event.ip, /^2001:db8:2::1/)
  },
)

t.test('an address that somebody else has is declined', { skip }, async (t) => {
  const at = folder(t)
  const one = subnet(1, '2001:db8:1', {
    interface: 'lan',
    pools: [{ pool: '2001:db8:1::100 - 2001:db8:1::101' }],
    allocator: 'iterative',
  })
  const { whio, hosts } = await lan(network(t), at, ['host', 'squatter'], { subnet6: [one] })
  hosts[1]!.addAddress6('eth0', '2001:db8:1::100/64')
  hosts[1]!.addAddress6('eth0', '2001:db8:1::101/64')
  const client = new Dhclient6(hosts[0]!, inside(at, 'client'))
  client.start()
  const { address } = await whio.line('DHCP6_DECLINE')
  t.match(rowOf(whio, String(address)), { state: 'declined', duid: '' })
})

t.test('relayed, by one relay and by two', { skip }, async (t) => {
  const at = folder(t)
  const net = network(t)
  const [server, near, far] = ['server', 'near', 'far'].map((word) => net.namespace(word))
  const [one, two] = ['one', 'two'].map((word) => net.namespace(word))
  net.veth(server!, 'eth0', near!, 'wan')
  net.veth(near!, 'core', far!, 'wan')
  net.veth(near!, 'lan', one!, 'eth0')
  net.veth(far!, 'lan', two!, 'eth0')
  server!.addAddress6('eth0', '2001:db8::1/64')
  near!.addAddress6('wan', '2001:db8::2/64')
  near!.addAddress6('core', '2001:db8:f::1/64')
  near!.addAddress6('lan', '2001:db8:1::1/64')
  far!.addAddress6('wan', '2001:db8:f::2/64')
  far!.addAddress6('lan', '2001:db8:2::1/64')
  const whio = new Daemon6(server!, at, {
    'interfaces-config': { interfaces: ['eth0'] },
    subnet6: [subnet(1, '2001:db8:1'), subnet(2, '2001:db8:2', { 'pd-pools': [PREFIXES] })],
  })
  await whio.serves('eth0')
  for (const at of [near!, far!]) for (const device of ['wan', 'lan']) await at.linkLocal(device)
  await near!.linkLocal('core')
  for (const client of [one!, two!]) await client.linkLocal('eth0')
  // The nearer one relays what clients send, and what the other relay sends.
  const relays = ['-6', '-d', '-I']
  const nearArgs = ['-l', 'lan', '-l', 'core', '-u', '2001:db8::1%wan']
  await near!.start('dhcrelay', ...relays, ...nearArgs).until(/Sending on +Socket|Listening/)
  await far!
    .start('dhcrelay', ...relays, '-l', 'lan', '-u', '2001:db8:f::1%wan')
    .until(/Sending on +Socket|Listening/)
  const clients = [one!, two!].map((where, n) => new Dhclient6(where, inside(at, `client${n}`)))
  const [first, second] = await Promise.all(clients.map((client) => client.bind()))
  t.match(first?.ip, /^2001:db8:1::1/)
  t.match(second?.ip, /^2001:db8:2::1/)
  t.ok(whio.wrote('DHCP6_LEASE_ADVERT', { relays: 2 }), 'through both')
  const router = new Dhclient6(two!, inside(at, 'router'), '-P')
  await clients[1]!.cut()
  t.match((await router.bind()).prefix, /\/56$/)
})

t.test('one process serves both families on one interface', { skip }, async (t) => {
  const at = folder(t)
  const net = network(t)
  const [server, old, young] = ['server', 'old', 'young'].map((word) => net.namespace(word))
  net.veth(server!, 'port0', old!, 'eth0')
  net.veth(server!, 'port1', young!, 'eth0')
  net.bridge(server!, 'lan', ['port0', 'port1'])
  server!.addAddress('lan', '192.0.2.1/24')
  server!.addAddress6('lan', '2001:db8:1::1/64')
  const whio = new BothDaemon(server!, at, { subnet6: [LAN] })
  await whio.serves('lan')
  await whio.line('DHCP4_INTERFACE_SERVING', { interface: 'lan' })
  await young!.linkLocal('eth0')
  const [four, six] = [new Udhcpc(old!), new Dhclient6(young!, inside(at, 'client'))]
  const [a, b] = await Promise.all([four.bind(), six.bind()])
  t.match(a.ip, /^192\.0\.2\.1/)
  t.match(b.ip, /^2001:db8:1::1/)
  t.match(whio.leases(), [{ address: a.ip, state: 'assigned' }])
  t.match(rowOf(whio, b.ip), { state: 'assigned' })
  const { statistics } = await whio.status()
  t.match(statistics, { 'pkt4-ack-sent': 1, 'pkt6-reply-sent': 1 })
  t.equal(await whio.stop(), 0, 'and both end in good order')
})

/** The map Dhcp4 beside that of DHCPv6. */
class BothDaemon extends Daemon6 {
  override configure(dhcp6: object): void {
    super.configure({ 'interfaces-config': { interfaces: ['lan'] }, ...dhcp6 })
    const { Dhcp6 } = JSON.parse(readFileSync(this.configFile, 'utf8'))
    const { loggers, 'lease-database': database } = Dhcp6
    const pools = [{ pool: '192.0.2.100 - 192.0.2.199' }]
    const Dhcp4 = {
      'interfaces-config': { interfaces: ['lan'] },
      ...{ loggers, 'lease-database': database },
      subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools }],
    }
    writeFileSync(this.configFile, JSON.stringify({ Dhcp4, Dhcp6 }))
  }
}

t.test(
  'dhcpcd renews at once when it is told to, and believes only its key',
  { skip },
  async (t) => {
    const at = folder(t)
    const Whio = { 'reconfigure-accept': true }
    const { whio, hosts } = await lan(network(t), at, ['host'], { Whio })
    const client = new Dhcpcd6(hosts[0]!, inside(at, 'client'), false, 'dhcp6_reconfigure_accept')
    const { ip, dns } = await client.bind()
    t.match(dns, '2001:db8:1::53')
    for (const resolver of ['2001:db8:1::54', '2001:db8:1::55']) {
      whio.configure({
        'interfaces-config': { interfaces: ['lan'] },
        ...{ ...TIMES, 'valid-lifetime': 4000, Whio },
        subnet6: [{ ...LAN, 'option-data': [{ name: 'dns-servers', data: resolver }] }],
      })
      whio.running.kill('SIGHUP')
      const renewed = await client.event(/^RENEW6$/)
      t.match(renewed, { ip, dns: resolver })
      await whio.line('DHCP6_RECONFIGURED', { asked: 1, answered: 1 })
    }
  },
)

t.test(
  'RFC 9915 §18.3.6: dhcpcd that has options alone asks for them again after a reload',
  { skip },
  async (t) => {
    const at = folder(t)
    const Whio = { 'reconfigure-accept': true }
    const { whio, hosts } = await lan(network(t), at, ['host'], { Whio })
    const folderOf = inside(at, 'client')
    const accepts = 'dhcp6_reconfigure_accept'
    const client = new Dhcpcd6(hosts[0]!, folderOf, false, accepts, ['inform6'])
    client.start()
    t.match((await client.event(/^INFORM6$/)).dns, '2001:db8:1::53')
    for (const resolver of ['2001:db8:1::54', '2001:db8:1::55']) {
      whio.configure({
        'interfaces-config': { interfaces: ['lan'] },
        ...{ ...TIMES, 'valid-lifetime': 4000, Whio },
        subnet6: [{ ...LAN, 'option-data': [{ name: 'dns-servers', data: resolver }] }],
      })
      whio.running.kill('SIGHUP')
      t.equal((await client.event(/^INFORM6$/)).dns, resolver)
      await whio.line('DHCP6_RECONFIGURED', { asked: 1, answered: 1 })
    }
    t.same(whio.leases6(), [])
  },
)
