// Two servers on one database, and BIND: one gives leases whose names it cannot tell, and is
// killed. The other one tells them, whatever becomes of those leases meanwhile. Who was killed
// comes back, takes nothing away, and goes on; then the other one is killed.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { isOwed, namesOfText } from '../../lib/ddns/name-record.ts'
import { Bind, REVERSE4, REVERSE6 } from './bind.ts'
import { Daemon6, folder } from './daemon.ts'
import { Dhclient6 } from './dhcp6-clients.ts'
import { bothFamilies, ddnsMap, forwardLines, NET6, reverseLines } from './names-documents.ts'
import { type Namespace, network, type Running, systemSkip } from './netns.ts'
import { withState } from './own-state.ts'
import { Postgres, postgresSkip } from './postgres.ts'

const skip = postgresSkip() || systemSkip('dhclient', 'named', 'dig', 'mount', 'unshare')

const ZONE = 'lab.test'
const ZONES = [ZONE, REVERSE4, REVERSE6] as const
const [LAN, SERVERS] = ['192.0.2.1', ['192.0.2.2', '192.0.2.3']] as const
/** What stands in the zone from its beginning. */
const OWN = 'ns A 127.0.0.1'

/**
 * What becomes of leases while their server is dead; clients have names that begin so. `returns`:
 * it is renewed by the other server, then given back.
 */
const FATES = ['expires', 'stays', 'renews', 'renames', 'returns'] as const
const EACH = 2
const SHORT = [
  {
    name: 'short',
    test: "substring(option[12].hex, 0, 7) == 'expires'",
    'valid-lifetime': 20,
  },
]

/** The relay of exchanges.ts with its clients, and what they have. */
class Relay {
  readonly #running: Running

  private constructor(running: Running) {
    this.#running = running
  }

  static async start(where: Namespace): Promise<Relay> {
    const running = where.node('test/system/exchanges.ts', LAN)
    await running.until(/ready/)
    return new Relay(running)
  }

  /** Who is asked from now on. */
  turnTo(server: string): void {
    this.#running.tell(`server ${server}`)
  }

  /** EACH clients from `first` on ask under a name, until all have their ACK. */
  async ask(word: 'exchange' | 'renew', first: number, name: string): Promise<void> {
    const mark = this.#running.stdout.length
    this.#running.tell(`${word} ${first} ${EACH} ${name}`)
    await this.#running.until(new RegExp(`"done":${first}\\}`), mark)
  }

  release(first: number): void {
    this.#running.tell(`release ${first} ${EACH}`)
  }

