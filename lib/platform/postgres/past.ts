// What is read of the history of leases in a shared database (history.ts), beside the servers that
// write it: events behind a place, page by page, and what an address or a client had.

import { ipv4FromText, textFromIpv4 } from '../../address/ipv4.ts'
import { prefix6FromText, textFromPrefix6 } from '../../address/prefix6.ts'
import { bytesFromOctets, hexFromOctets } from '../../bytes/octets.ts'
import type { ConnectionPlan } from '../../config/plan/connection-plan.ts'
import { duidOf } from '../../leases/binding.ts'
import { forEachMixedChange, viewOf } from '../../leases/change-codec.ts'
import type { Key } from '../../leases/keys/key.ts'
import { LEASE_ACTIONS, LEASE_STATE, type Lease } from '../../leases/lease.ts'
import { FIELD, RECORD } from '../../leases/record.ts'
import type { EventPlace, KeptEvent, PastEvent, PastPage, PastWish } from '../../ports/events.ts'
import type { Holding } from '../../ports/lease-history.ts'
import { NEVER } from '../../time/units.ts'
import type { HistoryEntry } from '../journal/history.ts'
import { Holdings } from '../journal/holdings.ts'
import { PAGE } from '../journal/past.ts'
import { type AroundPlace, isHeld } from '../journal/past-place.ts'
import { HAS_HISTORY } from './history.ts'
import { findPrimary } from './primary.ts'
import type { Session } from './session.ts'

/** A history of millions is read from its beginning to its end. */
const PATIENCE = 600_000

const TIME = (column: string): string => `date_part('epoch', ${column}) * 1000`

/** Of rows with a lease, see leaseOf. */
const LEASE_COLUMNS = `floor(${TIME('at')}) as at, ${TIME('starts')} as starts, ${TIME('ends')} as ends, body`

interface LeaseRow {
  readonly at: number
  readonly starts: number
  readonly ends: number
  readonly body: Buffer
}

export interface HistoryPlace {
  readonly connection: ConnectionPlan
  /** The name of the server, whose own events these are. */
  readonly member: string
}

async function openPast(connection: ConnectionPlan): Promise<Session> {
  const wish = { name: 'whio history', patience: PATIENCE }
  return (await findPrimary(connection, wish)).session
}

// ---- events

export class SharedPast {
  readonly #place: HistoryPlace
  readonly #upTo: number
  readonly #actions: readonly number[]
  #behind: EventPlace
  #isKnown = false
  #opened: { readonly session: Session; readonly server: number } | undefined

  constructor(place: HistoryPlace, { behind, upTo, actions }: PastWish) {
    this.#place = place
    this.#behind = behind
    this.#upTo = upTo ?? Number.MAX_SAFE_INTEGER
    this.#actions = actions.map((action) => LEASE_ACTIONS.indexOf(action))
  }

  /** Rejects where the database is not to be had. */
  async next(): Promise<PastPage> {
    this.#opened ??= await this.#open()
    const { session } = this.#opened
    await session.ask({ text: 'begin isolation level repeatable read read only' })
    const page = await this.#page(this.#opened)
    await session.ask({ text: 'commit' })
    return page
  }

