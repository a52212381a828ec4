// The tree of an expression: tests and texts, apart by type, since nothing turns one into the
// other. Chains of one operator are lists, so that the depth of a tree is that of its brackets.

import type { Octets } from '../../bytes/octets.ts'
import type { OptionDefinition } from '../../wire/options/definition.ts'
import type { Field, OptionPath } from '../facts.ts'

/** Where it stands in the text of the expression, for people. */
interface Spot {
  readonly at: number
  readonly end: number
}

/** An option, or a part of one, which a message has or has not. */
export type Source =
  | { readonly from: 'option'; readonly code: number }
  | { readonly from: 'sub-option'; readonly path: OptionPath }
  | { readonly from: 'vendor'; readonly enterprise: number }
  | { readonly from: 'vendor-option'; readonly enterprise: number; readonly path: OptionPath }
  | { readonly from: 'vendor-class'; readonly enterprise: number; readonly index: number }
  | { readonly from: 'relay6'; readonly hop: number; readonly path: OptionPath }
  /** What no message has: a sub-option of an option that holds none. */
  | { readonly from: 'nowhere' }

/** A source and what is known of its value. */
export interface Origin {
  readonly source: Source
  readonly definition: OptionDefinition | undefined
}

export interface BoolConstant extends Spot {
  readonly type: 'bool'
  readonly kind: 'constant'
  readonly value: boolean
}

export interface Equals extends Spot {
  readonly type: 'bool'
  readonly kind: 'equals'
  readonly left: TextNode
  readonly right: TextNode
}

export interface Exists extends Spot {
  readonly type: 'bool'
  readonly kind: 'exists'
  readonly origin: Origin
}

export interface Member extends Spot {
  readonly type: 'bool'
  readonly kind: 'member'
  readonly name: string
  readonly number: number
}

export interface Match extends Spot {
  readonly type: 'bool'
  readonly kind: 'match'
  readonly pattern: Octets
  /** Whether a whole value fits the pattern, in time linear in its length. */
  readonly fits: (value: Octets) => boolean
  readonly of: TextNode
}

export interface Not extends Spot {
  readonly type: 'bool'
  readonly kind: 'not'
  readonly of: BoolNode
}

export interface Chain extends Spot {
  readonly type: 'bool'
  readonly kind: 'and' | 'or'
  /** At least two. */
  readonly of: readonly BoolNode[]
  /** `sand` and `sor`: the operands behind the one that decides are evaluated, too. */
  readonly isWhole: boolean
}

export type BoolNode =
  | BoolConstant
  | Equals
  | Exists
  | Member
  | Match
  | Not
  | Chain
  | Failing<'bool'>

/** How a literal was written: what people mean by it when it fits nowhere. */
export type LiteralForm = 'string' | 'hex' | 'integer' | 'address'

export interface Literal extends Spot {
  readonly type: 'text'
  readonly kind: 'literal'
  readonly value: Octets
  readonly form: LiteralForm
}

export interface Value extends Spot {
  readonly type: 'text'
  readonly kind: 'value'
  readonly origin: Origin
  /** `.text` instead of `.hex`. */
  readonly isText: boolean
}

export interface FieldValue extends Spot {
  readonly type: 'text'
  readonly kind: 'field'
  readonly field: Field
}

export interface Enterprise extends Spot {
  readonly type: 'text'
  readonly kind: 'enterprise'
  readonly of: 'vendor' | 'vendor-class'
}

export interface RelayAddress extends Spot {
  readonly type: 'text'
  readonly kind: 'relay-address'
  readonly hop: number
  readonly of: 'peeraddr' | 'linkaddr'
}

export interface Substring extends Spot {
  readonly type: 'text'
  readonly kind: 'substring'
  readonly of: TextNode
  readonly start: number
  /** Infinity: `all`. */
  readonly length: number
}

export interface Split extends Spot {
  readonly type: 'text'
  readonly kind: 'split'
  readonly of: TextNode
  readonly delimiters: TextNode
  /** From 1. */
  readonly field: number
}

