// Kea's file of DHCPv6 leases, read and written.

import fc from 'fast-check'
import t from 'tap'
import { prefix6 } from '../../lib/address/prefix6.ts'
import { octetsFromBytes } from '../../lib/bytes/octets.ts'
import { BINDING_KIND, bindingOf, duidOf, iaidOf, kindOf } from '../../lib/leases/binding.ts'
import { CsvReader } from '../../lib/leases/csv.ts'
import { CSV4_HEADER } from '../../lib/leases/csv4.ts'
import { CSV6_HEADER, csv6FromLease } from '../../lib/leases/csv6.ts'
import { LEASE_STATE, type Lease6, type LeaseState } from '../../lib/leases/lease.ts'
import { NEVER } from '../../lib/time/units.ts'
import { address6, client6, key6 } from './keys6.ts'
import { lease } from './table-rows.ts'

/** The calendar and the lease clock show these. */
const WALL = 1_790_000_000_000
const NOW = 5_000_000

function read(rows: readonly string[], header = CSV6_HEADER): CsvReader {
  const reader = new CsvReader(WALL, NOW)
  for (const line of [header, ...rows]) reader.take(line)
  return reader
}

/** The leases of rows, and the first trouble. */
function found(...rows: string[]): { leases: Lease6[]; trouble: string | undefined } {
  const reader = read(rows)
  return { leases: reader.leases(1) as Lease6[], trouble: reader.problems[0]?.text }
}

const ADDRESS =
  '2001:db8:7:1::1f4,00:03:00:01:02:ab:cd:00:00:11,4000,1790004000,12,3000,0,43707,128,1,1,' +
  'node-a.lan.example,02:ab:cd:00:00:11,0,{ "ISC": { "relay-info": [ { "hop": 0&#x2c "link": ' +
  '"2001:db8:7:1::1"&#x2c "peer": "fe80::ab:cdff:fe00:11" } ] } },1,2,1'
const PREFIX =
  '2001:db8:7:4000::,00:03:00:01:02:ab:cd:00:00:11,4000,1790004000,12,3000,2,43707,56,0,0,,' +
  '02:ab:cd:00:00:11,0,,1,2,0'

t.test('rows that Kea has written', async (t) => {
  const { leases, trouble } = found(ADDRESS, PREFIX)
  t.equal(trouble, undefined)
  const duid = '\0\x03\0\x01\x02\xab\xcd\0\0\x11'
  t.strictSame(leases, [
    {
      address: key6('2001:db8:7:4000::/56'),
      htype: 1,
      hwAddress: '\x02\xab\xcd\0\0\x11',
      clientId: bindingOf(BINDING_KIND.pd, 43707, duid),
      hostname: '',
      userContext: '',
      fqdnFwd: false,
      fqdnRev: false,
      state: LEASE_STATE.assigned,
      validLifetime: 4000,
      start: NOW,
      end: NOW + 4_000_000,
      preferredLifetime: 3000,
      subnetId: 12,
      poolId: 0,
      ...{ fresh: false, change: 1, gave: 0, got: 0, givenBy: 'us', knew: 0 },
    },
    {
      address: key6('2001:db8:7:1::1f4'),
      htype: 1,
      hwAddress: '\x02\xab\xcd\0\0\x11',
      clientId: bindingOf(BINDING_KIND.na, 43707, duid),
      hostname: 'node-a.lan.example',
      userContext:
        '{ "ISC": { "relay-info": [ { "hop": 0, "link": "2001:db8:7:1::1", "peer": "fe80::ab:cdff:fe00:11" } ] } }',
      fqdnFwd: true,
      fqdnRev: true,
      state: LEASE_STATE.assigned,
      validLifetime: 4000,
      start: NOW,
      end: NOW + 4_000_000,
      preferredLifetime: 3000,
      subnetId: 12,
      poolId: 1,
      ...{ fresh: false, change: 2, gave: 0, got: 0, givenBy: 'us', knew: 0 },
    },
  ])
})

/** A row with some columns of its own. */
function row(columns: Record<string, string | number>): string {
  const names = CSV6_HEADER.split(',')
  const fields = PREFIX.split(',')
  for (const [name, value] of Object.entries(columns)) fields[names.indexOf(name)] = `${value}`
  return fields.join(',')
}

t.test('what makes no sense costs its row, and the others are kept', async (t) => {
  const cases: [columns: Record<string, string | number>, trouble: string][] = [
    [{ address: '192.0.2.1' }, 'address is not an IPv6 address'],
    [{ address: '2001:db8:7:4001::' }, 'address has bits behind prefix_len'],
    [{ prefix_len: 0 }, 'prefix_len is not 1 to 128'],
    [{ prefix_len: 129 }, 'prefix_len is not 1 to 128'],
    [{ lease_type: 0 }, 'prefix_len of an address is not 128'],
    [{ lease_type: 1 }, 'lease_type is none of 0, 2'],
    [{ hostname: 'a&#x00b' }, 'hostname has control characters'],
    [{ hostname: 'a\x07b' }, 'hostname has control characters'],
    [{ expire: 3999 }, 'expire is before the lease began'],
    [{ expire: 'soon' }, 'expire is not a time'],
    [{ valid_lifetime: -1 }, 'valid_lifetime is not a number of seconds'],
    [{ pref_lifetime: 'x' }, 'pref_lifetime is not a number of seconds'],
    [{ duid: '' }, 'duid is not one of 3 to 130 octets'],
    [{ duid: '00:01' }, 'duid is not one of 3 to 130 octets'],
    [{ duid: '00:00:00' }, 'duid is not one of 3 to 130 octets'],
    [{ duid: '01'.repeat(131) }, 'duid is not one of 3 to 130 octets'],
    [{ iaid: 4294967296 }, 'iaid is not 0 to 4294967295'],
    [{ hwaddr: '00'.repeat(17) }, 'hwaddr is not a hardware address of at most 16 octets'],
    [{ hwtype: 256 }, 'hwtype is not 0 to 255'],
    [{ state: 5 }, 'state is none of 0, 1, 2, 3, 4'],
    [{ state: 1 }, 'state of a prefix is declined'],
    [{ subnet_id: '' }, 'subnet_id is not a subnet id'],
  ]
  for (const [columns, trouble] of cases) {
    const result = found(row(columns), ADDRESS)
    t.strictSame([result.trouble, result.leases.length], [trouble, 1], trouble)
  }
})

