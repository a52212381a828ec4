// Control messages of the link as JSON text and back. A decoded message is built from nothing but
// the fields it is known by, each of the right type and within its limits; what else the text holds
// is ignored. Bad text gives a short reason, never an exception.
//
// Every number is a whole one from 0 to 2^53 - 1, so that nothing needs a word for infinity: an
// infinite lifetime is DHCP's 4294967295, and points in time do not travel (Hello.clock is a
// count).

import { octetsFromHex } from '../bytes/octets.ts'
import { HA_STATES } from '../config/plan/ha-plan.ts'
import { isDuid } from '../wire/v6/duid.ts'
import { LIVES_MAX } from './history.ts'
import { isLinkKey6 } from './link-keys.ts'
import {
  type ControlMessage,
  EDIT_PIECE_MAX,
  EDIT_PIECES_MAX,
  EDITS_NAMED_MAX,
  HOSTS_MAX,
  HOSTS6_MAX,
  NAMES_TOLD_MAX,
} from './link-messages.ts'

/** The longest text that is looked at, characters. */
export const CONTROL_MAX = 65_536

/** Longest name or identifier, characters. */
const NAME_MAX = 255

/**
 * Names that servers make up for databases and their lives. Whatever was told of them is stored and
 * said in each hello from then on, which must not grow beyond CONTROL_MAX: nothing in them is
 * longer as JSON.
 */
const MADE_NAME = /^[\w./-]{1,64}$/

/** Longest sentence for people. */
const SENTENCE_MAX = 1000

const SCOPES_MAX = 16

/**
 * Most databases that a backup tells its positions of; DATABASES_MAX of pair-steps.ts are
 * remembered.
 */
const KNOWN_MAX = 64

/** What decodeControl says of a message of a later version: to be passed over. */
export const UNKNOWN_MESSAGE = 'unknown'

interface Rule {
  readonly isGood: (value: unknown) => boolean
  readonly wanted: string
  readonly mayBeAbsent?: true
}

const NAME: Rule = {
  isGood: (value) => isText(value, NAME_MAX),
  wanted: 'a text of 0 to 255 characters',
}
const IDENTITY: Rule = {
  isGood: isIdentity,
  wanted: 'a text of 1 to 255 characters',
}
const LIFE: Rule = { isGood: isMadeName, wanted: 'the name of a life' }
/** Databases are keys of maps: none is called like what every object has. */
const DATABASE: Rule = {
  isGood: isDatabase,
  wanted: 'the name of a database',
}
const DATABASE_OR_NONE: Rule = {
  isGood: (value) => value === '' || isDatabase(value),
  wanted: 'the name of a database or empty',
}
const SENTENCE: Rule = {
  isGood: (value) => isText(value, SENTENCE_MAX),
  wanted: 'a text of 0 to 1000 characters',
}
const COUNT: Rule = { isGood: isCount, wanted: 'a whole number from 0' }
const UINT32: Rule = {
  isGood: (value) => isCount(value) && value <= 0xffffffff,
  wanted: 'a whole number from 0 to 4294967295',
}
const FLAG: Rule = { isGood: (value) => typeof value === 'boolean', wanted: 'true or false' }
const SCOPES: Rule = {
  isGood: (value) =>
    Array.isArray(value) &&
    value.length <= SCOPES_MAX &&
    value.every((name) => isText(name, NAME_MAX)),
  wanted: 'a list of at most 16 names',
}
const POSITIONS: Rule = {
  isGood: isPositions,
  wanted: 'a map from at most 64 databases to whole numbers',
  mayBeAbsent: true,
}
const LIVES: Rule = {
  isGood: (value) => Array.isArray(value) && value.length <= LIVES_MAX && value.every(isLife),
  wanted: `a list of at most ${LIVES_MAX} lives`,
  mayBeAbsent: true,
}
const POINTS: Rule = {
  isGood: (value) => isMapOf(value, isPoint),
  wanted: 'a map from at most 64 databases to points in their histories',
  mayBeAbsent: true,
}
const ADDRESSES: Rule = {
  isGood: (value) =>
    Array.isArray(value) &&
    value.length <= HOSTS_MAX &&
    value.every((address) => isCount(address) && address <= 0xffffffff),
  wanted: `a list of at most ${HOSTS_MAX} addresses`,
}
const FAMILIES: Rule = {
  isGood: (value) =>
    Array.isArray(value) && value.length <= 2 && value.every((one) => one === 4 || one === 6),
  wanted: 'a list of 4 and 6',
  mayBeAbsent: true,
}
const DATABASES: Rule = {
  isGood: (value) => Array.isArray(value) && value.length <= KNOWN_MAX && value.every(isDatabase),
  wanted: 'a list of at most 64 databases',
  mayBeAbsent: true,
}
const DUID: Rule = {
  isGood: (value) => typeof value === 'string' && isDuid(octetsFromHex(value) ?? ''),
  wanted: 'a DUID in hexadecimal',
}
const ADDRESSES6: Rule = {
  isGood: (value) => Array.isArray(value) && value.length <= HOSTS6_MAX && value.every(isLinkKey6),
  wanted: `a list of at most ${HOSTS6_MAX} addresses of DHCPv6`,
  mayBeAbsent: true,
}
const KEY: Rule = {
  isGood: (value) => UINT32.isGood(value) || isLinkKey6(value),
  wanted: 'an address or a prefix',
}
const EDIT: Rule = { isGood: isMadeName, wanted: 'the name of an edit' }
const EDITS: Rule = {
  isGood: (value) =>
    Array.isArray(value) && value.length <= EDITS_NAMED_MAX && value.every(isMadeName),
  wanted: `a list of at most ${EDITS_NAMED_MAX} names of edits`,
}
/** JSON, which has no control characters. */
const PIECE: Rule = {
  isGood: (value) => isText(value, EDIT_PIECE_MAX),
  wanted: `a text of 0 to ${EDIT_PIECE_MAX} characters`,
}
const PIECES: Rule = {
  isGood: (value) => isCount(value) && value <= EDIT_PIECES_MAX,
  wanted: `a whole number from 0 to ${EDIT_PIECES_MAX}`,
}
const NAMES_TOLD: Rule = {
  isGood: (value) =>
    Array.isArray(value) && value.length <= NAMES_TOLD_MAX && value.every(isRecordOfName),
  wanted: `a list of at most ${NAMES_TOLD_MAX} records of names`,
}
const STATE = oneOf(HA_STATES)

