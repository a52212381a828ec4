// Why a test is true or false for a message, in words, and what each part of an expression is
// worth. Everything is evaluated anew from the tree: nothing here is for the path of packets.

import { textFromIpv4 } from '../address/ipv4.ts'
import { textFromIpv6 } from '../address/ipv6.ts'
import { uintFromOctets } from '../bytes/cursor.ts'
import { hexFromOctets, type Octets } from '../bytes/octets.ts'
import { type CompiledTest, type CompiledText, Failure } from './expression.ts'
import type { Facts } from './facts.ts'
import { testOf, textOf } from './language/closures.ts'
import type {
  BoolNode,
  Chain,
  Equals,
  LiteralForm,
  Node,
  Origin,
  Source,
  TextNode,
} from './language/tree.ts'
import { operandsOf } from './language/tree.ts'

/** A part of an expression, as it is written. */
export interface Part {
  readonly text: string
  /** For people; '' where it is not evaluated, since the parts before it decide. */
  readonly value: string
  readonly parts: readonly Part[]
}

/** The expression and all parts of it, each with its value for the message. */
export function partsOf(compiled: CompiledTest | CompiledText, facts: Facts): Part {
  return partOf(compiled.tree, compiled.text, facts)
}

/** Why the test is what it is: sentences without full stops, those that decide. */
export function reasonsOf({ tree, text }: CompiledTest, facts: Facts): string[] {
  return reasons(tree, text, facts)
}

/** A value for people: `'text'`, or `0x0007` where it is none. */
export function showOctets(value: Octets, form: LiteralForm = 'string'): string {
  if (value === '') return 'nothing'
  if (form === 'address' && value.length === 4) return textFromIpv4(uintFromOctets(value, 0, 4))
  if (form === 'address' && value.length === 16) return textFromIpv6(value)
  if (form === 'integer' && value.length === 4) return String(uintFromOctets(value, 0, 4))
  return form === 'string' && /^[ -~]+$/.test(value) ? `'${value}'` : `0x${hexFromOctets(value)}`
}

type Worth = boolean | Octets | Failure

function worthOf(node: Node, facts: Facts): Worth {
  try {
    return node.type === 'bool' ? testOf(node)(facts) : textOf(node)(facts)
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}

function show(worth: Worth): string {
  if (worth instanceof Failure) return `no value: ${worth.message}`
  return typeof worth === 'boolean' ? String(worth) : showOctets(worth)
}

function partOf(node: Node, text: string, facts: Facts): Part {
  const written = text.slice(node.at, node.end)
  const operands = operandsOf(node).filter((operand) => operand.kind !== 'literal')
  const asked = new Set(askedOf(node, facts))
  return {
    text: written,
    value: show(worthOf(node, facts)),
    parts: operands.map((operand) =>
      asked.has(operand) ? partOf(operand, text, facts) : skipped(operand, text),
    ),
  }
}

function skipped({ at, end }: Node, text: string): Part {
  return { text: text.slice(at, end), value: '', parts: [] }
}

/** The operands that are evaluated. */
function askedOf(node: Node, facts: Facts): readonly Node[] {
  if ((node.kind === 'and' || node.kind === 'or') && !node.isWhole) {
    const decides = node.kind === 'or'
    const last = node.of.findIndex((operand) => worthOf(operand, facts) !== !decides)
    return last < 0 ? node.of : node.of.slice(0, last + 1)
  }
  if (node.kind !== 'choice' || node.isWhole) return operandsOf(node)
  const chosen = worthOf(node.test, facts)
  if (chosen instanceof Failure) return [node.test]
  return [node.test, chosen === true ? node.yes : node.no]
}

function reasons(node: BoolNode, text: string, facts: Facts): string[] {
  const worth = worthOf(node, facts)
  if (worth instanceof Failure)
    return [`there is no value at column ${worth.at + 1}: ${worth.message}`]
  switch (node.kind) {
    case 'and':
    case 'or':
      return chainReasons(node, text, facts)
    case 'not':
      return reasons(node.of, text, facts)
    case 'equals':
      return [equalsReason(node, worth === true, text, facts)]
    case 'exists':
      return [`there is ${worth === true ? '' : 'no '}${nameOf(node.origin)}`]
    case 'member':
      return [`the client is ${worth === true ? '' : 'not '}in class ${node.name}`]
    case 'match': {
      const value = worthOf(node.of, facts) as Octets
      const fits = worth === true ? 'fits' : 'does not fit'
      return [`${described(node.of, value, text, facts)}, which ${fits} '${node.pattern}'`]
    }
    default:
      return [`this is always ${worth}`]
  }
}

/** One operand decides, or all do. */
function chainReasons(node: Chain, text: string, facts: Facts): string[] {
  const decides = node.kind === 'or'
  const one = node.of.find((operand) => worthOf(operand, facts) === decides)
  return (one === undefined ? node.of : [one]).flatMap((operand) => reasons(operand, text, facts))
}

function equalsReason(node: Equals, isEqual: boolean, text: string, facts: Facts): string {
  const isTurned = node.left.kind === 'literal'
  const [of, other] = isTurned ? [node.right, node.left] : [node.left, node.right]
  const value = worthOf(of, facts) as Octets
  const form = other.kind === 'literal' ? other.form : undefined
  const found = described(of, value, text, facts, form)
  if (isEqual) return found
  const written = text.slice(other.at, other.end)
  const wanted = worthOf(other, facts) as Octets
  return `${found}, not ${other.kind === 'literal' ? written : `${showOctets(wanted)} as ${written}`}`
}

/** `option[93].hex is 0x0007` */
function described(
  node: TextNode,
  value: Octets,
  text: string,
  facts: Facts,
  form: LiteralForm = 'string',
): string {
  const missing = value === '' ? missingIn(node, facts) : undefined
  const because = missing === undefined ? '' : `, since there is no ${nameOf(missing)}`
  return `${text.slice(node.at, node.end)} is ${showOctets(value, form)}${because}`
}

/** The first option of which a text is made and which the message has not. */
function missingIn(node: Node, facts: Facts): Origin | undefined {
  if (node.kind === 'value') {
    const { at, end, origin } = node
    const exists = testOf({ type: 'bool', kind: 'exists', origin, at, end })
    return exists(facts) ? undefined : origin
  }
  for (const operand of operandsOf(node)) {
    const missing = missingIn(operand, facts)
    if (missing !== undefined) return missing
  }
  return undefined
}

/** `option 60 (vendor-class-identifier)` */
function nameOf({ source, definition }: Origin): string {
  const name = definition === undefined ? '' : ` (${definition.name})`
  return `${placeOf(source)}${name}`
}

function placeOf(source: Source): string {
  switch (source.from) {
    case 'option':
      return `option ${source.code}`
    case 'sub-option':
      return `option ${source.path.codes.join('.')}`
    case 'vendor':
      return `vendor option of ${enterprise(source.enterprise)}`
    case 'vendor-option':
      return `option ${source.path.codes.join('.')} of ${enterprise(source.enterprise)}`
    case 'vendor-class':
      return `vendor class ${source.index + 1} of ${enterprise(source.enterprise)}`
    case 'relay6':
      return `option ${source.path.codes.join('.')} of relay ${source.hop}`
    default:
      return 'such option'
  }
}

function enterprise(number: number): string {
  return number < 0 ? 'any enterprise' : `enterprise ${number}`
}
