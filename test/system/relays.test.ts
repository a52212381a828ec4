// What relays say of clients (option 82), with real relays and clients: circuits that have a
// reservation or a class, a chain of relays; and what is kept of it and counts for a renewal that
// goes past the relay.

import t from 'tap'
import { Capture, messagesOf } from './capture.ts'
import { Daemon, folder } from './daemon.ts'
import { Udhcpc } from './dhcp-clients.ts'
import { type Namespace, network, type Owner, type Running, systemSkip } from './netns.ts'

const skip = systemSkip('udhcpc', 'dhcrelay', 'dumpcap', 'tshark')

const CIRCUIT = 'dhcp.option.agent_information_option.agent_circuit_id'
const COMPLAINTS = ['_ws.malformed', '_ws.expert.message']

/** The circuit "desk" has a reservation, the circuit "hall" a pool and an option of its own. */
function document(isStashing: boolean): object {
  return {
    'interfaces-config': { interfaces: ['eth0'] },
    'valid-lifetime': 3600,
    'host-reservation-identifiers': ['circuit-id', 'hw-address'],
    'store-extended-info': true,
    'stash-agent-options': isStashing,
    'client-classes': [
      {
        name: 'hall',
        test: "relay4[1].hex == 'hall'",
        'option-data': [{ name: 'domain-name-servers', data: '203.0.113.53' }],
      },
      { name: 'others', test: "not member('hall')" },
    ],
    subnet4: [
      {
        id: 1,
        subnet: '203.0.113.0/24',
        pools: [
          { pool: '203.0.113.100 - 203.0.113.149', 'client-classes': ['others'] },
          { pool: '203.0.113.200 - 203.0.113.249', 'client-classes': ['hall'] },
        ],
        reservations: [{ 'circuit-id': "'desk'", 'ip-address': '203.0.113.7' }],
      },
    ],
  }
}

/** A server, and clients beyond a router: one at each circuit, /26 each. */
function floor(owner: Owner, circuits: readonly string[]) {
  const net = network(owner)
  const server = net.namespace('server')
  const router = net.namespace('router')
  net.veth(server, 'eth0', router, 'upper')
  server.addAddress('eth0', '192.0.2.1/24')
  server.run('ip', 'route', 'add', 'default', 'via', '192.0.2.2')
  router.addAddress('upper', '192.0.2.2/24')
  router.run('sysctl', '-q', '-w', 'net.ipv4.ip_forward=1')
  const clients = circuits.map((circuit, index) => {
    const where = net.namespace(circuit)
    net.veth(router, circuit, where, 'eth0')
    router.addAddress(circuit, `203.0.113.${index * 64 + 1}/26`)
    return where
  })
  return { net, server, router, clients }
}

/** A relay that names the device on which a client is heard as its circuit. */
async function relay(where: Namespace, down: readonly string[], ...words: string[]) {
  const devices = ['-iu', 'upper', ...down.flatMap((device) => ['-id', device])]
  const running: Running = where.start('dhcrelay', '-4', '-d', '-a', ...devices, ...words)
  await running.until(/Sending on +Socket/)
  return running
}

function listed(whio: Daemon): string {
  const words = ['bin/whio.ts', 'leases', '-c', whio.configFile]
  return whio.where.run('env', '-u', 'NODE_OPTIONS', process.execPath, ...words)
}

t.test(
  'circuits: one has a reservation, one a class with a pool and options',
  { skip },
  async (t) => {
    const { server, router, clients } = floor(t, ['desk', 'hall', 'attic'])
    const whio = new Daemon(server, folder(t), document(false))
    await whio.serves('eth0')
    await relay(router, ['desk', 'hall', 'attic'], '192.0.2.1')
    const [desk, hall, attic] = clients.map((where) => new Udhcpc(where))
    const first = await desk!.bind()
    t.same([first.ip, first.dns], ['203.0.113.7', ''])
    t.match(await hall!.bind(), { ip: /^203\.0\.113\.2[0-4]\d$/, dns: '203.0.113.53' })
    const { ip } = await attic!.bind()
    t.match(ip, /^203\.0\.113\.1[0-4]\d$/)
    const leases = listed(whio)
    t.match(leases, /^203\.0\.113\.7 .* circuit-id=desk$/m)
    t.match(leases, /^203\.0\.113\.2\d\d .* circuit-id=hall$/m)
    await desk!.cut()
    // Whoever is at the circuit gets its address, once the lease of the one before has ended.
    desk!.where.run('ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:77')
    const { mark } = whio
    const newcomer = new Udhcpc(desk!.where)
    t.match((await newcomer.bind()).ip, /^203\.0\.113\.1[0-4]\d$/, 'another one, meanwhile')
    t.notOk(whio.wrote('INTERNAL_ERROR', {}, mark))
    t.equal(await whio.stop(), 0)
  },
)

