// The clients that people have, against the real server, on real devices: each gets a lease,
// renews, releases and regains it. Then one server with several links, a relay, and a configuration
// that changes while it serves. What a client says, what its interface has and what the journal
// holds must agree. Runs in network namespaces, so nothing of it reaches the host.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { RELEASE_GUARD_MS } from '../../lib/leases/grace.ts'
import { Capture, messagesOf } from './capture.ts'
import { Daemon, folder } from './daemon.ts'
import { type Client, type ClientEvent, Dhclient, Dhcpcd, Udhcpc } from './dhcp-clients.ts'
import { network, systemSkip } from './netns.ts'
import { behindRelay, twoLinks } from './places.ts'

const skip = systemSkip('udhcpc', 'dhclient', 'dhcpcd', 'dhcrelay', 'dumpcap', 'tshark', 'nsenter')

/** A subnet 192.0.2.0/24 or the like: `net` is the text before the last dot. */
function subnet(id: number, net: string, more: object = {}): object {
  return {
    id,
    subnet: `${net}.0/24`,
    pools: [{ pool: `${net}.100 - ${net}.149` }],
    'option-data': [
      { name: 'routers', data: `${net}.1` },
      { name: 'domain-name-servers', data: `${net}.53, 9.9.9.9` },
    ],
    ...more,
  }
}

/**
 * Get, renew, release, regain: the life of a lease as the client, its interface and the journal see
 * it.
 */
async function life(t: Test, whio: Daemon, client: Client, hold: Hold): Promise<void> {
  const hwAddress = client.where.hwAddress('eth0')
  const first = await client.bind()
  const address = first.ip
  t.match(first, { router: '192.0.2.1', lease: '3600', server: '192.0.2.1' })
  t.match(first.dns, /^192\.0\.2\.53 9\.9\.9\.9$/, 'name servers in order')
  t.match(first.mask, /^(24|255\.255\.255\.0)$/)
  t.ok(client.holds(address), 'the address is on its interface')
  t.match(await whio.line('DHCP4_LEASE_ALLOC', { hwAddress }), { address })
  const [row] = whio.leases(`address = '${address}'`)
  t.match(row, { state: 'assigned', hw_address: hwAddress, subnet_id: 1, valid_lifetime: 3600 })
  t.equal(row?.client_id, hold.clientId, 'the journal has its identity')

  const renewed = await client.renew()
  t.equal(renewed.ip, address, 'renewed')
  await whio.line('DHCP4_LEASE_RENEW', { hwAddress, address })
  t.ok(client.holds(address))

  await client.calm()
  await released(whio, client, address)
  t.match(whio.leases(`address = '${address}'`), [{ state: 'released' }])
  t.notOk(client.holds(address), 'the address has left its interface')

  const { mark } = whio
  t.equal((await client.bind()).ip, address, 'gets the same address again')
  await whio.line('DHCP4_LEASE_ALLOC', { hwAddress, address }, mark)
  t.match(whio.leases(`address = '${address}'`), [{ state: 'assigned', hw_address: hwAddress }])
}

/**
 * The client gives its address back and the server takes it. A RELEASE soon after an ACK, or after
 * the server was held up, is not believed since it may be older than the ACK: then all is done once
 * more.
 */
async function released(whio: Daemon, client: Client, address: string): Promise<void> {
  const hwAddress = client.where.hwAddress('eth0')
  for (;;) {
    await delay(RELEASE_GUARD_MS + 100)
    const { mark } = whio
    await client.release()
    const answer = await whio.line(/^DHCP4_(RELEASE|PACKET_DROP)$/, { hwAddress }, mark)
    if (answer.id === 'DHCP4_RELEASE' && answer.address === address) return
    if (answer.reason !== 'release-too-soon') throw new Error(JSON.stringify(answer))
    await client.bind()
  }
}

interface Hold {
  /** Option 61 in hexadecimal, '' where the client sends none. */
  readonly clientId: string
}

