// Many tests over one message, in the order of the document. What it costs follows the classes that
// match: tests that compare one value with literals are found by one look-up for all of them.

import type { Octets } from '../bytes/octets.ts'
import {
  type CompiledTest,
  type CompiledText,
  Failure,
  type Test,
  type Text,
} from './expression.ts'
import type { Facts } from './facts.ts'
import { testOf, textOf } from './language/closures.ts'
import { mayFail } from './language/may-fail.ts'
import type { BoolNode, Substring, TextNode } from './language/tree.ts'
import { comparisonsIn, type Trigger, type Triggers, triggersOf } from './language/triggers.ts'
import { PieceLookup } from './piece-lookup.ts'

/** What is told of the steps, by their places in the list; in its order. */
export interface SweepSink {
  /** The test is true. */
  matched(step: number): void
  /** The text is this one, which is never ''. */
  gave(step: number, value: Octets): void
  failed(step: number, failure: Failure): void
}

/** Tests that may be true for this literal, of one value. */
interface Group {
  readonly node: TextNode
  readonly steps: Map<Octets, number[]>
}

interface Lookup {
  readonly read: Text
  readonly steps: Map<Octets, readonly number[]>
}

/** A look-up of one literal only: the comparison may need no string of the value. */
interface Check {
  readonly test: Test
  readonly steps: readonly number[]
}

const WORD = 32

/**
 * The order is that of evaluation: whoever is told that a step matched may change what the facts
 * say to `has`, for the steps behind it.
 */
export class Sweep {
  /** Of each step, where it is a test that triggers do not decide, and where it is a text. */
  readonly #tests: (Test | undefined)[] = []
  readonly #texts: (Text | undefined)[] = []
  readonly #lookups: readonly Lookup[]
  readonly #pieces: readonly PieceLookup<readonly number[]>[]
  readonly #checks: readonly Check[]
  /** A bit for each step that no trigger finds. */
  readonly #always: Int32Array
  /** A bit for each step that may be true for the message that is looked at. */
  readonly #candidates: Int32Array

  constructor(steps: readonly (CompiledTest | CompiledText)[]) {
    const groups = new Grouping(steps)
    this.#always = new Int32Array(Math.ceil(steps.length / WORD))
    this.#candidates = new Int32Array(this.#always.length)
    for (const [index, step] of steps.entries()) {
      const triggers = groups.triggersOf(index)
      if (triggers === undefined) mark(this.#always, index)
      this.#texts.push('value' in step ? step.value : undefined)
      this.#tests.push('test' in step && triggers?.decide !== true ? step.test : undefined)
    }
    const { lookups, pieces, checks } = groups.split()
    this.#lookups = lookups
    this.#pieces = pieces
    this.#checks = checks
  }

  run(facts: Facts, sink: SweepSink): void {
    this.#findCandidates(facts)
    const candidates = this.#candidates
    for (let word = 0; word < candidates.length; word++)
      for (let bits = candidates[word]!; bits !== 0; bits &= bits - 1) {
        const lowest = 31 - Math.clz32(bits & -bits)
        this.#take(word * WORD + lowest, facts, sink)
      }
  }

  #findCandidates(facts: Facts): void {
    const candidates = this.#candidates
    const always = this.#always
    for (let word = 0; word < always.length; word++) candidates[word] = always[word]!
    for (let index = 0; index < this.#lookups.length; index++) {
      const lookup = this.#lookups[index]!
      const found = lookup.steps.get(lookup.read(facts))
      if (found !== undefined) markAll(candidates, found)
    }
    for (let index = 0; index < this.#pieces.length; index++) {
      const found = this.#pieces[index]!.of(facts)
      if (found !== undefined) markAll(candidates, found)
    }
    for (let index = 0; index < this.#checks.length; index++) {
      const check = this.#checks[index]!
      if (check.test(facts)) markAll(candidates, check.steps)
    }
  }

