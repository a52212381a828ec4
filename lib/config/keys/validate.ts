// The document against its schema: ajv finds, and what it finds is told in the words of the key
// table, one problem a slip.

import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { nearest } from '../text/nearest.ts'
import { formatPath, type Path, type Problem } from '../text/problem.ts'
import { KEYS } from './keys.ts'
import type { JsonSchema, Level } from './row.ts'
import { documentSchema, levelSchema } from './schema.ts'
import { isSecretKey, MARK } from './secrets.ts'

export interface Slip {
  readonly problem: Problem
  /**
   * The part that has to go for the rest to be a document: the value, or the map that lacks a key.
   */
  readonly remove: Path
}

/** With `verbose`, ajv adds the value and the schema that it broke. */
type Finding = ErrorObject<string, Record<string, unknown>> & {
  readonly data?: unknown
  readonly parentSchema?: JsonSchema
}

/** Of documents, by the keys that they have. */
const compiled = new Map<string, ValidateFunction>()
const COMPILED_MAX = 20
/** Of maps that no row of the table leads to. */
const compiledApart = new Map<Level, ValidateFunction>()

/**
 * Everything about the value that the schema forbids; empty = a document (with old spellings still
 * in it).
 */
export function validate(value: unknown): Slip[] {
  // What is said of keys that are not there is not compiled: that took half of a start.
  const present = keysIn(value)
  const which = [...present].sort().join()
  let validate = compiled.get(which)
  if (validate === undefined) {
    if (compiled.size === COMPILED_MAX) compiled.clear()
    validate = compileSchema(documentSchema(present))
    compiled.set(which, validate)
  }
  return slipsIn(value, validate, KEYS.root!)
}

/** Keys that have a row in the table. */
const KNOWN: ReadonlySet<string> = new Set(
  Object.values(KEYS).flatMap(({ keys }) => Object.keys(keys)),
)

/** Those that occur in the document, at whatever depth. */
function keysIn(value: unknown): ReadonlySet<string> {
  const keys = new Set<string>()
  const left: unknown[] = [value]
  for (let one = left.pop(); left.length > 0 || one !== undefined; one = left.pop()) {
    if (typeof one !== 'object' || one === null) continue
    if (Array.isArray(one)) for (const element of one) left.push(element)
    else
      for (const [key, part] of Object.entries(one)) {
        if (KNOWN.has(key)) keys.add(key)
        left.push(part)
      }
  }
  return keys
}

/** The same for a map of the level; paths begin there. */
export function validateMap(value: unknown, level: Level): Slip[] {
  let validate = compiledApart.get(level)
  if (validate === undefined) {
    validate = compileSchema(levelSchema(level))
    compiledApart.set(level, validate)
  }
  return slipsIn(value, validate, level)
}

function compileSchema(schema: object): ValidateFunction {
  // A document is validated once or twice: to optimize the code takes longer than it saves. That
  // the schema of all keys is a schema is a test's to say.
  const own = { validateSchema: false, meta: false, code: { optimize: false } }
  const options = { ...own, allErrors: true, verbose: true, validateFormats: false }
  return new Ajv2020(options).compile(schema)
}

function slipsIn(value: unknown, validate: ValidateFunction, top: Level): Slip[] {
  if (validate(value)) return []
  const findings = (validate.errors ?? []) as readonly Finding[]
  const slips = findings.flatMap((finding) => describe(value, finding, top) ?? [])
  return onePerSlip(slips, top)
}

/**
 * A value of the wrong type breaks other rules, too; a misspelt key leaves the right one missing.
 */
function onePerSlip(slips: readonly Slip[], top: Level): Slip[] {
  const seen = new Set<string>()
  const suggested = new Set<string>()
  for (const { problem } of slips) {
    if (problem.code !== 'unknown-key') continue
    const guess = guessKey(problem.path, top)
    if (guess !== undefined) suggested.add(formatPath([...problem.path.slice(0, -1), guess]))
  }
  return slips.filter(({ problem }) => {
    const path = formatPath(problem.path)
    if (problem.code === 'missing-key') return !suggested.has(path)
    const known = seen.has(path)
    seen.add(path)
    return !known
  })
}

/** Undefined: another finding tells it. */
function describe(root: unknown, finding: Finding, top: Level): Slip | undefined {
  const path = toPath(root, finding.instancePath)
  switch (finding.keyword) {
    case 'anyOf':
      return undefined
    case 'additionalProperties':
      return unknown([...path, String(finding.params.additionalProperty)], top)
    case 'required':
      // Of several keys that would do, one is told.
      if (/\/anyOf\/[1-9]/.test(finding.schemaPath)) return undefined
      return missingKey(path, String(finding.params.missingProperty), top)
    default: {
      // What is said of it comes into the log.
      const isSecret = isSecretKey(String(path.at(-1)))
      const told = isSecret ? { ...finding, data: MARK } : finding
      const { code, message } = wrongValue(told)
      const hint = isSecret ? '' : expectation(finding.parentSchema ?? {}, finding.data)
      return { problem: { severity: 'error', path, code, message, hint }, remove: path }
    }
  }
}

