// Reservations of DHCPv6: by what clients are known, what is reserved for them, and what is said of
// mistakes. That a list which was edited is as if it had been written so does not differ from
// DHCPv4 (reservations.test.ts), but for what is reserved.

import t from 'tap'
import { textFromPrefix6 } from '../../lib/address/prefix6.ts'
import { AllKeys } from '../../lib/config/compile/all-keys.ts'
import { FORM6, ReservationLists6 } from '../../lib/config/compile/reservations6.ts'
import { refuseOverlaps6 } from '../../lib/config/compile/reserved-overlaps6.ts'
import type { ReservationDocument6 } from '../../lib/config/keys/document6.ts'
import { PlanReservations6 } from '../../lib/config/plan/plan-reservations6.ts'
import type { Reservation6, Subnet6 } from '../../lib/config/plan/plan6.ts'
import { allAtOnce } from '../../lib/config/plan/steps.ts'
import { newReport, Site } from '../../lib/config/text/site.ts'
import { saidIn, wordsIn } from './option-lists.ts'
import { key, known, listOf, placeOf6, subnetOf } from './reservation-lists6.ts'

const DUID = '00:03:00:01:02:00:5e:10:00:01'
const MAC = '02:00:5e:10:00:01'

/** Addresses, then prefixes with what is left out of them. */
function given(one: Reservation6 | undefined): readonly string[] | undefined {
  return (
    one && [
      ...one.addresses.map(textFromPrefix6),
      ...one.prefixes.map(({ prefix, excluded }) =>
        [prefix, excluded]
          .flatMap((each) => each ?? [])
          .map(textFromPrefix6)
          .join(' - '),
      ),
    ]
  )
}

t.test('a reservation has addresses, prefixes and what is left out of these', async (t) => {
  const { made, said } = listOf([
    {
      duid: DUID,
      'ip-addresses': ['2001:db8:1::10', ' 2001:DB8:1:0:0::11 '],
      prefixes: ['2001:db8:8000::/56', '2001:db8:9000::/48'],
      'excluded-prefixes': ['2001:db8:8000:ff::/64', ''],
      hostname: 'Router.Example.',
    },
  ])
  t.strictSame(said, [])
  const found = made.index.of(known({ duid: '00030001' + '02005e100001' }))
  t.strictSame(given(found), [
    '2001:db8:1::10',
    '2001:db8:1::11',
    '2001:db8:8000::/56 - 2001:db8:8000:ff::/64',
    '2001:db8:9000::/48',
  ])
  t.equal(found?.hostname, 'router.example.')
  t.strictSame(made.index.at(key('2001:db8:9000::/48')), [found])
  t.strictSame(made.index.at(key('2001:db8:1::11')), [found])
  t.strictSame(made.index.at(key('2001:db8:9000::/56')), [])
  t.strictSame([...allAtOnce(new AllKeys(FORM6).of([made.sums]))].map(textFromPrefix6), [
    '2001:db8:9000::/48',
    '2001:db8:8000::/56',
    '2001:db8:1::10',
    '2001:db8:1::11',
  ])
})

t.test('host-reservation-identifiers: in which order a client is looked up', async (t) => {
  const documents = [
    { 'hw-address': MAC, hostname: 'by-mac' },
    { duid: DUID, hostname: 'by-duid' },
    { 'flex-id': "'port7'", hostname: 'by-flex-id' },
  ]
  const all = {
    'hw-address': '02005e100001',
    duid: '0003000102005e100001',
    'flex-id': '706f727437',
  }
  for (const [identifiers, name] of [
    [['hw-address', 'duid'], 'by-mac'],
    [['duid', 'hw-address'], 'by-duid'],
    [['flex-id', 'duid'], 'by-flex-id'],
  ] as const) {
    const { made } = listOf(documents, placeOf6({ identifiers }))
    t.equal(made.index.of(known(all))?.hostname, name)
  }
  const { said } = listOf(documents, placeOf6({ identifiers: ['duid'] }))
  t.strictSame(said, [
    'warning reservation-unused list.0.hw-address',
    'warning reservation-unused list.2.flex-id',
  ])
})

