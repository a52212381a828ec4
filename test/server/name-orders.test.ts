// What is handed to DNS for an address: what else is known of its client, and of nobody else.

import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { BOTH, FORWARD, type NameEntry, REVERSE } from '../../lib/ddns/name-record.ts'
import type { Action } from '../../lib/ddns/order.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import { LeaseTables } from '../../lib/leases/table/lease-tables.ts'
import { NameLedger } from '../../lib/server/names/ledger.ts'
import { type Known, orderOf } from '../../lib/server/names/orders.ts'
import { addressOctets, dhcidsOf } from '../../lib/server/names/wishes.ts'
import { client6, key6 } from '../leases/keys6.ts'
import { client, lease } from '../leases/table-rows.ts'

const PLACE = { name: 'pc.lan', zoneName: 'lan', zone: { name: 'lan', servers: [] } }

const FOUR = ipv4FromText('192.0.2.1')!
const SIX = key6('2001:db8::1/128')

function entry(dhcid: string, more: Partial<NameEntry> = {}): NameEntry {
  return {
    ...{ fqdn: 'pc.lan', dhcid, also: [], ttl: 600, mode: 'check-with-dhcid' },
    ...{ wants: BOTH, may: BOTH, sure: BOTH, isConflict: false, isMoved: false, by: 'us', at: 0 },
    ...more,
  }
}

/** The record of the address that the order is for, then those of other addresses. */
function ordered(
  action: Action,
  records: ReadonlyMap<Key, readonly NameEntry[]>,
  more: Partial<Known['stance']> = {},
) {
  const tables = new LeaseTables(1)
  const { hwAddress } = client6(1)
  tables.v4.apply({ kind: 'put', lease: lease(FOUR, { ...client(1), hwAddress }) })
  tables.v6.apply({ kind: 'put', lease: lease(SIX, client6(1)) })
  const ledger = new NameLedger(() => BOTH)
  for (const [key, record] of records) ledger.put(key, record)
  const [[key, [first]]] = [...records] as [[Key, [NameEntry]]]
  const job = { key, fqdn: 'pc.lan', dhcid: first.dhcid, action, bits: FORWARD }
  const stance = { isApart: false, mayBeWanted: () => false, ...more }
  return orderOf(job, first, PLACE, { ledger, tables, linkFamilies: 'mac', stance })
}

t.test('a machine joins its other family, and not who had that address before', async (t) => {
  const before = entry('somebody else', { wants: 0 })
  const { registration } = ordered(
    'add',
    new Map<Key, NameEntry[]>([
      [FOUR, [entry('own')]],
      [SIX, [before, entry('own of DHCPv6')]],
    ]),
  )
  t.ok(registration.aliases.includes('own of DHCPv6'))
  t.notOk(registration.aliases.includes('somebody else'))
})

t.test(
  'what a former client had is not removed as one of the machine that is there now',
  async (t) => {
    const own = dhcidsOf(lease(FOUR, client(1)), 'pc.lan')[0]!
    const ofFormer = (entries: NameEntry[]) =>
      ordered(
        'remove',
        new Map<Key, NameEntry[]>([
          [FOUR, entries],
          [SIX, [entry('own of DHCPv6')]],
        ]),
      ).registration.aliases
    const former = entry('somebody else', { wants: 0, also: ['joined'] })
    t.same(ofFormer([former, entry('own')]), ['joined'])
    const aliases = ofFormer([entry(own, { wants: 0 })])
    t.ok(aliases.includes('own of DHCPv6'), 'the machine itself has ended')
  },
)

t.test('in a cut an address of the client stays that the partner may have renewed', async (t) => {
  const others = [key6('2001:db8::2/128'), key6('2001:db8::3/128'), key6('2001:db8::4/128')]
  const records = new Map<Key, NameEntry[]>([
    [SIX, [entry('own')]],
    [others[0]!, [entry('own')]],
    [others[1]!, [entry('own', { wants: 0 })]],
    [others[2]!, [entry('own', { wants: 0, may: REVERSE })]],
  ])
  const beside = (mayBeWanted: boolean) =>
    ordered('add', records, { isApart: true, mayBeWanted: () => mayBeWanted }).beside
  t.same(beside(true), others.slice(0, 2).map(addressOctets))
  t.same(beside(false), others.slice(0, 1).map(addressOctets), 'it has no key of it')

  const moved = entry('own', { wants: 0, isMoved: true })
  const four = new Map<Key, NameEntry[]>([
    [FOUR, [entry('own')]],
    [FOUR + 1, [moved]],
  ])
  const { beside: left } = ordered('add', four, { isApart: true, mayBeWanted: () => true })
  t.same(left, [], 'a client of DHCPv4 has its name at one address')
})