  #take(step: number, facts: Facts, sink: SweepSink): void {
    const text = this.#texts[step]
    const test = this.#tests[step]
    try {
      if (text !== undefined) {
        const value = text(facts)
        if (value !== '') sink.gave(step, value)
      } else if (test === undefined || test(facts)) sink.matched(step)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      sink.failed(step, error)
    }
  }
}

function mark(words: Int32Array, index: number): void {
  words[index >>> 5]! |= 1 << (index & 31)
}

function markAll(words: Int32Array, indexes: readonly number[]): void {
  for (let at = 0; at < indexes.length; at++) mark(words, indexes[at]!)
}

interface Split {
  readonly lookups: Lookup[]
  /** The same for values that are a piece of another one. */
  readonly pieces: PieceLookup<readonly number[]>[]
  readonly checks: Check[]
}

/** Which steps share a value that they compare with literals. */
class Grouping {
  readonly #groups = new Map<string, Group>()
  readonly #triggers: (Triggers | undefined)[]

  constructor(steps: readonly (CompiledTest | CompiledText)[]) {
    const tests = steps.map((step) => ('test' in step ? step.folded : undefined))
    const worth = worthOf(tests)
    const triggers = tests.map((test) => test && triggersOf(test, worth))
    const users = usersOf(triggers)
    // Where no value is shared, a test costs less than a look-up and a test.
    this.#triggers = triggers.map((found) =>
      found?.any.some(({ key }) => users.get(key)! > 1) ? found : undefined,
    )
    for (const [step, found] of this.#triggers.entries())
      for (const trigger of found?.any ?? []) this.#add(step, trigger)
  }

  triggersOf(step: number): Triggers | undefined {
    return this.#triggers[step]
  }

  split(): Split {
    const lookups: Lookup[] = []
    const pieces: PieceLookup<readonly number[]>[] = []
    const checks: Check[] = []
    for (const { node, steps } of this.#groups.values()) {
      const [first, second] = steps
      if (second !== undefined) {
        const piece = pieceOf(node)
        if (piece === undefined) lookups.push({ read: textOf(node), steps })
        else pieces.push(new PieceLookup(textOf(piece.of), piece.start, piece.length, steps))
      } else if (first !== undefined)
        checks.push({ test: comparison(node, first[0]), steps: first[1] })
    }
    return { lookups, pieces, checks }
  }

  #add(step: number, { node, key, literal }: Trigger): void {
    let group = this.#groups.get(key)
    if (group === undefined) {
      group = { node, steps: new Map() }
      this.#groups.set(key, group)
    }
    const steps = group.steps.get(literal)
    if (steps === undefined) group.steps.set(literal, [step])
    else if (steps.at(-1) !== step) steps.push(step)
  }
}

/** The value as a piece of another one that can be compared in its place, if it is such. */
function pieceOf(node: TextNode): Substring | undefined {
  return node.kind === 'substring' && node.length > 0 && !mayFail(node) ? node : undefined
}

/** The more literals a value is compared with, the fewer of the tests are left by a look-up. */
function worthOf(tests: readonly (BoolNode | undefined)[]): (trigger: Trigger) => number {
  const literals = new Map<string, Set<Octets>>()
  for (const test of tests)
    for (const { key, literal } of test === undefined ? [] : comparisonsIn(test)) {
      const known = literals.get(key)
      if (known === undefined) literals.set(key, new Set([literal]))
      else known.add(literal)
    }
  return ({ key }) => literals.get(key)?.size ?? 0
}

/** By the key of a value, how many steps want it. */
function usersOf(triggers: readonly (Triggers | undefined)[]): Map<string, number> {
  const users = new Map<string, number>()
  for (const found of triggers)
    for (const key of new Set(found?.any.map((trigger) => trigger.key)))
      users.set(key, (users.get(key) ?? 0) + 1)
  return users
}

function comparison(left: TextNode, value: Octets): Test {
  const { at, end } = left
  const right = { type: 'text', kind: 'literal', form: 'string', value, at, end } as const
  return testOf({ type: 'bool', kind: 'equals', left, right, at, end })
}
