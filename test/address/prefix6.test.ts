// IPv6 prefixes as keys of leases.

import fc from 'fast-check'
import t from 'tap'
import { ipv6FromText } from '../../lib/address/ipv6.ts'
import {
  addressOf,
  isInside,
  isOverlapping,
  isPrefix6,
  lengthOf,
  type Prefix6,
  prefix6,
  prefix6FromText,
  textFromPrefix6,
} from '../../lib/address/prefix6.ts'
import { octetsFromBytes } from '../../lib/bytes/octets.ts'

const of = (text: string) => prefix6FromText(text)!

t.test('a prefix is its length and its address, nothing behind the length', async (t) => {
  const key = prefix6(ipv6FromText('2001:db8:1:2ff:ffff::1')!, 57)
  t.equal(key, `\x39\x20\x01\x0d\xb8\0\x01\x02\x80${'\0'.repeat(8)}`)
  t.equal(lengthOf(key), 57)
  t.equal(addressOf(key), ipv6FromText('2001:db8:1:280::'))
  t.equal(textFromPrefix6(key), '2001:db8:1:280::/57')
  t.equal(prefix6(ipv6FromText('ffff::1')!, 0), '\0'.repeat(17))
  t.equal(textFromPrefix6(of('::/0')), '::/0')
})

t.test('an address is a prefix of length 128, and its text has no length', async (t) => {
  t.equal(of('2001:db8::1'), `\x80${ipv6FromText('2001:db8::1')}`)
  t.equal(of('2001:db8::1/128'), of('2001:db8::1'))
  t.equal(textFromPrefix6(of('2001:DB8:0::1')), '2001:db8::1')
})

t.test('what is no prefix is none', async (t) => {
  for (const text of [
    '',
    '/64',
    '2001:db8::/129',
    '2001:db8::/',
    '2001:db8::/-1',
    '::/6 4',
    '1.2.3.4',
    'fe80::1%eth0',
  ])
    t.equal(prefix6FromText(text), undefined, text)
  t.equal(textFromPrefix6(of(' 2001:db8::1:1 / 112 ')), '2001:db8::1:0/112')
  t.notOk(isPrefix6(`\x81${'\0'.repeat(16)}`), 'longer than an address')
  t.notOk(isPrefix6(`\x40${'\0'.repeat(15)}\x01`), 'bits behind the length')
  t.notOk(isPrefix6('\x40'), 'cut off')
  t.ok(isPrefix6(of('2001:db8::/64')))
})

t.test('order is by length, then by address', async (t) => {
  const texts = ['::/0', 'ffff::/16', '2001:db8::/56', '2001:db8:0:100::/56', '::', '::1', 'ffff::']
  t.strictSame(texts.map(of).toSorted().map(textFromPrefix6), texts)
})

/** Of few bits, so that many overlap. */
const some = fc
  .tuple(fc.uint8Array({ minLength: 2, maxLength: 2 }), fc.nat(17), fc.boolean())
  .map(([bytes, length, isAddress]) =>
    prefix6(`${octetsFromBytes(bytes)}${'\0'.repeat(14)}`, isAddress ? 128 : length),
  )

function addresses(prefix: Prefix6): [first: bigint, last: bigint] {
  const first = BigInt(`0x${Buffer.from(addressOf(prefix), 'latin1').toString('hex')}`)
  return [first, first + (1n << BigInt(128 - lengthOf(prefix))) - 1n]
}

t.test('inside and overlapping are those of the addresses', async () => {
  fc.assert(
    fc.property(some, some, (one, other) => {
      const [first, last] = addresses(one)
      const [otherFirst, otherLast] = addresses(other)
      const inside = otherFirst <= first && last <= otherLast
      const overlapping = first <= otherLast && otherFirst <= last
      return (
        isInside(one, other) === inside &&
        isOverlapping(one, other) === overlapping &&
        isPrefix6(one) &&
        of(textFromPrefix6(one)) === one
      )
    }),
    { numRuns: 2000 },
  )
})
