// A pair and BIND: the server that gave a lease dies before it has told DNS of its name, and the
// partner does. When the dead one is back, nothing is done twice, or taken back.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Bind } from './bind.ts'
import { folder } from './daemon.ts'
import { Dhclient } from './dhcp-clients.ts'
import { ddnsMap, forwardLines } from './names-documents.ts'
import { systemSkip } from './netns.ts'
import { type Host, PairHosts } from './pair-hosts.ts'

const skip = systemSkip('dhclient', 'named', 'dig')

const DNS = '10.77.0.9'
const FORWARD = 'open.test'
const REVERSE = '77.10.in-addr.arpa'
const OPEN = { policy: 'allow-update { any; };' }

class NamedPair extends PairHosts {
  override dhcp4(host: Host) {
    return {
      ...super.dhcp4(host),
      'dhcp-ddns': { 'enable-updates': true },
      'ddns-qualifying-suffix': FORWARD,
    }
  }
}

t.test('the partner tells DNS the name of a client whose server has died', { skip }, async (t) => {
  const at = folder(t)
  const pair = new NamedPair(t, at, { mode: 'load-balancing' })
  const zones = { [FORWARD]: OPEN, [REVERSE]: OPEN }
  const bind = await Bind.start(t, { within: pair.clients, address: DNS, zones })
  const ddns = join(at, 'ddns.conf')
  writeFileSync(ddns, JSON.stringify({ DhcpDdns: ddnsMap([FORWARD, REVERSE], DNS) }))
  for (const host of [0, 1] as const) pair.prepare(host).restart('-c', ddns)
  await pair.areNormal()

  const lines = () => bind.bare(FORWARD, REVERSE)
  const become = async (...wanted: readonly string[]) => {
    while ((await lines()).join() !== wanted.join())
      await new Promise((resolve) => setTimeout(resolve, 100))
  }
  /** The reverse zone has two octets of each address. */
  const namesAt = (ip: string) => {
    const [, , third, fourth] = ip.split('.')
    const reverse = `${fourth}.${third}`
    const pointer = `${reverse} PTR till.${FORWARD}.`
    return [...forwardLines('till', ip), `${reverse} DHCID`, pointer].sort()
  }

  // Whatever is sent now nobody hears, not even later.
  await bind.stop()
  const till = new Dhclient(pair.visitor, folder(t), 'send host-name "till";')
  const { ip } = await till.bind()
  const owner = pair.server(0).wrote('DHCP4_LEASE_ALLOC') ? 0 : 1
  await pair.kill(owner)
  await bind.start()
  await become(...namesAt(ip))

  pair.server(owner).restart('-c', ddns)
  await pair.enters(owner, pair.normal)
  t.same(await lines(), namesAt(ip), 'it takes nothing back')
  for (const host of [0, 1] as const) t.equal(await pair.server(host).stop(), 0)
})
