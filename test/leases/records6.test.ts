// Records of DHCPv6 and the bindings in them.

import t from 'tap'
import { prefix6FromText } from '../../lib/address/prefix6.ts'
import {
  BINDING_KIND,
  bindingOf,
  duidOf,
  iaidOf,
  isBinding,
  kindOf,
} from '../../lib/leases/binding.ts'
import { ChangeWriter, forEachChange, forEachMixedChange } from '../../lib/leases/change-codec.ts'
import { KEYS6 } from '../../lib/leases/keys/keys6.ts'
import { type AnyChange, type Change, LEASE_STATE, type Lease6 } from '../../lib/leases/lease.ts'
import { leaseInfoOf } from '../../lib/leases/lease-info.ts'
import { lease } from './table-rows.ts'

const DUID = '\0\x03\0\x01\x02\xab\xcd\0\0\x11'
const who = {
  htype: 1,
  hwAddress: '\x02\xab\xcd\0\0\x11',
  clientId: bindingOf(BINDING_KIND.pd, 0xfffffffe, DUID),
}
const PREFIX = prefix6FromText('2001:db8:7:4000::/56')!
const LEASE: Lease6 = {
  ...lease(PREFIX, who, { validLifetime: 4000, preferredLifetime: 3000, subnetId: 12, change: 7 }),
  ...{ state: LEASE_STATE.registered, fqdnRev: true, hostname: 'ü', userContext: '{}' },
  ...{ start: 1000, end: 4_001_000, gave: 1, got: 2, knew: 3, givenBy: 'partner' as const },
}
const REMOVAL: Change<string> = { kind: 'remove', address: PREFIX, change: 9 }

function bytesOf(...changes: AnyChange[]): Uint8Array {
  const writer = new ChangeWriter(8)
  for (const change of changes) writer.put(change)
  return writer.copy()
}

function decoded(bytes: Uint8Array): AnyChange[] {
  const changes: AnyChange[] = []
  forEachMixedChange(bytes, (change) => changes.push(change))
  return changes
}

t.test('a binding is the kind, the IAID and the DUID (RFC 9915 §12)', async (t) => {
  t.equal(who.clientId, `\x19\xff\xff\xff\xfe${DUID}`)
  t.strictSame([kindOf(who), iaidOf(who), duidOf(who)], [25, 0xfffffffe, DUID])
  const nobody = { clientId: '' }
  t.strictSame([kindOf(nobody), iaidOf(nobody), duidOf(nobody)], [0, 0, ''], "nobody's")
  t.ok(isBinding(who.clientId))
  for (const octets of ['', '\x03\0\0\0\x01', `\x04\0\0\0\x01${DUID}`])
    t.notOk(isBinding(octets), `${octets.length} octets`)
})

t.test('records of DHCPv6', async (t) => {
  const golden = [
    '03', // put
    'a5', // registered, fqdnRev, given by the partner
    '01', // htype
    '06', // length of the hardware address
    'b80b0000', // preferred lifetime
    '0000000000001c40', // change
    '0000000000408f40', // start
    '000000007486' + '4e41', // end
    'a00f0000', // valid lifetime
    '0c000000', // subnet id
    '00000000', // pool id
    '0f00', // length of the binding
    '0200', // length of the hostname
    '0200', // length of the user context
    '0000',
    '01000000', // gave
    '02000000', // got
    '0000000000000840', // knew
    '3820010db8000740000000000000000000', // length and address
    '02abcd000011', // hardware address
    '19fffffffe00030001' + '02abcd000011', // binding
    'c3bc', // hostname
    '7b7d', // user context
    '04000000', // remove
    '00000000',
    '0000000000002240', // change
    '3820010db8000740000000000000000000', // length and address
  ].join('')

  t.test('the bytes are those that every database and partner has', async (t) => {
    const bytes = bytesOf({ kind: 'put', lease: LEASE }, REMOVAL)
    t.equal(Buffer.from(bytes).toString('hex'), golden)
    t.strictSame(decoded(bytes), [{ kind: 'put', lease: LEASE }, REMOVAL])
  })

  t.test('stand in one batch with those of DHCPv4', async (t) => {
    const four: AnyChange[] = [
      { kind: 'put', lease: lease(0x0a000001, who) },
      { kind: 'remove', address: 0x0a000001, change: 11 },
    ]
    const all = [four[0]!, REMOVAL, { kind: 'put' as const, lease: LEASE }, four[1]!]
    t.strictSame(decoded(bytesOf(...all)), all)
    const none = () => {}
    t.throws(() => forEachChange(bytesOf(...all), none), { message: /unknown kind 4/ })
    t.throws(() => forEachChange(bytesOf(...all), none, KEYS6), { message: /unknown kind 1/ })
  })

  t.test('cut off anywhere, they are refused', async (t) => {
    const bytes = bytesOf({ kind: 'put', lease: LEASE }, REMOVAL)
    const whole = bytes.length - 33
    for (let length = 1; length < bytes.length; length++)
      if (length !== whole)
        t.throws(() => decoded(bytes.slice(0, length)), { name: 'ChangeCodecError' }, `${length}`)
  })

  t.test('a key that is no prefix is refused', async (t) => {
    const spoiled = (at: number, value: number) => {
      const bytes = bytesOf(REMOVAL)
      bytes[at] = value
      return bytes
    }
    for (const [at, value] of [
      [16, 129],
      [16, 255],
      [24, 1],
      [32, 128],
    ] as const)
      t.throws(() => decoded(spoiled(at, value)), { message: /behind the prefix length/ }, `${at}`)
    t.equal(decoded(spoiled(23, 0x41)).length, 1, 'the last bit that counts')
  })
})

t.test('leases of DHCPv6 as they are told to whoever embeds the server', async (t) => {
  t.match(leaseInfoOf(LEASE), {
    ...{ address: '2001:db8:7:4000::/56', state: 'registered', hwAddress: '02:ab:cd:00:00:11' },
    ...{ clientId: '00:03:00:01:02:ab:cd:00:00:11', type: 'IA_PD', iaid: 4294967294 },
    ...{ validLifetime: 4000, preferredLifetime: 3000, hostname: 'ü', givenBy: 'partner' },
  })
  const nobody = { ...LEASE, state: LEASE_STATE.declined, clientId: '' }
  t.match(leaseInfoOf(nobody), { state: 'declined', clientId: '', type: '', iaid: 0 })
  const kinds = Object.values(BINDING_KIND).map((kind) =>
    leaseInfoOf({ ...LEASE, clientId: bindingOf(kind, 7, DUID) }),
  )
  t.same(
    kinds.map(({ type }) => type),
    ['IA_NA', 'IA_PD', 'registered'],
  )
  const four = leaseInfoOf(lease(0x0a000001, who))
  t.notOk('type' in four || 'iaid' in four || 'preferredLifetime' in four)
})
