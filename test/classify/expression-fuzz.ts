// Random expressions and messages: what is compiled against what plain.ts makes of it, one
// expression at a time and lists of tests in one sweep. Throws at the first difference, shortened.

import fc from 'fast-check'
import { compileTest, compileText } from '../../lib/classify/compile.ts'
import { type CompiledTest, Failure } from '../../lib/classify/expression.ts'
import type { Facts } from '../../lib/classify/facts.ts'
import { Sweep } from '../../lib/classify/sweep.ts'
import {
  NoValue,
  type PlainMessage,
  type PlainTest,
  printTest,
  printText,
  testValue,
  textValue,
} from './plain.ts'
import { classNames, expressions, messages, type RandomMessage } from './random.ts'
import { NAMES, namesOf, said, testOf, textOf, valueFor } from './said.ts'

const NONE = 'no value'

function plainMessage({ mac, xid, giaddr, options }: RandomMessage): PlainMessage {
  const classes = new Set(['ALL'])
  return { mac, xid, giaddr, hlen: mac.length, options: new Map(options), classes }
}

function factsOf({ mac, xid, giaddr, options }: RandomMessage): Facts {
  return said({ hwAddress: mac, xid, giaddr }, options, { classes: ['ALL'] })
}

function plainly<Value>(evaluate: () => Value): Value | string {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof NoValue) return NONE
    throw error
  }
}

function same(text: string, found: unknown, wanted: unknown): void {
  if (found === wanted) return
  throw new Error(`${text}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`)
}

function valueOrNone(value: ReturnType<typeof valueFor>): boolean | string {
  return value instanceof Failure ? NONE : value
}

/** One expression at a time. */
export function fuzzValues(runs: number, seed?: number): void {
  const { test, text } = expressions([])
  fc.assert(
    fc.property(
      test,
      text,
      fc.array(messages, { minLength: 1, maxLength: 4 }),
      (one, other, all) => {
        const [testText, textText] = [printTest(one), printText(other)]
        const [compiledTest, compiledText] = [testOf(testText), textOf(textText)]
        for (const message of all) {
          const [facts, plain] = [factsOf(message), plainMessage(message)]
          const found = valueOrNone(valueFor(compiledTest, facts))
          same(
            testText,
            found,
            plainly(() => testValue(one, plain)),
          )
          if (found === NONE) same(testText, compiledTest.mayFail, true)
          same(
            textText,
            valueOrNone(valueFor(compiledText, facts)),
            plainly(() => textValue(other, plain)),
          )
        }
      },
    ),
    { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
  )
}

/** What a list of tests tells, one line a step. */
function swept(
  tests: readonly CompiledTest[],
  facts: Facts,
  joins: (step: number) => void,
): string {
  const told: string[] = []
  const sink = {
    matched(step: number): void {
      told.push(`${step} yes`)
      joins(step)
    },
    gave(): void {},
    failed(step: number): void {
      told.push(`${step} ${NONE}`)
    },
  }
  new Sweep(tests).run(facts, sink)
  return told.join()
}

function plainSweep(tests: readonly PlainTest[], message: PlainMessage): string {
  const told: string[] = []
  for (const [step, test] of tests.entries()) {
    const value = plainly(() => testValue(test, message))
    if (value === true) {
      told.push(`${step} yes`)
      message.classes.add(`c${step}`)
    } else if (value === NONE) told.push(`${step} ${NONE}`)
  }
  return told.join()
}

const CLASSES = 12

/** Lists of tests of which later ones ask for earlier ones. */
export function fuzzSweeps(runs: number, seed?: number): void {
  const names = classNames(CLASSES)
  const tests = fc.tuple(...names.map((_, at) => expressions(names.slice(0, at)).test))
  const known = namesOf(...names)
  fc.assert(
    fc.property(tests, fc.array(messages, { minLength: 1, maxLength: 4 }), (list, all) => {
      const compiled = list.map((test) => testOf(printTest(test), known))
      for (const message of all) {
        const classes = new Set([known.classNumber('ALL')])
        const facts = factsOf(message)
        facts.has = (number) => classes.has(number)
        const found = swept(compiled, facts, (step) => {
          classes.add(known.classNumber(`c${step}`))
        })
        same(list.map(printTest).join('\n'), found, plainSweep(list, plainMessage(message)))
      }
    }),
    { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
  )
}

const PIECES = [
  ..."()[].,+*'".split(''),
  ...['==', ' ', '\n', 'option', 'relay4', 'vendor', 'hex', 'exists', 'pkt4', 'mac', 'not', 'and'],
  ...[
    'or',
    'sor',
    'substring',
    'match',
    'member',
    'ifelse',
    '0x',
    '12',
    '-1',
    'a',
    '1.2.3.4',
    '::1',
  ],
]

/** Text that is hardly an expression: never anything but a value or located problems. */
export function fuzzTexts(runs: number, seed?: number): void {
  const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((all) => all.join(''))
  const patterns = fc
    .array(fc.constantFrom(...'()[]{}*+?|^$\\.ab-1,:=!<dwsbx0'.split('')), { maxLength: 30 })
    .map((all) => `match('${all.join('')}', option[60].hex)`)
  fc.assert(
    fc.property(fc.oneof(soup, patterns, fc.string({ unit: 'binary' })), (text) => {
      for (const compile of [compileTest, compileText]) {
        const found = compile(text, NAMES)
        if (!('problems' in found)) {
          valueFor(found, said({}, [[60, 'aab1']]))
          continue
        }
        const [problem] = found.problems
        if (problem === undefined) throw new Error('refused without a problem')
        const lines = text.slice(0, problem.at).split('\n')
        same(text, problem.line, lines.length)
        same(text, problem.column, lines.at(-1)!.length + 1)
      }
    }),
    { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
  )
}
