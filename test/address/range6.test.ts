// Ranges of IPv6 keys: the parts of a prefix, and what hosts may have of a range (RFC 5453).

import fc from 'fast-check'
import t from 'tap'
import {
  addressOf,
  isInside,
  lengthOf,
  type Prefix6,
  prefix6,
  prefix6FromText,
  textFromPrefix6,
} from '../../lib/address/prefix6.ts'
import { hostRanges, isLarger, lastAddressOf, partsOf } from '../../lib/address/range6.ts'

const key = (text: string): Prefix6 => prefix6FromText(text)!

const prefixes = fc
  .tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.integer({ min: 0, max: 128 }))
  .map(([bytes, length]) => prefix6(String.fromCharCode(...bytes), length))

t.test('the parts of a prefix', async (t) => {
  const parts = (text: string, length: number) => {
    const { first, last } = partsOf(key(text), length)
    return [first, last].map(textFromPrefix6)
  }
  t.same(parts('2001:db8::/40', 56), ['2001:db8::/56', '2001:db8:ff:ff00::/56'])
  t.same(parts('2001:db8::/61', 64), ['2001:db8::/64', '2001:db8:0:7::/64'])
  t.same(parts('2001:db8::/64', 64), ['2001:db8::/64', '2001:db8::/64'])
  t.same(parts('2001:db8::8/125', 128), ['2001:db8::8', '2001:db8::f'])
  t.same(parts('::/0', 128), ['::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'])

  t.test('the first and the last are inside, and nothing is behind the last', async () => {
    fc.assert(
      fc.property(prefixes, fc.integer({ min: 0, max: 128 }), (prefix, more) => {
        const length = Math.max(lengthOf(prefix), more)
        const { first, last } = partsOf(prefix, length)
        const all = [first, last].every((part) => isInside(part, prefix))
        return all && lengthOf(last) === length && lastAddressOf(last) === lastAddressOf(prefix)
      }),
    )
  })
})

t.test('whether a range has more than so many keys', async (t) => {
  const larger = (text: string, length: number, bits: number) =>
    isLarger(partsOf(key(text), length), bits)
  t.equal(larger('2001:db8::/112', 128, 16), false)
  t.equal(larger('2001:db8::/111', 128, 16), true)
  t.equal(larger('2001:db8::/40', 56, 16), false)
  t.equal(larger('2001:db8::/40', 57, 16), true)
  t.equal(larger('::/0', 128, 127), true)
  const odd = { first: key('2001:db8::ffff'), last: key('2001:db8::1:fffe') }
  t.equal(isLarger(odd, 16), false)
  t.equal(isLarger({ ...odd, last: key('2001:db8::1:ffff') }, 16), true)
})

t.test('what hosts of a link may have', async (t) => {
  const hosts = (first: string, last: string, link: string) =>
    hostRanges({ first: key(first), last: key(last) }, key(link)).map(
      (range) => `${textFromPrefix6(range.first)} - ${textFromPrefix6(range.last)}`,
    )
  t.same(hosts('2001:db8::10', '2001:db8::1f', '2001:db8::/64'), ['2001:db8::10 - 2001:db8::1f'])
  t.same(hosts('2001:db8::', '2001:db8::f', '2001:db8::/64'), ['2001:db8::1 - 2001:db8::f'])
  t.same(
    hosts('2001:db8::100', '2001:db8::1ff', '2001:db8::100/120'),
    ['2001:db8::101 - 2001:db8::1ff'],
    'the address of the routers of the link, whatever its length',
  )
  t.same(
    hosts('2001:db8::100', '2001:db8::101', '2001:db8::100/127'),
    ['2001:db8::100 - 2001:db8::101'],
    'RFC 6164: but for a link of two routers',
  )
  t.same(
    hosts('2001:db8::fdff:ffff:ffff:ff80', '2001:db8::fdff:ffff:ffff:ffff', '2001:db8::/64'),
    [],
  )
  t.same(hosts('2001:db8:0:0:fffe::', '2001:db8:0:2::5', '2001:db8::/48'), [
    '2001:db8:0:0:fffe:: - 2001:db8::ffff:ffff:ffff:ffff',
    '2001:db8:0:1::1 - 2001:db8:0:1:200:5eff:fdff:ffff',
    '2001:db8:0:1:200:5eff:ff00:0 - 2001:db8:0:1:fdff:ffff:ffff:ff7f',
    '2001:db8:0:1:fe00:: - 2001:db8:0:1:ffff:ffff:ffff:ffff',
    '2001:db8:0:2::1 - 2001:db8:0:2::5',
  ])

  t.test('of very many networks in the first and the last one', async (t) => {
    const ranges = hosts('2001:db8::', '2001:db8:0:ffff:ffff:ffff:ffff:ffff', '2001:db8::/48')
    t.equal(ranges.length, 6)
    t.equal(ranges[0], '2001:db8::1 - 2001:db8::200:5eff:fdff:ffff')
    t.equal(ranges[5], '2001:db8:0:ffff:fe00:: - 2001:db8:0:ffff:ffff:ffff:ffff:ffff')
  })

  t.test('in order, apart, and nothing else', async () => {
    const addresses = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => {
      // Near the reserved ones, where it matters.
      const near = ['\0\0\0\0\0\0', '\x02\0\x5e\xff\xfe\0', '\xfd\xff\xff\xff\xff\xff']
      const id = near[bytes[0]! % 3]! + String.fromCharCode(bytes[1]!, bytes[2]!)
      return prefix6(`\x20\x01\x0d\xb8\0\0\0${String.fromCharCode(bytes[3]! % 3)}${id}`, 128)
    })
    const link = key('2001:db8::/60')
    fc.assert(
      fc.property(addresses, addresses, addresses, (a, b, asked) => {
        const [first, last] = a < b ? [a, b] : [b, a]
        const ranges = hostRanges({ first, last }, link)
        const isIn = ranges.some((range) => range.first <= asked && asked <= range.last)
        const isApart = ranges.every(
          (range, at) =>
            range.first <= range.last && (at === 0 || ranges[at - 1]!.last < range.first),
        )
        return isApart && isIn === (first <= asked && asked <= last && !isReserved(asked))
      }),
    )
  })
})

/** Told once more, in other words. */
function isReserved(address: Prefix6): boolean {
  const id = addressOf(address).slice(8)
  if (id === '\0'.repeat(8)) return true
  if (id.startsWith('\x02\0\x5e\xff\xfe')) return true
  return id.startsWith('\xfd\xff\xff\xff\xff\xff\xff') && id.charCodeAt(7) >= 0x80
}
