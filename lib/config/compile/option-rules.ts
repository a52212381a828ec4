// What the definition of an option must keep to, a rule a row, in the order in which they are
// looked at. The rules are Kea's; most say that the end of a value must be known.

import { FIELDS } from '../../wire/options/field.ts'
import type { OptionDefDocument } from '../keys/common-document.ts'

/** A definition as it is written, with nothing proved of it. */
export interface Sketch {
  readonly name: string
  readonly code: number
  readonly space: string
  readonly type: string
  readonly array: boolean
  readonly fields: readonly string[]
  readonly encapsulates: string
}

export interface Fault {
  readonly key: keyof OptionDefDocument
  readonly message: string
  readonly hint: string
}

type Rule = readonly [
  key: keyof OptionDefDocument,
  isBroken: (sketch: Sketch) => boolean,
  message: (sketch: Sketch) => string,
  hint: string,
]

const WORD = /^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$/i
const LETTERS = 'letters, digits, - and _, the latter two neither first nor last'
const TYPES = 'one of the types of option-def'

/** They fill what is left of the value, so nothing can follow them. */
const OPEN_ENDED: ReadonlySet<string> = new Set(['string', 'binary'])
const UNREPEATABLE: ReadonlySet<string> = new Set([...OPEN_ENDED, 'empty', 'internal'])

const isRecord = ({ type }: Sketch) => type === 'record'
const badField = ({ fields }: Sketch) => fields.find((field) => !(field in FIELDS))
const openField = ({ fields }: Sketch) => fields.slice(0, -1).find((field) => OPEN_ENDED.has(field))

const RULES: readonly Rule[] = [
  ['name', ({ name }) => !WORD.test(name), ({ name }) => `invalid option name '${name}'`, LETTERS],
  [
    'space',
    ({ space }) => !WORD.test(space),
    ({ space }) => `invalid option space name '${space}'`,
    LETTERS,
  ],
  [
    'encapsulate',
    ({ encapsulates }) => encapsulates !== '' && !WORD.test(encapsulates),
    ({ encapsulates }) => `invalid option space name '${encapsulates}'`,
    LETTERS,
  ],
  [
    'code',
    ({ space, code }) => space === 'dhcp4' && (code === 0 || code === 255),
    ({ code }) => `invalid option code '${code}': it ends or pads a message`,
    '1 to 254; 224 to 254 are for private use',
  ],
  [
    'code',
    ({ space, code }) => space === 'dhcp6' && code === 0,
    ({ code }) => `invalid option code '${code}': it is reserved`,
    '1 to 65535',
  ],
  [
    'record-types',
    (sketch) => !isRecord(sketch) && sketch.fields.length > 0,
    ({ type }) => `the type ${type} has no fields`,
    'write the type record, or leave record-types out',
  ],
  [
    'record-types',
    (sketch) => isRecord(sketch) && sketch.fields.length < 2,
    ({ fields }) => `a record has at least 2 fields, and ${fields.length} is given`,
    'separate their types by commas',
  ],
  [
    'record-types',
    (sketch) => badField(sketch) !== undefined,
    (sketch) => `'${badField(sketch)}' is no type of a field`,
    `${TYPES}, but not empty, internal or record`,
  ],
  [
    'record-types',
    (sketch) => openField(sketch) !== undefined,
    (sketch) => `nothing can follow a ${openField(sketch)}, which has no end of its own`,
    'string and binary stand last',
  ],
  [
    'array',
    ({ type, array }) => array && UNREPEATABLE.has(type),
    ({ type }) => `array of ${type} is impossible: where a value ends cannot be told`,
    'use tuple or fqdn, whose values have a length',
  ],
  [
    'array',
    ({ array, fields }) => array && OPEN_ENDED.has(fields.at(-1) ?? ''),
    ({ fields }) => `array of ${fields.at(-1)} is impossible: where a value ends cannot be told`,
    'the last field of the record is what repeats',
  ],
  [
    'encapsulate',
    ({ array, encapsulates }) => array && encapsulates !== '',
    () => 'an array carries no sub-options: where they begin cannot be told',
    'leave encapsulate or array out',
  ],
  [
    'encapsulate',
    ({ space, encapsulates }) => encapsulates === space,
    ({ space }) => `an option of space '${space}' cannot carry the same space`,
    'name another space',
  ],
]

/** The first rule that the definition breaks. */
export function faultOf(sketch: Sketch): Fault | undefined {
  for (const [key, isBroken, message, hint] of RULES)
    if (isBroken(sketch)) return { key, message: message(sketch), hint }
  return undefined
}
