import t from 'tap'
import { addressOf, reverseNameOf } from '../../lib/ddns/reverse-name.ts'
import { Zones } from '../../lib/ddns/zones.ts'
import { hex } from './golden.ts'

function zones(...names: string[]): Zones<{ name: string }> {
  return new Zones(names.map((name) => ({ name })))
}

t.test('RFC 1035 §3.5, RFC 3596 §2.5: the names of addresses', async (t) => {
  t.equal(reverseNameOf(hex('c000020a')), '10.2.0.192.in-addr.arpa')
  t.equal(reverseNameOf(hex('00000000')), '0.0.0.0.in-addr.arpa')
  t.equal(
    reverseNameOf(hex('20010db8000100000000000000000020')),
    '0.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  )
})

t.test('the address of a name, and names that none has', async (t) => {
  for (const address of ['c000020a', '00000000', '20010db8000100000000000000000020'])
    t.equal(addressOf(reverseNameOf(hex(address))), hex(address))
  const others = ['2.0.192.in-addr.arpa', '1.2.3.4.5.in-addr.arpa', '256.0.0.1.in-addr.arpa']
  const more = ['x.2.0.192.in-addr.arpa', '01.2.0.192.in-addr.arpa', '1.ip6.arpa', 'pc1.open.test']
  for (const name of [...others, ...more, 'in-addr.arpa', ''])
    t.equal(addressOf(name), undefined, name)
})

t.test('a name belongs to the longest zone that ends it at a dot', async (t) => {
  const some = zones('example.org', 'lab.example.org', 'org.test')
  const found = (name: string): string | undefined => some.find(name)?.zoneName
  t.equal(found('pc.lab.example.org'), 'lab.example.org')
  t.equal(found('a.b.lab.example.org'), 'lab.example.org')
  t.equal(found('pc.example.org'), 'example.org')
  t.equal(found('pc.slab.example.org'), 'example.org')
  t.equal(found('example.org'), 'example.org')
  t.equal(found('pc.example.com'), undefined)
  t.equal(found('pc'), undefined)
})

t.test('the zone of all other names has none: its server is asked', async (t) => {
  const some = zones('example.org', '')
  t.equal(some.find('pc.example.org')?.zoneName, 'example.org')
  t.match(some.find('pc.example.com'), { zone: { name: '' }, name: 'pc.example.com' })
  t.equal(some.find('pc.example.com')?.zoneName, undefined)
})

const CLASSLESS: readonly (readonly [string, string, string])[] = [
  ['0/25', '0', '127'],
  ['128/25', '128', '255'],
  ['64/26', '64', '127'],
  ['0-25', '0', '127'],
  ['64-26', '64', '127'],
  ['0-127', '0', '127'],
  ['16-31', '16', '31'],
  ['0-31', '0', '31'],
  ['24-29', '24', '31'],
]

for (const [label, first, last] of CLASSLESS)
  t.test(`RFC 2317: ${label} has the names from ${first} to ${last}`, async (t) => {
    const zone = `${label}.2.0.192.in-addr.arpa`
    const some = zones(zone)
    const found = (octet: number): string | undefined =>
      some.find(`${octet}.2.0.192.in-addr.arpa`)?.name
    t.equal(found(Number(first)), `${first}.${zone}`)
    t.equal(found(Number(last)), `${last}.${zone}`)
    t.equal(found(Number(first) - 1), undefined)
    t.equal(found(Number(last) + 1), undefined)
    t.equal(some.find('10.3.0.192.in-addr.arpa'), undefined)
  })

t.test(
  'RFC 2317: where the label does not say it, the server is asked for the alias',
  async (t) => {
    const some = zones('customer.2.0.192.in-addr.arpa')
    const place = some.find('10.2.0.192.in-addr.arpa')
    t.equal(place?.zoneName, undefined)
    t.equal(place?.name, '10.2.0.192.in-addr.arpa')
    t.equal(
      some.find('10.customer.2.0.192.in-addr.arpa')?.zoneName,
      'customer.2.0.192.in-addr.arpa',
    )
  },
)

t.test('RFC 2317: who has the zone with the aliases learns by them', async (t) => {
  const some = zones('2.0.192.in-addr.arpa', '0/25.2.0.192.in-addr.arpa')
  t.equal(some.find('10.2.0.192.in-addr.arpa')?.zoneName, '2.0.192.in-addr.arpa')
})

t.test('labels that are no network', async (t) => {
  for (const label of ['1/25', '0/33', '0-300', '9-3'])
    t.equal(
      zones(`${label}.2.0.192.in-addr.arpa`).find('1.2.0.192.in-addr.arpa')?.zoneName,
      undefined,
    )
})
