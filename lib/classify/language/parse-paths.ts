// What begins with the name of a part of the message: options and what is inside of them, vendor
// options, what relays added, and fields.

import { ANY_ENTERPRISE, FIELD, type FieldName, type OptionPath } from '../facts.ts'
import {
  baseSpace,
  innerStep,
  originOf,
  outerStep,
  readSteps,
  type Step,
  spaceOf,
} from './option-steps.ts'
import type { Reading } from './reading.ts'
import { Refusal } from './refusal.ts'
import type { Node, Origin, Source } from './tree.ts'

const UINT32_MAX = 0xffffffff
const RELAY_HOPS_MAX = 32
const DATA_INDEX_MAX = 255

const RELAY_INFORMATION = 82

const PATHS: Readonly<Record<string, (reading: Reading, at: number) => Node>> = {
  option: optionOf,
  relay4: relay4Of,
  relay6: relay6Of,
  vendor: vendorOf,
  'vendor-class': vendorClassOf,
  pkt: (reading, at) => fieldOf(reading, at, 'pkt'),
  pkt4: (reading, at) => fieldOf(reading, at, 'pkt4'),
  pkt6: (reading, at) => fieldOf(reading, at, 'pkt6'),
}

export function isPath(word: string): boolean {
  return word in PATHS
}

/** Reads the path whose first word is next. */
export function pathOf(reading: Reading): Node {
  const token = reading.reader.take()
  const read = token.kind === 'word' ? PATHS[token.text] : undefined
  if (read === undefined) throw reading.reader.unexpected(Object.keys(PATHS).join(', '))
  return read(reading, token.at)
}

function optionOf(reading: Reading, at: number): Node {
  const step = bracketed(reading, () => outerStep(reading))
  return asked(reading, at, [step], optionAt)
}

function relay4Of(reading: Reading, at: number): Node {
  const { names } = reading
  refuseFamily(reading, at, 4, 'relay4')
  const definition = names.optionByCode(baseSpace(names), RELAY_INFORMATION)
  const inner = bracketed(reading, () => innerStep(reading, definition?.encapsulates ?? ''))
  return asked(reading, at, [{ code: RELAY_INFORMATION, definition }, inner], optionAt)
}

function optionAt(path: OptionPath): Source {
  const [code = 0, ...inner] = path.codes
  return inner.length === 0 ? { from: 'option', code } : { from: 'sub-option', path }
}

function relay6Of(reading: Reading, at: number): Node {
  refuseFamily(reading, at, 6, 'relay6')
  const { reader } = reading
  const hop = bracketed(reading, () => reader.integer(-RELAY_HOPS_MAX, RELAY_HOPS_MAX - 1))
  reader.expect('.')
  const word = reader.word(['option', 'peeraddr', 'linkaddr'])
  if (word !== 'option')
    return { type: 'text', kind: 'relay-address', hop, of: word, at, end: reader.end }
  const step = bracketed(reading, () => outerStep(reading))
  return asked(reading, at, [step], (path) => ({ from: 'relay6', hop, path }))
}

function vendorOf(reading: Reading, at: number): Node {
  const { reader } = reading
  if (reader.takes('.')) return enterpriseOf(reading, at, 'vendor')
  const enterprise = enterpriseNumber(reading)
  reader.expect('.')
  if (reader.word(['option', 'exists']) === 'exists')
    return existsOf(reading, at, { from: 'vendor', enterprise })
  const step = bracketed(reading, () => innerStep(reading, spaceOf(enterprise)))
  return asked(reading, at, [step], (path) => ({ from: 'vendor-option', enterprise, path }))
}

function vendorClassOf(reading: Reading, at: number): Node {
  const { reader } = reading
  if (reader.takes('.')) return enterpriseOf(reading, at, 'vendor-class')
  const enterprise = enterpriseNumber(reading)
  reader.expect('.')
  if (reader.word(['data', 'exists']) === 'exists')
    return existsOf(reading, at, { from: 'vendor-class', enterprise, index: 0 })
  const index = reader.isNext('[') ? bracketed(reading, () => reader.integer(0, DATA_INDEX_MAX)) : 0
  const origin: Origin = {
    source: { from: 'vendor-class', enterprise, index },
    definition: undefined,
  }
  return { type: 'text', kind: 'value', origin, isText: false, at, end: reader.end }
}

function existsOf({ reader }: Reading, at: number, source: Source): Node {
  const origin: Origin = { source, definition: undefined }
  return { type: 'bool', kind: 'exists', origin, at, end: reader.end }
}

function enterpriseOf({ reader }: Reading, at: number, of: 'vendor' | 'vendor-class'): Node {
  reader.word(['enterprise'])
  return { type: 'text', kind: 'enterprise', of, at, end: reader.end }
}

/** 0 is of nobody, so that it means any as `*` does. */
function enterpriseNumber(reading: Reading): number {
  const { reader } = reading
  return bracketed(reading, () => {
    if (reader.takes('*')) return ANY_ENTERPRISE
    const number = reader.integer(0, UINT32_MAX)
    return number === 0 ? ANY_ENTERPRISE : number
  })
}

function bracketed<Inside>({ reader }: Reading, read: () => Inside): Inside {
  reader.expect('[')
  const inside = read()
  reader.expect(']')
  return inside
}

/** What is asked of the option that the steps, and those that follow them, lead to. */
function asked(
  reading: Reading,
  at: number,
  steps: Step[],
  placed: (path: OptionPath) => Source,
): Node {
  const word = readSteps(reading, steps)
  const origin = originOf(reading, at, steps, placed)
  const { end } = reading.reader
  if (word === 'exists') return { type: 'bool', kind: 'exists', origin, at, end }
  return { type: 'text', kind: 'value', origin, isText: word === 'text', at, end }
}

function refuseFamily({ names }: Reading, at: number, family: 4 | 6, word: string): void {
  if (names.family !== family)
    throw new Refusal('wrong-family', at, `${word} is of DHCPv${family} only`)
}

/** Fields that Kea has no words for. */
const EXTENSIONS: ReadonlySet<FieldName> = new Set([
  ...(['pkt4.secs', 'pkt4.flags', 'pkt4.hops', 'pkt4.sname', 'pkt4.file'] as const),
])

const FIELD_NAMES = Object.keys(FIELD) as FieldName[]

function fieldOf(reading: Reading, at: number, part: 'pkt' | 'pkt4' | 'pkt6'): Node {
  if (part !== 'pkt') refuseFamily(reading, at, part === 'pkt4' ? 4 : 6, part)
  const { reader, remarks } = reading
  reader.expect('.')
  const start = `${part}.`
  const words = FIELD_NAMES.filter((name) => name.startsWith(start)).map((name) =>
    name.slice(start.length),
  )
  const name = `${start}${reader.word(words)}` as FieldName
  if (EXTENSIONS.has(name)) remarks.extension(at, `Kea has no ${name}`)
  return { type: 'text', kind: 'field', field: FIELD[name], at, end: reader.end }
}
