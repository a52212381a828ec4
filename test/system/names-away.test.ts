// BIND is not there for long, while clients of both families come, go on under other names, and the
// server itself is killed: when it is back, its zones have what leases say, and nothing else.
// `AWAY=600 node test/system/names-away.test.ts` keeps it away for so many seconds.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { reverseNameOf } from '../../lib/ddns/reverse-name.ts'
import { keyOfText } from '../../lib/server/names/ledger.ts'
import { addressOctets } from '../../lib/server/names/wishes.ts'
import { BIND_KEY_KEA, Bind, REVERSE4, REVERSE6 } from './bind.ts'
import { folder } from './daemon.ts'
import { Dhclient } from './dhcp-clients.ts'
import { Dhclient6 } from './dhcp6-clients.ts'
import { type Namespace, network, type Owner, type Running, systemSkip } from './netns.ts'

const skip = systemSkip('dhclient', 'named', 'dig')
const ZONE = 'lab.test'
const NET6 = '2001:db8:1::'
/** Several tries of its server come in that time, each later than the one before. */
const AWAY = Number(process.env.AWAY ?? 12) * 1000
/** What stands in the zone from its beginning. */
const OWN = 'ns A 127.0.0.1'

const domain = (name: string, address: string, key = BIND_KEY_KEA.name) => ({
  name: `${name}.`,
  'key-name': key,
  'dns-servers': [{ 'ip-address': address }],
})

function documentIn(at: string, dns: string) {
  const common = {
    'interfaces-config': { interfaces: ['eth0'] },
    'valid-lifetime': 3600,
    'lease-database': { type: 'memfile', name: join(at, 'leases.sqlite') },
    'dhcp-ddns': { 'enable-updates': true },
    'ddns-qualifying-suffix': ZONE,
    'ddns-override-client-update': true,
  }
  const subnet4 = [
    { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100 - 192.0.2.199' }] },
  ]
  const pools = [{ pool: `${NET6}/120` }]
  return {
    Dhcp4: { ...common, subnet4 },
    Dhcp6: { ...common, subnet6: [{ id: 2, subnet: `${NET6}/64`, interface: 'eth0', pools }] },
    DhcpDdns: {
      'tsig-keys': [BIND_KEY_KEA],
      'forward-ddns': { 'ddns-domains': [domain(ZONE, dns)] },
      'reverse-ddns': {
        'ddns-domains': [domain(REVERSE4, dns), domain(REVERSE6, dns, '')],
      },
    },
  }
}

/** A machine with both families, which may change its name. */
class Host {
  readonly where: Namespace
  readonly #owner: Owner
  readonly addresses = new Map<4 | 6, string>()
  name = ''

  constructor(owner: Owner, where: Namespace) {
    this.#owner = owner
    this.where = where
  }

  /** Asks in both families under the name; what it had before it keeps. */
  async bind(name: string): Promise<void> {
    this.name = name
    const four = new Dhclient(
      this.where,
      folder(this.#owner),
      `send fqdn.fqdn "${name}"; send fqdn.server-update on;`,
    )
    this.addresses.set(4, (await four.bind()).ip)
    await four.cut()
    const at = join(folder(this.#owner), 'six')
    mkdirSync(at)
    const six = new Dhclient6(this.where, at, '-N')
    // By DHCPv6 it says every name to be whole.
    const says = `send fqdn.fqdn "${name}.${ZONE}"; send fqdn.server-update on;`
    writeFileSync(join(at, 'dhclient6.conf'), says)
    this.addresses.set(6, (await six.bind()).ip)
    await six.cut()
  }

  get forward(): string[] {
    const [ip, ip6] = [this.addresses.get(4)!, this.addresses.get(6)!]
    return [`${this.name} A ${ip}`, `${this.name} AAAA ${ip6}`, `${this.name} DHCID`]
  }

  reverse(family: 4 | 6, zone: string): string[] {
    const name = reverseNameOf(addressOctets(keyOfText(this.addresses.get(family)!)!))
    const below = name.slice(0, -(zone.length + 1))
    return [`${below} DHCID`, `${below} PTR ${this.name}.${ZONE}.`]
  }
}

for (const dns of ['127.0.0.1', '::1'])
  t.test(`BIND at ${dns} is away for long, for both families`, { skip }, async (t) => {
    const net = network(t)
    const server = net.namespace('server')
    const hosts = ['till', 'desk', 'hall', 'shop'].map((word, at) => {
      const where = net.namespace(word)
      net.veth(server, `port${at}`, where, 'eth0')
      return new Host(t, where)
    })
    const [till, desk, hall, shop] = hosts as [Host, Host, Host, Host]
    net.bridge(
      server,
      'eth0',
      hosts.map((_, at) => `port${at}`),
    )
    server.addAddress('eth0', '192.0.2.1/24')
    server.addAddress6('eth0', `${NET6}1:1/64`)
    const bind = await Bind.start(t, { within: server, address: dns })
    const at = folder(t)
    const file = join(at, 'whio.conf')
    writeFileSync(file, JSON.stringify(documentIn(at, dns)))
    await server.linkLocal('eth0')
    await Promise.all(hosts.map(({ where }) => where.linkLocal('eth0')))
    const serve = async (): Promise<Running> => {
      const whio = server.node('bin/whio.ts', 'serve', '-c', file)
      await whio.until(/DHCP4_INTERFACE_SERVING/)
      await whio.until(/DHCP6_INTERFACE_SERVING/)
      return whio
    }
    /** Without TTL and digests. */
    const lines = async (zone: string) =>
      (await bind.lines(zone)).map((line) => line.replace(/ \d+ /, ' ').replace(/(DHCID) .*/, '$1'))
    const become = async (zone: string, wanted: readonly string[]) => {
      while ((await lines(zone)).join() !== [...wanted].sort().join()) await delay(100)
    }
    const allThere = async (...named: readonly Host[]) => {
      await become(ZONE, [OWN, ...named.flatMap((host) => host.forward)])
      await become(
        REVERSE4,
        named.flatMap((host) => host.reverse(4, REVERSE4)),
      )
      await become(
        REVERSE6,
        named.flatMap((host) => host.reverse(6, REVERSE6)),
      )
    }

    let whio = await serve()
    await till.bind('till')
    await allThere(till)

    await bind.stop()
    await desk.bind('desk')
    await whio.until(/DDNS_SERVER_AWAY/)
    // One that is in DNS, and one that is owed to it.
    await till.bind('counter')
    await desk.bind('office')
    await delay(AWAY / 2)
    await hall.bind('hall')
    whio.kill('SIGKILL')
    await whio.ended
    whio = await serve()
    await shop.bind('shop')
    await delay(AWAY / 2)

    await bind.start()
    await allThere(...hosts)
    whio.kill()
    t.equal(await whio.ended, 0)
  })