/** A JSON Pointer as a path: steps into lists become numbers. */
function toPath(root: unknown, pointer: string): Path {
  const path: (string | number)[] = []
  let value = root
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    const step = Array.isArray(value) ? Number(name) : name
    path.push(step)
    value = (value as Record<string | number, unknown>)[step]
  }
  return path
}

function unknown(path: Path, top: Level): Slip {
  return { problem: unknownKey(path, 'error', top), remove: path }
}

/** What is said of a key that no row of the table has. */
export function unknownKey(
  path: Path,
  severity: Problem['severity'],
  top: Level = KEYS.root!,
): Problem {
  const key = String(path.at(-1))
  const guess = guessKey(path, top)
  const homes = homesOf(key, path[0] === 'Dhcp6')
  const instead = path[0] === 'Dhcp6' ? INSTEAD6[key] : undefined
  const elsewhere =
    homes.length === 0 ? '' : (instead ?? `it belongs elsewhere: ${lower(homes[0]!.about)}`)
  const hint = guess === undefined ? elsewhere : `did you mean "${guess}"?`
  const what = homes.length === 0 ? 'unknown key' : 'the key has no meaning here'
  const message = severity === 'error' ? what : `${what}, so nothing comes of it`
  return { severity, path, code: 'unknown-key', message, hint, at: 'key' }
}

const BOOT = 'DHCPv6 has the options bootfile-url and bootfile-param for it'

/** What stands for keys that only Dhcp4 has. */
const INSTEAD6: Readonly<Record<string, string>> = {
  'client-id': 'clients of DHCPv6 are known by their duid',
  'circuit-id': 'a flex-id can be made of what relays say, as relay6[0].option[18].hex',
  'next-server': BOOT,
  'server-hostname': BOOT,
  'boot-file-name': BOOT,
  authoritative: 'DHCPv6 has no NAK',
}

/** The levels that have the key, those of the family first in which it was looked for. */
function homesOf(key: string, isOf6: boolean): readonly Level[] {
  const names = Object.keys(KEYS).filter((name) => Object.hasOwn(KEYS[name]!.keys, key))
  const own = names.filter((name) => name.endsWith('6') === isOf6)
  return [...own, ...names.filter((name) => !own.includes(name))].map((name) => KEYS[name]!)
}

function lower(about: string): string {
  return about[0]!.toLowerCase() + about.slice(1).replace(/\.$/, '')
}

function guessKey(path: Path, top: Level): string | undefined {
  const key = String(path.at(-1))
  const level = levelAt(path.slice(0, -1), top)
  return level === undefined ? undefined : nearest(key, Object.keys(level.keys))
}

/** What may stand in the map at this path, below a map of the level `top`. */
function levelAt(path: Path, top: Level): Level | undefined {
  let level: Level | undefined = top
  for (const step of path) {
    if (typeof step === 'string') level = KEYS[level?.keys[step]?.level ?? '']
  }
  return level
}

function missingKey(path: Path, key: string, top: Level): Slip {
  const level = levelAt(path, top)
  const about = level?.keys[key]?.schema.description ?? ''
  const others = level?.requiredOne?.includes(key)
    ? level.requiredOne.filter((other) => other !== key)
    : []
  const problem: Problem = {
    severity: 'error',
    path: [...path, key],
    code: 'missing-key',
    message: 'the key is missing',
    hint: [about.replace(/\.$/, ''), ...others].join(', or '),
  }
  return { problem, remove: path }
}

function wrongValue({ keyword, data, params }: Finding): { code: string; message: string } {
  switch (keyword) {
    case 'type':
      return {
        code: 'wrong-type',
        message: `${show(data)} is not ${TYPES[String(params.type)]}`,
      }
    case 'enum':
      return { code: 'wrong-word', message: `${show(data)} is not a known word` }
    case 'maxLength':
      return { code: 'too-long', message: `the text is longer than ${params.limit} characters` }
    case 'maxItems':
      return { code: 'too-many', message: `the list has more than ${params.limit} elements` }
    default:
      return { code: 'out-of-range', message: `${show(data)} is out of range` }
  }
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a map',
  array: 'a list',
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
}

/** The value as it was written, short. */
function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a map'
  const written = JSON.stringify(value) ?? String(value)
  return written.length > 40 ? `${written.slice(0, 40)}...` : written
}

/** What would be right. */
function expectation(schema: JsonSchema, found: unknown): string {
  if (schema.enum !== undefined) {
    const guess = typeof found === 'string' ? nearest(found, schema.enum) : undefined
    if (guess !== undefined) return `did you mean "${guess}"?`
    return `one of ${schema.enum.map((word) => `"${word}"`).join(', ')}`
  }
  const { type, minimum, maximum } = schema
  if (type === 'array')
    return typeof found === 'object' ? 'put it in [ ]' : `write [${show(found)}]`
  if (type === 'string') return typeof found === 'number' ? 'put it in double quotes' : ''
  if (type === 'boolean') return 'without quotes, in lower case'
  if (minimum === undefined || maximum === undefined) return ''
  const range = `${minimum} to ${maximum}`
  return typeof found === 'string' ? `${range}, without quotes` : range
}
