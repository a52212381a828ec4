// Expressions to trees: what binds how tightly (tightest first: not, and, sand, or, sor; + joins
// before == compares), and which operand is a test, which a text.

import { octetsFromUint } from '../../bytes/cursor.ts'
import type { Names } from '../expression.ts'
import { callOf, isFunction } from './parse-calls.ts'
import { isPath, pathOf } from './parse-paths.ts'
import type { Reading } from './reading.ts'
import { Refusal } from './refusal.ts'
import type { Remarks } from './remarks.ts'
import { TokenReader } from './token-reader.ts'
import type { BoolNode, Chain, Equals, Join, Literal, Node, TextNode } from './tree.ts'

/** How many brackets, functions and negations may be open at once. */
export const DEPTH_MAX = 100

/** Loosest first: the level of a chain is its index. */
const CHAINS = [
  { word: 'sor', kind: 'or', isWhole: true },
  { word: 'or', kind: 'or', isWhole: false },
  { word: 'sand', kind: 'and', isWhole: true },
  { word: 'and', kind: 'and', isWhole: false },
] as const

const UINT32_MAX = 0xffffffff

/** The whole text as a test. Throws a Refusal where it is none. */
export function parseTest(text: string, names: Names, remarks: Remarks): BoolNode {
  return new Parser(text, names, remarks).whole((parser) => parser.test())
}

/** The whole text as a text. */
export function parseText(text: string, names: Names, remarks: Remarks): TextNode {
  return new Parser(text, names, remarks).whole((parser) => parser.text())
}

class Parser implements Reading {
  readonly reader: TokenReader
  readonly names: Names
  readonly remarks: Remarks
  #depth = 0

  constructor(text: string, names: Names, remarks: Remarks) {
    this.reader = new TokenReader(text)
    this.names = names
    this.remarks = remarks
  }

  /** Reads all of the text. */
  whole<Found extends Node>(read: (parser: this) => Found): Found {
    if (this.reader.isEnd) throw new Refusal('empty-expression', 0, 'the expression is empty')
    const node = read(this)
    if (!this.reader.isEnd) throw this.#unexpectedBehind(node)
    return node
  }

  test(): BoolNode {
    return this.#asTest(this.#chain(0))
  }

  text(): TextNode {
    return this.#asText(this.#comparison())
  }

  #asTest(node: Node): BoolNode {
    if (node.type === 'bool') return node
    if (this.reader.token.kind === 'unknown') throw this.reader.unexpected('== or +')
    const hint = node.kind === 'value' ? 'compare it with ==, or ask .exists' : 'compare it with =='
    throw new Refusal('text-as-test', node.at, 'a value by itself is no test', hint)
  }

  #asText(node: Node): TextNode {
    if (node.type === 'text') return node
    throw new Refusal('test-as-text', node.at, 'a test is no value', TEST_AS_TEXT)
  }

  #chain(level: number): Node {
    const chain = CHAINS[level]
    if (chain === undefined) return this.#negation()
    const first = this.#chain(level + 1)
    if (!this.reader.isNext(chain.word)) return first
    const of = [this.#asTest(first)]
    while (this.reader.takes(chain.word)) of.push(this.#asTest(this.#chain(level + 1)))
    const { kind, isWhole } = chain
    const node: Chain = { type: 'bool', kind, of, isWhole, at: first.at, end: this.reader.end }
    return node
  }

  #negation(): Node {
    const { at } = this.reader.token
    if (!this.reader.takes('not')) return this.#comparison()
    const of = this.deeper(at, () => this.#asTest(this.#negation()))
    return { type: 'bool', kind: 'not', of, at, end: this.reader.end }
  }

  #comparison(): Node {
    const left = this.#join()
    const { at } = this.reader.token
    if (!this.reader.takes('==')) return left
    if (left.type === 'bool') throw new Refusal('test-as-text', at, COMPARED, TEST_AS_TEXT)
    const right = this.#asText(this.#join())
    if (this.reader.isNext('=='))
      throw new Refusal(
        'bad-syntax',
        this.reader.token.at,
        '== compares two values only',
        'join two comparisons with and',
      )
    const node: Equals = {
      type: 'bool',
      kind: 'equals',
      left,
      right,
      at: left.at,
      end: this.reader.end,
    }
    return node
  }

  #join(): Node {
    const first = this.#primary()
    if (!this.reader.isNext('+')) return first
    const of = [this.#asText(first)]
    while (this.reader.takes('+')) of.push(this.#asText(this.#primary()))
    const node: Join = { type: 'text', kind: 'join', of, at: first.at, end: this.reader.end }
    return node
  }

  #primary(): Node {
    const { token } = this.reader
    if (token.kind === 'sign' && token.text === '(') return this.#bracket()
    if (token.kind === 'word') {
      if (isPath(token.text)) return pathOf(this)
      if (isFunction(token.text)) return this.deeper(token.at, () => callOf(this))
      throw this.reader.unexpected('a test or a value')
    }
    const literal = this.#literal()
    if (literal === undefined) throw this.reader.missing('a test or a value')
    return literal
  }

  /** What stands between brackets, with the place of the brackets. */
  #bracket(): Node {
    const { at } = this.reader.take()
    const node = this.deeper(at, () => this.#chain(0))
    if (!this.reader.isNext(')')) throw this.#unexpectedBehind(node)
    this.reader.take()
    return { ...node, at, end: this.reader.end }
  }

  #literal(): Literal | undefined {
    const { token } = this.reader
    const { at, end } = token
    switch (token.kind) {
      case 'string':
      case 'hex':
      case 'address':
        this.reader.take()
        return { type: 'text', kind: 'literal', value: token.value, form: token.kind, at, end }
      case 'integer': {
        const value = octetsFromUint(this.reader.integer(0, UINT32_MAX), 4)
        return { type: 'text', kind: 'literal', value, form: 'integer', at, end }
      }
      default:
        return undefined
    }
  }

  /** Reads what is inside of something that was opened at this place. */
  deeper<Found>(at: number, read: () => Found): Found {
    if (this.#depth === DEPTH_MAX)
      throw new Refusal('too-deep', at, `more than ${DEPTH_MAX} brackets are open here`)
    this.#depth++
    const found = read()
    this.#depth--
    return found
  }

  #unexpectedBehind(node: Node): Refusal {
    if (node.type === 'text') return this.reader.unexpected("== or +, or ')'")
    if (this.reader.isNext('=='))
      return new Refusal('test-as-text', this.reader.token.at, COMPARED, TEST_AS_TEXT)
    return this.reader.unexpected("and, or, or ')'")
  }
}

const COMPARED = 'a test is compared with a value'
const TEST_AS_TEXT = 'a test is true or false by itself: leave the comparison out'
