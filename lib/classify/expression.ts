// What becomes of the text of an expression: a test or a value that asks facts, with what is known
// of it beforehand, or the reasons why it is none.

import type { Octets } from '../bytes/octets.ts'
import type { OptionDefinition } from '../wire/options/definition.ts'
import type { Facts } from './facts.ts'
import type { BoolNode, TextNode } from './language/tree.ts'

/** What an expression names beside itself, as the document means it. */
export interface Names {
  readonly family: 4 | 6
  /** Standard options and those that the document defines; by the name of their space. */
  optionByName(space: string, name: string): OptionDefinition | undefined
  optionByCode(space: string, code: number): OptionDefinition | undefined
  /** Undefined: an expression that stands here may not name the class. */
  classNumber(name: string): number | undefined
}

/** True or false; throws a Failure where a function is given what it has no answer for. */
export type Test = (facts: Facts) => boolean

/** A run of octets; throws a Failure likewise. */
export type Text = (facts: Facts) => Octets

/**
 * Why there is no value for this message. One is made for each place that may fail when the
 * expression is compiled, so that a message that makes it fail costs no stack trace.
 */
export class Failure {
  /** Where in the expression, from 0. */
  readonly at: number
  /** A clause: `addrtotext was given 3 bytes instead of 4 or 16`. */
  readonly message: string

  constructor(at: number, message: string) {
    this.at = at
    this.message = message
  }
}

/** Undefined where there is no value for the message. */
export function textFor(text: Text, facts: Facts): Octets | undefined {
  try {
    return text(facts)
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

/** Something about the text of an expression. */
export interface Remark {
  /** Stable kebab-case id. */
  readonly code: string
  /** Where in the expression; line and column count from 1. */
  readonly at: number
  readonly line: number
  readonly column: number
  /** What is wrong, or not what it seems: a clause without a full stop. */
  readonly message: string
  /** What would be right, '' where there is nothing to say. */
  readonly hint: string
}

/** extension: Whio understands it, Kea does not. doubt: it is hardly what was meant. */
export interface Note extends Remark {
  readonly kind: 'extension' | 'doubt'
}

/** What is known of both. */
export interface Compiled {
  readonly text: string
  /** Classes that it names. */
  readonly members: ReadonlySet<number>
  readonly notes: readonly Note[]
  /**
   * Whether it looks into an option that is decoded when the client is KNOWN or UNKNOWN only, as
   * Kea does it: before that nothing is in there.
   */
  readonly readsLate: boolean
  /** Whether there may be messages for which it throws a Failure. */
  readonly mayFail: boolean
}

export interface CompiledTest extends Compiled {
  readonly test: Test
  /** As it was written. */
  readonly tree: BoolNode
  /** Without what is known beforehand. */
  readonly folded: BoolNode
}

export interface CompiledText extends Compiled {
  readonly value: Text
  /** As it was written. */
  readonly tree: TextNode
}

/** Why a text is no expression; never empty. */
export interface Refused {
  readonly problems: readonly Remark[]
}
