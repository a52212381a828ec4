// Functions of expressions, with what each is given.

import { isInt32 } from './may-fail.ts'
import { compilePattern } from './pattern.ts'
import type { Reading } from './reading.ts'
import { Refusal } from './refusal.ts'
import type { BoolNode, ConversionName, Node, TextNode } from './tree.ts'

const CONVERSIONS: ReadonlySet<string> = new Set<ConversionName>([
  ...(['lcase', 'ucase', 'addrtotext', 'int8totext', 'int16totext', 'int32totext'] as const),
  ...(['uint8totext', 'uint16totext', 'uint32totext'] as const),
])

interface Spot {
  readonly at: number
}

const CALLS: Readonly<Record<string, (reading: Reading, spot: Spot) => Node>> = {
  member: memberOf,
  match: matchOf,
  substring: substringOf,
  split: splitOf,
  concat: concatOf,
  ifelse: (reading, spot) => choiceOf(reading, spot, false),
  sifelse: (reading, spot) => choiceOf(reading, spot, true),
  hexstring: hexStringOf,
}

/** Words that ask for a class by themselves. */
const CLASS_WORDS: Readonly<Record<string, string>> = { known: 'KNOWN', unknown: 'UNKNOWN' }

export function isFunction(word: string): boolean {
  return word in CALLS || word in CLASS_WORDS || CONVERSIONS.has(word)
}

/** Reads the function whose name is next. */
export function callOf(reading: Reading): Node {
  const { reader } = reading
  const token = reader.take()
  if (token.kind !== 'word') throw reader.unexpected('the name of a function')
  const { at, text } = token
  const className = CLASS_WORDS[text]
  if (className !== undefined) return classWord(reading, at, text, className)
  reader.expect('(')
  const read = CALLS[text]
  const node = read === undefined ? conversionOf(reading, at, text) : read(reading, { at })
  reader.expect(')')
  return { ...node, end: reader.end }
}

function classWord(reading: Reading, at: number, word: string, name: string): Node {
  reading.remarks.extension(at, `Kea has no word ${word}`, `member('${name}') means the same`)
  return member(reading, at, at, name)
}

function memberOf(reading: Reading, { at }: Spot): Node {
  const nameAt = reading.reader.token.at
  return member(reading, at, nameAt, reading.reader.string("the name of a class between two '"))
}

function member(reading: Reading, at: number, nameAt: number, name: string): BoolNode {
  const number = reading.names.classNumber(name)
  if (number === undefined)
    reading.remarks.problem(
      'class-not-defined',
      nameAt,
      `class '${name}' is not defined before this expression`,
      'a class is asked for behind its definition only',
    )
  const { end } = reading.reader
  return { type: 'bool', kind: 'member', name, number: number ?? 0, at, end }
}

function matchOf(reading: Reading, { at }: Spot): Node {
  const { reader } = reading
  const patternAt = reader.token.at
  const pattern = reader.string("a pattern between two '")
  reader.expect(',')
  const of = reading.text()
  let fits = (_value: string): boolean => false
  try {
    fits = compilePattern(pattern)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    reading.remarks.problem(error.code, patternAt + 1 + error.at, error.message, error.hint)
  }
  return { type: 'bool', kind: 'match', pattern, fits, of, at, end: reader.end }
}

function substringOf(reading: Reading, { at }: Spot): TextNode {
  const { reader } = reading
  const of = reading.text()
  reader.expect(',')
  const start = integer(reading)
  reader.expect(',')
  const length = reader.takes('all') ? Number.POSITIVE_INFINITY : integer(reading)
  warnOfRange(reading, at, [start, length === Number.POSITIVE_INFINITY ? 0 : length])
  return { type: 'text', kind: 'substring', of, start, length, at, end: reader.end }
}

function splitOf(reading: Reading, { at }: Spot): TextNode {
  const { reader } = reading
  const of = reading.text()
  reader.expect(',')
  const delimiters = reading.text()
  reader.expect(',')
  const field = integer(reading)
  warnOfRange(reading, at, [field])
  return { type: 'text', kind: 'split', of, delimiters, field, at, end: reader.end }
}

function integer({ reader }: Reading): number {
  const { token } = reader
  if (token.kind !== 'integer') throw reader.unexpected('a number')
  reader.take()
  return token.value
}

/** Beyond it there is no value: known at load, but an error of run time in Kea. */
function warnOfRange({ remarks }: Reading, at: number, numbers: readonly number[]): void {
  const bad = numbers.find((number) => !isInt32(number))
  if (bad !== undefined)
    remarks.doubt('never-a-value', at, `${bad} does not fit in 32 bits, so there is never a value`)
}

function concatOf(reading: Reading, { at }: Spot): TextNode {
  const first = reading.text()
  reading.reader.expect(',')
  const of = [first, reading.text()]
  return { type: 'text', kind: 'join', of, at, end: reading.reader.end }
}

function choiceOf(reading: Reading, { at }: Spot, isWhole: boolean): TextNode {
  const { reader } = reading
  const test = reading.test()
  reader.expect(',')
  const yes = reading.text()
  reader.expect(',')
  const no = reading.text()
  return { type: 'text', kind: 'choice', test, yes, no, isWhole, at, end: reader.end }
}

function hexStringOf(reading: Reading, { at }: Spot): TextNode {
  const of = reading.text()
  reading.reader.expect(',')
  const separator = reading.text()
  return { type: 'text', kind: 'hexstring', of, separator, at, end: reading.reader.end }
}

function conversionOf(reading: Reading, at: number, text: string): TextNode {
  const of = reading.text()
  const name = text as ConversionName
  return { type: 'text', kind: 'conversion', name, of, at, end: reading.reader.end }
}