type FieldsOf<Message> = { readonly [Field in Exclude<keyof Message, 'type'>]-?: Rule }

/** Every message and its fields. */
const MESSAGES: {
  readonly [Type in ControlMessage['type']]: FieldsOf<ControlMessage & { type: Type }>
} = {
  hello: {
    version: COUNT,
    lowest: { ...COUNT, mayBeAbsent: true },
    software: NAME,
    name: IDENTITY,
    role: oneOf(['primary', 'secondary', 'standby', 'backup']),
    mode: oneOf(['load-balancing', 'hot-standby', 'passive-backup']),
    instance: IDENTITY,
    turn: COUNT,
    database: DATABASE,
    position: COUNT,
    applied: COUNT,
    appliedDatabase: DATABASE_OR_NONE,
    clock: COUNT,
    appliedClock: COUNT,
    known: POSITIONS,
    highest: { ...COUNT, mayBeAbsent: true },
    lives: LIVES,
    heard: POINTS,
    pairId: NAME,
    candidateId: IDENTITY,
    side: oneOf([0, 1]),
    rights: oneOf(['shared', 'sole', 'none']),
    noneBecause: oneOf(['fresh', 'lost', 'handed-over']),
    handOver: COUNT,
    longestLifetime: UINT32,
    listens: { ...NAME, mayBeAbsent: true },
    updates: { ...FLAG, mayBeAbsent: true },
    sharesDatabase: { ...FLAG, mayBeAbsent: true },
    fingerprint: NAME,
    hooks: { ...NAME, mayBeAbsent: true },
    families: FAMILIES,
    holds: FAMILIES,
    whole: DATABASES,
    serverDuid: { ...DUID, mayBeAbsent: true },
    edits: { ...FLAG, mayBeAbsent: true },
    names: { ...FLAG, mayBeAbsent: true },
    asks: { ...FLAG, mayBeAbsent: true },
    state: STATE,
  },
  heartbeat: { seen: COUNT, state: STATE, scopes: SCOPES },
  ack: {
    seen: COUNT,
    live: COUNT,
    backlog: COUNT,
    longest: { ...UINT32, mayBeAbsent: true },
  },
  want: { first: KEY, last: KEY, urgent: FLAG, count: { ...COUNT, mayBeAbsent: true } },
  ask: { id: COUNT, key: KEY, running: FLAG },
  told: { id: COUNT, why: SENTENCE },
  life: { id: LIFE, position: COUNT },
  hosts: { own: ADDRESSES, named: ADDRESSES, own6: ADDRESSES6, named6: ADDRESSES6 },
  lifetime: { longest: UINT32 },
  fingerprint: { fingerprint: NAME },
  'edits-known': { standing: EDITS, past: EDITS, last: FLAG },
  edit: { id: EDIT, piece: PIECES, pieces: PIECES, text: PIECE },
  edited: { id: EDIT, why: SENTENCE },
  names: { names: NAMES_TOLD },
  leaving: {},
  over: { number: COUNT, position: COUNT },
  back: { number: COUNT, position: COUNT, doubt: FLAG, past: { ...FLAG, mayBeAbsent: true } },
  maintenance: { cancel: FLAG },
  'maintenance-answer': { allowed: FLAG, why: SENTENCE },
  refusal: { reason: SENTENCE },
}

