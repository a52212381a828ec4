// Names that a real client says, in option 12 and in option 81: what the lease is called, and what
// the client hears.

import t from 'tap'
import { Daemon, folder } from './daemon.ts'
import { Dhclient } from './dhcp-clients.ts'
import { network, systemSkip } from './netns.ts'

const skip = systemSkip('dhclient')

/** In the letters of option 81 a name without a dot is partial; encoded by dhclient it is whole. */
const LETTERS = 'send fqdn.fqdn "Till-3"; send fqdn.encoded off; send fqdn.server-update on;'
const ENCODED = 'send fqdn.fqdn "till.Shop.example."; send fqdn.encoded on;'
const DESK = 'send host-name "Front Desk!";'
const DOTS = 'send host-name "a.b.Example.NET";'
const MADE_UP = 'host-192-0-2-100.example.org'

/** What dhclient says by `ddns-replace-client-name`, and its name in lease and reply. */
const TABLE: readonly [says: string, replace: string, name: string][] = [
  ['', 'never', ''],
  ['', 'when-present', ''],
  [DESK, 'never', 'frontdesk.example.org'],
  [DOTS, 'when-not-present', 'a.b.example.net'],
  [LETTERS, 'never', 'till-3.example.org'],
  [ENCODED, 'when-not-present', 'till.shop.example'],
  [DESK, 'when-present', MADE_UP],
  [ENCODED, 'always', MADE_UP],
  ['', 'always', MADE_UP],
  ['', 'when-not-present', MADE_UP],
]

t.test('names of dhclient', { skip }, async (t) => {
  const net = network(t)
  const server = net.namespace('server')
  const where = net.namespace('client')
  net.veth(server, 'eth0', where, 'eth0')
  server.addAddress('eth0', '192.0.2.1/24')
  const document = (replace: string): object => ({
    'interfaces-config': { interfaces: ['eth0'] },
    'valid-lifetime': 3600,
    'ddns-qualifying-suffix': 'example.org',
    'ddns-generated-prefix': 'host',
    subnet4: [
      {
        id: 1,
        subnet: '192.0.2.0/24',
        pools: [{ pool: '192.0.2.100 - 192.0.2.199' }],
        'ddns-replace-client-name': replace,
      },
    ],
  })
  const whio = new Daemon(server, folder(t), document('never'))
  await whio.serves('eth0')
  for (const [says, replace, name] of TABLE) {
    const { mark } = whio
    whio.configure(document(replace))
    await whio.signal('SIGHUP')
    await whio.line('DHCP4_CONFIG_COMPLETE', {}, mark)
    const client = new Dhclient(where, folder(t), says)
    const bound = await client.bind()
    await client.cut()
    const [lease] = whio.leases()
    t.same([lease!.hostname, bound.name], [name, name], `${says} ${replace}`)
  }
  t.equal(await whio.stop(), 0)
})
