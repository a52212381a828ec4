// What may stand in DNS for one address because of this server, and what should: a record, from
// which follows what is owed. It is stored in the batch of the lease whose change it tells of, so
// that neither is lost without the other; whatever it says may be done again without harm.
//
//   wants   bits of the directions that the lease asks for
//   may     of those that may stand: what was begun, too
//   sure    of those that were added, and answered so
//
//   to add: wants without sure          to remove: may without wants
//
// A name that is somebody else's is not added, and what may lead there from the address is removed.

import { hexFromOctets, type Octets, octetsFromHex } from '../bytes/octets.ts'
import type { ConflictMode } from '../names/rules.ts'
import type { Instant, Seconds } from '../time/units.ts'

export const FORWARD = 1
export const REVERSE = 2
export const BOTH = FORWARD | REVERSE

export interface NameEntry {
  /** In lower case, without a final dot. */
  readonly fqdn: Octets
  /** Of the client that it was registered for, also where its lease shows another by now. */
  readonly dhcid: Octets
  /** Of the same machine in its other family, under which it may stand instead. */
  readonly also: readonly Octets[]
  readonly ttl: Seconds
  readonly mode: ConflictMode
  readonly wants: number
  readonly may: number
  readonly sure: number
  /** The name is somebody else's: it is not tried again until something changes. */
  readonly isConflict: boolean
  /** The client has gone on to another address with the name, though the lease still has it. */
  readonly isMoved: boolean
  /** Who has to do it. */
  readonly by: 'us' | 'partner'
  /** Since when something is owed, or when the last of it was done. */
  readonly at: Instant
}

/** Of one address, oldest first; none: nothing stands because of this server. */
export type NameRecord = readonly NameEntry[]

export const ALSO_MAX = 4
const DHCID_MAX = 35

/** What of one address is not wanted any more and cannot be removed for long is given up. */
export const ENTRIES_MAX = 8

export function toAdd({ isConflict, sure, wants }: NameEntry): number {
  return isConflict ? 0 : wants & ~sure
}

export function toRemove({ isConflict, may, wants }: NameEntry): number {
  return isConflict ? may : may & ~wants
}

/** Whether anything of it is owed. */
export function isOwed(entry: NameEntry): boolean {
  return toAdd(entry) !== 0 || toRemove(entry) !== 0
}

/**
 * Whether another server has to take it over from one that is gone: what is owed, and what stands
 * under an identifier that no lease tells.
 */
export function isLegacy(entry: NameEntry): boolean {
  return entry.by === 'us' && (isOwed(entry) || entry.also.length > 0)
}

export function isSameEntry(one: NameEntry, other: NameEntry): boolean {
  return one.fqdn === other.fqdn && one.dhcid === other.dhcid
}

/** With what another one of the address wants to be removed. */
export function withDebts(record: NameRecord, other: NameRecord): NameRecord {
  const isDebt = (entry: NameEntry) =>
    entry.wants === 0 && entry.may !== 0 && !record.some((one) => isSameEntry(one, entry))
  const debts = other.filter(isDebt)
  return debts.length === 0 ? record : [...record, ...debts]
}

/** Whether two records say the same, since whenever. */
export function isSameRecord(one: NameRecord, other: NameRecord): boolean {
  const textOf = (record: NameRecord) => textOfNames(record.map((entry) => ({ ...entry, at: 0 })))
  return one.length === other.length && textOf(one) === textOf(other)
}

/** It is wanted again, or in other directions: nothing of it is sure to be as it should. */
export function wanted(entry: NameEntry, wants: number, at: Instant): NameEntry {
  const may = entry.may | wants
  const flags = { isConflict: false, isMoved: false }
  return { ...entry, ...flags, wants, may, sure: 0, by: 'us', at }
}

/** It is not wanted any more. */
export function unwanted(entry: NameEntry, at: Instant): NameEntry {
  if (entry.wants === 0 && !entry.isMoved) return entry
  return { ...entry, wants: 0, isConflict: false, isMoved: false, at }
}

/** It is somebody else's: the name does not lead here, but the address may lead to it. */
export function inConflict(entry: NameEntry, at: Instant): NameEntry {
  return { ...entry, isConflict: true, may: entry.may & REVERSE, sure: 0, at }
}

/** It may be free by now. */
export function maybeFree(entry: NameEntry): NameEntry {
  return { ...entry, isConflict: false, may: entry.may | entry.wants }
}

