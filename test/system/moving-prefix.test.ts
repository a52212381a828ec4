// A home or a small office whose provider hands out another prefix: the subnet of a real server has
// the prefix that its interface has, and a real client moves with it.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Daemon6, folder } from './daemon.ts'
import { Dhcpcd6 } from './dhcp6-clients.ts'
import { network, systemSkip } from './netns.ts'

const skip = systemSkip('dhcpcd', 'nsenter')

const DOCUMENT = {
  'interfaces-config': { interfaces: ['lan'] },
  'valid-lifetime': 4000,
  subnet6: [
    {
      id: 1,
      subnet: '::/64',
      'prefix-from': 'lan',
      interface: 'lan',
      pools: [{ pool: '::100 - ::1ff' }],
    },
  ],
}

t.test('prefix-from: a provider hands out another prefix', { skip }, async (t) => {
  const at = folder(t)
  const net = network(t)
  const [server, host] = [net.namespace('server'), net.namespace('host')]
  net.veth(server, 'lan', host, 'eth0')
  const whio = new Daemon6(server, at, DOCUMENT)
  await whio.serves('lan')
  await host.linkLocal('eth0')

  t.comment('the line to the provider comes up after the server')
  server.addAddress6('lan', '2001:db8:1::1/64')
  await whio.line('DHCP6_PREFIX_MOVED', { interface: 'lan', prefixes: '2001:db8:1::/64' })
  const inside = join(at, 'dhcpcd')
  mkdirSync(inside)
  const client = new Dhcpcd6(host, inside, false)
  const { ip } = await client.bind()
  t.match(ip, /^2001:db8:1::1[0-9a-f]{2}$/)

  t.comment('somebody is just editing the file')
  writeFileSync(whio.configFile, '{ "Dhcp6": {')
  await whio.signal('SIGHUP')
  await whio.line('DHCP6_CONFIG_REFUSED')

  t.comment('the provider takes the prefix back, and hands out another one')
  const change = ['-6', 'address', 'change', '2001:db8:1::1/64', 'dev', 'lan']
  server.run('ip', ...change, 'preferred_lft', '0', 'valid_lft', '600')
  server.addAddress6('lan', '2001:db8:2::1/64')
  await whio.line('DHCP6_PREFIX_MOVED', { prefixes: '2001:db8:2::/64' })
  const next = ip.replace('2001:db8:1:', '2001:db8:2:')
  const renewed = await client.renew()
  t.match(renewed.ip.split(' '), [next])
  t.ok(client.holds(next))
  t.notOk(client.holds(ip), 'the former one is not used any more')

  await whio.signal('SIGUSR1')
  const { status } = await whio.line('STATUS')
  t.match(JSON.parse(String(status)).configuration.refused, /error/, 'the file is as it was')

  t.comment('a server that starts again goes by what is there')
  await whio.signal('SIGTERM')
  await whio.running.ended
  whio.configure(DOCUMENT)
  whio.restart()
  await whio.serves('lan')
  t.match((await client.renew()).ip, next)
  t.match(
    whio.leases6("state = 'assigned'").map(({ subnet_id }) => subnet_id),
    [1, 1],
  )
})