t.test('identifiers: several of one host', async (t) => {
  const { made, said } = listOf([
    { identifiers: [{ duid: DUID }, { 'hw-address': MAC }], 'ip-addresses': ['2001:db8:1::10'] },
    { identifiers: [{ duid: DUID }, { 'flex-id': "'x'" }], 'ip-addresses': ['2001:db8:1::11'] },
  ])
  t.strictSame(said, [
    'warning identifier-unkept list.1.identifiers.1.flex-id',
    'error duplicate list.1.identifiers.0.duid',
  ])
  t.strictSame(given(made.index.of(known({ 'hw-address': '02005e100001' }))), ['2001:db8:1::10'])
  t.equal(made.sums.several.length, 1, 'of the other one identifier is left')
})

t.test('mistakes, with their places', async (t) => {
  const own = { duid: DUID }
  const rows: [document: ReservationDocument6, said: string, words: RegExp][] = [
    [{}, 'error reservation-identifier list.0', /exactly one of hw-address, duid, flex-id/],
    [{ duid: 'x' }, 'error reservation-identifier list.0.duid', /1 to 130 bytes/],
    [{ duid: '0001' }, 'warning duid list.0.duid', /at least 3 bytes/],
    [
      { ...own, 'ip-addresses': ['192.0.2.1'] },
      'error address list.0.ip-addresses.0',
      /not an address of a host/,
    ],
    [
      { ...own, 'ip-addresses': ['2001:db8:1::1', '2001:db8:1::/96'] },
      'error address list.0.ip-addresses.1',
      /prefixes go into prefixes/,
    ],
    [{ ...own, 'ip-addresses': ['ff02::1'] }, 'error address list.0.ip-addresses.0', /of a host/],
    [{ ...own, 'ip-addresses': ['fe80::1'] }, 'error address list.0.ip-addresses.0', /of a host/],
    [{ ...own, 'ip-addresses': ['::1'] }, 'error address list.0.ip-addresses.0', /of a host/],
    [
      { ...own, 'ip-addresses': ['::ffff:192.0.2.1'] },
      'error address list.0.ip-addresses.0',
      /of a host/,
    ],
    [
      { ...own, 'ip-addresses': ['2001:db8:2::1'] },
      'error outside-subnet list.0.ip-addresses.0',
      /inside 2001:db8:1::\/64/,
    ],
    [
      { ...own, 'ip-addresses': ['2001:db8:1::1', '2001:db8:1:0::1'] },
      'warning duplicate list.0.ip-addresses.1',
      /once is enough/,
    ],
    [{ ...own, prefixes: ['2001:db8::'] }, 'error prefix list.0.prefixes.0', /is not a prefix/],
    [{ ...own, prefixes: ['::/0'] }, 'error prefix list.0.prefixes.0', /is not a prefix/],
    [{ ...own, prefixes: ['2001:db8::/129'] }, 'error prefix list.0.prefixes.0', /not a prefix/],
    [
      { ...own, prefixes: ['2001:db8::1/128'] },
      'error prefix list.0.prefixes.0',
      /addresses go into ip-addresses/,
    ],
    [
      { ...own, prefixes: ['2001:db8:8000:1::/48'] },
      'warning host-bits list.0.prefixes.0',
      /taken for 2001:db8:8000::\/48/,
    ],
    [
      { ...own, prefixes: ['2001:db8:8000::/48'], 'excluded-prefixes': ['', ''] },
      'error excluded-prefix list.0.excluded-prefixes',
      /one for each/,
    ],
    [
      { ...own, prefixes: ['2001:db8:8000::/48'], 'excluded-prefixes': ['2001:db8:8000::/48'] },
      'error excluded-prefix list.0.excluded-prefixes.0',
      /not a part of 2001:db8:8000::\/48/,
    ],
    [
      { ...own, prefixes: ['2001:db8:8000::/48'], 'excluded-prefixes': ['2001:db8:9000::/64'] },
      'error excluded-prefix list.0.excluded-prefixes.0',
      /not a part/,
    ],
  ]
  for (const [document, said, words] of rows) {
    const list = listOf([document])
    t.strictSame(list.said, [said], JSON.stringify(document))
    t.match(list.words, words)
    if (said.startsWith('warning')) t.ok(list.made.byPosition.slice(0, 1)[0] !== undefined)
  }
})

