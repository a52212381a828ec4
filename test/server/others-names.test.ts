// What names become because of other servers on the database: what they wrote while this one was
// busy with DNS, and what they owed that are gone.

import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { BOTH, type NameEntry, type NameRecord, textOfNames } from '../../lib/ddns/name-record.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { LeaseTables } from '../../lib/leases/table/lease-tables.ts'
import type { StoredName } from '../../lib/ports/journal.ts'
import { NameLedger } from '../../lib/server/names/ledger.ts'
import { Machines } from '../../lib/server/names/machines.ts'
import { type OthersDuties, OthersNames } from '../../lib/server/names/others-names.ts'
import { dhcidsOf, wishOf } from '../../lib/server/names/wishes.ts'
import { client, lease } from '../leases/table-rows.ts'
import { planOf } from '../sim/plans.ts'

const KEY = ipv4FromText('192.0.2.10')!
const PLAN = planOf({
  subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.19' }] }],
})

const leaseOf = (number: number, more: Partial<Lease> = {}) =>
  lease(KEY, client(number), {
    ...{ hostname: 'pc.lan', fqdnFwd: true, fqdnRev: true },
    ...more,
  }) as Lease<Key>

function entryOf(number: number, more: Partial<NameEntry> = {}): NameEntry {
  return {
    ...{ fqdn: 'pc.lan', dhcid: dhcidsOf(leaseOf(number), 'pc.lan')[0]!, also: [], ttl: 600 },
    ...{ mode: 'check-with-dhcid', wants: BOTH, may: BOTH, sure: BOTH, isConflict: false },
    ...{ isMoved: false, by: 'us', at: 0, ...more },
  }
}

/** `record`: what this server has; `row`: what it knows the lease to be. */
function world(record: NameRecord, row: Lease<Key> | undefined, isHeir = false) {
  const tables = new LeaseTables(1)
  if (row !== undefined) tables.apply({ kind: 'put', lease: row })
  const ledger = new NameLedger(() => BOTH)
  ledger.put(KEY, record)
  const time = { now: 1000, readAt: 900 }
  const stored: StoredName[] = []
  const duties: OthersDuties = {
    ...{ ledger, tables, machines: new Machines(tables), plan: () => PLAN, now: () => time.now },
    shared: () => ({ isFresh: true, gaps: 0, readAt: time.readAt }),
    stance: { isApart: true, isShared: true, isHeir: () => isHeir, mayBeWanted: () => false },
    delivery: () => ({
      ...{ batch: 1, park: () => {} },
      storeName: (name) => void stored.push(name),
    }),
    keep: (key, next) => ledger.put(key, next),
  }
  return { others: new OthersNames(duties), ledger, stored, tables, time }
}

const said = (record: NameRecord) =>
  record.map(({ by, sure, wants }) => `${by} wants ${wants} sure ${sure}`)

const CAUSE = { isSameClient: false, now: 1000 }

t.test('a name that is wanted again was removed a moment ago', async (t) => {
  const written = (readAt: number, fqdn = 'pc.lan') => {
    const { others, time } = world([], leaseOf(1, { state: LEASE_STATE.released }))
    others.removed(KEY, fqdn)
    time.readAt = readAt
    others.turn()
    return said(others.written(KEY, wishOf(PLAN, leaseOf(1)), undefined, CAUSE))
  }
  t.same(written(900), ['us wants 3 sure 0'], 'its server may have been faster: it is added')
  t.same(written(1001), [], 'what was known then is not')
  t.same(written(900, 'other.lan'), [])
})

t.test('a name was wanted again when it was removed', async (t) => {
  const removed = (record: NameRecord, row: Lease<Key>) => {
    const { others, ledger } = world(record, row)
    others.removed(KEY, 'pc.lan')
    return said(ledger.of(KEY))
  }
  t.same(removed([], leaseOf(1)), ['us wants 3 sure 0'])
  t.same(removed([], leaseOf(1, { hostname: 'other.lan' })), [])
  const conflict = entryOf(1, { isConflict: true, sure: 0, may: 0 })
  t.same(removed([conflict], leaseOf(1)), ['us wants 3 sure 0'], 'not what is another’s')
  t.same(removed([entryOf(1, { isMoved: true, wants: 2 })], leaseOf(1)), ['us wants 2 sure 3'])
})

t.test('what a server has left that is gone', async (t) => {
  const inherited = (left: NameEntry, row: Lease<Key> | undefined, isHeir: boolean) => {
    const { others, ledger, stored } = world([], row, isHeir)
    others.inherit([{ member: 2, address: '192.0.2.10', text: textOfNames([left]) }])
    t.same(stored, [{ address: '192.0.2.10#2', text: '' }], 'its own place is cleared with it')
    return said(ledger.of(KEY))
  }
  t.same(inherited(entryOf(1, { sure: 0 }), leaseOf(1), true), ['us wants 3 sure 0'])
  t.same(inherited(entryOf(1, { sure: 0 }), leaseOf(1), false), ['us wants 3 sure 0'])
  const other = leaseOf(1, { hostname: 'other.lan' })
  t.same(inherited(entryOf(1, { sure: 0 }), other, false), [], 'somebody has written since')
  t.same(inherited(entryOf(1, { sure: 0 }), other, true), ['us wants 0 sure 0'])
  t.same(inherited(entryOf(1, { wants: 0 }), leaseOf(2), false), ['us wants 0 sure 3'])
  // By the same name, as those that are made of addresses.
  t.same(inherited(entryOf(1), leaseOf(2), true), ['us wants 0 sure 3'], 'another client’s now')
})