t.test('every client: get, renew, release, regain', { skip }, async (t) => {
  const hostsNames = statSync('/etc/resolv.conf', { throwIfNoEntry: false })?.mtimeMs
  const net = network(t)
  const at = folder(t)
  const server = net.namespace('server')
  const wires = ['udhcpc', 'broadcast', 'dhclient', 'dhcpcd'].map((word) => net.namespace(word))
  for (const [index, where] of wires.entries()) net.veth(server, `port${index}`, where, 'eth0')
  const ports = wires.map((_, index) => `port${index}`)
  net.bridge(server, 'lan', ports)
  server.addAddress('lan', '192.0.2.1/24')
  const whio = new Daemon(server, at, {
    'interfaces-config': { interfaces: ['lan'] },
    'valid-lifetime': 3600,
    subnet4: [subnet(1, '192.0.2')],
  })
  await whio.serves('lan')

  // All at once: most of the time is spent waiting.
  t.jobs = wires.length
  const together = () => ({ buffered: true })
  const a = t.test('udhcpc, replies unicast to its hardware address', together(), async (t) => {
    const where = wires[0]!
    const hw = where.hwAddress('eth0')
    const capture = await Capture.start(where, `${at}/unicast.pcap`, ['eth0'], messagesOf(hw), 4)
    await life(t, whio, new Udhcpc(where), { clientId: `01${hw.replaceAll(':', '')}` })
    await decoded(t, capture, { hw, unicast: true })
  })

  const b = t.test('udhcpc -B, replies broadcast', together(), async (t) => {
    const where = wires[1]!
    const hw = where.hwAddress('eth0')
    const capture = await Capture.start(where, `${at}/broadcast.pcap`, ['eth0'], messagesOf(hw), 4)
    await life(t, whio, new Udhcpc(where, '-B', '-C'), { clientId: '' })
    await decoded(t, capture, { hw, unicast: false })
  })

  const c = t.test('dhclient', together(), async (t) => {
    const client = new Dhclient(wires[2]!, at, 'send dhcp-client-identifier "whio";')
    await life(t, whio, client, { clientId: Buffer.from('whio').toString('hex') })
    t.match(readFileSync(client.leaseFile, 'utf8'), /option domain-name-servers 192\.0\.2\.53,9/)
  })

  const d = t.test('dhcpcd', together(), async (t) => {
    const client = new Dhcpcd(wires[3]!)
    await life(t, whio, client, { clientId: '' })
    const { mark } = whio
    await client.rebind()
    await whio.line('DHCP4_LEASE_RENEW', { hwAddress: wires[3]!.hwAddress('eth0') }, mark)
  })

  await Promise.all([a, b, c, d])

  await t.test('the server had no trouble', async (t) => {
    const all = whio.leases()
    t.equal(new Set(all.map((row) => row.hw_address)).size, wires.length, 'a lease for each')
    t.notOk(whio.wrote('INTERNAL_ERROR'))
    t.equal(await whio.stop(), 0)
    const now = statSync('/etc/resolv.conf', { throwIfNoEntry: false })?.mtimeMs
    t.equal(now, hostsNames, 'and the host keeps its name servers')
  })
})

/** tshark reads four messages of a new client without a complaint. */
async function decoded(
  t: Test,
  capture: Capture,
  { hw, unicast }: { hw: string; unicast: boolean },
): Promise<void> {
  const complaints = ['_ws.malformed', '_ws.expert.message']
  const names = ['dhcp.option.dhcp', 'eth.dst', 'ip.dst', 'dhcp.ip.your', 'dhcp.option.end']
  const messages = await capture.read(...names, 'ip.checksum.status', ...complaints)
  t.same(
    messages.map((one) => one['dhcp.option.dhcp']),
    ['1', '2', '3', '5'],
    'DORA',
  )
  for (const one of messages) {
    t.same(
      complaints.map((name) => one[name]),
      ['', ''],
      'tshark complains about nothing',
    )
    t.equal(one['dhcp.option.end'], '255', 'the options come to their end')
  }
  for (const reply of messages.filter((_, index) => index % 2 === 1)) {
    t.equal(reply['eth.dst'], unicast ? hw : 'ff:ff:ff:ff:ff:ff')
    t.equal(reply['ip.dst'], unicast ? reply['dhcp.ip.your'] : '255.255.255.255')
  }
}