/** These directions were added, or removed. Meanwhile it may be wanted otherwise. */
export function settled(entry: NameEntry, bits: number, isAdded: boolean, at: Instant): NameEntry {
  if (isAdded) return { ...entry, sure: entry.sure | (bits & entry.wants), at }
  const wanted = entry.isConflict ? 0 : entry.wants
  return { ...entry, may: (entry.may & ~bits) | wanted, sure: entry.sure & ~bits, at }
}

/**
 * Without what does not stand, and is not wanted; that a client has moved on is kept, since it may
 * come back. Of too many those are given up that DNS has never confirmed, then the oldest.
 */
export function tidied(entries: readonly NameEntry[]): NameRecord {
  const left = entries.filter(({ isMoved, may, wants }) => may !== 0 || wants !== 0 || isMoved)
  const excess = left.length - ENTRIES_MAX
  if (excess <= 0) return left
  const doubtful = left.filter(({ sure, wants }) => sure === 0 && wants === 0).slice(0, excess)
  return left.filter((entry) => !doubtful.includes(entry)).slice(-ENTRIES_MAX)
}

// ---- as text

const MODES: readonly ConflictMode[] = [
  'check-with-dhcid',
  'check-exists-with-dhcid',
  'no-check-with-dhcid',
  'no-check-without-dhcid',
]

/** '' for none. ASCII, since it is sent to the partner, too. */
export function textOfNames(record: NameRecord): string {
  if (record.length === 0) return ''
  return JSON.stringify(record.map(plainOf)).replace(/[^ -~]/g, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function plainOf(entry: NameEntry) {
  const { also, at, by, dhcid, fqdn, isConflict, isMoved, may, mode, sure, ttl, wants } = entry
  const flags = { ...(isConflict && { conflict: true }), ...(isMoved && { moved: true }) }
  const bits = { wants, may, sure }
  const others = also.length === 0 ? {} : { also: also.map((one) => hexFromOctets(one)) }
  return { fqdn, dhcid: hexFromOctets(dhcid), ...others, ttl, mode, ...bits, ...flags, by, at }
}

/** Of servers that are gone the records of an address may stand one behind the other. */
const READ_MAX = 8 * ENTRIES_MAX

/**
 * Undefined where the text is no record. Each name of a client is in a record once: what is owed of
 * a second one would be judged by the first, for ever.
 */
export function namesOfText(text: string): NameRecord | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(parsed) || parsed.length > READ_MAX) return undefined
  const entries = parsed.map(entryOf)
  return entries.includes(undefined) ? undefined : single(entries as NameEntry[])
}

/** Of two servers: either may have added it, and what one is not sure of is not sure. */
function single(entries: readonly NameEntry[]): NameRecord {
  const found: NameEntry[] = []
  for (const entry of entries) {
    const at = found.findIndex((one) => isSameEntry(one, entry))
    const first = found[at]
    if (first === undefined) found.push(entry)
    else {
      const by = first.by === 'us' ? first.by : entry.by
      const [may, sure] = [first.may | entry.may, first.sure & entry.sure]
      found[at] = { ...first, by, may, sure }
    }
  }
  return found
}

function entryOf(plain: unknown): NameEntry | undefined {
  if (typeof plain !== 'object' || plain === null) return undefined
  const {
    also = [],
    at,
    by,
    conflict,
    dhcid,
    fqdn,
    may,
    mode,
    moved,
    sure,
    ttl,
    wants,
  } = plain as Record<string, unknown>
  const octets = octetsOf(dhcid)
  const others = Array.isArray(also) && also.length <= ALSO_MAX ? also.map(octetsOf) : [undefined]
  if (others.includes(undefined)) return undefined
  if (typeof fqdn !== 'string' || fqdn === '' || fqdn.length > 255) return undefined
  if (octets === undefined || !MODES.includes(mode as ConflictMode)) return undefined
  if (![wants, may, sure].every(isBits) || (by !== 'us' && by !== 'partner')) return undefined
  if (!Number.isFinite(ttl) || !Number.isFinite(at)) return undefined
  return {
    ...{
      fqdn,
      dhcid: octets,
      also: others as Octets[],
      ttl: ttl as number,
      mode: mode as ConflictMode,
    },
    ...{ wants: wants as number, may: may as number, sure: sure as number },
    ...{ isConflict: conflict === true, isMoved: moved === true, by, at: at as number },
  }
}

function octetsOf(hex: unknown): Octets | undefined {
  return typeof hex === 'string' && hex.length <= 2 * DHCID_MAX ? octetsFromHex(hex) : undefined
}

function isBits(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= BOTH
}
