// Trees to functions: each node becomes a closure over those of its operands, with all that is
// known at load bound in it. A comparison with a literal makes no string where it need not.

import type { Octets } from '../../bytes/octets.ts'
import type { OptionDefinition } from '../../wire/options/definition.ts'
import { Failure, type Test, type Text } from '../expression.ts'
import type { Facts } from '../facts.ts'
import { dumpOption } from './dump.ts'
import { convert, hexString, lengthsFor, split, splitIs, substring } from './functions.ts'
import { isInt32, mayFail, VALUE_MAX } from './may-fail.ts'
import type {
  BoolNode,
  Choice,
  Conversion,
  Equals,
  HexString,
  Join,
  Literal,
  Origin,
  Source,
  Split,
  Substring,
  TextNode,
} from './tree.ts'

export function testOf(node: BoolNode): Test {
  switch (node.kind) {
    case 'constant': {
      const { value } = node
      return () => value
    }
    case 'equals':
      return equalsOf(node)
    case 'exists': {
      const read = readOf(node.origin)
      return (facts) => read(facts) !== undefined
    }
    case 'member': {
      const { number } = node
      return (facts) => facts.has(number)
    }
    case 'match': {
      const { fits } = node
      const of = textOf(node.of)
      return (facts) => fits(of(facts))
    }
    case 'not': {
      const of = testOf(node.of)
      return (facts) => !of(facts)
    }
    case 'and':
    case 'or':
      return chainOf(node.kind === 'or', node.isWhole, node.of.map(testOf))
    case 'failing':
      return fail(new Failure(node.at, node.message))
  }
}

export function textOf(node: TextNode): Text {
  switch (node.kind) {
    case 'literal': {
      const { value } = node
      return () => value
    }
    case 'value':
      return optionOf(node.origin, node.isText)
    case 'field': {
      const { field } = node
      return (facts) => facts.field(field)
    }
    case 'enterprise': {
      const { of } = node
      return (facts) => facts.firstEnterprise(of)
    }
    case 'relay-address': {
      const { hop, of } = node
      return (facts) => facts.relayAddress(hop, of)
    }
    case 'substring':
      return substringOf(node)
    case 'split':
      return splitOf(node)
    case 'join':
      return joinOf(node)
    case 'choice':
      return choiceOf(node)
    case 'hexstring':
      return hexStringOf(node)
    case 'conversion':
      return conversionOf(node)
    case 'failing':
      return fail(new Failure(node.at, node.message))
  }
}

function fail(failure: Failure): () => never {
  return () => {
    throw failure
  }
}

/** `decides`: the value of an operand with which the chain is decided: true for or. */
function chainOf(decides: boolean, isWhole: boolean, of: readonly Test[]): Test {
  if (isWhole)
    return (facts) => {
      let result = !decides
      for (const test of of) if (test(facts) === decides) result = decides
      return result
    }
  const [first, second, third] = of as [Test, Test, Test | undefined]
  if (third !== undefined)
    return (facts) => {
      for (const test of of) if (test(facts) === decides) return decides
      return !decides
    }
  return decides
    ? (facts) => first(facts) || second(facts)
    : (facts) => first(facts) && second(facts)
}

function equalsOf({ left, right }: Equals): Test {
  if (right.kind === 'literal') return equalsLiteral(left, right)
  if (left.kind === 'literal') return equalsLiteral(right, left)
  const [one, other] = [textOf(left), textOf(right)]
  return (facts) => one(facts) === other(facts)
}

function equalsLiteral(node: TextNode, { value }: Literal): Test {
  if (node.kind === 'substring' && !mayFail(node) && node.length > 0 && value !== '')
    return startsOf(node, value)
  if (node.kind === 'split' && !mayFail(node)) return fieldOf(node, value)
  const of = textOf(node)
  return (facts) => of(facts) === value
}

/** A field of a value compared in its place. */
function fieldOf({ of, delimiters, field }: Split, literal: Octets): Test {
  const [read, by] = [textOf(of), textOf(delimiters)]
  return (facts) => splitIs(read(facts), by(facts), field, literal)
}

/** A piece of a value compared in its place. */
function startsOf({ of, start, length }: Substring, literal: Octets): Test {
  const read = textOf(of)
  const isWhole = literal.length === length
  return (facts) => {
    const value = read(facts)
    const from = start < 0 ? value.length + start : start
    // A shorter piece than the length is one that the end of the value cuts off.
    return (
      from >= 0 &&
      (isWhole || (literal.length < length && from + literal.length === value.length)) &&
      value.startsWith(literal, from)
    )
  }
}

type Read = (facts: Facts) => Octets | undefined

