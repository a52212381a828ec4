// BIND is not there for long, while clients of both families come, go on under other names, and the
// server itself is killed: when it is back, its zones have what leases say, and nothing else.
// `AWAY=600 node test/system/names-away.test.ts` keeps it away for so many seconds.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { Bind, REVERSE4, REVERSE6 } from './bind.ts'
import { folder } from './daemon.ts'
import { Dhclient } from './dhcp-clients.ts'
import { Dhclient6 } from './dhcp6-clients.ts'
import { bothFamilies, ddnsMap, forwardLines, NET6, reverseLines } from './names-documents.ts'
import { type Namespace, network, type Owner, type Running, systemSkip } from './netns.ts'

const skip = systemSkip('dhclient', 'named', 'dig')
const ZONE = 'lab.test'
/** Several tries of its server come in that time, each later than the one before. */
const AWAY = Number(process.env.AWAY ?? 12) * 1000
/** What stands in the zone from its beginning. */
const OWN = 'ns A 127.0.0.1'

function documentIn(at: string, dns: string) {
  const common = {
    'lease-database': { type: 'memfile', name: join(at, 'leases.sqlite') },
    'ddns-qualifying-suffix': ZONE,
    'ddns-override-client-update': true,
    // Nobody renews, and no lease ends meanwhile.
    'valid-lifetime': 3600 + (2 * AWAY) / 1000,
  }
  return { ...bothFamilies(common), DhcpDdns: ddnsMap([ZONE, REVERSE4, REVERSE6], dns) }
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
    return forwardLines(this.name, this.addresses.get(4)!, this.addresses.get(6)!)
  }

  reverse(family: 4 | 6): string[] {
    return reverseLines(`${this.name}.${ZONE}`, this.addresses.get(family)!)
  }
}

/** Its process ends, or stands still: what is sent to that one it hears later. */
const WAYS = [
  ['127.0.0.1', 'away'],
  ['::1', 'frozen'],
] as const

for (const [dns, way] of WAYS)
  t.test(`BIND at ${dns} is ${way} for long, for both families`, { skip }, async (t) => {
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
    const become = async (zone: string, wanted: readonly string[]) => {
      while ((await bind.bare(zone)).join() !== [...wanted].sort().join()) await delay(100)
    }
    const allThere = async (...named: readonly Host[]) => {
      await become(ZONE, [OWN, ...named.flatMap((host) => host.forward)])
      await become(
        REVERSE4,
        named.flatMap((host) => host.reverse(4)),
      )
      await become(
        REVERSE6,
        named.flatMap((host) => host.reverse(6)),
      )
    }

    let whio = await serve()
    await till.bind('till')
    await allThere(till)

    await (way === 'away' ? bind.stop() : bind.freeze())
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

    if (way === 'away') await bind.start()
    else bind.thaw()
    await allThere(...hosts)
    whio.kill()
    t.equal(await whio.ended, 0)
  })
