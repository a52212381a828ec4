// A pair on a PostgreSQL that both write, with clients of both families that people have: its
// server is killed, then cut off from the database, then from its partner. They renew what they
// have, at the other server where theirs is gone.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { Daemon6, folder } from './daemon.ts'
import { Dhclient } from './dhcp-clients.ts'
import { Dhcpcd6, inside, secondInterface } from './dhcp6-clients.ts'
import { type Namespace, type Owner, systemSkip } from './netns.ts'
import { withState } from './own-state.ts'
import { type Host, PairHosts, SERVERS, type Which } from './pair-hosts.ts'
import { Postgres, postgresSkip } from './postgres.ts'

const skip = postgresSkip() || systemSkip('dhclient', 'dhcpcd', 'mount', 'nsenter', 'unshare')

const WHIO = fileURLToPath(new URL('../../bin/whio.ts', import.meta.url))

const DATABASE = '10.78.0.101'
const WHERE = { type: 'postgresql', host: DATABASE, name: 'dhcp', user: 'postgres' }
const TIMES = { 'renew-timer': 2, 'rebind-timer': 3, 'valid-lifetime': 600 }

class PairOnDatabase extends PairHosts {
  /** Beside the visitor. */
  readonly router: Namespace

  constructor(owner: Owner, at: string) {
    // The clients are few, so that one of them has to be enough to tell of a silent partner.
    const ha = () => ({
      ...{ 'send-lease-updates': false, 'sync-leases': false },
      ...{ 'max-response-delay': 10_000, 'max-ack-delay': 1000, 'max-unacked-clients': 0 },
    })
    super(owner, at, { mode: 'load-balancing', ha })
    this.router = this.net.namespace('router')
    this.net.veth(this.clients, 'router', this.router, 'eth0')
    this.clients.run('ip', 'link', 'set', 'router', 'master', 'lan')
    secondInterface(this.router)
  }

  override prepare(host: Host): Daemon6 {
    const Dhcp4 = { ...this.dhcp4(host), ...TIMES, 'lease-database': WHERE }
    const { loggers: _, subnet4: __, ...shared } = Dhcp4
    const lan = {
      ...{ id: 6, subnet: '2001:db8:1::/64', interface: 'dhcp' },
      pools: [{ pool: '2001:db8:1::1000 - 2001:db8:1::1fff' }],
      'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 40, 'delegated-len': 56 }],
    }
    const both = { ...shared, 'preferred-lifetime': 300, subnet6: [lan], Dhcp4 }
    // The two hosts are one machine here.
    const own = withState(join(this.at, `host${host + 1}`, 'state'))
    const daemon = new Daemon6(this.hosts[host]!, `${this.at}/host${host + 1}`, both, own, true)
    this.servers[host] = daemon
    return daemon
  }

  /** What a host sends to the database is refused by its own kernel. */
  cutOff(host: Host, isCut: boolean): void {
    const word = isCut ? 'add' : 'delete'
    this.hosts[host]!.run('ip', 'route', word, 'prohibit', `${DATABASE}/32`)
  }

  /** The two hear nothing of each other; both reach the database. */
  cutBetween(isCut: boolean): void {
    const word = isCut ? 'add' : 'delete'
    for (const host of [0, 1] as const) {
      const ends = ['src', `10.78.0.${2 - host}/32`, 'dst', `10.78.0.${host + 1}/32`, 'dir', 'in']
      const action = isCut ? ['action', 'block'] : []
      this.hosts[host]!.run('ip', 'xfrm', 'policy', word, ...ends, ...action)
    }
  }
}

