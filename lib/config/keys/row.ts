// What a row of the key table is, and short names to write rows with.

/** The part of JSON Schema (2020-12) that the tables use. */
export interface JsonSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly $ref?: string
  readonly description?: string
  readonly default?: unknown
  readonly deprecated?: boolean
  readonly format?: string
  readonly enum?: readonly string[]
  readonly items?: JsonSchema
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly additionalProperties?: boolean
}

/**
 * What happens to a key that is given. works: it does what Kea's documentation says. accepted: it
 * is about Kea's inside; one line says what Whio does instead. warned: it has no effect yet, and
 * clients get the same addresses and options without it. refused: without it clients would get
 * something else, so the file is not served. In a reservation it costs no more than that. old: an
 * older spelling, rewritten by renames.ts before anything else is judged. inner: part of a map or
 * list that is judged as a whole.
 */
export type Support = 'works' | 'accepted' | 'warned' | 'refused' | 'old' | 'inner'

/** What is said of one value. */
export interface Verdict {
  readonly support: Support
  readonly hint: string
  /** What the hint is about, where it is not the whole value. */
  readonly subject?: string
  /** What compile sees instead of the value. */
  readonly becomes?: unknown
}

export interface KeyRow {
  readonly support: Support
  readonly schema: JsonSchema
  /** The level that the map, or the elements of the list, belong to. */
  readonly level: string | undefined
  /** What happens instead, or what to do: the hint of the problem; '' where the key works. */
  readonly instead: string
}

/** Rows by their keys. */
export type Rows = Readonly<Record<string, KeyRow>>

/** What may stand in one kind of map: its keys, and those of them that must. */
export interface Level {
  readonly about: string
  readonly required?: readonly string[]
  /** One of these must stand there, or several. */
  readonly requiredOne?: readonly string[]
  /** Any further key is allowed, and it is told of or not. Left out: further keys are errors. */
  readonly further?: 'allowed' | 'warned'
  readonly keys: Rows
}

export const UINT32 = 0xffff_ffff

export const bool: JsonSchema = { type: 'boolean' }
export const text: JsonSchema = { type: 'string' }
export const texts: JsonSchema = { type: 'array', items: text }
export const ipv4: JsonSchema = { type: 'string', format: 'ipv4' }
export const ipv6: JsonSchema = { type: 'string', format: 'ipv6' }
export const fraction: JsonSchema = { type: 'number', minimum: 0, maximum: 1 }
export const seconds: JsonSchema = { type: 'integer', minimum: 0, maximum: UINT32 }
export const millis: JsonSchema = { type: 'integer', minimum: 1, maximum: UINT32 }
export const port: JsonSchema = { type: 'integer', minimum: 0, maximum: 65535 }
/** A map with any content. */
export const anyMap: JsonSchema = { type: 'object' }

export function whole(minimum: number, maximum: number): JsonSchema {
  return { type: 'integer', minimum, maximum }
}

export function oneOf(...words: string[]): JsonSchema {
  return { type: 'string', enum: words }
}

/** A map of a level. */
export function map(level: string): JsonSchema {
  return { $ref: `#/$defs/${level}` }
}

/** A list of maps of a level. */
export function list(level: string): JsonSchema {
  return { type: 'array', items: map(level) }
}

export function works(schema: JsonSchema, about: string, byDefault?: unknown): KeyRow {
  return row('works', schema, about, byDefault, '')
}

export function accepted(
  schema: JsonSchema,
  about: string,
  byDefault: unknown,
  instead: string,
): KeyRow {
  return row('accepted', schema, about, byDefault, instead)
}

export function warned(
  schema: JsonSchema,
  about: string,
  byDefault: unknown,
  instead: string,
): KeyRow {
  return row('warned', schema, about, byDefault, instead)
}

export function refused(
  schema: JsonSchema,
  about: string,
  byDefault: unknown,
  instead: string,
): KeyRow {
  return row('refused', schema, about, byDefault, instead)
}

export function inner(schema: JsonSchema, about: string, byDefault?: unknown): KeyRow {
  return row('inner', schema, about, byDefault, '')
}

/** An older spelling of the key `now`. */
export function old(schema: JsonSchema, now: string): KeyRow {
  return row('old', { ...schema, deprecated: true }, `Old spelling of ${now}.`, undefined, now)
}

function row(
  support: Support,
  schema: JsonSchema,
  about: string,
  byDefault: unknown,
  instead: string,
): KeyRow {
  const described = { ...schema, description: about }
  const reference = schema.$ref ?? schema.items?.$ref
  return {
    support,
    schema: byDefault === undefined ? described : { ...described, default: byDefault },
    level: reference?.replace('#/$defs/', ''),
    instead,
  }
}
