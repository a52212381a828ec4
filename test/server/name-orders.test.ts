// What is handed to DNS for an address: what else is known of its client, and of nobody else.

import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { BOTH, FORWARD, type NameEntry, REVERSE } from '../../lib/ddns/name-record.ts'
import type { Action } from '../../lib/ddns/order.ts'
import { BINDING_KIND, bindingOf } from '../../lib/leases/binding.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { LeaseTables } from '../../lib/leases/table/lease-tables.ts'
import { NameLedger } from '../../lib/server/names/ledger.ts'
import { type Known, orderOf, withAliases } from '../../lib/server/names/orders.ts'
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
  machines: Known['machines'] = { of: () => [] },
) {
  const tables = new LeaseTables(1)
  const { hwAddress } = client6(1)
  tables.v4.apply({ kind: 'put', lease: lease(FOUR, { ...client(1), hwAddress }) })
  tables.v6.apply({ kind: 'put', lease: lease(SIX, client6(1)) })
  const ledger = new NameLedger(() => BOTH)
  for (const [key, record] of records) ledger.put(key, record)
  const [[key, [first]]] = [...records] as [[Key, [NameEntry]]]
  const job = { key, fqdn: 'pc.lan', dhcid: first.dhcid, action, bits: FORWARD }
  const stance = { isApart: false, isShared: false, mayBeWanted: () => false, ...more }
  return orderOf(job, first, PLACE, { ledger, machines, tables, linkFamilies: 'mac', stance })
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

// ---- on a database that others write, too

/** By a DUID that does not tell the hardware address. */
const OTHER = { ...client6(1), clientId: bindingOf(BINDING_KIND.na, 1, '\0\x04uuid') }
const NAMED = { hostname: 'pc.lan', fqdnFwd: true, fqdnRev: true }

/** Both families of one machine, of which this server has registered nothing. */
function unknown(): { readonly known: Known; readonly other: string } {
  const tables = new LeaseTables(1)
  const { hwAddress } = client6(1)
  tables.v4.apply({ kind: 'put', lease: lease(FOUR, { ...client(1), hwAddress }) })
  const six = lease(SIX, OTHER, NAMED)
  tables.v6.apply({ kind: 'put', lease: six })
  const stance = { isApart: true, isShared: true, mayBeWanted: () => false }
  const ledger = new NameLedger(() => BOTH)
  const machines = { of: (hw: string) => (hw === hwAddress ? [FOUR, SIX] : []) }
  return {
    known: { ledger, machines, tables, linkFamilies: 'mac', stance },
    other: dhcidsOf(six, 'pc.lan')[0]!,
  }
}

t.test('a machine joins its other family that another server has registered', async (t) => {
  const { known, other } = unknown()
  const job = { key: FOUR, fqdn: 'pc.lan', dhcid: 'own', action: 'add', bits: FORWARD } as const
  const { registration } = orderOf(job, entry('own'), PLACE, known)
  t.ok(registration.aliases.includes(other))
  const alone = orderOf(job, entry('own'), PLACE, { ...known, machines: { of: () => [] } })
  t.notOk(alone.registration.aliases.includes(other), 'by its leases alone')
})

t.test('what is to be removed is told while the lease is still its machine’s', async (t) => {
  const { known, other } = unknown()
  const own = dhcidsOf(lease(FOUR, { ...client(1), hwAddress: client6(1).hwAddress }), 'pc.lan')[0]!
  const also = (more: Partial<NameEntry>) =>
    withAliases(FOUR, [entry(own, more)], known)[0]!.also.includes(other)
  t.equal(also({ wants: 0, sure: 0 }), true)
  t.equal(also({ wants: 0 }), false, 'what this server has registered it knows')
  t.equal(also({ sure: 0 }), false, 'nor is anything lost of what is wanted')
})

t.test('addresses of the client stay that other servers have given it', async (t) => {
  const { known } = unknown()
  const rows = [
    { address: key6('2001:db8::2/128'), ...NAMED },
    { address: key6('2001:db8::3/128'), ...NAMED, hostname: 'other.lan' },
    { address: key6('2001:db8::4/128'), ...NAMED, fqdnFwd: false },
    { address: key6('2001:db8::5/128'), ...NAMED, state: LEASE_STATE.released },
  ]
  for (const { address, ...more } of rows)
    known.tables.v6.apply({ kind: 'put', lease: lease(address, OTHER, more) })
  const job = { key: SIX, fqdn: 'pc.lan', dhcid: 'own', action: 'add', bits: FORWARD } as const
  const { beside } = orderOf(job, entry('own'), PLACE, known)
  t.same(beside, [addressOctets(rows[0]!.address)])
  const stance = { ...known.stance, isShared: false }
  t.same(orderOf(job, entry('own'), PLACE, { ...known, stance }).beside, [])
})
