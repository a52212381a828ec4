// Without what a test is false: a value that must be one of some literals. Where many tests want
// literals of one value, a look-up finds those that may be true.

import type { Octets } from '../../bytes/octets.ts'
import { mayFail } from './may-fail.ts'
import { type BoolNode, type Chain, type Equals, keyOf, type TextNode } from './tree.ts'

/** One value that is one literal. */
export interface Trigger {
  readonly node: TextNode
  /** Equal for equal values. */
  readonly key: string
  readonly literal: Octets
}

/** One of these is there, or the test is false, and nothing in it fails. */
export interface Triggers {
  readonly any: readonly Trigger[]
  /** Whether the test is true as soon as one is there. */
  readonly decide: boolean
}

/**
 * Triggers of a folded test; undefined where it may be true without any. `worth` rates the value of
 * a trigger, where a test has several to choose from.
 */
export function triggersOf(
  node: BoolNode,
  worth: (trigger: Trigger) => number,
): Triggers | undefined {
  switch (node.kind) {
    case 'equals':
      return ofEquals(node)
    case 'or':
      return node.isWhole ? undefined : ofOr(node, worth)
    case 'and':
      return node.isWhole ? undefined : ofAnd(node, worth)
    default:
      return undefined
  }
}

/** All comparisons of values with literals from which triggers may be chosen. */
export function comparisonsIn(node: BoolNode): readonly Trigger[] {
  switch (node.kind) {
    case 'equals':
      return ofEquals(node)?.any ?? []
    case 'or':
    case 'and':
      return node.of.flatMap(comparisonsIn)
    default:
      return []
  }
}

function ofEquals({ left, right }: Equals): Triggers | undefined {
  const [node, literal] = right.kind === 'literal' ? [left, right] : [right, left]
  if (literal.kind !== 'literal' || mayFail(node)) return undefined
  return { any: [{ node, key: keyOf(node), literal: literal.value }], decide: true }
}

/** Each operand needs triggers. */
function ofOr({ of }: Chain, worth: (trigger: Trigger) => number): Triggers | undefined {
  const any: Trigger[] = []
  let decide = true
  for (const operand of of) {
    const triggers = triggersOf(operand, worth)
    if (triggers === undefined) return undefined
    any.push(...triggers.any)
    decide &&= triggers.decide
  }
  return { any, decide }
}

/** One operand is enough; those before it are evaluated first, so they must not fail. */
function ofAnd({ of }: Chain, worth: (trigger: Trigger) => number): Triggers | undefined {
  let best: Triggers | undefined
  let most = -1
  for (const operand of of) {
    const triggers = triggersOf(operand, worth)
    const rating = triggers === undefined ? -1 : leastWorth(triggers, worth)
    if (triggers !== undefined && rating > most) {
      best = triggers
      most = rating
    }
    if (mayFail(operand)) break
  }
  return best && { any: best.any, decide: false }
}

function leastWorth({ any }: Triggers, worth: (trigger: Trigger) => number): number {
  return any.reduce((least, trigger) => Math.min(least, worth(trigger)), Number.MAX_SAFE_INTEGER)
}