t.test('clients of a server that is gone renew at the other', { skip }, async (t) => {
  const at = folder(t)
  const pair = new PairOnDatabase(t, at)
  pair.clients.addAddress('cable', `${DATABASE}/24`)
  const database = await Postgres.start(t, { within: pair.clients, address: DATABASE })
  await database.query('create database dhcp')
  pair.launch(0)
  pair.launch(1)
  await pair.areNormal()
  for (const server of pair.servers) {
    await server.serves('dhcp')
    await server.line('DHCP4_INTERFACE_SERVING', { interface: 'dhcp' })
  }
  await pair.router.linkLocal('eth0')

  const own = join(at, 'client')
  mkdirSync(own)
  const client = new Dhclient(pair.visitor, own)
  const { ip, server } = await client.bind()
  const first = SERVERS.indexOf(server as (typeof SERVERS)[number]) as Which
  const other = (1 - first) as Which
  t.notOk(pair.server(other).wrote('DHCP4_LEASE_ALLOC'), 'one of the two gave it')
  const router = new Dhcpcd6(pair.router, inside(at, 'router'), true)
  const six = await router.bind()
  const gave6 = ([0, 1] as const).filter((host) => pair.server(host).wrote('DHCP6_LEASE_ALLOC'))
  t.equal(gave6.length, 1, 'one of the two gave address and prefix')
  for (const { configFile, running, where } of pair.servers) {
    const there = ['nsenter', '--target', `${running.pid}`, '--mount', 'env', '-u', 'NODE_OPTIONS']
    const words = [process.execPath, WHIO, 'leases', '-c', configFile]
    const listing = where.start(...(there as [string]), ...words)
    t.equal(await listing.ended, 0)
    for (const key of [ip, six.ip, six.prefix])
      t.match(
        listing.stdout,
        RegExp(`^${key.replaceAll('.', '\\.')} +(IA_.. +)?assigned `, 'm'),
        'both list it',
      )
  }

  /** The address that the client has when this server renews its lease for the first time. */
  const renewedBy = async (which: Which): Promise<string> => {
    for (;;) {
      const event = await client.event(/^(RENEW|REBIND|BOUND)$/)
      if (event.server === SERVERS[which] || event.reason === 'BOUND') return event.ip
    }
  }
  /** The router keeps its address and its prefix, as this server says from now on. */
  const renewed6By = async (which: Which, mark = pair.server(which).mark): Promise<void> => {
    for (const key of [six.ip, six.prefix.split('/')[0]!])
      await pair.server(which).line('DHCP6_LEASE_RENEW', { address: RegExp(`^${key}(/|$)`) }, mark)
  }

  await t.test('its server is killed, and returns', async (t) => {
    const { mark } = pair.server(other)
    await pair.kill(first)
    await pair.enters(other, 'partner-down', mark)
    t.equal(await renewedBy(other), ip)
    await renewed6By(other)
    const again: [number, number] = [pair.server(0).mark, pair.server(1).mark]
    again[first] = 0
    pair.server(first).restart()
    await pair.areNormal(again)
    t.equal(await renewedBy(first), ip, 'who answers others is silent again')
    await renewed6By(gave6[0]!)
  })

  await t.test('its server loses the database, and the link stays', async (t) => {
    const { marks } = pair
    pair.cutOff(first, true)
    await pair.server(first).line('DATABASE_AWAY', {}, marks[first])
    await pair.enters(other, 'partner-down', marks[other])
    t.equal(await renewedBy(other), ip)
    await renewed6By(other)
    const again = pair.marks
    pair.cutOff(first, false)
    await pair.server(first).line('DATABASE_BACK', {}, again[first])
    await pair.areNormal(again)
  })

  await t.test('the link between them is cut, and both have the database', async (t) => {
    const { marks } = pair
    pair.cutBetween(true)
    for (const host of [0, 1] as const) await pair.enters(host, 'partner-down', marks[host])
    t.equal(await renewedBy(first), ip)
    await renewed6By(gave6[0]!)
    await client.cut()
    pair.visitor.run('ip', 'link', 'set', 'eth0', 'address', '02:00:5e:10:00:99')
    const newcomer = new Dhclient(pair.visitor, inside(at, 'newcomer'))
    const got = await newcomer.bind()
    t.not(got.ip, ip, 'who answers everybody gives what is free in the database')
    await newcomer.cut()
    const again = pair.marks
    pair.cutBetween(false)
    await pair.areNormal(again)
    await renewed6By(gave6[0]!)
  })

  for (const host of [0, 1] as const)
    t.notOk(pair.server(host).wrote(/^(INTERNAL_ERROR|HA_ALARM|HA_PEER_REFUSED)$/))
  const rows = (family: number) =>
    database.query(`select count(*) from whio.kea_lease${family} where state = 0`, 'dhcp')
  t.equal(await rows(4), '2', 'two clients, two leases')
  t.equal(await rows(6), '2', 'the router has an address and a prefix')
})
