// hosts-databases in a pair: each server has databases of its own, and reads them when it does.
// What they differ by costs an offer, never an address.

import t from 'tap'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { pairConfig } from '../../lib/lab/pair-config.ts'
import { PairFile } from './edit-office.ts'
import { FakeHosts, FakeTable } from './fake-hosts.ts'

const SUBNET = { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.29' }] }
const macOf = (n: number) => `02:00:5e:10:01:${n.toString(16).padStart(2, '0')}`

function pairOn(tables: readonly FakeTable[], seed: number): PairLab {
  const files = ['server1', 'server2'].map((name) => {
    const database = { type: 'mysql', name: 'kea' } as const
    const dhcp4 = { subnet4: [SUBNET], 'hosts-databases': [database] }
    return new PairFile(name, pairConfig({ dhcp4 }))
  })
  const lab: PairLab = createPair({
    plans: files.map((file) => file.start().plan),
    configurations: files.map((file) => () => file.start()),
    seed,
    ports: (own, server) => {
      const table = tables[server.name === 'server1' ? 0 : 1]!
      const after = (delay: number, work: () => void) => void server.node.after(delay, work)
      return { ...own, hosts: new FakeHosts(after, { 4: [table] }) }
    },
  })
  lab.reachNormal()
  return lab
}

t.test('one database for both: reservations are served by whoever serves the client', async (t) => {
  const table = new FakeTable()
  for (let n = 0; n < 8; n++)
    table.put(n + 1, { 'hw-address': macOf(n), 'ip-address': `192.0.2.${10 + n}` })
  const lab = pairOn([table, table], 1)
  t.notOk(lab.servers.some(({ server }) => server!.pair!.configDiffers))
  for (let n = 0; n < 8; n++) lab.addClient({ hwAddress: macOf(n) })
  for (let n = 0; n < 8; n++) lab.addClient({ hwAddress: macOf(0x80 + n) })
  lab.advance(120_000)
  t.same(
    lab.clients.slice(0, 8).map(({ address }) => address),
    Array.from({ length: 8 }, (_, n) => `192.0.2.${10 + n}`),
  )
  t.ok(lab.clients.every(({ isBound }) => isBound))
  t.same(lab.invariants.violations, [])
})

t.test('two databases that say different things: no address has two clients', async (t) => {
  for (const seed of [1, 2, 3]) {
    const tables = [new FakeTable(), new FakeTable()]
    const lab = pairOn(tables, seed)
    for (let n = 0; n < 16; n++) lab.addClient({ hwAddress: macOf(n) })
    for (let round = 0; round < 12; round++) {
      // Each says another address for the same clients, and changes its mind.
      for (const [index, table] of tables.entries())
        for (let n = 0; n < 6; n++) {
          const last = 10 + ((n * 3 + round + index * 7) % 20)
          table.put(n + 1, { 'hw-address': macOf(n), 'ip-address': `192.0.2.${last}` })
        }
      if (round === 4) lab.crash(seed % 2)
      if (round === 6) lab.servers[seed % 2]!.start()
      lab.advance(400_000)
    }
    t.same(lab.invariants.violations, [], `seed ${seed}`)
    t.ok(lab.clients.filter(({ isBound }) => isBound).length >= 10, 'they are served')
  }
})

t.test('a database that one server cannot read at its start: the partner serves', async (t) => {
  const tables = [new FakeTable(), new FakeTable()]
  const lab = pairOn(tables, 5)
  lab.crash(0)
  tables[0]!.trouble = 'connection refused'
  lab.advance(60_000)
  lab.servers[0]!.start()
  for (let n = 0; n < 8; n++) lab.addClient({ hwAddress: macOf(n) })
  lab.advance(120_000)
  t.ok(lab.clients.every(({ isBound }) => isBound))
  tables[0]!.trouble = ''
  tables[0]!.look()
  lab.advance(60_000)
  t.ok(lab.isNormal, 'it comes back once it has read it')
  t.same(lab.invariants.violations, [])
})