  async #open(): Promise<{ readonly session: Session; readonly server: number }> {
    const session = await openPast(this.#place.connection)
    const text = 'select server from whio.member where name = $1'
    const [row] = await session.ask({ text, values: [this.#place.member] })
    return { session, server: row!.server as number }
  }

  async #page({ session, server }: { session: Session; server: number }): Promise<PastPage> {
    const { position } = this.#behind
    const around = await aroundOf(session, server, position)
    if (!isHeld(this.#behind, around, this.#isKnown)) return { isLost: true }
    this.#isKnown = true
    const end = Math.max(position, Math.min(this.#upTo, around.last))
    const rows = await session.ask({
      text: `select id::text, ${LEASE_COLUMNS}, action, event from whio.history
        where server = $1::smallint and id > $2 and id <= $3
          and (event is not null or action = any($4::smallint[])) order by id limit ${PAGE}`,
      values: [server, position, end, `{${this.#actions.join(',')}}`],
    })
    const isOver = rows.length < PAGE
    const reached = isOver ? end : Number(rows.at(-1)!.id)
    this.#behind = { ...this.#behind, position: reached }
    return { events: rows.map(eventOf), end: isOver ? end : undefined }
  }
}

async function aroundOf(session: Session, server: number, position: number): Promise<AroundPlace> {
  const [ends] = await session.ask({
    text: `select min(id)::text as oldest, coalesce(max(id), 0)::text as last from whio.history
      where server = $1::smallint`,
    values: [server],
  })
  const told = await session.ask({
    text: `select life, id::text from whio.history where server = $1::smallint and life is not null
      and id <= $2 order by id desc limit 2`,
    values: [server, position + 1],
  })
  return {
    oldest: ends!.oldest === null ? undefined : Number(ends!.oldest),
    last: Number(ends!.last),
    tellers: told.map(({ life, id }) => ({ life: life as string, id: Number(id) })),
  }
}

function eventOf(row: Record<string, unknown>): PastEvent {
  const { event, action } = row
  const [position, at] = [Number(row.id), row.at as number]
  if (event !== null)
    return { kind: 'kept', position, at, kept: JSON.parse(event as string) as KeptEvent }
  const lease = leaseOf(row as unknown as LeaseRow)
  const family = typeof lease.address === 'number' ? 4 : 6
  return { kind: 'lease', position, at, family, action: LEASE_ACTIONS[action as number]!, lease }
}

/** With the times of the database, on which the server counts. */
function leaseOf({ body, starts, ends }: LeaseRow): Lease<Key> {
  const bytes = Uint8Array.from(body)
  const view = viewOf(bytes)
  view.setFloat64(FIELD.start, starts, true)
  view.setFloat64(FIELD.end, Number.isFinite(ends) ? ends : NEVER, true)
  let lease: Lease<Key> | undefined
  forEachMixedChange(bytes, (change) => {
    if (change.kind === 'put') lease = change.lease as Lease<Key>
  })
  return lease!
}

// ---- for people

/** Rows of a page: what is read of them takes a few milliseconds. */
const FETCHED = 2000

/** Of an address whoever had it, of a client or a name whatever it had; the oldest first. */
export async function holdingsInDatabase(
  connection: ConnectionPlan,
  about: string,
): Promise<Holding[]> {
  const session = await openPast(connection)
  try {
    const [found] = await session.ask({ text: HAS_HISTORY })
    if (found!.has !== true) return []
    const holdings = new Holdings(about)
    await session.ask({ text: 'begin read only' })
    // What an address was before says until when somebody had it: so all of it is read.
    await session.ask({ text: `declare found no scroll cursor for ${ABOUT}`, values: meant(about) })
    for (;;) {
      const rows = await session.ask({ text: `fetch ${FETCHED} from found` })
      for (const row of rows) holdings.add(entryOf(row as unknown as LeaseRow))
      if (rows.length < FETCHED) break
    }
    await session.ask({ text: 'commit' })
    // By versions each address has its own order, whichever servers wrote it.
    return holdings.all().sort((one, other) => one.from - other.from)
  } finally {
    await session.close()
  }
}

function entryOf(row: LeaseRow): HistoryEntry {
  const lease = leaseOf(row)
  const { address, clientId, hostname, hwAddress, state, subnetId, validLifetime } = lease
  const is6 = typeof address !== 'number'
  return {
    at: row.at,
    address: is6 ? textFromPrefix6(address) : textFromIpv4(address),
    state,
    subnet: subnetId,
    hwAddress: hexFromOctets(hwAddress, ':'),
    clientId: hexFromOctets(is6 ? duidOf({ clientId }) : clientId, ':'),
    hostname,
    validLifetime,
    start: row.starts,
  }
}

const u16 = (at: number): string => `(get_byte(body, ${at}) + 256 * get_byte(body, ${at + 1}))`

/** Whether a record with a key of so many octets is of this client, or has this name. */
function isOfClient(keyOctets: number): string {
  const hw = RECORD.putHeader + keyOctets + 1
  const hwLength = `get_byte(body, ${FIELD.hwLength})`
  const client = `${hw} + ${hwLength}`
  const clientLength = u16(FIELD.clientIdLength)
  const host = `${client} + ${clientLength}`
  // What stands in front of a DUID is the kind of its binding, and the IAID.
  const own = keyOctets === 0 ? client : `${client} + 5`
  const ownLength = keyOctets === 0 ? clientLength : `greatest(${clientLength} - 5, 0)`
  const name = `substring(body from ${host} for ${u16(FIELD.hostnameLength)})`
  return `(substring(body from ${hw} for ${hwLength}) = $3
    or substring(body from ${own} for ${ownLength}) = $3
    or lower(encode(${name}, 'escape')) = lower(encode(convert_to($4, 'UTF8'), 'escape')))`
}

const ABOUT = `select ${LEASE_COLUMNS} from whio.history h where body is not null
  and (get_byte(body, ${FIELD.flags}) & ${RECORD.stateMask}) <> ${LEASE_STATE.free}
  and (address4 in (select address4 from whio.history where address4 is not null
      and (address4 = $1 or ${isOfClient(0)}))
    or address6 in (select address6 from whio.history where address6 is not null
      and (address6 = $2 or ${isOfClient(17)})))
  order by version`

/** The values of ABOUT: an address of either family, octets of a client, a name. */
function meant(about: string): (number | string | Uint8Array | null)[] {
  const six = about.includes(':') ? prefix6FromText(about) : undefined
  const digits = about.toLowerCase().replace(/[^0-9a-f]/g, '')
  return [
    ipv4FromText(about) ?? null,
    six === undefined ? null : Buffer.from(bytesFromOctets(six)),
    digits.length > 0 && digits.length % 2 === 0 ? Buffer.from(digits, 'hex') : null,
    about,
  ]
}