t.test('states of leases that are over, or nobody has', async (t) => {
  const [released] = found(row({ state: 3, valid_lifetime: 0, pref_lifetime: 0 })).leases
  t.match(released, { state: LEASE_STATE.released, end: NOW, preferredLifetime: 0 })
  t.equal(duidOf(released!).length, 10, 'it is kept for its client, as no restart of Kea does')
  t.strictSame(found(PREFIX, row({ valid_lifetime: 0 })).leases, [], 'and any other is taken away')
  const declined = { lease_type: 0, prefix_len: 128, state: 1, duid: '00:00:00', hwaddr: '' }
  t.match(found(row(declined)).leases, [{ state: LEASE_STATE.declined, clientId: '', htype: 0 }])
  t.match(found(row({ expire: 1789000000 })).leases, [{ state: LEASE_STATE.expired }])
  const registered = { lease_type: 0, prefix_len: 128, state: 4, iaid: 0 }
  const [own] = found(row(registered)).leases
  t.match(own, { state: LEASE_STATE.registered, end: NOW + 4_000_000 })
  t.equal(kindOf(own!), BINDING_KIND.registered)
  const forEver = row({ valid_lifetime: 4294967295, expire: 1790000000 + 4294967295 })
  t.match(found(forEver).leases, [{ end: NEVER, validLifetime: 4294967295 }])
  t.match(found(row({ pref_lifetime: 5000 })).leases, [{ preferredLifetime: 4000 }])
})

t.test('a file of an older Kea has fewer columns', async (t) => {
  const header = CSV6_HEADER.split(',').slice(0, 12).join(',')
  const reader = read([PREFIX.split(',').slice(0, 12).join(',')], header)
  t.strictSame([reader.problemCount, reader.hasColumns], [0, true])
  t.match(reader.leases(1), [{ htype: 0, hwAddress: '', state: LEASE_STATE.assigned }])
  t.notOk(read([], 'address,duid').hasColumns)
})

t.test('files of both families are read one after the other', async (t) => {
  const reader = read([PREFIX])
  reader.beginFile()
  reader.take(CSV4_HEADER)
  reader.take('192.0.2.10,02:00:00:00:00:0a,,4000,1790004000,1,0,0,,0,,0')
  t.match(reader.leases(7), [
    { address: 0xc000020a, change: 7, preferredLifetime: 0 },
    { address: key6('2001:db8:7:4000::/56'), change: 8 },
  ])
})

t.test('what is written comes back, and Kea can read it', async (t) => {
  const written = csv6FromLease(found(PREFIX).leases[0]!, WALL, NOW)
  t.equal(
    written,
    PREFIX.replace(/,1,2,0$/, ',1,0,0'),
    'but for where the hardware address was from',
  )
  const free = { state: LEASE_STATE.free, validLifetime: 0 } as const
  t.equal(csv6FromLease(lease(address6(1), client6(1), free), WALL, NOW), '')
  const name = fc.string({ unit: fc.constantFrom('a', 'Z', 'ü', '-') })
  const octets = (minLength: number, maxLength: number) =>
    fc.uint8Array({ minLength, maxLength }).map((bytes) => octetsFromBytes(bytes))
  fc.assert(
    fc.property(
      octets(16, 16),
      fc.constantFrom(128, 64, 56, 1),
      fc.nat(0xffffffff),
      octets(5, 130),
      fc.constantFrom<LeaseState>(0, 2, 3, 5),
      name,
      fc.string({ unit: fc.constantFrom('a', ',', '&', '&#x2c', 'é', '☃', '\n', '\x7f', '"') }),
      (address, length, iaid, duid, state, hostname, userContext) => {
        const isPrefix = length < 128
        const own = state === LEASE_STATE.registered
        if (own && isPrefix) return
        const kind = own ? BINDING_KIND.registered : isPrefix ? BINDING_KIND.pd : BINDING_KIND.na
        const who = { ...client6(1), clientId: bindingOf(kind, own ? 0 : iaid, duid) }
        const isOver = state === LEASE_STATE.expired || state === LEASE_STATE.released
        const times = { start: NOW - 50_000, end: isOver ? NOW - 10_000 : NOW + 50_000 }
        const before = lease(prefix6(address, length), who, {
          ...{ state, ...times, validLifetime: 100, preferredLifetime: 60, change: 1 },
          ...{ hostname, userContext },
        })
        const after = found(csv6FromLease(before, WALL, NOW)).leases[0]!
        const { start: _, end: __, ...rest } = before
        for (const [field, value] of Object.entries(rest))
          if (after[field as keyof Lease6] !== value) throw new Error(`${field}: ${value}`)
        if (iaidOf(after) !== (own ? 0 : iaid)) throw new Error('iaid')
        if (after.end !== before.end) throw new Error(`end ${after.end}`)
      },
    ),
    { numRuns: 300 },
  )
})
