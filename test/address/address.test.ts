// IPv4 and IPv6 addresses, with the library ip-address as witness.

import fc from 'fast-check'
import { Address4, Address6 } from 'ip-address'
import t from 'tap'
import {
  BROADCAST,
  ipv4FromText,
  isUnicast,
  maskOfLength,
  prefixFromText,
  rangeContains,
  rangeOfPrefix,
  rangeSize,
  readIpv4,
  textFromIpv4,
  textFromPrefix,
  writeIpv4,
} from '../../lib/address/ipv4.ts'
import { ipv6FromText, textFromIpv6 } from '../../lib/address/ipv6.ts'
import { hexFromOctets, octetsFromBytes } from '../../lib/bytes/octets.ts'

t.test('addresses are read and printed', async (t) => {
  t.equal(ipv4FromText('192.0.2.1'), 0xc0000201)
  t.equal(ipv4FromText('255.255.255.255'), BROADCAST)
  t.equal(ipv4FromText('0.0.0.0'), 0)
  t.equal(textFromIpv4(0xc0000201), '192.0.2.1')
  const wrong = [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1.2.3.-4',
    '0x1.2.3.4',
    '1..3.4',
    '1.2.3.4/24',
    '::1',
    '１.2.3.4',
  ]
  for (const text of wrong) t.equal(ipv4FromText(text), undefined, `'${text}'`)
})

t.test('witness: ip-address reads and prints alike', async () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), (address) => {
      const text = textFromIpv4(address)
      const witness = new Address4(text)
      return (
        ipv4FromText(text) === address &&
        Number(witness.bigInt()) === address &&
        Address4.fromBigInt(BigInt(address)).correctForm() === text
      )
    }),
    { numRuns: 300 },
  )
  const parts = fc.constantFrom('0', '1', '10', '255', '256', '00', '', '-1', ' 1', 'a')
  fc.assert(
    fc.property(fc.array(parts, { minLength: 3, maxLength: 5 }), (list) => {
      const text = list.join('.')
      return (ipv4FromText(text) !== undefined) === Address4.isValid(text)
    }),
    { numRuns: 500 },
  )
})

t.test('witness: prefixes have the ends that ip-address says', async () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.nat(32), (address, length) => {
      const text = `${textFromIpv4(address)}/${length}`
      const witness = new Address4(text)
      const prefix = prefixFromText(text)!
      const range = rangeOfPrefix(prefix)
      return (
        range.first === Number(witness.startAddress().bigInt()) &&
        range.last === Number(witness.endAddress().bigInt()) &&
        rangeSize(range) === 2 ** (32 - length) &&
        rangeContains(range, address) &&
        !rangeContains(range, range.last + 1) &&
        textFromPrefix(prefix) === `${textFromIpv4(range.first)}/${length}`
      )
    }),
    { numRuns: 300 },
  )
})

t.test('prefixes that are none', async (t) => {
  for (const text of [
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0/8',
    '/8',
    '10.0.0.0/8/8',
    '10.0.0.0/1e1',
  ])
    t.equal(prefixFromText(text), undefined, text)
  t.same(prefixFromText('10.1.2.3/8'), { address: 0x0a000000, length: 8 })
  t.same(prefixFromText(' 10.1.2.3 / 8 '), { address: 0x0a000000, length: 8 })
  t.equal(maskOfLength(0), 0)
  t.equal(maskOfLength(24), 0xffffff00)
  t.equal(maskOfLength(32), 0xffffffff)
})

t.test('addresses a host can have', async (t) => {
  for (const text of ['1.0.0.0', '10.0.0.1', '126.255.255.255', '128.0.0.0', '223.255.255.255'])
    t.equal(isUnicast(ipv4FromText(text)!), true, text)
  for (const text of ['0.0.0.0', '0.255.255.255', '127.0.0.1', '224.0.0.1', '255.255.255.255'])
    t.equal(isUnicast(ipv4FromText(text)!), false, text)
})

t.test('addresses in messages', async () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), (address) => {
      const bytes = new Uint8Array(6)
      return (
        writeIpv4(bytes, 1, address) === 5 &&
        readIpv4(bytes, 1) === address &&
        bytes[0] === 0 &&
        bytes[5] === 0
      )
    }),
  )
})

t.test('IPv6 addresses are read and printed', async (t) => {
  t.equal(hexFromOctets(ipv6FromText('2001:db8::1')!), '20010db8000000000000000000000001')
  t.equal(hexFromOctets(ipv6FromText('::')!), '0'.repeat(32))
  t.equal(hexFromOctets(ipv6FromText('::ffff:192.0.2.1')!), '00000000000000000000ffffc0000201')
  t.equal(textFromIpv6(ipv6FromText('2001:DB8:0:0:1:0:0:1')!), '2001:db8::1:0:0:1')
  for (const text of [
    '',
    '1.2.3.4',
    '2001:db8::/32',
    'fe80::1%eth0',
    '[::1]',
    '1::2::3',
    '12345::',
    'g::',
  ])
    t.equal(ipv6FromText(text), undefined, text)
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const octets = octetsFromBytes(bytes)
      return ipv6FromText(textFromIpv6(octets)) === octets
    }),
    { numRuns: 300 },
  )
})

/** What the library makes of a text. */
function witness(text: string): string | undefined {
  if (!/^[0-9a-f:.]+$/i.test(text) || !Address6.isValid(text)) return undefined
  return Buffer.from(new Address6(text).toByteArray()).toString('hex').padStart(32, '0')
}

t.test(
  'RFC 4291 §2.2, RFC 5952: IPv6 addresses as another library reads and prints them',
  async () => {
    const group = fc.oneof(
      fc.constant('0'),
      fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16)),
      fc.constantFrom('0db8', 'FFFF', '', '12345', 'g', '1.2.3.4', '1.2.3', '::'),
    )
    const text = fc
      .tuple(fc.array(group, { maxLength: 9 }), fc.array(group, { maxLength: 5 }), fc.boolean())
      .map(([before, behind, hasGap]) =>
        hasGap ? `${before.join(':')}::${behind.join(':')}` : before.join(':'),
      )
    fc.assert(
      fc.property(text, (one) => {
        const read = ipv6FromText(one)
        return (read === undefined ? undefined : hexFromOctets(read)) === witness(one)
      }),
      { numRuns: 5000 },
    )
    const bytes = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })), {
      minLength: 16,
      maxLength: 16,
    })
    fc.assert(
      fc.property(bytes, (one) => {
        const address = octetsFromBytes(Uint8Array.from(one))
        const printed = textFromIpv6(address)
        return (
          printed === Address6.fromByteArray(one).correctForm() && ipv6FromText(printed) === address
        )
      }),
      { numRuns: 2000 },
    )
  },
)
