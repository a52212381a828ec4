// Whatever levels, classes and clients come: what is found by the way that was made for others is
// what a plain reading of the rules gives.

import fc from 'fast-check'
import t from 'tap'
import type { OptionLevel, OptionValue } from '../../lib/config/plan/option-set.ts'
import { ReplyOptions4 } from '../../lib/dhcp4/reply-options.ts'
import {
  asking,
  entry,
  inClasses,
  level,
  reservationOf,
  select,
  sent,
  setOf,
} from './option-levels.ts'

const CODES = [3, 42, 69]
const CLASSES = [1, 2, 33, 34]
const SCOPES = ['pool', 'subnet', 'network', 'global'] as const

const flag = fc.constantFrom(undefined, undefined, undefined, true as const)
const anEntry = fc
  .record({
    code: fc.constantFrom(...CODES),
    data: fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom('a', 'b') }),
    always: flag,
    never: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, true as const),
    tag: fc.option(fc.uniqueArray(fc.constantFrom(...CLASSES), { minLength: 1 }), {
      nil: undefined,
    }),
  })
  .map(({ code, data, always, never, tag }) =>
    entry(code, data, {
      ...(always && { always }),
      ...(never && { never }),
      ...(tag && { tag }),
    }),
  )
const aLevel = fc.array(anEntry, { maxLength: 3 }).map((entries) => level(...entries))
const levels = fc.record({ pool: aLevel, subnet: aLevel, network: aLevel, global: aLevel })

const clients = fc.array(
  fc.record({
    set: fc.nat(1),
    reservation: fc.nat(2),
    classes: fc.uniqueArray(fc.constantFrom(...CLASSES)),
    asks: fc.uniqueArray(fc.constantFrom(...CODES)),
  }),
  { minLength: 5, maxLength: 30 },
)

/** By the rules, read once more for every client. */
function expected(
  scopes: readonly OptionLevel[],
  classes: readonly number[],
  asks: readonly number[],
): string[] {
  const isFor = ({ tag }: OptionValue) =>
    tag !== undefined && classes.some((number) => ((tag[number >> 5] ?? 0) >>> (number & 31)) & 1)
  const all = scopes.flatMap(({ options }) => options)
  const always = CODES.filter((code) => all.some((each) => each.code === code && each.alwaysSend))
  const lines: string[] = []
  for (const code of new Set([...asks, 3, ...always])) {
    if (all.some((each) => each.code === code && each.neverSend)) continue
    for (const { options } of scopes) {
      const own = options.filter((each) => each.code === code)
      const value = own.find(isFor) ?? own.findLast(({ tag }) => tag === undefined)
      if (value === undefined) continue
      lines.push(`${code}=${value.data}`)
      break
    }
  }
  return lines
}

t.test('what a client gets does not depend on who came before', async () => {
  const ofClasses = fc.tuple(...CLASSES.map(() => fc.option(aLevel, { nil: undefined, freq: 1 })))
  const reserved = fc.tuple(fc.constant(undefined), aLevel, aLevel)
  fc.assert(
    fc.property(
      fc.tuple(levels, levels),
      ofClasses,
      reserved,
      clients,
      (both, own, ofReservations, all) => {
        const byNumber: (OptionLevel | undefined)[] = []
        for (const [at, number] of CLASSES.entries()) byNumber[number] = own[at]
        const options = new ReplyOptions4(Array.from(byNumber))
        const sets = both.map((each) => setOf(each))
        const reservations = ofReservations.map((each) => each && reservationOf(each))
        for (const { set, reservation, classes, asks } of all) {
          const host = reservations[reservation]
          const who = { classes: inClasses(...classes), query: asking(...asks) }
          const got = sent(
            select(options, sets[set]!, host === undefined ? who : { ...who, reservation: host }),
          )
          const scopes = [
            host?.options,
            ...SCOPES.slice(0, 3).map((scope) => both[set]![scope]),
            ...classes.map((number) => byNumber[number]),
            both[set]!.global,
          ].filter((each) => each !== undefined)
          const wanted = expected(scopes, classes, asks)
          if (got.join() !== wanted.join()) throw new Error(`${got} instead of ${wanted}`)
        }
      },
    ),
    { numRuns: 500, seed: 7 },
  )
})