t.test('one server, several links, a configuration that changes', { skip }, async (t) => {
  const net = network(t)
  const at = folder(t)
  const { server, left, right } = twoLinks(net)
  const late = net.namespace('late')
  const leftHw = left.hwAddress('eth0')
  const common = {
    'interfaces-config': { interfaces: ['eth0', 'eth1', 'eth2'] },
    'valid-lifetime': 3600,
    authoritative: true,
  }
  const reservations = [
    { 'hw-address': leftHw, 'ip-address': '192.0.2.10' },
    { 'client-id': "'front-desk'", 'ip-address': '192.0.2.11' },
  ]
  const subnets = [subnet(1, '192.0.2', { reservations }), subnet(2, '198.51.100')]
  const whio = new Daemon(server, at, { ...common, subnet4: subnets })
  await whio.serves('eth0', 'eth1')
  await whio.line('DHCP4_INTERFACE_TROUBLE', { interface: 'eth2', trouble: /does not exist/ })

  await t.test('each link has its subnet', async (t) => {
    const a = new Udhcpc(left, '-x', '0x3d:00aabb')
    const b = new Udhcpc(right)
    const [first, second] = await Promise.all([a.bind(), b.bind()])
    t.match(first, { ip: '192.0.2.10', router: '192.0.2.1' }, 'reserved by hardware address')
    t.match(second.ip, /^198\.51\.100\.1[0-4]\d$/)
    t.match(second, { router: '198.51.100.1', server: '198.51.100.1' })
    t.match(whio.leases("address = '192.0.2.10'"), [{ subnet_id: 1, hw_address: leftHw }])
    t.match(whio.leases(`address = '${second.ip}'`), [{ subnet_id: 2 }])
    await Promise.all([a.cut(), b.cut()])
  })

  await t.test('a reservation by client identifier', async (t) => {
    // The same machine, dressed as another: the hardware address of `right` is not reserved.
    left.run('ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:42')
    const client = new Udhcpc(left, '-x', `0x3d:${Buffer.from('front-desk').toString('hex')}`)
    t.match(await client.bind(), { ip: '192.0.2.11' })
    await client.cut()
  })

  await t.test('a client that moved to another link', async (t) => {
    left.run('ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:43')
    right.run('ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:43')
    const here = new Dhclient(left, at)
    const first = await here.bind()
    t.match(first, { reason: 'BOUND', ip: /^192\.0\.2\.1[0-4]\d$/ })
    await here.cut()
    t.match(await here.bind(), { reason: 'REBOOT', ip: first.ip }, 'back at the same link')
    await here.cut()

    const { mark } = whio
    const there = new Dhclient(right, at)
    const second = await there.bind()
    t.match(second, { reason: 'BOUND', ip: /^198\.51\.100\.1[0-4]\d$/ })
    t.match(there.running?.stderr, /DHCPNAK from 198\.51\.100\.1/)
    const nak = { interface: 'eth1', hwAddress: '02:00:00:00:00:43' }
    await whio.line('DHCP4_LEASE_NAK', nak, mark)
    t.match(whio.leases(`address = '${second.ip}'`), [{ subnet_id: 2, state: 'assigned' }])
    await there.cut()
  })

  await t.test('a bad configuration changes nothing', async (t) => {
    whio.configure({ ...common, subnet4: subnets, 'no-such-key': true })
    whio.running.kill('SIGHUP')
    t.match(await whio.line('DHCP4_CONFIG_ERROR', { level: 'error' }), { problem: /no-such-key/ })
    await whio.line('DHCP4_CONFIG_REFUSED')
    const client = new Udhcpc(right)
    t.match(await client.bind(), { ip: /^198\.51\.100\./ }, 'still serves')
    await client.cut()
  })

  await t.test('a device that comes late, a pool and a reservation that are new', async (t) => {
    net.veth(server, 'eth2', late, 'eth0')
    server.addAddress('eth2', '203.0.113.1/24')
    await whio.line('DHCP4_INTERFACE_SERVING', { interface: 'eth2' })
    const lateHw = late.hwAddress('eth0')
    const more = [
      subnet(1, '192.0.2', { pools: [{ pool: '192.0.2.200 - 192.0.2.200' }] }),
      subnet(2, '198.51.100'),
      subnet(3, '203.0.113', {
        reservations: [{ 'hw-address': lateHw, 'ip-address': '203.0.113.7', hostname: 'tardy' }],
      }),
    ]
    whio.configure({ ...common, subnet4: more })
    whio.running.kill('SIGHUP')
    await whio.line('DHCP4_CONFIG_COMPLETE')
    const reserved = new Udhcpc(late)
    t.match(await reserved.bind(), { ip: '203.0.113.7', router: '203.0.113.1' })
    t.match(whio.leases("address = '203.0.113.7'"), [{ subnet_id: 3, hw_address: lateHw }])
    left.run('ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:44')
    const pooled = new Udhcpc(left)
    t.match(await pooled.bind(), { ip: '192.0.2.200' }, 'the only address of the new pool')
    await Promise.all([reserved.cut(), pooled.cut()])
  })

  await t.test('an orderly end', async (t) => {
    const before = whio.leases()
    t.equal(await whio.stop(), 0, 'SIGTERM ends it with exit code 0')
    t.ok(whio.wrote('DHCP4_STOPPED'))
    const log = `${whio.journalFile}-wal`
    t.ok(!existsSync(log) || statSync(log).size === 0, 'no write-ahead log is left')
    t.same(whio.leases(), before, 'the journal is whole')
    t.notOk(whio.wrote('INTERNAL_ERROR'))
    const lines = whio.running.stderr.split('\n')
    // An interface that is not there yet, a folder that is to be made.
    t.same(
      lines.filter((line) => line !== '' && !line.startsWith('warning: ')),
      [],
    )
  })
})