t.test('ip-reservations-unique: an address or prefix is reserved once in a list', async (t) => {
  const documents = [
    { duid: DUID, 'ip-addresses': ['2001:db8:1::10'], prefixes: ['2001:db8:8000::/56'] },
    { 'hw-address': MAC, prefixes: ['2001:db8:9000::/56', '2001:db8:8000::/56'] },
  ]
  const { made, said, words } = listOf(documents)
  t.strictSame(said, ['error duplicate list.1.prefixes.1'])
  t.match(words, /2001:db8:8000::\/56 is reserved here already .*reservations\[0\]/)
  t.equal(made.byPosition.slice(1, 2)[0], undefined)
  const shared = listOf(documents, placeOf6({ unique: false }))
  t.strictSame(shared.said, [])
  t.equal(shared.made.index.at(key('2001:db8:8000::/56')).length, 2)
})

t.test('what an entry that is wrong reserves goes to nobody else', async (t) => {
  const { made } = listOf([
    { duid: 'wrong', 'ip-addresses': ['2001:db8:1::10'], prefixes: ['2001:db8:8000::/56'] },
  ])
  t.strictSame([...made.sums.keys].map(textFromPrefix6), ['2001:db8:8000::/56', '2001:db8:1::10'])
  t.equal(made.index.at(key('2001:db8:8000::/56'))[0]?.identifiers.length, 0)
})

t.test('reservations-out-of-pool: what pools have is not reserved', async (t) => {
  const pool = { range: { first: key('2001:db8:1::10'), last: key('2001:db8:1::1f') } }
  const pdPool = {
    range: { first: key('2001:db8:8000::/56'), last: key('2001:db8:8000:f00::/56') },
  }
  const poolsPromisedFree = [pool, pdPool] as never
  const { made, said } = listOf(
    [
      {
        duid: DUID,
        'ip-addresses': ['2001:db8:1::10', '2001:db8:1::20'],
        prefixes: ['2001:db8:8000:100::/56', '2001:db8:9000::/56'],
      },
    ],
    placeOf6({ poolsPromisedFree }),
  )
  t.strictSame(said, [
    'warning reservation-in-pool list.0.ip-addresses.0',
    'warning reservation-in-pool list.0.prefixes.0',
  ])
  t.strictSame(given(made.byPosition.slice(0, 1)[0]), ['2001:db8:1::20', '2001:db8:9000::/56'])
})

t.test('of a global reservation count the addresses in the subnet, and all prefixes', async (t) => {
  const { made } = listOf(
    [
      {
        duid: DUID,
        'ip-addresses': ['2001:db8:1::10', '2001:db8:2::10'],
        prefixes: ['2001:db8:8000::/56'],
      },
    ],
    placeOf6({ subnet: undefined }),
  )
  const reservations = new PlanReservations6(made.index)
  const who = known({ duid: '0003000102005e100001' })
  const [one, other] = ['2001:db8:1::/64', '2001:db8:2::/64'].map((prefix) => subnetOf(prefix))
  const there = reservations.of(who, one!)
  t.strictSame(given(there), ['2001:db8:1::10', '2001:db8:8000::/56'])
  t.equal(reservations.of(who, one!), there, 'the same object each time')
  t.strictSame(given(reservations.of(who, other!)), ['2001:db8:2::10', '2001:db8:8000::/56'])
  t.strictSame(
    given(reservations.of(who, subnetOf('2001:db8::/32'))),
    given(made.byPosition.slice(0, 1)[0]),
  )
  t.equal(reservations.at(key('2001:db8:1::10'), one!).length, 1)
  t.equal(reservations.at(key('2001:db8:2::10'), one!).length, 0)
  t.equal(reservations.at(key('2001:db8:8000::/56'), one!).length, 1)
  const own = listOf([{ duid: DUID, 'ip-addresses': ['2001:db8:1::99'] }]).made
  t.strictSame(given(reservations.of(who, subnetOf('2001:db8:1::/64', own))), ['2001:db8:1::99'])
})