/** `+` and concat. */
export interface Join extends Spot {
  readonly type: 'text'
  readonly kind: 'join'
  /** At least two. */
  readonly of: readonly TextNode[]
}

export interface Choice extends Spot {
  readonly type: 'text'
  readonly kind: 'choice'
  readonly test: BoolNode
  readonly yes: TextNode
  readonly no: TextNode
  /** `sifelse`: what is not chosen is evaluated, too. */
  readonly isWhole: boolean
}

export interface HexString extends Spot {
  readonly type: 'text'
  readonly kind: 'hexstring'
  readonly of: TextNode
  readonly separator: TextNode
}

export type ConversionName = 'lcase' | 'ucase' | 'addrtotext' | `${'' | 'u'}int${8 | 16 | 32}totext`

export interface Conversion extends Spot {
  readonly type: 'text'
  readonly kind: 'conversion'
  readonly name: ConversionName
  readonly of: TextNode
}

/** What is known beforehand to have no value. */
export interface Failing<Type extends 'bool' | 'text'> extends Spot {
  readonly type: Type
  readonly kind: 'failing'
  readonly message: string
}

export type TextNode =
  | Literal
  | Value
  | FieldValue
  | Enterprise
  | RelayAddress
  | Substring
  | Split
  | Join
  | Choice
  | HexString
  | Conversion
  | Failing<'text'>

export type Node = BoolNode | TextNode

/** The nodes right below one, in the order in which they are written. */
export function operandsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'equals':
      return [node.left, node.right]
    case 'match':
    case 'not':
    case 'substring':
    case 'conversion':
      return [node.of]
    case 'and':
    case 'or':
    case 'join':
      return node.of
    case 'split':
      return [node.of, node.delimiters]
    case 'choice':
      return [node.test, node.yes, node.no]
    case 'hexstring':
      return [node.of, node.separator]
    default:
      return []
  }
}

/** Calls for the node and all below it. */
export function visit(node: Node, call: (node: Node) => void): void {
  call(node)
  for (const operand of operandsOf(node)) visit(operand, call)
}

/** Equal for nodes that have the same value for every message. */
export function keyOf(node: Node): string {
  switch (node.kind) {
    case 'constant':
    case 'literal':
      return JSON.stringify(node.value)
    case 'failing':
      return `failing(${JSON.stringify(node.message)})`
    case 'exists':
      return `${keyOfSource(node.origin.source)}.exists`
    case 'value':
      return `${keyOfSource(node.origin.source)}.${node.isText ? 'text' : 'hex'}`
    case 'member':
      return `member(${node.number})`
    case 'field':
      return `field(${node.field})`
    case 'enterprise':
      return `${node.of}.enterprise`
    case 'relay-address':
      return `relay6(${node.hop}).${node.of}`
    default:
      return `${nameOf(node)}(${operandsOf(node).map(keyOf).join()})`
  }
}

function nameOf(node: Exclude<Node, { kind: 'constant' | 'literal' | 'failing' }>): string {
  switch (node.kind) {
    case 'match':
      return `match ${JSON.stringify(node.pattern)} `
    case 'and':
    case 'or':
    case 'choice':
      return `${node.isWhole ? 's' : ''}${node.kind}`
    case 'substring':
      return `substring ${node.start} ${node.length} `
    case 'split':
      return `split ${node.field} `
    case 'conversion':
      return node.name
    default:
      return node.kind
  }
}

function keyOfSource(source: Source): string {
  switch (source.from) {
    case 'option':
      return `option(${source.code})`
    case 'sub-option':
      return keyOfPath(source.path)
    case 'vendor':
      return `vendor(${source.enterprise})`
    case 'vendor-option':
      return `vendor(${source.enterprise})${keyOfPath(source.path)}`
    case 'vendor-class':
      return `vendor-class(${source.enterprise} ${source.index})`
    case 'relay6':
      return `relay6(${source.hop})${keyOfPath(source.path)}`
    default:
      return source.from
  }
}

function keyOfPath({ codes, heads }: OptionPath): string {
  return `[${codes.join(' ')}/${heads.join(' ')}]`
}
