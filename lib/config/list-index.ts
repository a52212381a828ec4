// Elements of long lists, found by what they say of themselves: a reservation by identifiers and
// addresses, a subnet by its id, a shared network by its name. What an edit makes of a list takes
// over what was known of it, so a list of a hundred thousand is gone through once, and not with
// each edit of it.

import { ipv4FromText, textFromIpv4 } from '../address/ipv4.ts'
import { ipv6FromText, textFromIpv6 } from '../address/ipv6.ts'
import { prefix6FromText, textFromPrefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import { identifierFromText } from './compile/reservation-identity.ts'
import { LayeredMap } from './plan/layered-map.ts'
import { STEP_ELEMENTS, type Steps } from './plan/steps.ts'
import { isMap } from './text/map.ts'

/** By what hosts are known: written with separators or without, in letters of either size. */
export const IDENTIFIERS = ['hw-address', 'duid', 'circuit-id', 'client-id', 'flex-id'] as const

/** A shorter list is looked through. */
export const LONG = 200

type List = readonly unknown[]
/** What has a name: one element, or several in no order. */
type Named = { readonly one: unknown } | { readonly several: readonly unknown[] }
type Names = LayeredMap<string, Named>

const KNOWN = new WeakMap<List, Names>()

/** Makes what `mayBe` needs, once for each long list that was not made by an edit of another. */
export function* indexing(list: List): Steps<void> {
  if (list.length < LONG || KNOWN.has(list)) return
  const names = new Map<string, Named>()
  for (const [index, element] of list.entries()) {
    if (index % STEP_ELEMENTS === STEP_ELEMENTS - 1) yield
    for (const name of namesOf(element)) names.set(name, joined(names.get(name), element))
  }
  KNOWN.set(list, new LayeredMap(names))
}

/**
 * Those elements of the list that may have the name, in their order, and no others that have it:
 * all of them where nothing is known of the list. Names are made by the functions below.
 */
export function mayBe(list: List, name: string): List {
  const names = KNOWN.get(list)
  if (names === undefined) return list
  const named = names.get(name)
  if (named === undefined) return []
  if ('one' in named) return [named.one]
  return named.several.toSorted((a, b) => list.indexOf(a) - list.indexOf(b))
}

/** What is known of a list is known of another that has `come` in the place of `gone`. */
export function takeOver(list: List, gone: unknown, come: unknown, edited: List): void {
  const names = KNOWN.get(list)
  if (names === undefined || names.isWorn) return
  const changes = new Map<string, Named | undefined>()
  const now = (name: string) => (changes.has(name) ? changes.get(name) : names.get(name))
  for (const name of namesOf(gone)) changes.set(name, parted(now(name), gone))
  for (const name of namesOf(come)) changes.set(name, joined(now(name), come))
  KNOWN.set(edited, names.with([...changes]))
}

function joined(named: Named | undefined, element: unknown): Named {
  if (named === undefined) return { one: element }
  return { several: [...membersOf(named), element] }
}

function parted(named: Named | undefined, element: unknown): Named | undefined {
  if (named === undefined || 'one' in named) return undefined
  const several = [...named.several]
  several.splice(several.indexOf(element), 1)
  return several.length === 1 ? { one: several[0] } : { several }
}

function membersOf(named: Named): List {
  return 'one' in named ? [named.one] : named.several
}

/** Whether the text of an identifier means these octets: cheap, for most of a long list. */
export function means(written: unknown, octets: Octets): boolean {
  if (typeof written !== 'string' || octets === '') return false
  const end = written.charCodeAt(written.length - 1)
  // Text in quotes, and blanks at the end, are looked at closer.
  if (end > BLANK && end !== QUOTE && (end & DIGIT) !== digitOf(octets)) return false
  return identifierFromText(written) === octets
}

const BLANK = 0x20
const QUOTE = 0x27

/** Bits by which the last digit is told in letters of either size. */
const DIGIT = 0x5f

function digitOf(octets: Octets): number {
  const digit = octets.charCodeAt(octets.length - 1) & 0x0f
  return (digit < 10 ? 0x30 + digit : 0x41 + digit - 10) & DIGIT
}

// ---- names

/** Of who is known by these octets. */
export function identifierName(kind: string, octets: Octets): string {
  return `${kind} ${octets}`
}

/** However they are written. */
export function writtenName(kind: string, text: string): string {
  return identifierName(kind, identifierFromText(text) ?? text)
}

/** Of who has the address or prefix, however it is written. */
export function addressName(text: string): string {
  const trimmed = text.trim()
  const four = ipv4FromText(trimmed)
  if (four !== undefined) return `at ${textFromIpv4(four)}`
  const six = ipv6FromText(trimmed)
  if (six !== undefined) return `at ${textFromIpv6(six)}`
  const prefix = prefix6FromText(trimmed)
  return `at ${prefix === undefined ? text : textFromPrefix6(prefix)}`
}

/** Of any other member; undefined where elements are not found by it. */
export function memberName(key: string, value: string | number): string | undefined {
  return MEMBERS.has(key) ? `${key} ${value}` : undefined
}

const MEMBERS: ReadonlySet<string> = new Set(['id', 'name', 'subnet'])

const ADDRESSES = ['ip-addresses', 'prefixes']

/** Each once. */
function namesOf(element: unknown): Set<string> {
  const names = new Set<string>()
  if (!isMap(element)) return names
  addIdentifiers(names, element)
  if (Array.isArray(element.identifiers))
    for (const one of element.identifiers) if (isMap(one)) addIdentifiers(names, one)
  const { 'ip-address': single } = element
  if (typeof single === 'string') names.add(addressName(single))
  for (const key of ADDRESSES) {
    const list = element[key]
    if (!Array.isArray(list)) continue
    for (const one of list) if (typeof one === 'string') names.add(addressName(one))
  }
  for (const key of MEMBERS) {
    const value = element[key]
    if (typeof value === 'string') names.add(`${key} ${value.trim()}`)
    if (typeof value === 'string' || typeof value === 'number') names.add(`${key} ${value}`)
  }
  return names
}

function addIdentifiers(names: Set<string>, identity: Readonly<Record<string, unknown>>): void {
  for (const kind of IDENTIFIERS) {
    const text = identity[kind]
    if (typeof text === 'string') names.add(writtenName(kind, text))
  }
}