/** What a message has at this place; Kea keeps no text without its NULs at the end. */
function readOf({ source, definition }: Origin): Read {
  const read = rawOf(source)
  return isString(definition) ? (facts) => trimmed(read(facts)) : read
}

function isString(definition: OptionDefinition | undefined): boolean {
  return definition?.type === 'string' && !definition.array
}

/** Undefined where nothing is left: Kea ignores such a text. */
function trimmed(value: Octets | undefined): Octets | undefined {
  if (value === undefined || value === '') return undefined
  let end = value.length
  while (end > 0 && value.charCodeAt(end - 1) === 0) end--
  if (end === value.length) return value
  return end === 0 ? undefined : value.slice(0, end)
}

function rawOf(source: Source): Read {
  switch (source.from) {
    case 'option': {
      const { code } = source
      return (facts) => facts.option(code)
    }
    case 'sub-option': {
      const { path } = source
      return (facts) => facts.subOption(path)
    }
    case 'vendor': {
      const { enterprise } = source
      return (facts) => facts.vendorOptions(enterprise)
    }
    case 'vendor-option': {
      const { enterprise, path } = source
      return (facts) => facts.vendorOption(enterprise, path)
    }
    case 'vendor-class': {
      const { enterprise, index } = source
      return (facts) => facts.vendorClass(enterprise, index)
    }
    case 'relay6': {
      const { hop, path } = source
      return (facts) => facts.relayOption(hop, path)
    }
    case 'nowhere':
      return () => undefined
  }
}

function optionOf(origin: Origin, isText: boolean): Text {
  const read = readOf(origin)
  if (!isText || isString(origin.definition)) return (facts) => read(facts) ?? ''
  return (facts) => {
    const value = read(facts)
    return value === undefined ? '' : dumpOption(origin, value)
  }
}

function substringOf(node: Substring): Text {
  const { start, length } = node
  const of = textOf(node.of)
  const bad = [start, length].find((number) => number !== Infinity && !isInt32(number))
  if (bad !== undefined) return orNothing(of, tooWide(node.at, bad))
  return (facts) => substring(of(facts), start, length)
}

function splitOf(node: Split): Text {
  const { field } = node
  const [of, delimiters] = [textOf(node.of), textOf(node.delimiters)]
  if (isInt32(field)) return (facts) => split(of(facts), delimiters(facts), field)
  const fails = orNothing(of, tooWide(node.at, field))
  return (facts) => {
    const value = of(facts)
    // They may fail even so.
    delimiters(facts)
    return value === '' ? '' : fails(facts)
  }
}

function tooWide(at: number, number: number): Failure {
  return new Failure(at, `${number} does not fit in 32 bits`)
}

/** Of nothing anything is nothing; else there is no value. */
function orNothing(of: Text, failure: Failure): Text {
  return (facts) => {
    if (of(facts) === '') return ''
    throw failure
  }
}

function joinOf(node: Join): Text {
  const of = node.of.map(textOf)
  const [first, second, third] = of as [Text, Text, Text | undefined]
  const join: Text =
    third === undefined
      ? (facts) => first(facts) + second(facts)
      : (facts) => {
          let value = ''
          for (const part of of) value += part(facts)
          return value
        }
  return bounded(node, join)
}

function hexStringOf(node: HexString): Text {
  const [of, separator] = [textOf(node.of), textOf(node.separator)]
  const failure = tooLong(node.at)
  return (facts) => {
    const value = of(facts)
    const between = separator(facts)
    if (value.length * (2 + between.length) > VALUE_MAX + between.length) throw failure
    return hexString(value, between)
  }
}

function bounded(node: Join, join: Text): Text {
  if (!mayFail(node)) return join
  const failure = tooLong(node.at)
  return (facts) => {
    const value = join(facts)
    if (value.length > VALUE_MAX) throw failure
    return value
  }
}

function tooLong(at: number): Failure {
  return new Failure(at, `the value is longer than ${VALUE_MAX} bytes`)
}

function choiceOf(node: Choice): Text {
  const test = testOf(node.test)
  const [yes, no] = [textOf(node.yes), textOf(node.no)]
  if (!node.isWhole) return (facts) => (test(facts) ? yes(facts) : no(facts))
  return (facts) => {
    const isChosen = test(facts)
    const one = yes(facts)
    const other = no(facts)
    return isChosen ? one : other
  }
}

function conversionOf(node: Conversion): Text {
  const { name } = node
  const of = textOf(node.of)
  const wanted = lengthsFor(name)?.join(' or ') ?? ''
  const failure = new Failure(node.at, `${name} needs ${wanted} bytes, or none`)
  return (facts) => {
    const value = convert(name, of(facts))
    if (value === undefined) throw failure
    return value
  }
}