t.test('stash-agent-options: a renewal past the relay keeps the circuit', { skip }, async (t) => {
  const { server, router, clients } = floor(t, ['desk'])
  const whio = new Daemon(server, folder(t), document(true))
  await whio.serves('eth0')
  const running = await relay(router, ['desk'], '192.0.2.1')
  const client = new Udhcpc(clients[0]!)
  const hwAddress = clients[0]!.hwAddress('eth0')
  t.match(await client.bind(), { ip: '203.0.113.7' })
  // The client's script sets its address anew at each event, so its route is gone, too.
  const routed = () => clients[0]!.run('ip', 'route', 'add', 'default', 'via', '203.0.113.1')
  routed()
  // This relay also relays what a router passes on, so it ends first.
  running.kill()
  await running.ended
  t.match(await client.renew(), { ip: '203.0.113.7' })
  t.match(listed(whio), /^203\.0\.113\.7 .* circuit-id=desk$/m)

  whio.configure(document(false))
  const { mark } = whio
  await whio.signal('SIGHUP')
  await whio.line('DHCP4_CONFIG_COMPLETE', {}, mark)
  routed()
  client.running!.kill('SIGUSR1')
  await whio.line('DHCP4_LEASE_NAK', { hwAddress, address: '203.0.113.7' })
  await client.event(/^nak$/)
  t.pass('without the key nobody knows at which circuit the client is')
  t.equal(await whio.stop(), 0)
})

t.test(
  'RFC3046 §2.1: what a second relay appends goes back, the first counts',
  { skip },
  async (t) => {
    const at = folder(t)
    const net = network(t)
    const [server, second, first, where] = ['server', 'second', 'first', 'client'].map((word) =>
      net.namespace(word),
    ) as [Namespace, Namespace, Namespace, Namespace]
    net.veth(server, 'eth0', second, 'upper')
    net.veth(second, 'ring', first, 'upper')
    net.veth(first, 'desk', where, 'eth0')
    server.addAddress('eth0', '192.0.2.1/24')
    second.addAddress('upper', '192.0.2.2/24')
    second.addAddress('ring', '198.51.100.1/24')
    first.addAddress('upper', '198.51.100.2/24')
    first.addAddress('desk', '203.0.113.1/24')
    second.run('sysctl', '-q', '-w', 'net.ipv4.ip_forward=1')
    server.run('ip', 'route', 'add', 'default', 'via', '192.0.2.2')
    second.run('ip', 'route', 'add', '203.0.113.0/24', 'via', '198.51.100.2')
    first.run('ip', 'route', 'add', 'default', 'via', '198.51.100.1')
    const whio = new Daemon(server, at, document(false))
    await whio.serves('eth0')
    const messages = messagesOf(where.hwAddress('eth0'))
    const capture = await Capture.start(server, `${at}/chain.pcap`, ['eth0'], messages, 4)
    await relay(second, ['ring'], '-m', 'append', '192.0.2.1')
    await relay(first, ['desk'], '198.51.100.1')
    t.match(await new Udhcpc(where).bind(), { ip: '203.0.113.7' })

    t.match(listed(whio), /^203\.0\.113\.7 .* circuit-id=desk circuit-id=ring$/m)
    const both = ['desk', 'ring'].map((word) => Buffer.from(word).toString('hex')).join()
    for (const message of await capture.readAll('dhcp.ip.relay', CIRCUIT, ...COMPLAINTS))
      t.same(Object.values(message), ['203.0.113.1', both, '', ''], 'up and down alike')
    t.equal(await whio.stop(), 0)
  },
)
