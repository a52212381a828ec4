// systemd-networkd, the client of many servers and containers, against the real server, on real
// devices, in both families: an address, a prefix that it lays on another interface, options alone.

import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { RELEASE_GUARD_MS } from '../../lib/leases/grace.ts'
import { Daemon6, folder } from './daemon.ts'
import { inside, secondInterface } from './dhcp6-clients.ts'
import { type Network, network, systemSkip } from './netns.ts'
import { NETWORKD, Networkd } from './networkd-client.ts'

const skip = systemSkip('getent', 'nsenter') || (!existsSync(NETWORKD) && `needs ${NETWORKD}`)

const BOTH = `[Network]
DHCP=yes
IPv6AcceptRA=no
[DHCPv6]
WithoutRA=solicit
PrefixDelegationHint=::/56
`

const DELEGATED = `[Network]
DHCPPrefixDelegation=yes
IPv6AcceptRA=no
[DHCPPrefixDelegation]
UplinkInterface=eth0
`

const OPTIONS_ALONE = `[Network]
DHCP=ipv6
IPv6AcceptRA=no
[DHCPv6]
WithoutRA=information-request
`

/** Of a link of its own: the devices are port1, port2 and so on. */
const subnet4 = (id: number, more: object = {}) => ({
  id,
  subnet: `192.0.${id}.0/24`,
  pools: [{ pool: `192.0.${id}.100 - 192.0.${id}.149` }],
  'option-data': [{ name: 'domain-name-servers', data: `192.0.${id}.53` }],
  ...more,
})

const subnet6 = (id: number, more: object = {}) => ({
  id,
  subnet: `2001:db8:${id}::/64`,
  interface: `port${id}`,
  pools: [{ pool: `2001:db8:${id}::100 - 2001:db8:${id}::1ff` }],
  'pd-pools': [{ prefix: `2001:db8:${id}00::`, 'prefix-len': 40, 'delegated-len': 56 }],
  'option-data': [{ name: 'dns-servers', data: `2001:db8:${id}::53` }],
  ...more,
})

/** It renews soon. */
const SOON = { 'renew-timer': 4, 'rebind-timer': 3000 }

const PORTS = ['port1', 'port2', 'port3']

/** A server with three links, and a host behind each. */
async function links(net: Network, at: string) {
  const server = net.namespace('server')
  const hosts = PORTS.map((port, index) => {
    const host = net.namespace(`host${index + 1}`)
    net.veth(server, port, host, 'eth0')
    server.addAddress(port, `192.0.${index + 1}.1/24`)
    server.addAddress6(port, `2001:db8:${index + 1}::1/64`)
    secondInterface(host)
    return host
  })
  const whio = new Daemon6(server, at, {
    'interfaces-config': { interfaces: PORTS },
    ...{ 'preferred-lifetime': 3600, 'valid-lifetime': 4000 },
    subnet6: [subnet6(1, SOON), subnet6(2), subnet6(3)],
    Dhcp4: {
      'interfaces-config': { interfaces: PORTS },
      'valid-lifetime': 4000,
      subnet4: [subnet4(1, SOON), subnet4(2)],
    },
  })
  await whio.serves(...PORTS)
  for (const port of PORTS) await whio.line('DHCP4_INTERFACE_SERVING', { interface: port })
  return { whio, hosts }
}

t.test('systemd-networkd: get, renew, release, regain', { skip }, async (t) => {
  const at = folder(t)
  const { whio, hosts } = await links(network(t), at)
  const client = (index: number, networks: Record<string, string>) =>
    new Networkd(hosts[index]!, inside(at, `host${index + 1}`), networks)
  t.jobs = hosts.length
  const together = () => ({ buffered: true })

  /** What it has, as the server tells it, and as its interfaces show it. */
  const bound = async (networkd: Networkd, id: number, mark = 0) => {
    networkd.start()
    const four = await networkd.holds(new RegExp(`^192\\.0\\.${id}\\.1[0-4]\\d$`))
    const six = await networkd.holds(new RegExp(`^2001:db8:${id}::1[0-9a-f]{2}$`))
    const inner = await networkd.holds(new RegExp(`^2001:db8:${id}00:`), 'lan0')
    await whio.line('DHCP4_LEASE_ALLOC', { address: four }, mark)
    return { four, six, inner }
  }

  const a = t.test('it renews in both families', together(), async (t) => {
    const networkd = client(0, { eth0: BOTH, lan0: DELEGATED })
    const { four, six, inner } = await bound(networkd, 1)
    const { address } = await whio.line('DHCP6_LEASE_ALLOC', { subnet: 1, address: /\/56$/ })
    t.equal(`${inner.split(':').slice(0, 3).join(':')}::/56`, address, 'laid on its interface')
    await Promise.all([
      networkd.usesNameServer('192.0.1.53'),
      networkd.usesNameServer('2001:db8:1::53'),
      whio.line('DHCP4_LEASE_RENEW', { address: four }),
      whio.line('DHCP6_LEASE_RENEW', { address: six }),
      whio.line('DHCP6_LEASE_RENEW', { address }),
    ])
    await networkd.running.until(/DHCPv6 client: State changed: renew -> bound/)
    t.match(whio.leases6('subnet_id = 1'), [{ state: 'assigned' }, { state: 'assigned' }])
  })

  const b = t.test('it gives its address back, and gets it again', together(), async (t) => {
    const networkd = client(1, { eth0: BOTH, lan0: DELEGATED })
    const first = await bound(networkd, 2)
    // A server that was held up does not believe a RELEASE.
    for (let isReleased = false; !isReleased; ) {
      await delay(RELEASE_GUARD_MS + 100)
      const { mark } = whio
      await networkd.stop()
      const hwAddress = networkd.where.hwAddress('eth0')
      const line = await whio.line(/^DHCP4_(RELEASE|PACKET_DROP)$/, { hwAddress }, mark)
      isReleased = line.id === 'DHCP4_RELEASE'
      if (!isReleased) t.same(await bound(networkd, 2, mark), first)
    }
    const { mark } = whio
    t.same(await bound(networkd, 2, mark), first, 'and the same of DHCPv6, by its DUID')
    t.match(whio.leases(`address = '${first.four}'`), [{ state: 'assigned' }])
  })

  const c = t.test('it asks for options alone', together(), async (t) => {
    const networkd = client(2, { eth0: OPTIONS_ALONE })
    networkd.start()
    await networkd.running.until(/Sent Information Request/)
    await networkd.running.until(/DHCPv6 client: Processed Reply message/)
    await whio.line('DHCP6_INFORMATION', { interface: 'port3' })
    t.same(whio.leases6('subnet_id = 3'), [])
  })

  await Promise.all([a, b, c])
  t.notOk(whio.wrote('INTERNAL_ERROR'))
  t.equal(await whio.stop(), 0)
})
