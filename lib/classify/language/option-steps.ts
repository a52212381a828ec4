// The way to an option through those around it: each step is a code or a name in the space of the
// step before, and each option on the way must be one that holds others.

import { type OptionDefinition, TYPE_SIZES } from '../../wire/options/definition.ts'
import { HOLDERS6 } from '../../wire/options/options6.ts'
import { vendorSpace } from '../../wire/options/registry.ts'
import type { Names } from '../expression.ts'
import { ANY_ENTERPRISE, type OptionPath } from '../facts.ts'
import type { Reading } from './reading.ts'
import { Refusal } from './refusal.ts'
import type { Origin, Source } from './tree.ts'

/** How deep options may be nested in each other. */
const NESTING_MAX = 20

export interface Step {
  readonly code: number
  /** Undefined where nothing is known of the option. */
  readonly definition: OptionDefinition | undefined
}

/** The space of the options that a message has. */
export function baseSpace({ family }: Names): string {
  return `dhcp${family}`
}

/** '' = nobody says of which enterprise. */
export function spaceOf(enterprise: number): string {
  return enterprise === ANY_ENTERPRISE ? '' : vendorSpace(enterprise)
}

/** Reads a code, or a name that options of the message itself have. */
export function outerStep(reading: Reading): Step {
  const { reader, names, remarks } = reading
  const space = baseSpace(names)
  const { token } = reader
  if (token.kind !== 'name') return stepByCode(reading, space)
  reader.take()
  const definition = names.optionByName(space, token.text)
  if (definition === undefined)
    remarks.problem('option-not-defined', token.at, `option '${token.text}' is not defined`)
  return { code: definition?.code ?? 0, definition }
}

/** Reads a code or name of an option inside the last of these. */
export function innerStep(reading: Reading, space: string): Step {
  const { reader, names, remarks } = reading
  const { token } = reader
  if (token.kind !== 'name') return stepByCode(reading, space)
  const { text, at } = token
  const definition = names.optionByName(space, text)
  // Kea looks for any name among the options of the message.
  if (definition === undefined) return outerStep(reading)
  reader.take()
  const { code } = definition
  remarks.extension(at, 'Kea knows no names of sub-options', `${code} is the code of ${text}`)
  return { code, definition }
}

function stepByCode({ reader, names }: Reading, space: string): Step {
  const { token } = reader
  if (token.kind !== 'integer') throw reader.unexpected('the code or name of an option')
  const code = reader.integer(0, names.family === 4 ? 255 : 65535)
  return { code, definition: names.optionByCode(space, code) }
}

/** Reads steps further in, up to the word that ends them. */
export function readSteps(reading: Reading, steps: Step[]): 'hex' | 'text' | 'exists' {
  const { reader } = reading
  for (;;) {
    if (!reader.takes('.')) throw reader.unexpected('.hex, .text, .exists or .option[…]')
    const word = reader.word(['hex', 'text', 'exists', 'option'])
    if (word !== 'option') return word
    if (steps.length === NESTING_MAX)
      throw new Refusal('too-deep', reader.end, `options are nested ${NESTING_MAX} deep at most`)
    reader.expect('[')
    steps.push(innerStep(reading, insideOf(steps.at(-1)!.definition)))
    reader.expect(']')
  }
}

/** The space of the options that this one holds, '' = none are known. */
function insideOf(definition: OptionDefinition | undefined): string {
  if (definition === undefined) return ''
  const { code, encapsulates, family, space } = definition
  if (family === 6 && space === 'dhcp6' && HOLDERS6.has(code)) return space
  return encapsulates
}

/** What the steps lead to, at the place that `placed` makes of the path. */
export function originOf(
  { remarks }: Reading,
  at: number,
  steps: readonly Step[],
  placed: (path: OptionPath) => Source,
): Origin {
  const heads = steps.slice(0, -1).map(({ definition }) => headSize(definition))
  const dead = heads.indexOf(undefined)
  const { definition } = steps.at(-1)!
  if (dead < 0) {
    const path = { codes: steps.map(({ code }) => code), heads: heads as number[] }
    return { source: placed(path), definition }
  }
  const { code } = steps[dead]!
  remarks.doubt(
    'no-sub-options',
    at,
    `option ${code} is not known to hold options, so there is none inside of it`,
    'an option-def with encapsulate says what it holds',
  )
  return { source: { from: 'nowhere' }, definition }
}

const SIZES: typeof TYPE_SIZES = { ...TYPE_SIZES, empty: 0 }

/** How many octets stand before the options inside; undefined where there can be none. */
function headSize(definition: OptionDefinition | undefined): number | undefined {
  if (definition === undefined || insideOf(definition) === '') return undefined
  if (definition.array) return undefined
  const { type, fields } = definition
  let size = 0
  for (const field of type === 'record' ? fields : [type]) size += SIZES[field] ?? Number.NaN
  return Number.isNaN(size) ? undefined : size
}
