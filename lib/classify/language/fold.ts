// What is known before any message comes: parts that are made of literals only, comparisons that
// the lengths decide, and operands behind the one that decides. The folded tree has the same value
// and fails for the same messages as the one that was written.

import { Failure } from '../expression.ts'
import type { Facts } from '../facts.ts'
import { testOf, textOf } from './closures.ts'
import { canBe, type Lengths, lengthsOf } from './lengths.ts'
import { mayFail } from './may-fail.ts'
import type {
  BoolConstant,
  BoolNode,
  Chain,
  Choice,
  Equals,
  Failing,
  Join,
  Literal,
  Node,
  TextNode,
} from './tree.ts'
import { keyOf, operandsOf } from './tree.ts'

/** Literals ask nothing. */
const NOTHING = {} as Facts

export function foldTest(node: BoolNode): BoolNode {
  switch (node.kind) {
    case 'equals': {
      const folded = { ...node, left: foldText(node.left), right: foldText(node.right) }
      return failureIn(folded, 'bool') ?? foldEquals(folded)
    }
    case 'exists':
      return node.origin.source.from === 'nowhere' ? constant(node, false) : node
    case 'match': {
      const folded = { ...node, of: foldText(node.of) }
      if (folded.of.kind === 'literal') return constant(node, node.fits(folded.of.value))
      return failureIn(folded, 'bool') ?? folded
    }
    case 'not': {
      const of = foldTest(node.of)
      if (of.kind === 'constant') return constant(node, !of.value)
      if (of.kind === 'failing' || of.kind === 'not') return of.kind === 'not' ? of.of : of
      return { ...node, of }
    }
    case 'and':
    case 'or':
      return foldChain(node)
    default:
      return node
  }
}

export function foldText(node: TextNode): TextNode {
  switch (node.kind) {
    case 'value':
      return node.origin.source.from === 'nowhere' ? literal(node, '') : node
    case 'substring':
    case 'conversion':
      return foldCall({ ...node, of: foldText(node.of) })
    case 'split':
      return foldCall({
        ...node,
        of: foldText(node.of),
        delimiters: foldText(node.delimiters),
      })
    case 'hexstring':
      return foldCall({ ...node, of: foldText(node.of), separator: foldText(node.separator) })
    case 'join':
      return foldJoin(node)
    case 'choice':
      return foldChoice(node)
    default:
      return node
  }
}

function constant({ at, end }: Node, value: boolean): BoolConstant {
  return { type: 'bool', kind: 'constant', value, at, end }
}

function literal({ at, end }: Node, value: string): Literal {
  return { type: 'text', kind: 'literal', form: 'string', value, at, end }
}

/** The failure of an operand that is evaluated for every message. */
function failureIn<Type extends Node['type']>(node: Node, type: Type): Failing<Type> | undefined {
  const failing = operandsOf(node).find((operand) => operand.kind === 'failing')
  return failing && { ...failing, type }
}

/** A function whose operands are all evaluated. */
function foldCall(node: TextNode): TextNode {
  const failing = failureIn(node, 'text')
  if (failing !== undefined) return failing
  if (operandsOf(node).some((operand) => operand.kind !== 'literal')) return node
  try {
    return literal(node, textOf(node)(NOTHING))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const { at, end } = node
    return { type: 'text', kind: 'failing', message: error.message, at, end }
  }
}

function foldEquals(node: Equals): BoolNode {
  const { left, right } = node
  if (left.kind === 'literal' && right.kind === 'literal')
    return constant(node, testOf(node)(NOTHING))
  if (mayFail(node)) return node
  if (keyOf(left) === keyOf(right)) return constant(node, true)
  if (isNeverEqual(lengthsOf(left, false), right)) return constant(node, false)
  return isNeverEqual(lengthsOf(right, false), left) ? constant(node, false) : node
}

function isNeverEqual(lengths: Lengths, other: TextNode): boolean {
  return other.kind === 'literal' && !canBe(lengths, other.value.length)
}

function foldChain(node: Chain): BoolNode {
  const decides = node.kind === 'or'
  // Where nothing fails, nobody sees what is evaluated.
  const isWhole = node.isWhole && mayFail(node)
  const of: BoolNode[] = []
  for (const operand of node.of) {
    const folded = foldTest(operand)
    if (folded.kind === 'constant' && folded.value !== decides) continue
    if (folded.kind === node.kind && folded.isWhole === isWhole) of.push(...folded.of)
    else of.push(folded)
    if (!isWhole && isEnd(folded, decides)) break
  }
  const failing = isWhole ? of.find(({ kind }) => kind === 'failing') : of[0]
  if (failing?.kind === 'failing') return failing
  // What cannot fail before the operand that decides is not needed.
  const last = of.at(-1)
  const isDecided = last?.kind === 'constant' && !of.some(mayFail)
  if (isDecided || of.length === 0) return constant(node, isDecided ? decides : !decides)
  if (of.length === 1) return of[0]!
  return { ...node, of, isWhole }
}

/** Whether nothing behind this operand is evaluated. */
function isEnd(operand: BoolNode, decides: boolean): boolean {
  return operand.kind === 'failing' || (operand.kind === 'constant' && operand.value === decides)
}

function foldJoin(node: Join): TextNode {
  const of: TextNode[] = []
  for (const operand of node.of) {
    const folded = foldText(operand)
    const parts = folded.kind === 'join' ? folded.of : [folded]
    for (const part of parts) {
      const last = of.at(-1)
      if (part.kind === 'literal' && last?.kind === 'literal')
        of[of.length - 1] = literal(last, last.value + part.value)
      else of.push(part)
    }
  }
  const rest = of.filter((part) => part.kind !== 'literal' || part.value !== '')
  if (rest.length === 0) return literal(node, '')
  if (rest.length === 1) return rest[0]!
  return foldCall({ ...node, of: rest })
}

function foldChoice(node: Choice): TextNode {
  const test = foldTest(node.test)
  const [yes, no] = [foldText(node.yes), foldText(node.no)]
  const isWhole = node.isWhole && (mayFail(yes) || mayFail(no))
  if (test.kind === 'failing') return { ...test, type: 'text' }
  if (test.kind === 'constant' && !isWhole) return test.value ? yes : no
  return { ...node, test, yes, no, isWhole }
}
