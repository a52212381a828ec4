// Which leases are asked for, and in which order: the words of a query as functions of a lease.

import { addressOf } from '../../address/prefix6.ts'
import { hexFromOctets, type Octets } from '../../bytes/octets.ts'
import { duidOf } from '../../leases/binding.ts'
import type { Key } from '../../leases/keys/key.ts'
import { textFromKey } from '../../leases/keys/key-text.ts'
import { LEASE_STATE, type Lease, type LeaseState } from '../../leases/lease.ts'
import { type Instant, NEVER } from '../../time/units.ts'
import type { Moment } from '../commands/lease/lease-words.ts'
import { ApiRefused } from './route.ts'

export interface LeaseQuery {
  readonly families: readonly (4 | 6)[]
  fits(lease: Lease<Key>): boolean
  /** What is sorted by; leases with the same one are in the order of their addresses. */
  orderOf(lease: Lease<Key>): string
  readonly isDescending: boolean
  readonly limit: number
  /** Where the page begins or ends; undefined: at the first lease. */
  readonly cursor: Cursor | undefined
}

/** A place between two leases, and which way from there the page lies. */
export interface Cursor {
  readonly place: string
  readonly isBackward: boolean
}

export const LIMIT_MAX = 1000
const LIMIT = 100

export const STATES: Readonly<Record<string, LeaseState>> = {
  assigned: LEASE_STATE.assigned,
  declined: LEASE_STATE.declined,
  expired: LEASE_STATE.expired,
  released: LEASE_STATE.released,
  registered: LEASE_STATE.registered,
}

const ORDERS: Readonly<Record<string, (lease: Lease<Key>) => string>> = {
  address: () => '',
  expires: ({ end }) => sortable(end),
  hostname: ({ hostname }) => hostname.toLowerCase(),
  'hw-address': ({ hwAddress }) => hwAddress,
  state: ({ state }) => sortable(state),
  subnet: ({ subnetId }) => sortable(subnetId),
}
export const SORTS: readonly string[] = Object.keys(ORDERS).flatMap((name) => [name, `-${name}`])

/** Throws ApiRefused. `served`: families of this server. */
export function leaseQueryOf(
  query: ReadonlyMap<string, string>,
  served: readonly (4 | 6)[],
  moment: Moment,
): LeaseQuery {
  for (const name of query.keys())
    if (!NAMES.has(name)) throw new ApiRefused(400, `'${name}' is no parameter of leases`)
  const sort = query.get('sort') ?? 'address'
  const isDescending = sort.startsWith('-')
  const orderOf = ORDERS[isDescending ? sort.slice(1) : sort]
  if (orderOf === undefined) throw new ApiRefused(400, `sort is one of ${SORTS.join(', ')}`)
  const limit = wholeIn(query, 'limit', 1, LIMIT_MAX) ?? LIMIT
  const tests = testsOf(query, moment)
  return {
    families: familiesIn(query, served),
    fits: (lease) => tests.every((test) => test(lease)),
    ...{ orderOf, isDescending, limit, cursor: cursorIn(query) },
  }
}

const NAMES: ReadonlySet<string> = new Set([
  ...['family', 'subnet', 'state', 'q', 'expires-before', 'sort', 'limit', 'cursor'],
])

function familiesIn(
  query: ReadonlyMap<string, string>,
  served: readonly (4 | 6)[],
): readonly (4 | 6)[] {
  const family = query.get('family')
  if (family === undefined) return served
  if (family !== '4' && family !== '6') throw new ApiRefused(400, 'family is 4 or 6')
  return served.filter((one) => one === Number(family))
}

type Test = (lease: Lease<Key>) => boolean

function testsOf(query: ReadonlyMap<string, string>, moment: Moment): readonly Test[] {
  const tests: Test[] = []
  const subnet = wholeIn(query, 'subnet', 1, 0xffffffff)
  if (subnet !== undefined) tests.push(({ subnetId }) => subnetId === subnet)
  const name = query.get('state')
  if (name !== undefined) {
    const state = STATES[name]
    if (state === undefined)
      throw new ApiRefused(400, `state is one of ${Object.keys(STATES).join(', ')}`)
    tests.push((lease) => lease.state === state)
  }
  const before = query.get('expires-before')
  if (before !== undefined) {
    const limit = endBefore(before, moment)
    tests.push(({ end }) => end < limit)
  }
  const words = query.get('q')?.toLowerCase()
  if (words !== undefined && words !== '') tests.push((lease) => says(lease, words))
  return tests
}

/** On the lease clock. */
function endBefore(text: string, { wall, now }: Moment): Instant {
  if (!/^\d{1,12}$/.test(text))
    throw new ApiRefused(400, 'expires-before is a time, in seconds since 1970')
  return Number(text) * 1000 - wall + now
}

/** Part of an address, an identifier or a name, as it is shown. */
function says(lease: Lease<Key>, words: string): boolean {
  return (
    textFromKey(lease.address).includes(words) ||
    hexFromOctets(lease.hwAddress, ':').includes(words) ||
    lease.hostname.toLowerCase().includes(words) ||
    hexFromOctets(identifierOf(lease), ':').includes(words)
  )
}

function identifierOf(lease: Lease<Key>): Octets {
  return typeof lease.address === 'number' ? lease.clientId : duidOf(lease)
}

function wholeIn(
  query: ReadonlyMap<string, string>,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const text = query.get(name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d{1,10}$/.test(text) && value >= least && value <= most) return value
  throw new ApiRefused(400, `${name} is a whole number, ${least} to ${most}`)
}

/** `a` behind the place, `b` before it; what follows is the place in base 36 pairs. */
function cursorIn(query: ReadonlyMap<string, string>): Cursor | undefined {
  const text = query.get('cursor')
  if (text === undefined) return undefined
  const place = placeFromText(text.slice(1))
  if (!/^[ab]/.test(text) || place === undefined)
    throw new ApiRefused(400, 'the cursor is not one that was given here')
  return { place, isBackward: text.startsWith('b') }
}

export function cursorText({ place, isBackward }: Cursor): string {
  return (isBackward ? 'b' : 'a') + textFromPlace(place)
}

/** Where a lease stands in the order: places compare as texts. */
export function placeOf(lease: Lease<Key>, { orderOf }: Pick<LeaseQuery, 'orderOf'>): string {
  const { address } = lease
  const key =
    typeof address === 'number' ? `4${sortable(address)}` : `6${addressOf(address)}${address}`
  return `${orderOf(lease)}\0${key}`
}

/** Numbers that are not negative, as texts in the same order. */
function sortable(number: number): string {
  if (number === NEVER) return '~'
  return Math.max(0, Math.round(number)).toString(16).padStart(16, '0')
}

function textFromPlace(place: string): string {
  let text = ''
  for (let at = 0; at < place.length; at++)
    text += place.charCodeAt(at).toString(16).padStart(4, '0')
  return text
}

function placeFromText(text: string): string | undefined {
  if (text.length % 4 !== 0 || text.length > 4096 || !/^[0-9a-f]*$/.test(text)) return undefined
  const codes = text.match(/.{4}/g) ?? []
  return codes.map((code) => String.fromCharCode(Number.parseInt(code, 16))).join('')
}
