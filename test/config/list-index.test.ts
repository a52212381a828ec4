// Long lists, of which one element is edited or asked for: what finds it is the same as a look at
// all of them, whatever was edited before, and nothing but what was edited is looked at.

import fc from 'fast-check'
import t from 'tap'
import { edited, findAt, indexingAlong, isProblem, type Step } from '../../lib/config/edits.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import { LONG } from '../../lib/config/list-index.ts'
import { allAtOnce } from '../../lib/config/plan/steps.ts'
import {
  among,
  byAddress,
  byIdentifier,
  type HostTest,
} from '../../lib/control/commands/edit/host-find.ts'

type Host = Readonly<Record<string, unknown>>

const LIST = ['Dhcp4', 'subnet4', { id: 1 }, 'reservations'] as const

function documentOf(reservations: readonly Host[]): ConfigDocument {
  return { Dhcp4: { subnet4: [{ id: 1, subnet: '10.0.0.0/8', reservations }] } } as ConfigDocument
}

function hostsIn(document: ConfigDocument): readonly Host[] {
  return document.Dhcp4!.subnet4![0]!.reservations! as readonly Host[]
}

const hex = (number: number) => number.toString(16).padStart(2, '0')

/** Of a few numbers, so that they meet; in one of the ways to write it. */
function hardware(number: number, way: number): string {
  const octets = ['02', '00', '00', '00', hex(number >> 8), hex(number & 255)]
  const ways = [
    octets.join(':'),
    octets.join(''),
    octets.join(':').toUpperCase(),
    ` 0x${octets.join('')} `,
  ]
  return ways[way % ways.length]!
}

function hostOf(number: number, way: number): Host {
  const address = `10.0.${number >> 8}.${number & 255}`
  if (way % 7 === 5) return { 'client-id': `'client ${number}'`, 'ip-address': ` ${address}` }
  if (way % 7 === 6)
    return { identifiers: [{ 'hw-address': hardware(number, way) }, { duid: hardware(number, 1) }] }
  return { 'hw-address': hardware(number, way), 'ip-address': address }
}

const FILE: readonly Host[] = Array.from({ length: LONG + 50 }, (_, at) => hostOf(at, at))

const edit = fc.record({
  number: fc.nat(LONG + 80),
  way: fc.nat(20),
  kind: fc.constantFrom('put', 'take', 'place'),
})

t.test('after any edits the same is found as by looking at all of them', async (t) => {
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 30 }), (edits) => {
      let document = documentOf([...FILE])
      allAtOnce(indexingAlong(document, [...LIST, { 'hw-address': '02' }]))
      for (const { kind, number, way } of edits) {
        const host = hostOf(number, way)
        const own = host['hw-address']
        const step: Step =
          typeof own === 'string' && kind !== 'place' ? { 'hw-address': own } : number
        const next = edited(document, [...LIST, step], kind === 'take' ? undefined : host)
        if (!isProblem(next)) document = next
      }
      const list = hostsIn(document)
      // Of a copy of the list nothing is known.
      const plain = documentOf([...list])
      for (const { number, way } of edits) {
        for (const step of [
          { 'hw-address': hardware(number, way) },
          { 'ip-address': `10.0.${number >> 8}.${number & 255}` },
          { 'client-id': `'client ${number}'` },
        ]) {
          const [one, other] = [document, plain].map((each) => findAt(each, [...LIST, step]))
          t.same(one?.path, other?.path)
        }
        const octets = String.fromCharCode(2, 0, 0, 0, number >> 8, number & 255)
        const wishes: HostTest[] = [
          byIdentifier('hw-address', octets),
          byIdentifier('duid', octets),
          byAddress(4, `10.0.${number >> 8}.${number & 255}`),
        ]
        for (const wish of wishes)
          t.same(among(list, wish), list.filter(wish.isIt), 'in their order')
      }
    }),
    { numRuns: 60 },
  )
})

t.test('what is edited and asked for is found without a look at the others', async (t) => {
  let looks = 0
  const watched = Array.from({ length: 5000 }, (_, at): Host => {
    const { 'hw-address': text, ...rest } = hostOf(at, 0)
    return {
      ...rest,
      get 'hw-address'() {
        looks++
        return text
      },
    }
  })
  let document = documentOf(watched)
  allAtOnce(indexingAlong(document, [...LIST, { 'hw-address': '02' }]))
  looks = 0
  for (let nth = 0; nth < 100; nth++) {
    const came = hardware(6000 + nth, 0)
    const changed = hardware(40 * nth, 1)
    for (const [name, value] of [
      [came, hostOf(6000 + nth, 0)],
      [changed, hostOf(40 * nth, 2)],
      [hardware(40 * nth + 1, 2), undefined],
    ] as const) {
      const path = [...LIST, { 'hw-address': name }]
      allAtOnce(indexingAlong(document, path))
      const next = edited(document, path, value)
      if (isProblem(next)) throw new Error(next.message)
      document = next
    }
    t.ok(findAt(document, [...LIST, { 'hw-address': came }]))
  }
  t.equal(hostsIn(document).length, 5000)
  t.ok(looks < 2000, `300 edits and 100 questions have looked ${looks} times`)
})