t.test('a list that was edited is as if it had been written so, and made in part', async (t) => {
  const lists = new ReservationLists6()
  const place = placeOf6()
  const documents = Array.from({ length: 2000 }, (_, at) => ({
    duid: `0003000102005e10${at.toString(16).padStart(4, '0')}`,
    'ip-addresses': [`2001:db8:1::${at.toString(16)}`],
    prefixes: [`2001:db8:8${at.toString(16).padStart(3, '0')}::/48`],
  }))
  const { made } = listOf(documents.slice(1), place, lists)
  const edited = documents.slice(1).with(7, { ...documents[0]!, prefixes: ['2001:db8:7000::/48'] })
  const again = listOf(edited, place, lists)
  const fresh = listOf(edited, place)
  t.strictSame(again.made.sums.keys, fresh.made.sums.keys)
  t.strictSame(again.said, [])
  const same = [...again.made.byPosition].filter((one, at) => one === [...made.byPosition][at])
  t.equal(same.length, 1998, 'but for one all are the same objects')
  t.equal(again.made.index.at(key('2001:db8:8008::/48')).length, 0)
  t.equal(again.made.index.at(key('2001:db8:7000::/48'))[0], again.made.byPosition.slice(7, 8)[0])
  const twice = edited.with(9, { ...edited[9]!, prefixes: ['2001:db8:7000::/48'] })
  t.strictSame(listOf(twice, place, lists).said, ['error duplicate list.9.prefixes.0'])
})

t.test('prefixes that overlap: other reservations, and pools of another length', async (t) => {
  const range = (first: string, last: string) => ({ first: key(first), last: key(last) })
  const subnet = {
    pools: [{ range: range('2001:db8:1::10', '2001:db8:1::1f') }],
    pdPools: [
      {
        prefix: key('2001:db8:8000::/40'),
        delegatedLength: 56,
        range: range('2001:db8:8000::/56', '2001:db8:80ff:ff00::/56'),
      },
    ],
  } as unknown as Subnet6
  const judge = (...reservations: Omit<ReservationDocument6, 'duid'>[]) => {
    const documents = reservations.map((own, at) => ({ ...own, duid: `00030001020000000${at}0` }))
    const { made } = listOf(documents, placeOf6({ subnet: undefined }))
    const report = newReport()
    const lists = [{ byPosition: made.byPosition, site: () => Site.of(report, ['list']) }]
    const keys = allAtOnce(new AllKeys(FORM6).of([made.sums]))
    refuseOverlaps6(keys, [subnet], lists)
    return { said: saidIn(report), words: wordsIn(report) }
  }
  const fine: string[][] = [
    ['2001:db8:8000::/56', '2001:db8:80ff:ff00::/56', '2001:db8:8100::/40'],
    ['2001:db8:9000::/48', '2001:db8:9001::/64', '2001:db8:8fff::/52'],
  ]
  for (const prefixes of fine) t.strictSame(judge({ prefixes }).said, [], prefixes.join())
  t.strictSame(judge({ 'ip-addresses': ['2001:db8:1::10', '2001:db8:1::99'] }).said, [])
  const wrong: [Parameters<typeof judge>[0], string][] = [
    [{ prefixes: ['2001:db8:8000:100::/60'] }, 'list.0.prefixes.0'],
    [{ prefixes: ['2001:db8:80ff:ffff::/64'] }, 'list.0.prefixes.0'],
    [{ prefixes: ['2001:db8:8000::/36'] }, 'list.0.prefixes.0'],
    [{ prefixes: ['2001:db8:8080::/48'] }, 'list.0.prefixes.0'],
    [{ prefixes: ['2001:db8:1::/64'] }, 'list.0.prefixes.0'],
    [{ 'ip-addresses': ['2001:db8:8000::1'] }, 'list.0.ip-addresses.0'],
  ]
  for (const [document, path] of wrong)
    t.strictSame(judge(document).said, [`error reservation-overlap ${path}`], path)
  t.match(judge(wrong[0]![0]).words, /the pd-pool 2001:db8:8000::\/40 with prefixes of \/56/)
  const both = judge({ prefixes: ['2001:db8:9000::/48'] }, { 'ip-addresses': ['2001:db8:9000::5'] })
  t.strictSame(both.said, ['error reservation-overlap list.1.ip-addresses.0'])
  t.match(both.words, /2001:db8:9000::5 overlaps .* 2001:db8:9000::\/48 is reserved, too/)
})
