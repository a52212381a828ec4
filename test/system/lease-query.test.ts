// A concentrator asks a running server about a lease that was given through it, by UDP and TCP
// (RFC 4388, RFC 6926); tshark is the witness of what is said.

import t from 'tap'
import { Capture } from './capture.ts'
import { Daemon, folder } from './daemon.ts'
import { network, systemSkip } from './netns.ts'

const skip = systemSkip('udhcpc', 'dumpcap', 'tshark')
const ASKER = new URL('lease-query-asker.ts', import.meta.url).pathname
const OWN = '192.0.2.2'

const DOCUMENT = {
  'interfaces-config': { interfaces: ['eth0'] },
  'valid-lifetime': 3600,
  'renew-timer': 900,
  'hooks-libraries': [
    {
      library: 'libdhcp_lease_query.so',
      parameters: {
        requesters: [OWN],
        advanced: { 'bulk-query-enabled': true, 'lease-query-ip': '192.0.2.1' },
      },
    },
  ],
  'store-extended-info': true,
  subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100 - 192.0.2.149' }] }],
}

t.test('a concentrator is told of leases, a stranger of nothing', { skip }, async (t) => {
  const net = network(t)
  const server = net.namespace('server')
  const concentrator = net.namespace('concentrator')
  net.veth(server, 'eth0', concentrator, 'eth0')
  server.addAddress('eth0', '192.0.2.1/24')
  for (const address of [OWN, '192.0.2.3']) concentrator.addAddress('eth0', `${address}/24`)
  const whio = new Daemon(server, folder(t), DOCUMENT)
  await whio.serves('eth0')
  await whio.line('LEASE_QUERY_OPEN', { address: '192.0.2.1:67' })
  const node = (...words: string[]) =>
    concentrator.run('env', '-u', 'NODE_OPTIONS', process.execPath, ASKER, ...words).split('\n')
  // A client behind the relay that the concentrator is: option 82 with circuit and relay id.
  const client = new URL('lease-query-client.ts', import.meta.url).pathname
  const [given = ''] = concentrator
    .run('env', '-u', 'NODE_OPTIONS', process.execPath, client, OWN, '192.0.2.1')
    .split('\n')
  t.match(given, /^192\.0\.2\.1\d\d$/)
  const at = `${folder(t)}/queries.pcap`
  const wire = await Capture.start(concentrator, at, ['eth0'], 'udp port 67', 4)
  const free = given === '192.0.2.149' ? '192.0.2.148' : '192.0.2.149'
  t.strictSame(node(OWN, '192.0.2.1', 'udp', given, free), [
    `active ${given} 02:00:00:00:00:07 0101780c0200ff`,
    `unassigned ${free}`,
    '',
  ])
  const seen = await wire.read('dhcp.option.dhcp', '_ws.malformed', 'dhcp.ip.client')
  t.strictSame(
    seen.map((frame) => frame['dhcp.option.dhcp']),
    ['10', '13', '10', '11'],
  )
  t.ok(seen.every((frame) => (frame['_ws.malformed'] ?? '') === ''))
  t.strictSame(node(OWN, '192.0.2.1', 'tcp', '00ff'), [
    `active ${given} 02:00:00:00:00:07 0101780c0200ff`,
    'done 0.0.0.0',
    'closed',
    '',
  ])
  t.strictSame(node(OWN, '192.0.2.1', 'tcp', 'beef'), ['done 0.0.0.0', 'closed', ''])
  const [stranger] = node('192.0.2.3', '192.0.2.1', 'tcp', '00ff')
  t.match(stranger, /closed|ECONNRESET/)
  await whio.line('LEASE_QUERY_REFUSED', { from: '192.0.2.3' })
})