export function encodeControl(message: ControlMessage): string {
  if (message.type === 'refusal')
    return JSON.stringify({ ...message, reason: sentence(message.reason) })
  if (message.type === 'maintenance-answer' || message.type === 'told' || message.type === 'edited')
    return JSON.stringify({ ...message, why: sentence(message.why) })
  return JSON.stringify(message)
}

/**
 * The message in a text. A string is the reason why there is none: UNKNOWN_MESSAGE for a type of a
 * later version, to be passed over, anything else for what no server of the pair would say.
 */
export function decodeControl(text: string): ControlMessage | string {
  if (text.length > CONTROL_MAX) return `a message of ${text.length} characters`
  const parsed = parse(text)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return 'not a JSON object'
  const type = ownValue(parsed, 'type')
  if (typeof type !== 'string' || !isText(type, NAME_MAX)) return 'a message without a type'
  if (!Object.hasOwn(MESSAGES, type)) return UNKNOWN_MESSAGE
  return built(type as ControlMessage['type'], parsed)
}

function built(type: ControlMessage['type'], parsed: object): ControlMessage | string {
  const message: Record<string, unknown> = { type }
  const rules: Readonly<Record<string, Rule>> = MESSAGES[type]
  for (const field in rules) {
    const rule = rules[field]!
    const value = ownValue(parsed, field)
    if (value === undefined && rule.mayBeAbsent) continue
    if (!rule.isGood(value)) return `${type}: ${field} is not ${rule.wanted}`
    message[field] = value
  }
  return message as unknown as ControlMessage
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function ownValue(parsed: object, field: string): unknown {
  return Object.hasOwn(parsed, field) ? (parsed as Record<string, unknown>)[field] : undefined
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** Texts end up in logs and on terminals: no control characters. */
function isText(value: unknown, max: number): value is string {
  if (typeof value !== 'string' || value.length > max) return false
  for (let index = 0; index < value.length; index++)
    if (isControl(value.charCodeAt(index))) return false
  return true
}

function isMadeName(value: unknown): value is string {
  return typeof value === 'string' && MADE_NAME.test(value)
}

function isDatabase(value: unknown): value is string {
  return isMadeName(value) && !(value in Object.prototype)
}

function isControl(code: number): boolean {
  return code < 0x20 || (code >= 0x7f && code < 0xa0)
}

function isPositions(value: unknown): boolean {
  return isMapOf(value, isCount)
}

function isMapOf(value: unknown, isGood: (value: unknown) => boolean): boolean {
  if (!isObject(value)) return false
  const entries = Object.entries(value)
  return (
    entries.length <= KNOWN_MAX && entries.every(([name, one]) => isDatabase(name) && isGood(one))
  )
}

function isLife(value: unknown): boolean {
  if (!isObject(value) || !isMadeName(ownValue(value, 'id'))) return false
  const until = ownValue(value, 'until') ?? 0
  return isCount(ownValue(value, 'from')) && isCount(until)
}

function isPoint(value: unknown): boolean {
  if (!isObject(value)) return false
  return isMadeName(ownValue(value, 'life')) && isCount(ownValue(value, 'position'))
}

/** The longest record of a name has eight entries: nothing longer is looked at. */
const RECORD_OF_NAME_MAX = 20_000

function isRecordOfName(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).length !== 2) return false
  const text = ownValue(value, 'text')
  return isText(ownValue(value, 'address'), NAME_MAX) && isText(text, RECORD_OF_NAME_MAX)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isIdentity(value: unknown): boolean {
  return isText(value, NAME_MAX) && value !== ''
}

function oneOf(values: readonly (string | number)[]): Rule {
  return {
    isGood: (value) => values.includes(value as string | number),
    wanted: `one of ${values.join(', ')}`,
  }
}

/** A sentence that the other end accepts, whatever went into it. */
function sentence(text: string): string {
  let clean = ''
  for (const character of text.slice(0, SENTENCE_MAX))
    clean += isControl(character.charCodeAt(0)) ? ' ' : character
  return clean
}
