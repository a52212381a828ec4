// Which leases are of one machine: those that are there when it begins, and each that changes.

import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { NO_NAMES } from '../../lib/config/plan/names-plan.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import type { Lease } from '../../lib/leases/lease.ts'
import { LeaseTables } from '../../lib/leases/table/lease-tables.ts'
import { Machines } from '../../lib/server/names/machines.ts'
import { client, lease } from '../leases/table-rows.ts'

const ADDRESS = ipv4FromText('192.0.2.1')!
const LINKED = { ...NO_NAMES, linkFamilies: 'mac' } as const
const NAMED = { hostname: 'pc.lan', fqdnFwd: true, fqdnRev: true }

const row = (at: number, number: number, more = NAMED) =>
  lease(ADDRESS + at, client(number), more) as Lease<Key>

function begun(...rows: readonly Lease<Key>[]) {
  const tables = new LeaseTables(1)
  for (const one of rows) tables.apply({ kind: 'put', lease: one })
  const machines = new Machines(tables)
  machines.use(LINKED, true)
  while (machines.isUnderWay) machines.goOn()
  return machines
}

const hw = (number: number) => row(0, number).hwAddress

t.test('leases that have a name, by their hardware address', async (t) => {
  const machines = begun(row(0, 1), row(1, 1), row(2, 2), row(3, 3, { ...NAMED, hostname: '' }))
  t.same(machines.of(hw(1)), [ADDRESS, ADDRESS + 1])
  t.same(machines.of(hw(2)), [ADDRESS + 2])
  t.same(machines.of(hw(3)), [])
})

t.test('what a lease becomes is followed', async (t) => {
  const machines = begun(row(0, 1))
  machines.changing(row(0, 1), row(0, 2))
  t.same(machines.of(hw(1)), [])
  t.same(machines.of(hw(2)), [ADDRESS])
  machines.changing(row(0, 2), row(0, 2))
  t.same(machines.of(hw(2)), [ADDRESS], 'once')
  machines.changing(undefined, row(1, 2))
  t.same(machines.of(hw(2)), [ADDRESS, ADDRESS + 1])
  machines.changing(row(0, 2), undefined)
  t.same(machines.of(hw(2)), [ADDRESS + 1])
})

t.test('of one machine so many at most, the latest', async (t) => {
  const machines = begun(...Array.from({ length: 20 }, (_, at) => row(at, 1)))
  t.equal(machines.of(hw(1)).length, 8)
  t.equal(machines.of(hw(1)).at(-1), ADDRESS + 19)
})

t.test('nothing is kept where families are not linked, or nobody else writes', async (t) => {
  const machines = begun(row(0, 1))
  machines.use({ ...LINKED, linkFamilies: 'off' }, true)
  t.same(machines.of(hw(1)), [])
  machines.changing(undefined, row(1, 1))
  machines.use(LINKED, false)
  machines.changing(undefined, row(1, 1))
  t.same(machines.of(hw(1)), [])
  machines.use(LINKED, true)
  while (machines.isUnderWay) machines.goOn()
  t.same(machines.of(hw(1)), [ADDRESS], 'and begins anew')
})
