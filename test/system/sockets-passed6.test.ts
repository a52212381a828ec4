// DHCPv6 on sockets that systemd has opened, by a server that may open none itself.

import t from 'tap'
import { network, systemSkip } from './netns.ts'
import { client6, Events } from './responder.ts'

const skip = systemSkip('setpriv')

t.test('sockets of a unit are served without rights', { skip }, async (t) => {
  const net = network(t)
  const [server, host] = [net.namespace('server'), net.namespace('host')]
  net.veth(server, 'eth0', host, 'eth0')
  server.addAddress6('eth0', '2001:db8::1/64')
  host.addAddress6('eth0', '2001:db8::9/64')
  const [own] = [await server.linkLocal('eth0'), await host.linkLocal('eth0')]
  const interfaces = { all: false, named: [{ name: 'eth0', addresses: [] }] }
  const settings = JSON.stringify({ interfaces, serverPort: 547 })
  const responder = new Events(
    server.node(
      'test/system/socket-unit.ts',
      'eth0',
      'test/system/datagrams6-responder.ts',
      settings,
    ),
  )
  await responder.next((event) => event.ready !== undefined)
  const client = await client6(host, 546)
  client.running.tell('ff02::1:2%eth0 547 1 one')
  t.match(await responder.hears('one'), { on: 'eth0', to: 'ff02::1:2' })
  t.match(await client.hears('one'), { from: `${own}%eth0`, port: 547 })
  client.running.tell('ff05::1:3%eth0 547 1 two')
  t.match(await responder.hears('two'), { to: 'ff05::1:3' })
  client.running.tell('2001:db8::1 547 1 three')
  t.match(await responder.hears('three'), { to: 'elsewhere' }, 'and no group, so no client asks')
  await client.hears('three')
  const all = responder.seen.filter(({ heard }) => heard !== undefined)
  t.equal(all.length, 3, 'each is heard once')
  responder.running.tell('end')
  t.equal(await responder.running.ended, 0, 'after close nothing keeps the process alive')
})
