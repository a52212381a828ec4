// Names of real clients in BIND, from the configuration on: leases come and go, the server is
// killed, DNS is away.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { RELEASE_GUARD_MS } from '../../lib/leases/grace.ts'
import { Bind, REVERSE4 } from './bind.ts'
import { Daemon, folder } from './daemon.ts'
import { type Client, Dhclient, Udhcpc } from './dhcp-clients.ts'
import { ddnsMap } from './names-documents.ts'
import { network, systemSkip } from './netns.ts'

const skip = systemSkip('dhclient', 'udhcpc', 'named', 'dig')

const DHCP4 = {
  'interfaces-config': { interfaces: ['eth0'] },
  'valid-lifetime': 3600,
  'dhcp-ddns': { 'enable-updates': true },
  'ddns-qualifying-suffix': 'lab.test',
  subnet4: [
    {
      id: 1,
      subnet: '192.0.2.0/24',
      pools: [{ pool: '192.0.2.100 - 192.0.2.199' }],
    },
  ],
}

/** A server that was held up believes no RELEASE for a while: then it is given back once more. */
async function giveBack(whio: Daemon, client: Client): Promise<void> {
  const hwAddress = client.where.hwAddress('eth0')
  for (;;) {
    const { mark } = whio
    await client.release()
    const answer = await whio.line(/^DHCP4_(RELEASE|PACKET_DROP)$/, { hwAddress }, mark)
    if (answer.id === 'DHCP4_RELEASE') return
    await client.bind()
    await delay(RELEASE_GUARD_MS + 100)
  }
}

t.test('RFC 4703: names of clients in BIND', { skip }, async (t) => {
  const net = network(t)
  const server = net.namespace('server')
  const clients = [net.namespace('client1'), net.namespace('client2')]
  for (const [index, client] of clients.entries()) net.veth(server, `port${index}`, client, 'eth0')
  net.bridge(server, 'eth0', ['port0', 'port1'])
  server.addAddress('eth0', '192.0.2.1/24')
  const bind = await Bind.start(t, { within: server })
  const at = folder(t)
  const ddns = join(at, 'ddns.conf')
  writeFileSync(ddns, JSON.stringify({ DhcpDdns: ddnsMap(['lab.test', REVERSE4]) }))
  const whio = new Daemon(server, at, DHCP4, [], true)
  whio.restart('-c', ddns)
  await whio.serves('eth0')

  /** Of a zone, without digests. */
  const lines = async (zone: string) =>
    (await bind.lines(zone)).map((line) => line.replace(/(DHCID) .*/, '$1'))
  const become = async (zone: string, ...wanted: readonly string[]) => {
    while ((await lines(zone)).join() !== [...wanted].sort().join())
      await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const NS = 'ns 300 A 127.0.0.1'
  const last = (ip: string): string => ip.slice(ip.lastIndexOf('.') + 1)

  const till = new Dhclient(clients[0]!, folder(t), 'send host-name "till";')
  const { ip } = await till.bind()
  await become('lab.test', NS, `till 1200 A ${ip}`, 'till 1200 DHCID')
  await become(REVERSE4, `${last(ip)} 1200 DHCID`, `${last(ip)} 1200 PTR till.lab.test.`)

  // Another client of that name is served, and the name stays where it is.
  const { mark } = whio
  const rival = new Udhcpc(clients[1]!, '-x', 'hostname:till')
  const other = await rival.bind()
  await whio.line('DDNS_CONFLICT', {}, mark)
  t.same(await lines('lab.test'), [NS, `till 1200 A ${ip}`, 'till 1200 DHCID'])
  t.same(await lines(REVERSE4), [`${last(ip)} 1200 DHCID`, `${last(ip)} 1200 PTR till.lab.test.`])

  // The name is free: whoever waited for it has it.
  await giveBack(whio, till)
  await become('lab.test', NS, `till 1200 A ${other.ip}`, 'till 1200 DHCID')
  await become(
    REVERSE4,
    `${last(other.ip)} 1200 DHCID`,
    `${last(other.ip)} 1200 PTR till.lab.test.`,
  )

  // Given back while DNS is away.
  await bind.stop()
  await giveBack(whio, rival)
  await whio.line('DDNS_SERVER_AWAY')
  await bind.start()
  await become('lab.test', NS)
  await become(REVERSE4)

  // Killed between the ACK and the update, which nobody has answered.
  await bind.freeze()
  const desk = new Dhclient(clients[0]!, folder(t), 'send host-name "desk";')
  const { ip: second } = await desk.bind()
  whio.running.kill('SIGKILL')
  await whio.running.ended
  bind.thaw()
  whio.restart('-c', ddns)
  await whio.serves('eth0')
  await become('lab.test', NS, `desk 1200 A ${second}`, 'desk 1200 DHCID')
  const named = [`${last(second)} 1200 DHCID`, `${last(second)} 1200 PTR desk.lab.test.`]
  await become(REVERSE4, ...named)
  t.equal(await whio.stop(), 0)
})
