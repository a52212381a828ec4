// Octets: bytes as strings, and their hexadecimal text.

import fc from 'fast-check'
import t from 'tap'
import {
  bytesFromOctets,
  hexFromOctets,
  octetsFromBytes,
  octetsFromHex,
  writeOctets,
} from '../../lib/bytes/octets.ts'

t.test('bytes become octets and bytes again, at any length', async (t) => {
  for (const length of [0, 1, 6, 12, 13, 254, 255, 256, 511, 70_000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 7) & 255)
    const octets = octetsFromBytes(bytes)
    t.equal(octets.length, length)
    t.equal(octets, Buffer.from(bytes).toString('latin1'))
    t.same(bytesFromOctets(octets), bytes)
  }
})

t.test('a part of the bytes becomes octets; earlier results do not change', async (t) => {
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6)
  const first = octetsFromBytes(bytes, 0, 2)
  const second = octetsFromBytes(bytes, 4)
  t.equal(first, '\x01\x02')
  t.equal(second, '\x05\x06')
  t.equal(octetsFromBytes(bytes, 3, 3), '')
})

t.test('octets are written where they are told', async (t) => {
  const target = new Uint8Array(5)
  t.equal(writeOctets('\xff\x01', target, 2), 4)
  t.same([...target], [0, 0, 255, 1, 0])
})

t.test('hexadecimal in the forms people write', async (t) => {
  const good: [string, string][] = [
    ['', ''],
    ['02005e10', '\x02\0\x5e\x10'],
    ['02005E10', '\x02\0\x5e\x10'],
    ['02:00:5e:10', '\x02\0\x5e\x10'],
    ['2:0:5e:10', '\x02\0\x5e\x10'],
    ['02-00-5E-10', '\x02\0\x5e\x10'],
    ['02 00 5e 10', '\x02\0\x5e\x10'],
    ['a:b', '\x0a\x0b'],
  ]
  for (const [text, octets] of good) t.equal(octetsFromHex(text), octets, text)
  for (const text of ['a', 'abc', 'ab:', ':ab', 'ab::cd', 'ab  cd', 'xy', '0x12', '100:1', ' ab'])
    t.equal(octetsFromHex(text), undefined, text)
})

t.test('hexadecimal round trip', async () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom('', ':', '-', ' '), (bytes, separator) => {
      const octets = octetsFromBytes(bytes)
      const hex = hexFromOctets(octets, separator)
      return (
        octetsFromHex(hex) === octets &&
        hex.replaceAll(separator || ' ', '') === Buffer.from(bytes).toString('hex')
      )
    }),
    { numRuns: 300 },
  )
})