  addressOf(client: number): string {
    const hw = client
      .toString(16)
      .padStart(4, '0')
      .replace(/(..)(..)/, '$1:$2')
    return new RegExp(`"ack":"([^"]+)","hw":"02:57:00:00:${hw}"`).exec(this.#running.stdout)![1]!
  }

  get refusals(): number {
    return this.#running.stdout.split('"refused"').length - 1
  }
}

t.test('what a member owes to DNS that is killed, another one tells', { skip }, async (t) => {
  const net = network(t)
  const lan = net.namespace('lan')
  const hosts = ['one', 'two'].map((word) => net.namespace(word))
  const machines = ['six0', 'six1'].map((word) => net.namespace(word))
  for (const [at, where] of [...hosts, ...machines].entries())
    net.veth(lan, `port${at}`, where, 'eth0')
  net.bridge(lan, 'lan', ['port0', 'port1', 'port2', 'port3'])
  lan.addAddress('lan', `${LAN}/24`)
  for (const [at, host] of hosts.entries()) {
    host.addAddress('eth0', `${SERVERS[at]}/24`)
    host.addAddress6('eth0', `${NET6}1:${at + 1}/64`)
    await host.linkLocal('eth0')
  }
  const bind = await Bind.start(t, { within: lan, address: LAN })
  const database = await Postgres.start(t)
  await database.query('create database dhcp')
  const at = folder(t)
  const ddns = join(at, 'ddns.conf')
  writeFileSync(ddns, JSON.stringify({ DhcpDdns: ddnsMap(ZONES, LAN) }))
  const where = { type: 'postgresql', host: database.folder, name: 'dhcp', user: 'postgres' }
  const servers = hosts.map((host, index) => {
    const own = join(at, `${index}`)
    mkdirSync(own)
    const common = {
      ...{ 'server-tag': `server${index}`, 'lease-database': where },
      ...{ 'ddns-qualifying-suffix': ZONE, 'ddns-override-client-update': true },
    }
    const { Dhcp4, Dhcp6 } = bothFamilies(common, { 'client-classes': SHORT })
    return new Daemon6(host, own, { ...Dhcp6, Dhcp4 }, withState(join(own, 'state')), true)
  })
  const start = async (index: number) => {
    const server = servers[index]!
    server.restart('-c', ddns)
    await server.serves('eth0')
    await server.line('DHCP4_INTERFACE_SERVING', { interface: 'eth0' })
  }
  await Promise.all([start(0), start(1)])
  const relay = await Relay.start(lan)

  /** Addresses with the names that are to stand, and nothing else. */
  const names = new Map<string, string>()
  const wanted = () => {
    const lines = [...names].flatMap(([ip, name]) => [
      ...forwardLines(name, ip),
      ...reverseLines(`${name}.${ZONE}`, ip),
    ])
    return [OWN, ...lines].sort()
  }
  /** Those of the lines that do not stand. */
  const missing = async (lines: readonly string[]) => {
    const found = await bind.bare(...ZONES)
    return lines.filter((line) => !found.includes(line))
  }
  const isAsWanted = async () => (await bind.bare(...ZONES)).join() === wanted().join()
  const nameThem = (first: number, name: string) => {
    for (let client = first; client < first + EACH; client++)
      names.set(relay.addressOf(client), `${name}${client}`)
  }
  const unname = (first: number) => {
    for (let client = first; client < first + EACH; client++) names.delete(relay.addressOf(client))
  }
  /** The first client of a fate whose name is known to DNS, or owed to it. */
  const firstOf = (round: number, fate: number, isOwed: boolean) =>
    EACH * (2 * (FATES.length * round + fate) + (isOwed ? 1 : 0))
  const give = async (round: number, isOwed: boolean) => {
    for (const [index, fate] of FATES.entries()) {
      const first = firstOf(round, index, isOwed)
      await relay.ask('exchange', first, fate)
      if (fate !== 'expires') nameThem(first, fate)
    }
  }
  /** Of what it has stored. What it has done since may be stored later. */
  const owes = async (index: number) => {
    const sql = `select text from whio.name join whio.member using (server)
      where name = 'server${index}'`
    const texts = (await database.query(sql, 'dhcp')).split('\n').filter(Boolean)
    return texts.some((text) => namesOfText(text)!.some(isOwed))
  }
  const owed = async (server: Daemon6) => {
    const { names } = (await server.status()) as { names?: { owed: number } }
    return names!.owed
  }
  const hasLeases = async (name: string) => {
    const sql = `select count(*) from whio.kea_lease4 where state = 0 and hostname like '${name}%'`
    return (await database.query(sql, 'dhcp')) !== '0'
  }
  /** A machine of DHCPv6 asks one server only. */
  const bindSix = async (round: number, other: number) => {
    const own = join(folder(t), 'six')
    mkdirSync(own)
    const machine = machines[round]!
    await machine.linkLocal('eth0')
    const client = new Dhclient6(machine, own, '-N')
    const says = `send fqdn.fqdn "six${round}.${ZONE}"; send fqdn.server-update on;`
    writeFileSync(join(own, 'dhclient6.conf'), says)
    lan.run('ip', 'link', 'set', `port${other}`, 'nomaster')
    names.set((await client.bind()).ip, `six${round}`)
    await client.cut()
    lan.run('ip', 'link', 'set', `port${other}`, 'master', 'lan')
  }

  for (const round of [0, 1]) {
    const [giver, other] = [round, 1 - round]
    const both = (fate: (typeof FATES)[number]) =>
      [false, true].map((isOwed) => firstOf(round, FATES.indexOf(fate), isOwed))
    await t.test(`server${giver} is killed`, async (t) => {
      relay.turnTo(SERVERS[giver]!)
      await give(round, false)
      while ((await missing(wanted())).length > 0) await delay(200)
      await bind.stop()
      await give(round, true)
      await bindSix(round, other)
      servers[giver]!.running.kill('SIGKILL')
      t.equal(await servers[giver]!.running.ended, 'SIGKILL')
      t.ok(await owes(giver))

      relay.turnTo(SERVERS[other]!)
      for (const first of both('renews')) await relay.ask('renew', first, 'renews')
      for (const first of both('renames')) {
        await relay.ask('renew', first, 'renamed')
        nameThem(first, 'renamed')
      }
      for (const first of both('returns')) {
        await relay.ask('renew', first, 'returns')
        unname(first)
      }
      while (await hasLeases('returns')) {
        for (const first of both('returns')) relay.release(first)
        await delay(500)
      }
      // BIND is back before or after it is known that the server is gone.
      if (round === 0) while (await owes(giver)) await delay(500)
      await bind.start()
      while (!(await isAsWanted())) await delay(500)
    })

    await t.test('it comes back', async (t) => {
      const before = wanted()
      await start(giver)
      relay.turnTo(SERVERS[giver]!)
      const fresh = firstOf(2 + round, 0, false)
      await relay.ask('exchange', fresh, 'fresh')
      nameThem(fresh, 'fresh')
      for (const first of both('stays')) await relay.ask('renew', first, 'stays')
      const lost = new Set<string>()
      while (!(await isAsWanted())) {
        for (const line of await missing(before)) lost.add(line)
        await delay(200)
      }
      t.same([...lost], [], 'nothing is taken away meanwhile')
      for (const server of servers) while ((await owed(server)) > 0) await delay(200)
      t.same(await bind.bare(...ZONES), wanted())
    })
  }

  t.equal(relay.refusals, 0)
  for (const server of servers) {
    t.notOk(server.wrote(/^(DDNS_CONFLICT|DDNS_FAILED|DDNS_REFUSED|INTERNAL_ERROR)$/))
    t.equal(await server.stop(), 0)
  }
})
