// Reservations as a list: some at a time with how many there are, or all as lines.

import { withoutSecrets } from '../../config/keys/secrets.ts'
import type { HostBook } from '../../server/hosts/host-book.ts'
import type { Lost } from '../../server/slices.ts'
import { everyHost, type HostAt } from '../commands/edit/host-find.ts'
import { type EditFamily, FAMILY4, FAMILY6, Places } from '../commands/edit/places.ts'
import { INTERNAL } from '../refused.ts'
import { seesSecrets } from '../roles.ts'
import { csvHeader, csvOf, type ReservationRow, rowOf } from './reservation-rows.ts'
import { type ApiCall, ApiRefused, type ApiReply, type Route, refusal, type Say } from './route.ts'
import { nameOfSource, rowsOfBook } from './stored-reservations.ts'

const LIMIT_MAX = 1000
/** Reservations of a slice: some milliseconds. */
const SLICE = 500

export const RESERVATION_LIST: Route = {
  method: 'GET',
  path: '/reservations',
  as: 'reservation-get-all',
  summary: 'Reservations of one family or both, some at a time, or all as lines of JSON or CSV',
  query: {
    family: { type: 'integer', enum: [4, 6] },
    subnet: { type: 'integer', minimum: 0, description: '0: the global list' },
    q: { type: 'string', description: 'Part of an address, an identifier or a name' },
    limit: { type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: 100 },
    cursor: { type: 'string', description: '`next` or `previous` of a page' },
  },
  run: list,
}

function list(call: ApiCall, say: Say): void {
  const { query, room, wants } = call
  const wish = wishOf(call)
  const rows = chosen(call, wish)
  if (wants !== undefined)
    return say({
      status: 200,
      ...(wants === 'csv' && { media: 'text/csv; charset=utf-8; header=present' }),
      lines: linesOf(rows, wants, wish.hasSources),
    })
  const limit = integer(query, 'limit', 100, 1, LIMIT_MAX)
  const first = integer(query, 'cursor', 0, 0, Number.MAX_SAFE_INTEGER)
  const found: ReservationRow[] = []
  let total = 0
  const slice = (): boolean => {
    for (let looked = 0; looked < SLICE; looked++) {
      const { done, value } = rows.next()
      if (done === true) {
        const next = first + found.length < total ? { next: String(first + limit) } : {}
        const previous = first > 0 ? { previous: String(Math.max(0, first - limit)) } : {}
        const beside = { ...previous, ...next, ...unlisted(wish) }
        say({ status: 200, body: { reservations: found, total, ...beside } })
        return true
      }
      if (value === undefined) continue
      if (total >= first && found.length < limit) found.push(value)
      total++
    }
    return false
  }
  if (!room.server.inSlices(slice, (why) => say(LOST[why])))
    say(refusal(429, 'too many lists are being made already: ask again'))
}

const LOST: Readonly<Record<Lost, ApiReply>> = {
  stopped: refusal(503, 'the server stops'),
  failed: refusal(500, INTERNAL),
}

function* linesOf(
  rows: Iterator<ReservationRow | undefined>,
  wants: 'lines' | 'csv',
  hasSources: boolean,
): Generator<string> {
  const csvLine = (row: ReservationRow) => csvOf(row, hasSources)
  const textOf = wants === 'csv' ? csvLine : (row: ReservationRow) => JSON.stringify(row)
  let text = wants === 'csv' ? `${csvHeader(hasSources)}\r\n` : ''
  const end = wants === 'csv' ? '\r\n' : '\n'
  for (let looked = 1; ; looked++) {
    const { done, value } = rows.next()
    if (value !== undefined) text += textOf(value) + end
    if (done !== true && looked % SLICE !== 0) continue
    yield text
    text = ''
    if (done === true) return
  }
}

/** Throws ApiRefused; of what it returns nothing is a matter of the request any more. */
function wishOf({ query, room, asker }: ApiCall): Wish {
  const families = familiesOf(query, room)
  const books = families.map(({ version }) => room.server.hosts.of(version))
  return {
    families: families.map((family, at) => ({ family, books: books[at]! })),
    hasSources: books.some(({ length }) => length > 0),
    subnet: query.has('subnet') ? integer(query, 'subnet', 0, 0, 0xffffffff) : undefined,
    text: query.get('q')?.toLowerCase(),
    isClear: seesSecrets(asker.role),
  }
}

interface Wish {
  readonly families: readonly {
    readonly family: EditFamily
    readonly books: readonly HostBook[]
  }[]
  /** There are databases: each row says where it is from. */
  readonly hasSources: boolean
  readonly subnet: number | undefined
  readonly text: string | undefined
  readonly isClear: boolean
}

/** Databases whose rows are too many to be known. */
function unlisted({ families }: Wish): object {
  const names = families.flatMap(({ books }) =>
    books.filter(({ table }) => table.kind === 'asked').map(({ name }) => name),
  )
  return names.length === 0 ? {} : { 'not-listed': names }
}

/** Undefined for each of the others, so that nobody looks for long. */
function* chosen({ room }: ApiCall, wish: Wish): Generator<ReservationRow | undefined, undefined> {
  const { document } = room.configuration
  for (const { family, books } of wish.families) {
    const { version } = family
    const shown = ({ host, subnetId }: HostAt, source: string) => {
      const isMeant = wish.subnet === undefined || wish.subnet === subnetId
      return isMeant ? shownRow(wish, rowOf(version, subnetId, host), source) : undefined
    }
    for (const host of everyHost(new Places(document, family))) yield shown(host, 'file')
    for (const [index, book] of books.entries())
      for (const row of rowsOfBook(book)) yield shown(row, nameOfSource(index))
  }
  return undefined
}

function shownRow(
  { hasSources, isClear, text }: Wish,
  row: ReservationRow | undefined,
  source: string,
): ReservationRow | undefined {
  if (row === undefined || (text !== undefined && !holds(row, text))) return undefined
  const told = hasSources ? { ...row, source } : row
  return isClear ? told : (withoutSecrets(told) as ReservationRow)
}

function holds(row: ReservationRow, text: string): boolean {
  const { 'user-context': _, ...shown } = row.reservation
  return `${row.id} ${JSON.stringify(shown)}`.toLowerCase().includes(text)
}

function familiesOf(query: ApiCall['query'], room: ApiCall['room']) {
  const wanted = query.get('family')
  if (wanted !== undefined && wanted !== '4' && wanted !== '6')
    throw new ApiRefused(400, 'family is 4 or 6')
  const { Dhcp4, Dhcp6 } = room.configuration.document
  return [...(Dhcp4 ? [FAMILY4] : []), ...(Dhcp6 ? [FAMILY6] : [])].filter(
    ({ version }) => wanted === undefined || String(version) === wanted,
  )
}

function integer(
  query: ApiCall['query'],
  name: string,
  byDefault: number,
  min: number,
  max: number,
): number {
  const text = query.get(name)
  if (text === undefined) return byDefault
  const value = Number(text)
  if (/^\d{1,16}$/.test(text) && value >= min && value <= max) return value
  throw new ApiRefused(400, `${name} is ${min} to ${max}`)
}
