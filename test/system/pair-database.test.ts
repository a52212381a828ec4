// A pair on a PostgreSQL that both write, with a client that people have: its server is killed,
// then cut off from the database. It renews the address that it has at the other server.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { folder } from './daemon.ts'
import { Dhclient } from './dhcp-clients.ts'
import { type Owner, systemSkip } from './netns.ts'
import { type Host, PairHosts, SERVERS, type Which } from './pair-hosts.ts'
import { Postgres, postgresSkip } from './postgres.ts'

const skip = postgresSkip() || systemSkip('dhclient', 'mount')

const DATABASE = '10.78.0.101'

class PairOnDatabase extends PairHosts {
  constructor(owner: Owner, at: string) {
    const ha = () => ({ 'send-lease-updates': false, 'sync-leases': false })
    super(owner, at, { mode: 'load-balancing', ha })
  }

  override dhcp4(host: Host) {
    const where = { type: 'postgresql', host: DATABASE, name: 'dhcp', user: 'postgres' }
    const times = { 'renew-timer': 2, 'rebind-timer': 3, 'valid-lifetime': 600 }
    return { ...super.dhcp4(host), ...times, 'lease-database': where }
  }

  /** What a host sends to the database is refused by its own kernel. */
  cutOff(host: Host, isCut: boolean): void {
    const word = isCut ? 'add' : 'delete'
    this.hosts[host]!.run('ip', 'route', word, 'prohibit', `${DATABASE}/32`)
  }
}

t.test('a client of a server that is gone renews its address at the other', { skip }, async (t) => {
  const at = folder(t)
  const pair = new PairOnDatabase(t, at)
  pair.clients.addAddress('cable', `${DATABASE}/24`)
  const database = await Postgres.start(t, { within: pair.clients, address: DATABASE })
  await database.query('create database dhcp')
  pair.launch(0)
  pair.launch(1)
  await pair.areNormal()
  for (const server of pair.servers) await server.serves('dhcp')

  const own = join(at, 'client')
  mkdirSync(own)
  const client = new Dhclient(pair.visitor, own)
  const { ip, server } = await client.bind()
  const first = SERVERS.indexOf(server as (typeof SERVERS)[number]) as Which
  const other = (1 - first) as Which
  t.notOk(pair.server(other).wrote('DHCP4_LEASE_ALLOC'), 'one of the two gave it')
  for (const { configFile, where } of [pair.server(0), pair.server(1)]) {
    const listing = where.node('bin/whio.ts', 'leases', '-c', configFile)
    t.equal(await listing.ended, 0)
    t.match(listing.stdout, RegExp(`^${ip.replaceAll('.', '\\.')} +assigned `, 'm'), 'both list it')
  }

  /** The address that the client has when this server renews its lease for the first time. */
  const renewedBy = async (which: Which): Promise<string> => {
    for (;;) {
      const event = await client.event(/^(RENEW|REBIND|BOUND)$/)
      if (event.server === SERVERS[which] || event.reason === 'BOUND') return event.ip
    }
  }

  await t.test('its server is killed, and returns', async (t) => {
    const { mark } = pair.server(other)
    await pair.kill(first)
    await pair.enters(other, 'partner-down', mark)
    t.equal(await renewedBy(other), ip)
    const again: [number, number] = [pair.server(0).mark, pair.server(1).mark]
    again[first] = 0
    pair.server(first).restart()
    await pair.areNormal(again)
    t.equal(await renewedBy(first), ip, 'who answers others is silent again')
  })

  await t.test('its server loses the database, and the link stays', async (t) => {
    const { marks } = pair
    pair.cutOff(first, true)
    await pair.server(first).line('DATABASE_AWAY', {}, marks[first])
    await pair.enters(other, 'partner-down', marks[other])
    t.equal(await renewedBy(other), ip)
    const again = pair.marks
    pair.cutOff(first, false)
    await pair.server(first).line('DATABASE_BACK', {}, again[first])
    await pair.areNormal(again)
  })

  for (const host of [0, 1] as const)
    t.notOk(pair.server(host).wrote(/^(INTERNAL_ERROR|HA_ALARM|HA_PEER_REFUSED)$/))
  const rows = await database.query('select count(*) from whio.kea_lease4', 'dhcp')
  t.equal(rows, '1', 'one client, one lease')
})
