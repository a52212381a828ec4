// Real clients and a real relay where replies are easily lost: a server without the right to raw
// sockets, a relay whose other side is not routed, a relay that asks the second address of the
// server.

import t from 'tap'
import { Daemon, folder } from './daemon.ts'
import { type Client, Dhclient, Dhcpcd, Udhcpc } from './dhcp-clients.ts'
import { network, systemSkip } from './netns.ts'
import { behindRelay } from './places.ts'

const skip = systemSkip('udhcpc', 'dhclient', 'dhcpcd', 'dhcrelay', 'setpriv', 'nsenter')

function subnet(id: number, net: string): object {
  return { id, subnet: `${net}.0/24`, pools: [{ pool: `${net}.100 - ${net}.149` }] }
}

t.test('clients that read raw packets hear replies without UDP sums', { skip }, async (t) => {
  const net = network(t)
  const at = folder(t)
  const server = net.namespace('server')
  const wires = ['udhcpc', 'dhclient', 'dhcpcd'].map((word) => net.namespace(word))
  for (const [index, where] of wires.entries()) net.veth(server, `port${index}`, where, 'eth0')
  net.bridge(
    server,
    'lan',
    wires.map((_, index) => `port${index}`),
  )
  server.addAddress('lan', '192.0.2.1/24')
  const document = {
    'interfaces-config': { interfaces: ['lan'] },
    'valid-lifetime': 3600,
    subnet4: [subnet(1, '192.0.2')],
  }
  const withoutRights = ['setpriv', '--bounding-set=-net_raw,-net_admin']
  const whio = new Daemon(server, at, document, withoutRights)
  await whio.line('DHCP4_SOCKETS_NO_FRAMES', {})
  await whio.serves('lan')
  const clients: [string, Client][] = [
    ['udhcpc', new Udhcpc(wires[0]!)],
    ['dhclient', new Dhclient(wires[1]!, at, '')],
    ['dhcpcd', new Dhcpcd(wires[2]!)],
  ]
  for (const [name, client] of clients) {
    const { ip } = await client.bind()
    t.match(ip, /^192\.0\.2\.1[0-4]\d$/, name)
    t.equal((await client.renew()).ip, ip, `${name} renews`)
  }
  t.equal(await whio.stop(), 0)
})

t.test('a relay that is not routed asks the second address', { skip }, async (t) => {
  const net = network(t)
  const at = folder(t)
  const { server, far, relayTo } = behindRelay(net)
  server.addAddress('eth0', '192.0.2.7/24')
  const whio = new Daemon(server, at, {
    'interfaces-config': { interfaces: ['eth0'] },
    'valid-lifetime': 3600,
    subnet4: [subnet(1, '203.0.113')],
  })
  await whio.serves('eth0')
  await relayTo('192.0.2.7')
  const bound = await new Udhcpc(far).bind()
  t.match(bound, { ip: /^203\.0\.113\.1[0-4]\d$/, server: '192.0.2.7' })
  t.equal(await whio.stop(), 0)
})
