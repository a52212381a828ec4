// The arguments of a command as words of the command line: `NAME=VALUE`, with dots into maps and
// lists (`reservation.hostname=printer`, `leases.0.ip-address=192.0.2.1`), judged by what the table
// of commands says of them; and what `--help` tells of it.

import { nearest } from '../config/text/nearest.ts'
import type { Command, Schema, SchemaType } from '../control/command.ts'
import { parsed } from '../control/parse.ts'
import { COMMANDS } from '../control/table.ts'
import { UsageError } from './usage.ts'

/** Throws UsageError where the table knows better; JSON is for the server to judge. */
export function pairsFrom(command: string, words: readonly string[]): object {
  const parameters = COMMANDS.get(command)?.parameters
  const known = COMMANDS.has(command) ? (parameters ?? { type: 'object' }) : undefined
  const root: Draft = {}
  for (const word of words) {
    const at = word.indexOf('=')
    if (at <= 0) throw new UsageError(`'${word}' is no NAME=VALUE`)
    put(root, word.slice(0, at), word.slice(at + 1), known)
  }
  const missing = (known?.required ?? []).filter((name) => !Object.hasOwn(root, name))
  if (missing.length > 0) throw new UsageError(`${command} needs ${missing.join(', ')}`)
  return root
}

type Draft = Record<string, unknown>

function put(root: Draft, name: string, text: string, schema: Schema | undefined): void {
  const steps = schema?.properties?.[name] === undefined ? name.split('.') : [name]
  let map: Draft = root
  let level = schema
  for (const [depth, step] of steps.entries()) {
    const at = memberOf(level, step, steps.slice(0, depth))
    if (depth === steps.length - 1) {
      map[step] = valueFrom(name, text, at)
      return
    }
    map[step] ??= /^\d+$/.test(steps[depth + 1]!) ? [] : {}
    const next = map[step]
    if (typeof next !== 'object' || next === null)
      throw new UsageError(`${name}: ${steps.slice(0, depth + 1).join('.')} has a value already`)
    map = next as Draft
    level = at
  }
}

/** What the table says of it; undefined where it says nothing. */
function memberOf(
  schema: Schema | undefined,
  step: string,
  above: readonly string[],
): Schema | undefined {
  if (schema === undefined) return undefined
  if (/^\d+$/.test(step) && schema.items !== undefined) return schema.items
  const { properties = {} } = schema
  const names = Object.keys(properties)
  if (Object.hasOwn(properties, step)) return properties[step]
  // Of the maps within, the configuration knows more keys than the table names.
  if (above.length > 0 || schema.anyOf !== undefined) return undefined
  const guess = nearest(step, names)
  const hint = guess === undefined ? `one of ${names.join(', ')}` : `did you mean ${guess}?`
  throw new UsageError(`there is no argument ${step}: ${names.length === 0 ? 'none is' : hint}`)
}

/** Text where the command wants that; else what JSON makes of it, and text where it makes none. */
function valueFrom(name: string, text: string, schema: Schema | undefined): unknown {
  const types = typesOf(schema)
  if (types.length === 1 && types[0] === 'string') return checked(name, text, text, schema)
  const { value, trouble } = parsed(text)
  const isText = trouble !== undefined
  return checked(name, isText ? text : value, text, schema)
}

function checked(name: string, value: unknown, text: string, schema: Schema | undefined): unknown {
  const types = typesOf(schema)
  if (types.length > 0 && !types.some((type) => isOf(type, value))) {
    // A word that JSON takes for something else.
    if (types.includes('string')) return text
    throw new UsageError(
      `${name}: '${text}' is not ${types.map((type) => TYPES[type]).join(' or ')}`,
    )
  }
  const { enum: words, minimum, maximum } = schema ?? {}
  if (words !== undefined && !words.some((word) => word === value))
    throw new UsageError(`${name}: one of ${words.join(', ')}`)
  const isLow = minimum !== undefined && Number(value) < minimum
  const isHigh = maximum !== undefined && Number(value) > maximum
  if (isLow || isHigh) throw new UsageError(`${name}: ${minimum ?? ''} to ${maximum ?? 'any'}`)
  return value
}

function typesOf(schema: Schema | undefined): readonly SchemaType[] {
  return [schema?.type ?? []].flat() as readonly SchemaType[]
}

const TYPES: Readonly<Record<SchemaType, string>> = {
  object: 'a map',
  array: 'a list',
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
}

function isOf(type: SchemaType, value: unknown): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  if (type === 'integer') return typeof value === 'bigint' || Number.isInteger(value)
  return typeof value === type
}

/** Names of arguments, each with `=` behind it. */
export function argumentWords({ parameters }: Command): readonly string[] {
  return Object.keys(parameters?.properties ?? {}).map((name) => `${name}=`)
}

/** Lines of help. */
export function helpOf({ name, summary, access, library, parameters }: Command): string {
  const changes = access === 'write' ? 'changes something' : 'only reads'
  const rows = rowsOf(parameters, '')
  const width = Math.max(0, ...rows.map(([what]) => what.length))
  const lines = rows.map(([what, about]) => `  ${what.padEnd(width)}  ${about}`.trimEnd())
  return [
    `usage: whio ctl ${name}${rows.length === 0 ? '' : ' [NAME=VALUE... | JSON | -]'}`,
    `${summary} (${library}, ${changes}).`,
    ...(rows.length === 0 ? ['No arguments.'] : ['', ...lines]),
    '',
  ].join('\n')
}

type Row = readonly [what: string, about: string]

function rowsOf(schema: Schema | undefined, above: string): Row[] {
  const { properties = {}, required = [] } = schema ?? {}
  return Object.entries(properties).flatMap(([name, one]) => {
    const whole = `${above}${name}`
    const words = one.enum === undefined ? '' : `one of ${one.enum.join(', ')}`
    const types = typesOf(one).map((type) => TYPES[type])
    const about = [
      required.includes(name) ? 'required' : '',
      words || types.join(' or '),
      one.description ?? '',
      one.default === undefined ? '' : `${JSON.stringify(one.default)} by default`,
    ]
    const inside = one.items?.properties
      ? rowsOf(one.items, `${whole}.0.`)
      : rowsOf(one, `${whole}.`)
    return [[whole, about.filter((text) => text !== '').join('; ')] as const, ...inside]
  })
}
