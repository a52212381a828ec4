// One machine with both families under one name, served by one process, in BIND and in a hosts
// file.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { BIND_ZONES, Bind } from './bind.ts'
import { folder } from './daemon.ts'
import { Dhclient } from './dhcp-clients.ts'
import { Dhclient6 } from './dhcp6-clients.ts'
import { bothFamilies, ddnsMap, forwardLines, NET6 } from './names-documents.ts'
import { network, systemSkip } from './netns.ts'

const skip = systemSkip('dhclient', 'named', 'dig')
const ZONE = 'open.test'
function documentIn(at: string) {
  const common = {
    'lease-database': { type: 'memfile', name: join(at, 'leases.sqlite') },
    'ddns-qualifying-suffix': ZONE,
    'ddns-override-client-update': true,
  }
  return {
    ...bothFamilies(common),
    DhcpDdns: ddnsMap([ZONE]),
    Whio: { ddns: { sinks: [{ type: 'hosts-file', file: join(at, 'hosts') }] } },
  }
}

const SAYS = 'send fqdn.fqdn "till"; send fqdn.server-update on;'

/** By DHCPv6 dhclient says every name to be whole. */
const SAYS6 = `send fqdn.fqdn "till.${ZONE}"; send fqdn.server-update on;`

t.test('a machine is found by one name in both families', { skip }, async (t) => {
  const net = network(t)
  const [server, where] = [net.namespace('server'), net.namespace('client')]
  net.veth(server, 'eth0', where, 'eth0')
  server.addAddress('eth0', '192.0.2.1/24')
  server.addAddress6('eth0', `${NET6}1:1/64`)
  const bind = await Bind.start(t, { within: server, zones: { [ZONE]: BIND_ZONES[ZONE]! } })
  const at = folder(t)
  const file = join(at, 'whio.conf')
  writeFileSync(file, JSON.stringify(documentIn(at)))
  await Promise.all([server.linkLocal('eth0'), where.linkLocal('eth0')])
  const whio = server.node('bin/whio.ts', 'serve', '-c', file)
  await whio.until(/DHCP4_INTERFACE_SERVING/)
  await whio.until(/DHCP6_INTERFACE_SERVING/)

  const inBind = async () => (await bind.bare(ZONE)).filter((line) => line.startsWith('till '))
  const inFile = () => {
    const hosts = join(at, 'hosts')
    const lines = existsSync(hosts) ? readFileSync(hosts, 'utf8').split('\n').slice(1, -1) : ['-']
    return lines.map((line) => line.split(' ').slice(0, 2))
  }
  const become = async (...addresses: readonly string[]) => {
    const wanted = forwardLines('till', ...addresses).join()
    const pairs = addresses.map((one) => [one, `till.${ZONE}`]).join()
    while ((await inBind()).join() !== wanted || inFile().join() !== pairs)
      await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const six = () => {
    const own = join(folder(t), 'six')
    mkdirSync(own)
    const client = new Dhclient6(where, own, '-N')
    writeFileSync(join(own, 'dhclient6.conf'), SAYS6)
    return client
  }

  const four = new Dhclient(where, folder(t), SAYS)
  const { ip } = await four.bind()
  await become(ip)
  const client6 = six()
  const { ip: ip6 } = await client6.bind()
  await become(ip, ip6)
  whio.kill()
  t.equal(await whio.ended, 0)
})
