// What was acknowledged to clients of DHCPv6 stays: the server is killed under load again and
// again. Every address and prefix of every REPLY that was on the wire must be in the journal, of
// the client that got it, and none may have two clients. Runs in network namespaces; the load is
// bounded by counts and ends by itself.

import t from 'tap'
import { ipv6FromText, textFromIpv6 } from '../../lib/address/ipv6.ts'
import { Capture } from './capture.ts'
import { Daemon6, folder, type LeaseRow6 } from './daemon.ts'
import { network, systemSkip } from './netns.ts'

const skip = systemSkip('perfdhcp', 'dumpcap', 'tshark')

const CONFIG = {
  'interfaces-config': { interfaces: ['eth0'] },
  ...{ 'valid-lifetime': 86400, 'preferred-lifetime': 43200 },
  subnet6: [
    {
      ...{ id: 1, subnet: '2001:db8:1::/64', interface: 'eth0' },
      pools: [{ pool: '2001:db8:1::/80' }],
      'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 36, 'delegated-len': 56 }],
    },
  ],
}

/** What a client was told that it has. */
interface Told {
  readonly key: string
  readonly duid: string
}

t.test('killed under load, at different moments', { skip }, async (t) => {
  const net = network(t)
  const at = folder(t)
  const [server, load] = [net.namespace('server'), net.namespace('load')]
  net.veth(server, 'eth0', load, 'eth0')
  const whio = new Daemon6(server, at, CONFIG)
  await load.linkLocal('eth0')
  const capture = await Capture.start(load, `${at}/load.pcap`, ['eth0'], 'udp src port 547')

  for (const [round, after] of [1, 37, 150, 400].entries()) {
    if (round > 0) whio.restart()
    await whio.serves('eth0')
    // The same simulated clients in each round.
    const options = ['-6', '-e', 'address-and-prefix', '-g', 'single', '-l', 'eth0']
    const limits = ['-r', '500', '-R', '2000', '-s', '7', '-p', '20']
    const perfdhcp = load.start('perfdhcp', ...options, ...limits)
    let { mark } = whio
    for (let heard = 0; heard < after; heard++) {
      await whio.line(/^DHCP6_LEASE_(ALLOC|RENEW)$/, {}, mark)
      mark++
    }
    whio.running.kill('SIGKILL')
    t.equal(await whio.running.ended, 'SIGKILL', `killed after ${after}`)
    perfdhcp.kill('SIGKILL')
    await perfdhcp.ended
  }

  whio.restart()
  await whio.serves('eth0')
  t.notOk(whio.wrote('JOURNAL_ROWS_SET_ASIDE'))
  t.notOk(whio.wrote('INTERNAL_ERROR'))
  t.equal(await whio.stop(), 0)
  const fields = ['msgtype', 'duid.bytes', 'iaaddr.ip', 'iaprefix.pref_addr']
  const heard = await capture.stop(...fields.map((field) => `dhcpv6.${field}`))
  const told = heard
    .filter((one) => one['dhcpv6.msgtype'] === '7')
    .flatMap((one): Told[] => {
      const duid = one['dhcpv6.duid.bytes']!.replaceAll(':', '')
      const [address, prefix] = [one['dhcpv6.iaaddr.ip']!, one['dhcpv6.iaprefix.pref_addr']!]
      return [address, prefix].filter((key) => key !== '').map((key) => ({ key, duid }))
    })
  t.ok(told.length > 100, `${told.length} addresses and prefixes were told of`)
  t.same(missing(told, whio.leases6()), [], 'the journal has every one')
  t.same(told.filter(isOfAnother(told)), [], 'none was given to two clients')
})

/** What is not in the journal as it was given. */
function missing(told: readonly Told[], rows: readonly LeaseRow6[]): Told[] {
  const holders = new Map(
    rows.map((row) => [textFromIpv6(ipv6FromText(row.address.split('/', 1)[0]!)!), row]),
  )
  return told.filter(({ key, duid }) => {
    const row = holders.get(key)
    return row?.state !== 'assigned' || row.duid.replaceAll(':', '').toLowerCase() !== duid
  })
}

function isOfAnother(told: readonly Told[]): (one: Told) => boolean {
  const holders = new Map(told.toReversed().map(({ key, duid }) => [key, duid]))
  return ({ key, duid }) => holders.get(key) !== duid
}
