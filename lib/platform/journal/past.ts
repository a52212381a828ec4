// Events as the history of leases has them, for who goes on behind one of them: page by page, and
// with a word where some are not kept any more, or never were.

import type Database from 'better-sqlite3'
import type { Statement } from 'better-sqlite3'
import type { Ipv4 } from '../../address/ipv4.ts'
import type { Prefix6 } from '../../address/prefix6.ts'
import { type Octets, octetsFromBytes } from '../../bytes/octets.ts'
import type { Key } from '../../leases/keys/key.ts'
import { LEASE_ACTIONS, type Lease, type LeaseState } from '../../leases/lease.ts'
import { freeRow } from '../../leases/lifecycle.ts'
import type { EventPlace, KeptEvent, PastEvent, PastPage, PastWish } from '../../ports/events.ts'
import { NEVER } from '../../time/units.ts'
import { type AroundPlace, isHeld } from './past-place.ts'

/** Events of a page: it is taken into the thread of the server in well below a millisecond. */
export const PAGE = 100

interface Row {
  readonly id: number
  readonly at_ms: number
  readonly address: number | Buffer | ''
  readonly state: LeaseState
  readonly subnet_id: number
  readonly hwaddr: Buffer | null
  readonly client_id: Buffer | null
  readonly hostname: string | null
  readonly valid_lifetime: number
  readonly start_ms: number
  readonly action: number | null
  readonly pool_id: number
  readonly preferred_lifetime: number
  readonly end_ms: number | null
  readonly given_by: number
  readonly event: string | null
}

export class PastPages {
  readonly #db: Database.Database
  readonly #rows: Statement
  readonly #upTo: number
  #behind: EventPlace
  /** Not before the first page. */
  #isKnown = false

  constructor(db: Database.Database, { behind, upTo, actions }: PastWish) {
    this.#db = db
    this.#behind = behind
    this.#upTo = upTo ?? Number.MAX_SAFE_INTEGER
    const numbers = actions.map((action) => LEASE_ACTIONS.indexOf(action))
    this.#rows = db.prepare(
      `SELECT * FROM history WHERE id > ? AND id <= ?
        AND (event IS NOT NULL OR action IN (${numbers.join(', ')})) ORDER BY id LIMIT ${PAGE}`,
    )
  }

  /** What the server writes meanwhile comes with the next page, or not at all. */
  next(): PastPage {
    return this.#db.transaction((): PastPage => {
      const { position } = this.#behind
      const around = this.#around(position)
      if (!isHeld(this.#behind, around, this.#isKnown)) return { isLost: true }
      this.#isKnown = true
      const end = Math.max(position, Math.min(this.#upTo, around.last))
      const rows = this.#rows.all(position, end) as Row[]
      const isOver = rows.length < PAGE
      const reached = isOver ? end : rows.at(-1)!.id
      this.#behind = { ...this.#behind, position: reached }
      return { events: rows.map(eventOf), end: isOver ? end : undefined }
    })()
  }

  #lastId(): number {
    return (this.#db.prepare('SELECT max(id) FROM history').pluck().get() as number | null) ?? 0
  }

  #around(position: number): AroundPlace {
    const oldest = this.#db.prepare('SELECT min(id) FROM history').pluck().get() as number | null
    const told = this.#db.prepare(
      'SELECT life, id FROM history WHERE life IS NOT NULL AND id <= ? ORDER BY id DESC LIMIT 2',
    )
    const tellers = told.all(position + 1) as { life: string; id: number }[]
    return { oldest: oldest ?? undefined, last: this.#lastId(), tellers }
  }
}

function eventOf(row: Row): PastEvent {
  const { id: position, at_ms: at, event, action } = row
  if (event !== null) return { kind: 'kept', position, at, kept: JSON.parse(event) as KeptEvent }
  const lease = leaseOf(row)
  const family = typeof row.address === 'number' ? 4 : 6
  return { kind: 'lease', position, at, family, action: LEASE_ACTIONS[action!]!, lease }
}

function leaseOf(row: Row): Lease<Key> {
  const { address } = row
  const key = typeof address === 'number' ? (address as Ipv4) : (octetsOf(address) as Prefix6)
  return {
    ...freeRow<Key>(key),
    state: row.state,
    subnetId: row.subnet_id,
    poolId: row.pool_id,
    hwAddress: octetsOf(row.hwaddr),
    clientId: octetsOf(row.client_id),
    hostname: row.hostname ?? '',
    validLifetime: row.valid_lifetime,
    preferredLifetime: row.preferred_lifetime,
    start: row.start_ms,
    end: row.end_ms ?? NEVER,
    givenBy: row.given_by === 0 ? 'us' : 'partner',
  }
}

function octetsOf(bytes: Buffer | '' | null): Octets {
  return bytes === null || bytes === '' ? '' : octetsFromBytes(bytes)
}
