// Rule 9m: a partner that knows DHCPv4 alone, as versions before did, and one that has learnt the
// other family since.

import t from 'tap'
import { prefix6FromText } from '../../lib/address/prefix6.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import type { Hello } from '../../lib/ha/link-messages.ts'
import { bindingOf } from '../../lib/leases/binding.ts'
import { homeOf6 } from '../../lib/leases/keys/family6.ts'
import { versionOf } from '../../lib/leases/keys/key.ts'
import { LEASE_STATE, type Lease6 } from '../../lib/leases/lease.ts'
import { freeRow } from '../../lib/leases/lifecycle.ts'
import { leaseOf, Stage, type StageSettings } from './fake-partner.ts'

const DHCP6: Partial<Dhcp6Document> = {
  'valid-lifetime': 600,
  'preferred-lifetime': 400,
  subnet6: [
    { id: 1, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::10 - 2001:db8:1::4f' }] },
  ],
}

/** Knows both families. */
const LEARNT = { families: [4, 6], holds: [4] } as const

/** A lease of this server's own address, of which it has both keys. */
function lease6(change: number): Lease6 {
  let number = 0x10
  const addressOf = () => prefix6FromText(`2001:db8:1::${number.toString(16)}`)!
  while (homeOf6(addressOf()) !== 0) number++
  return {
    ...freeRow(addressOf()),
    clientId: bindingOf(3, 1, '\x00\x03\x00\x01\x02\x00\x00\x00\x00\x07'),
    state: LEASE_STATE.assigned,
    subnetId: 1,
    validLifetime: 600,
    preferredLifetime: 400,
    start: 1_000_000,
    end: 1_600_000,
    change,
  }
}

function staged(more: StageSettings = {}): Stage {
  const rows = [leaseOf(20, 1, { change: 40, start: 1_000_000, end: 1_600_000 })]
  return new Stage({ rows, rows6: [lease6(60)], config: { dhcp6: DHCP6 }, ...more })
}

const familiesOf = (rows: readonly { readonly address: never }[]) => [
  ...new Set(rows.map(({ address }) => versionOf(address))),
]

t.test('a partner of a version before gets no row of DHCPv6, and no key of one', async (t) => {
  const stage = staged()
  const partner = stage.partner({ applied: 0 })
  const client = stage.lab.addClient6({ startDelayMax: 0 })
  t.ok(
    stage.lab.world.advanceUntil(() => client.isBound, 10_000),
    'nobody waits for it',
  )
  t.ok(stage.isWell())
  stage.lab.advance(20_000)
  t.equal(partner.closed, '')
  t.same(familiesOf(partner.rows as never), [4])
  const rows = stage.server.server!.tables.v6.walk('rows').next(10)
  t.equal(rows.length, 2)
  for (const row of rows) t.same([row.gave, row.got], [0, 0])
  const [hello] = partner.connection.said('hello')
  t.match(hello, { families: [4, 6], holds: [4, 6], whole: [] })
})

t.test('once it knows both it is sent everything, and a key of each lease', async (t) => {
  const stage = staged()
  const partner = stage.partner({ ...LEARNT, applied: 55 })
  stage.lab.advance(5000)
  t.same(familiesOf(partner.rows as never), [4, 6], 'what was before its position, too')
  const [row] = stage.server.server!.tables.v6.walk('rows').next(1)
  t.equal(row!.gave, 1)
  t.ok(partner.rows.some(({ change }) => change === row!.change))
})

t.test('who says that it has both up to a position is sent what came since', async (t) => {
  const stage = staged()
  const partner = stage.partner({ ...LEARNT, applied: 55, whole: ['own-database'] })
  stage.lab.advance(5000)
  t.same(familiesOf(partner.rows as never), [6])
})

t.test('what is stored of its stream counts rows of both once all have come', async (t) => {
  const stage = staged()
  t.same(stage.pair.record.whole, [])
  const old = stage.partner({ applied: 0 })
  old.frame([leaseOf(30, 9)])
  stage.lab.advance(1000)
  t.same(stage.pair.record.whole, [], 'it knows DHCPv4 alone')
  old.connection.end()
  stage.lab.advance(1000)
  const partner = stage.partner({ ...LEARNT, applied: 60 })
  partner.frame([leaseOf(31, 9)])
  stage.lab.advance(1000)
  t.same(stage.pair.record.whole, ['partner-database'], 'it has no rows of DHCPv6')
})

t.test('rights do not go to who knows nothing of leases that there are', async (t) => {
  const fresh: Partial<Hello> = {
    rights: 'none',
    noneBecause: 'fresh',
    database: 'a-new-one',
    pairId: '',
    applied: 0,
    appliedDatabase: '',
    position: 0,
    clock: 0,
    handOver: 0,
  }
  const stage = staged()
  const connection = stage.greet(fresh)
  stage.lab.advance(1000)
  t.match(connection.said('refusal')[0]?.reason, /leases of DHCPv6, of which 'server2' knows/)
  t.equal(stage.pair.record.rights, 'shared')
  const without = staged({ rows6: [] })
  const taken = without.greet(fresh)
  without.lab.advance(1000)
  t.same(taken.said('refusal'), [], 'where there are none it is met as before')
})

t.test('nor by hand-over', async (t) => {
  const stage = staged()
  stage.partner({ applied: 0 })
  let why = ''
  stage.pair.handOver.start((answer) => (why = answer.why))
  t.match(why, /bring it up to date first/)
})
