// A host that has an address of the pool which nobody gave it: what real clients get instead, on
// the link of the server and beyond a relay, and with what rights.

import t from 'tap'
import { Daemon, folder } from './daemon.ts'
import { Udhcpc } from './dhcp-clients.ts'
import { type Namespace, type Network, network, systemSkip } from './netns.ts'
import { behindRelay } from './places.ts'

const skip = systemSkip('udhcpc', 'dhcrelay', 'setpriv')

function document(net: string, parameters: object = {}): object {
  return {
    'interfaces-config': { interfaces: ['eth0'] },
    'valid-lifetime': 3600,
    'decline-probation-period': 600,
    'hooks-libraries': [{ library: 'libdhcp_ping_check.so', parameters }],
    subnet4: [{ id: 1, subnet: `${net}.0/24`, pools: [{ pool: `${net}.100 - ${net}.109` }] }],
  }
}

/** A server, a printer and clients at one switch. */
function office(net: Network, clients: number) {
  const server = net.namespace('server')
  const lan = net.namespace('switch')
  const printer = net.namespace('printer')
  const all = [server, printer]
  for (let count = 0; count < clients; count++) all.push(net.namespace('client'))
  for (const [index, where] of all.entries()) net.veth(lan, `port${index}`, where, 'eth0')
  net.bridge(
    lan,
    'lan',
    all.map((_, index) => `port${index}`),
  )
  server.addAddress('eth0', '192.0.2.1/24')
  return { server, printer, clients: all.slice(2) }
}

function sitsOn(where: Namespace, device: string, address: string): void {
  where.addAddress(device, `${address}/24`)
}

t.test('a neighbour that drops pings is found by ARP, and declined', { skip }, async (t) => {
  const net = network(t)
  const { server, printer, clients } = office(net, 2)
  sitsOn(printer, 'eth0', '192.0.2.100')
  printer.run('sysctl', '-q', '-w', 'net.ipv4.icmp_echo_ignore_all=1')
  const whio = new Daemon(server, folder(t), document('192.0.2'))
  await whio.serves('eth0')
  const { ip } = await new Udhcpc(clients[0]!).bind()
  t.equal(ip, '192.0.2.101')
  await whio.line('DHCP4_SERVER_INITIATED_DECLINE', {
    address: '192.0.2.100',
    hwAddress: printer.hwAddress('eth0'),
    outOfUse: 600,
  })
  t.match(whio.leases("address = '192.0.2.100'"), [{ state: 'declined', hw_address: '' }])
  const shown = server.run(
    ...(['env', '-u', 'NODE_OPTIONS', process.execPath, 'bin/whio.ts'] as const),
    ...['leases', '-c', whio.configFile, '--state', 'declined'],
  )
  t.match(shown, /192\.0\.2\.100 .*declined/)
  t.equal((await new Udhcpc(clients[1]!).bind()).ip, '192.0.2.102')
  const { statistics } = await whio.status()
  t.equal(statistics['addresses-found-in-use'], 1)
  t.equal(await whio.stop(), 0)
})

t.test('others are answered while an address is asked for', { skip }, async (t) => {
  const net = network(t)
  const { server, clients } = office(net, 2)
  const known = { 'hw-address': clients[0]!.hwAddress('eth0'), 'ip-address': '192.0.2.50' }
  const [subnet] = (document('192.0.2') as { subnet4: object[] }).subnet4
  const slow = { 'reply-timeout': 60_000 }
  const whio = new Daemon(server, folder(t), {
    ...document('192.0.2', slow),
    subnet4: [{ ...subnet, reservations: [known] }],
  })
  await whio.serves('eth0')
  const asker = new Udhcpc(clients[1]!)
  const waiting = asker.bind().catch(() => 'never')
  // Its second DISCOVER takes the place of the first one.
  await whio.line('DHCP4_PACKET_DROP', { reason: 'message-repeated' })
  const client = new Udhcpc(clients[0]!)
  t.equal((await client.bind()).ip, '192.0.2.50')
  await client.renew()
  t.notOk(whio.wrote('DHCP4_LEASE_ALLOC', { address: '192.0.2.100' }), 'the other one waits')
  await asker.cut()
  t.equal(await waiting, 'never')
  t.equal(await whio.stop(), 0)
})

t.test('a host beyond a relay is found by a ping', { skip }, async (t) => {
  for (const rights of ['all', 'group'] as const) {
    const net = network(t)
    const { server, middle, far, relayTo } = behindRelay(net)
    sitsOn(middle, 'lower', '203.0.113.100')
    server.run('ip', 'route', 'add', '203.0.113.0/24', 'via', '192.0.2.2')
    server.run(
      'sysctl',
      '-q',
      '-w',
      `net.ipv4.ping_group_range=${rights === 'all' ? '1 0' : '0 0'}`,
    )
    const without = rights === 'all' ? [] : ['setpriv', '--bounding-set=-net_raw,-net_admin']
    const checks = { 'reply-timeout': 500 }
    const whio = new Daemon(server, folder(t), document('203.0.113', checks), without)
    await whio.serves('eth0')
    await relayTo('192.0.2.1')
    const { ip } = await new Udhcpc(far).bind()
    t.equal(ip, '203.0.113.101', rights)
    await whio.line('DHCP4_SERVER_INITIATED_DECLINE', { address: '203.0.113.100', hwAddress: '' })
    t.equal(whio.wrote('DHCP4_PING_CHECK_UNAVAILABLE'), rights === 'group', 'ARP needs a right')
    t.equal(await whio.stop(), 0)
  }
})

t.test('without any right addresses are offered unasked, which is told', { skip }, async (t) => {
  const net = network(t)
  const { server, printer, clients } = office(net, 1)
  sitsOn(printer, 'eth0', '192.0.2.105')
  server.run('sysctl', '-q', '-w', 'net.ipv4.ping_group_range=1 0')
  const without = ['setpriv', '--bounding-set=-net_raw,-net_admin']
  const whio = new Daemon(server, folder(t), document('192.0.2'), without)
  await whio.serves('eth0')
  await new Udhcpc(clients[0]!).bind()
  await whio.line('DHCP4_PING_CHECK_UNAVAILABLE', { trouble: /ARP: EPERM, ping: EPERM|EACCES/ })
  const { statistics } = await whio.status()
  t.equal(statistics['offers-unchecked'], 1)
  t.equal(await whio.stop(), 0)
})
