// Many names at once: nobody waits for a DNS server that stands still, and when it goes on it is
// told all of them while clients are served. `NAMES=10000 node test/system/names-many.test.ts` does
// it with more of them.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Bind } from './bind.ts'
import { Daemon, folder } from './daemon.ts'
import { ddnsMap } from './names-documents.ts'
import { network, systemSkip } from './netns.ts'

const skip = systemSkip('named', 'dig')
const COUNT = Number(process.env.NAMES ?? 1000)
/** Whoever comes while the others are told. */
const LATER = 50

const [OWN, SERVER] = ['10.9.0.2', '10.9.0.1'] as const
const FORWARD = 'open.test'
const REVERSE = '9.10.in-addr.arpa'
const OPEN = { policy: 'allow-update { any; };' }

const DHCP4 = {
  'interfaces-config': { interfaces: ['eth0'] },
  'valid-lifetime': 86_400,
  'dhcp-ddns': { 'enable-updates': true },
  'ddns-qualifying-suffix': FORWARD,
  'ddns-replace-client-name': 'when-not-present',
  'ddns-generated-prefix': 'host',
  subnet4: [{ id: 1, subnet: '10.9.0.0/16', pools: [{ pool: '10.9.1.0 - 10.9.255.250' }] }],
}

const MORE = { DhcpDdns: ddnsMap([FORWARD, REVERSE]), Whio: { ddns: { rate: 5000 } } }

t.test(`${COUNT} names at once`, { skip }, async (t) => {
  const net = network(t)
  const [server, relay] = [net.namespace('server'), net.namespace('relay')]
  net.veth(server, 'eth0', relay, 'eth0')
  server.addAddress('eth0', `${SERVER}/16`)
  relay.addAddress('eth0', `${OWN}/16`)
  const zones = { [FORWARD]: OPEN, [REVERSE]: OPEN }
  const bind = await Bind.start(t, { within: server, zones })
  const at = folder(t)
  const more = join(at, 'more.conf')
  writeFileSync(more, JSON.stringify(MORE))
  const whio = new Daemon(server, at, DHCP4, [], true)
  whio.restart('-c', more)
  await whio.serves('eth0')
  const clients = relay.node('test/system/exchanges.ts', OWN, SERVER)
  await clients.until(/ready/)

  await bind.freeze()
  clients.tell(`exchange 0 ${COUNT}`)
  await clients.until(new RegExp(`"nth":${COUNT}\\}`))
  bind.thaw()
  clients.tell(`exchange ${COUNT} ${LATER}`)
  await clients.until(new RegExp(`"nth":${COUNT + LATER}\\}`))

  const wanted = whio.leases().map(({ address }) => address)
  t.equal(wanted.length, COUNT + LATER)
  const nameOf = (ip: string) => `host-${ip.replaceAll('.', '-')}`
  const forward = wanted.map((ip) => `${nameOf(ip)} A ${ip}`)
  const reverse = wanted.map((ip) => {
    const [, , third, fourth] = ip.split('.')
    return `${fourth}.${third} PTR ${nameOf(ip)}.${FORWARD}.`
  })
  const lines = async (zone: string, type: string) =>
    (await bind.lines(zone))
      .map((line) => line.replace(/ \d+ /, ' '))
      .filter((line) => line.includes(` ${type} `))
  while ((await lines(REVERSE, 'PTR')).length < wanted.length)
    await new Promise((resolve) => setTimeout(resolve, 500))
  t.same(await lines(FORWARD, 'A'), forward.sort())
  t.same(await lines(REVERSE, 'PTR'), reverse.sort())
  t.equal((await lines(FORWARD, 'DHCID')).length, wanted.length)
  t.notOk(whio.wrote(/^(DDNS_CONFLICT|DDNS_FAILED|INTERNAL_ERROR)$/))
  clients.kill()
  t.equal(await whio.stop(), 0)
})
