// Which names files and resolvers beside DNS are told, as leases of both families come and go.

import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { prefix6FromText } from '../../lib/address/prefix6.ts'
import type { SinkPlan } from '../../lib/config/plan/names-plan.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { LeaseTables } from '../../lib/leases/table/lease-tables.ts'
import { textOf } from '../../lib/platform/name-sinks/hosts-file.ts'
import type { NameSource } from '../../lib/ports/name-sinks.ts'
import { SinkNames } from '../../lib/server/names/sink-names.ts'
import { lease } from '../leases/table-rows.ts'
import { onePlan } from '../sim/names-stage.ts'

const PLACE: SinkPlan = { kind: 'hosts-file', path: '/nowhere' }
const TILL = { htype: 1, hwAddress: 'aaaaaa', clientId: '' }
const DESK = { htype: 1, hwAddress: 'bbbbbb', clientId: '' }
/** The same machine as TILL, by DHCPv6: a binding of an address, and its DUID. */
const TILL6 = { htype: 1, hwAddress: 'aaaaaa', clientId: '\x03\0\0\0\x01\0\x03\0\x01aaaaaa' }

const NAMED = { hostname: 'till.lan', fqdnFwd: true, fqdnRev: true }

function stage() {
  const tables = new LeaseTables(1)
  const plan = onePlan()
  let source: NameSource | undefined
  const told: string[] = []
  const sinks = {
    open: (given: NameSource) => {
      source = given
    },
    use: () => {},
    changed: (name: string, address: string) => {
      told.push(`${name} ${textOf(address)}`)
    },
    status: () => [],
    close: () => {},
  }
  const names = new SinkNames(sinks, { tables, plan: () => plan })
  const put = (next: Lease<Key>) => {
    names.changing({ kind: 'put', lease: next })
    tables.apply({ kind: 'put', lease: next })
  }
  const all = () => [...source!.all()].map(({ address, name }) => `${name} ${textOf(address)}`)
  return { all, names, put, source: source!, told, tables }
}

function four(text: string, who = TILL, more: Partial<Lease> = {}): Lease<Key> {
  return lease(ipv4FromText(text)!, who, { ...NAMED, ...more })
}

function six(text: string, more: Partial<Lease> = {}): Lease<Key> {
  return lease(prefix6FromText(`${text}/128`)!, TILL6, { ...NAMED, ...more })
}

t.test('names of leases come and go, whoever has given them', async (t) => {
  const { all, names, put, source, told } = stage()
  put(four('192.0.2.1', DESK, { hostname: 'before.lan' }))
  t.same(told, [], 'nobody wants them yet')
  names.use([PLACE])
  t.equal(source.ofName('before.lan').length, 1, 'leases that were there')
  put(four('192.0.2.10', TILL, { givenBy: 'partner' }))
  put(six('2001:db8::1'))
  t.same(all(), ['before.lan 192.0.2.1', 'till.lan 192.0.2.10', 'till.lan 2001:db8::1'])
  t.same(told, ['till.lan 192.0.2.10', 'till.lan 2001:db8::1'])
  t.match(source.ofName('till.lan'), [
    { address: '\xc0\0\x02\x0a', ttl: 600, forward: true, reverse: true },
    { forward: true },
  ])

  put(four('192.0.2.10', TILL, { start: 500, end: 2_000_000 }))
  t.equal(told.length, 2, 'a renewal')
  put(four('192.0.2.10', TILL, { hostname: 'shop.lan' }))
  t.same(told.slice(2), ['till.lan 192.0.2.10', 'shop.lan 192.0.2.10'])
  put(six('2001:db8::1', { state: LEASE_STATE.expired }))
  t.same(told.slice(4), ['till.lan 2001:db8::1'])
  t.same(all(), ['before.lan 192.0.2.1', 'shop.lan 192.0.2.10'])
  t.same(source.ofName('till.lan'), [])
  t.equal(source.ofAddress('\xc0\0\x02\x0a')[0]?.name, 'shop.lan')
  t.same(source.ofAddress('\xc0\0\x02\x63'), [])
})

t.test('leases that ask for nothing are told to nobody', async (t) => {
  const { all, names, put, told } = stage()
  names.use([PLACE])
  put(four('192.0.2.10', TILL, { fqdnFwd: false, fqdnRev: false }))
  put(four('192.0.2.11', TILL, { hostname: '' }))
  put(lease<Key>(prefix6FromText('2001:db8:1::/48')!, TILL6, NAMED))
  t.same([all(), told], [[], []])
})

t.test('a name that two clients say is the first one’s, until that leaves', async (t) => {
  const { all, names, put, source, told } = stage()
  names.use([PLACE])
  put(four('192.0.2.20', TILL))
  put(four('192.0.2.10', DESK))
  put(six('2001:db8::1'))
  t.same(all(), ['till.lan 192.0.2.20', 'till.lan 2001:db8::1'], 'and its other family’s')
  t.same(source.ofAddress('\xc0\0\x02\x0a'), [], 'nor does the address lead there')
  put(four('192.0.2.20', TILL, { validLifetime: 500, start: 9 }))
  t.same(all(), ['till.lan 192.0.2.20', 'till.lan 2001:db8::1'], 'a renewal keeps the place')
  put(four('192.0.2.20', TILL, { state: LEASE_STATE.released }))
  put(six('2001:db8::1', { state: LEASE_STATE.released }))
  t.same(all(), ['till.lan 192.0.2.10'])
  t.ok(told.every((one) => one.startsWith('till.lan ')))
})

t.test('a client that has moved to another address of DHCPv4 is at the new one', async (t) => {
  const { all, names, put } = stage()
  names.use([PLACE])
  put(four('192.0.2.30', TILL, { start: 10 }))
  put(four('192.0.2.10', TILL, { start: 20 }))
  t.same(all(), ['till.lan 192.0.2.10'])
})

t.test('nobody is told where no place wants them any more', async (t) => {
  const { names, put, told } = stage()
  names.use([PLACE])
  names.use([])
  put(four('192.0.2.10'))
  t.same(told, [])
})