t.test('a client behind a relay', { skip }, async (t) => {
  const net = network(t)
  const at = folder(t)
  const { server, middle, far, relayTo } = behindRelay(net)
  server.run('ip', 'route', 'add', '203.0.113.0/24', 'via', '192.0.2.2')
  middle.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
  const whio = new Daemon(server, at, {
    'interfaces-config': { interfaces: ['eth0'] },
    'valid-lifetime': 3600,
    subnet4: [subnet(1, '192.0.2'), subnet(2, '203.0.113')],
  })
  await whio.serves('eth0')
  await relayTo('192.0.2.1')

  const hwAddress = far.hwAddress('eth0')
  const capture = await Capture.start(
    middle,
    `${at}/relay.pcap`,
    ['upper', 'lower'],
    messagesOf(hwAddress),
    8,
  )
  const client = new Udhcpc(far)
  const first: ClientEvent = await client.bind()
  t.match(first, { ip: /^203\.0\.113\.1[0-4]\d$/, router: '203.0.113.1', server: '192.0.2.1' })
  t.match(whio.leases(), [{ address: first.ip, subnet_id: 2, hw_address: hwAddress }])
  t.match(await whio.line('DHCP4_LEASE_OFFER', { hwAddress }), { relay: '203.0.113.1' })

  const circuit = 'dhcp.option.agent_information_option.agent_circuit_id'
  const names = ['frame.interface_name', 'dhcp.option.dhcp', 'dhcp.ip.relay', circuit, 'ip.dst']
  const messages = await capture.read(...names, '_ws.expert.message')
  const up = messages.filter((one) => one['frame.interface_name'] === 'upper')
  const down = messages.filter((one) => one['frame.interface_name'] === 'lower')
  t.same(
    up.map((one) => one['dhcp.option.dhcp']),
    ['1', '2', '3', '5'],
  )
  t.same(
    down.map((one) => one['dhcp.option.dhcp']),
    ['1', '2', '3', '5'],
  )
  t.ok(up[0]![circuit], 'the relay added a circuit id')
  for (const one of up) t.equal(one[circuit], up[0]![circuit], 'and gets it back as it was')
  for (const one of down) t.equal(one[circuit], '', 'it never reaches the client')
  for (const reply of [up[1]!, up[3]!]) t.equal(reply['ip.dst'], '203.0.113.1', 'sent to giaddr')
  for (const one of messages) t.equal(one['_ws.expert.message'], '')

  // RFC 2131 §4.4.5: a renewal goes past the relay, straight to the server.
  far.run('ip', 'route', 'add', 'default', 'via', '203.0.113.1')
  t.equal((await client.renew()).ip, first.ip)
  await whio.line('DHCP4_LEASE_RENEW', { hwAddress, address: first.ip })
  t.equal(await whio.stop(), 0)
})
