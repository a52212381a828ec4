// Options whose inside is easily wrong, in replies to a real client behind a real relay: tshark
// takes each of them apart.

import t from 'tap'
import { Capture, messagesOf } from './capture.ts'
import { Daemon, folder } from './daemon.ts'
import { Udhcpc } from './dhcp-clients.ts'
import { network, systemSkip } from './netns.ts'
import { behindRelay } from './places.ts'

const skip = systemSkip('udhcpc', 'dhcrelay', 'dumpcap', 'tshark')

const DOCUMENT = {
  'interfaces-config': { interfaces: ['eth0'] },
  'valid-lifetime': 3600,
  'ddns-qualifying-suffix': 'example.org',
  'option-def': [
    { name: 'controllers', code: 1, space: 'ubnt', type: 'ipv4-address', array: true },
    { name: 'tftp', code: 2, space: 'vendor-4491', type: 'ipv4-address', array: true },
    { name: 'note', code: 7, space: 'vendor-9', type: 'string' },
  ],
  'client-classes': [
    {
      name: 'access-points',
      test: "option[60].hex == 'ubnt'",
      'option-def': [
        { name: 'vendor-encapsulated-options', code: 43, type: 'empty', encapsulate: 'ubnt' },
      ],
      'option-data': [{ name: 'controllers', space: 'ubnt', data: '203.0.113.8, 203.0.113.9' }],
    },
  ],
  'option-data': [
    { name: 'domain-search', data: 'a.example.org, example.org' },
    {
      name: 'classless-static-route',
      data: '10.0.0.0/8 - 203.0.113.1, 0.0.0.0/0 - 203.0.113.1, 192.0.2.128/25 - 203.0.113.2',
    },
    { name: 'vivco-suboptions', data: '4491, 03616263' },
    { name: 'vivso-suboptions', data: '4491' },
    { name: 'tftp', space: 'vendor-4491', data: '203.0.113.3', 'always-send': true },
    { name: 'note', space: 'vendor-9', data: 'hello', 'always-send': true },
  ],
  subnet4: [
    { id: 1, subnet: '203.0.113.0/24', pools: [{ pool: '203.0.113.100 - 203.0.113.149' }] },
  ],
}

const OF_VENDORS = [43, 119, 121, 124, 125]

t.test('options in options, as tshark reads them', { skip }, async (t) => {
  const net = network(t)
  const at = folder(t)
  const { server, far, relayTo } = behindRelay(net)
  server.run('ip', 'route', 'add', '203.0.113.0/24', 'via', '192.0.2.2')
  const whio = new Daemon(server, at, DOCUMENT)
  await whio.serves('eth0')
  await relayTo('192.0.2.1')
  const messages = messagesOf(far.hwAddress('eth0'))
  const capture = await Capture.start(server, `${at}/options.pcap`, ['eth0'], messages, 4)
  // Enterprise 9 with nothing in it: the client is one of its devices.
  const says = ['-V', 'ubnt', '-F', 'camera', '-x', '0x7d:0000000900']
  await new Udhcpc(far, ...says, ...OF_VENDORS.flatMap((code) => ['-O', `${code}`])).bind()

  const taken = [
    'dhcp.option.type',
    'dhcp.fqdn.name',
    'dhcp.option.dhcp_dns_domain_search_list_fqdn',
    'dhcp.option.vi.enterprise',
    'dhcp.option.agent_information_option.agent_circuit_id',
  ]
  const replies = (
    await capture.readAll('ip.src', ...taken, '_ws.malformed', '_ws.expert.message')
  ).filter((message) => message['ip.src'] === '192.0.2.1')
  t.equal(replies.length, 2)
  for (const { 'ip.src': _, 'dhcp.option.type': types, ...values } of replies) {
    const all = types!.split(',').map(Number)
    for (const code of [...OF_VENDORS, 81, 82]) t.ok(all.includes(code), `option ${code}`)
    t.same(Object.values(values), [
      'camera.example.org.',
      'a.example.org,example.org',
      '9,4491',
      Buffer.from('lower').toString('hex'),
      '',
      '',
    ])
  }
  t.equal(await whio.stop(), 0)
})
