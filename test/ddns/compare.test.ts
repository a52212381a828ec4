// What stands in DNS at one name, beside what a lease wants there: a row for each way to differ.

import t from 'tap'
import { type Difference, differenceOf, type Standing } from '../../lib/ddns/compare.ts'
import { DUAL, OTHER, PC1, V4_10, V6_20 } from './golden.ts'

const V4_11 = `${V4_10.slice(0, 3)}\x0b`
const OWN = { value: V4_10, dhcids: [PC1] }
/** The same digest by another kind of identifier (RFC 4701 §3.3). */
const SAME_MACHINE = `\0\0${PC1.slice(2)}`

type Row = readonly [
  title: string,
  values: Standing['values'],
  dhcids: Standing['dhcids'],
  difference: Difference | undefined,
]

// biome-ignore format: a table
const ROWS: readonly Row[] = [
  ['as it should be', [V4_10], [PC1], undefined],
  ['with the other family', [V6_20, V4_10], [PC1], undefined],
  ['under another identifier of the machine', [V4_10], [SAME_MACHINE], undefined],
  ['nothing', [], [], { kind: 'missing', others: [], dhcid: 'none' }],
  ['the DHCID alone', [], [PC1], { kind: 'missing', others: [], dhcid: 'own' }],
  ['the other family alone', [V6_20], [PC1], { kind: 'missing', others: [], dhcid: 'own' }],
  ['another address', [V4_11], [PC1], { kind: 'different', others: [V4_11], dhcid: 'own' }],
  ['one more', [V4_10, V4_11], [PC1], { kind: 'different', others: [V4_11], dhcid: 'own' }],
  ['the DHCID of another', [V4_10], [OTHER], { kind: 'different', others: [], dhcid: 'other' }],
  ['two DHCIDs', [V4_10], [OTHER, PC1], undefined],
  ['written by hand', [V4_10], [], { kind: 'written', others: [], dhcid: 'none' }],
  ['written over', [V4_11], [], { kind: 'written', others: [V4_11], dhcid: 'none' }],
  ['another client has it', [V4_11], [DUAL], { kind: 'different', others: [V4_11], dhcid: 'other' }],
]

for (const [title, values, dhcids, difference] of ROWS)
  t.test(title, async (t) => {
    t.same(
      differenceOf(OWN, { values, dhcids }, 'forward', () => true),
      difference,
    )
  })

t.test('another address that may stand there', async (t) => {
  const standing = { values: [V4_10, V4_11], dhcids: [PC1] }
  t.equal(
    differenceOf(OWN, standing, 'forward', (value) => value !== V4_11),
    undefined,
  )
})

t.test('names that are registered without a DHCID', async (t) => {
  const wanted = { value: V4_10, dhcids: [] }
  const of = (values: string[]) =>
    differenceOf(wanted, { values, dhcids: [] }, 'forward', () => true)
  t.equal(of([V4_10]), undefined)
  t.match(of([]), { kind: 'missing' })
  t.match(of([V4_11]), { kind: 'different' })
})
