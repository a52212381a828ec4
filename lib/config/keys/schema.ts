// The key table as a JSON Schema (2020-12): what schemas/dhcp.json says to editors and ajv says
// here.

import { KEYS } from './keys.ts'
import type { JsonSchema, KeyRow, Level, Support } from './row.ts'

interface LevelSchema {
  readonly type: 'object'
  readonly description: string
  readonly properties: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly { readonly required: readonly [string] }[]
  readonly additionalProperties: boolean
}

export interface DocumentSchema extends LevelSchema {
  readonly $schema: string
  readonly title: string
  readonly $defs: Readonly<Record<string, LevelSchema>>
}

/** What a key's description says further where the key does not simply work. */
const REMARKS: Readonly<Record<Support, string>> = {
  works: '',
  inner: '',
  old: '',
  accepted: 'Without effect in Whio',
  warned: 'Not done by this version of Whio',
  refused: 'Not served by this version of Whio',
}

/** `present`: the keys of the table that a document has; of all others nothing is said then. */
export function documentSchema(present?: ReadonlySet<string>): DocumentSchema {
  const { root, ...levels } = KEYS
  const definitions = Object.entries(levels).map(([name, level]) => [
    name,
    levelSchema(level, present),
  ])
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Whio, DHCPv4 and DHCPv6',
    ...levelSchema(root!, present),
    $defs: Object.fromEntries(definitions),
  }
}

/** Of one level alone. */
export function levelSchema(level: Level, present?: ReadonlySet<string>): LevelSchema {
  const rows = Object.entries(level.keys).map(([key, row]) => {
    const isPresent = present === undefined || present.has(key)
    return [key, isPresent ? describe(row) : {}]
  })
  return {
    type: 'object',
    description: level.about,
    properties: Object.fromEntries(rows),
    ...(level.required === undefined ? {} : { required: level.required }),
    ...(level.requiredOne === undefined
      ? {}
      : { anyOf: level.requiredOne.map((key) => ({ required: [key] })) }),
    additionalProperties: level.further !== undefined,
  }
}

function describe({ schema, support, instead }: KeyRow): JsonSchema {
  const remark = REMARKS[support]
  if (remark === '') return schema
  return { ...schema, description: `${schema.description} ${remark}: ${instead}.` }
}
