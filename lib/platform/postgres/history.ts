// The history of leases in a shared database: each server keeps the versions that it stored, in the
// statement of their batch, under numbers of its own. What is read of it: past.ts.

import type { HistoryPlan } from '../../config/plan/plan.ts'
import { viewOf } from '../../leases/change-codec.ts'
import { LEASE_STATE } from '../../leases/lease.ts'
import { FIELD, RECORD } from '../../leases/record.ts'
import { BEGIN, GAP_KEPT, type KeptEvent } from '../../ports/events.ts'
import type { StoredEvents } from '../../ports/journal.ts'
import { type Instant, NEVER } from '../../time/units.ts'
import { forEachKey } from './answers.ts'
import type { Session, Value } from './session.ts'
import { LIVING } from './statements.ts'

/** Without an index but of its numbers: who asks for the past of an address waits a second. */
export const HISTORY = `
create table whio.history (
  server smallint,
  id bigint,
  at timestamptz not null default now(),
  address4 bigint,
  address6 bytea,
  version bigint,
  starts timestamptz,
  ends timestamptz,
  action smallint,
  body bytea,
  event text,
  life text,
  primary key (server, id)
);`

/** A schema that was made without it gets it. */
export const HAS_HISTORY = `select to_regclass('whio.history') is not null as has`

/** What a batch adds to the history, as values of its statement. */
export interface HistoryBatch {
  /** Behind the records of the batch: versions that others of the same batch follow. */
  readonly between: Uint8Array
  readonly values: readonly Value[]
}

/** Lists of the statement, see historySql. */
const TYPES = 'bigint int int int bigint float8 float8 smallint'.split(' ')
export const HISTORY_VALUES = TYPES.length + 3

interface Lists {
  readonly ids: number[]
  readonly places: number[]
  readonly at: number[]
  readonly size: number[]
  readonly versions: number[]
  readonly starts: number[]
  readonly ends: (number | 'NULL')[]
  readonly actions: number[]
}

/** `records`: those of the batch, whose history is told. */
export function historyBatch(
  records: Uint8Array,
  stamp: Instant,
  told: StoredEvents,
): HistoryBatch {
  const { first, events, actions, steps } = told
  const between = steps?.between ?? new Uint8Array(0)
  const standing = extentsOf(records, 0)
  const before = extentsOf(between, records.length)
  const places = steps?.places ?? Int32Array.from(actions.keys())
  /** Of each place the change that was stored last. */
  const last = new Map<number, number>()
  for (const [index, place] of places.entries()) last.set(place, index)
  const lists: Lists = {
    ...{ ids: [], places: [], at: [], size: [], versions: [], starts: [], ends: [], actions: [] },
  }
  let passed = 0
  for (const [index, place] of places.entries()) {
    if (place < 0) continue
    const isLast = last.get(place) === index
    const extent = isLast ? standing[place]! : before[passed++]!
    const bytes = isLast ? records : between
    const id = first + events.length + index
    note(lists, { id, place, action: actions[index]!, extent }, bytes, stamp)
  }
  return { between, values: [...Object.values(lists).map(listOf), ...keptValues(first, events)] }
}

interface Extent {
  /** Where it stands in its own bytes, and in all of the batch. */
  readonly own: number
  readonly at: number
  readonly size: number
}

function extentsOf(bytes: Uint8Array, behind: number): Extent[] {
  const extents: Extent[] = []
  forEachKey(bytes, (_key, _place, start, end) => {
    extents.push({ own: start, at: behind + start, size: end - start })
  })
  return extents
}

interface Noted {
  readonly id: number
  readonly place: number
  readonly action: number
  readonly extent: Extent
}

/** Rows that are kept for their versions say nothing of clients. */
function note(lists: Lists, noted: Noted, bytes: Uint8Array, stamp: Instant): void {
  const { id, place, action, extent } = noted
  const view = viewOf(bytes)
  const state = view.getUint8(extent.own + FIELD.flags) & RECORD.stateMask
  if (state === LEASE_STATE.free && action === 0) return
  const end = view.getFloat64(extent.own + FIELD.end, true)
  lists.ids.push(id)
  lists.places.push(place)
  // From 1 on, as SQL counts.
  lists.at.push(extent.at + 1)
  lists.size.push(extent.size)
  lists.versions.push(view.getFloat64(extent.own + FIELD.change, true))
  lists.starts.push(view.getFloat64(extent.own + FIELD.start, true) - stamp)
  lists.ends.push(end === NEVER ? 'NULL' : end - stamp)
  lists.actions.push(action)
}

function listOf(list: readonly (number | string)[]): Value {
  return `{${list.join(',')}}`
}

/** Of what is no change of a lease: numbers, texts, and of a beginning whose life it is. */
function keptValues(first: number, events: readonly string[]): Value[] {
  const lives = events.map((text) => {
    const { life, name } = JSON.parse(text) as KeptEvent
    return name === BEGIN ? life : ''
  })
  return [listOf(events.map((_, index) => first + index)), events, lives]
}

/** Parts of the statement of a batch; values begin behind number `from`. */
export function historySql(families: readonly string[], from: number): string[] {
  const stored = families.map((suffix) => {
    const keys = suffix === '4' ? 'w.address, null::bytea' : 'null::bigint, w.address'
    return `select w.place, ${keys} from want${suffix} w join done${suffix} using (address)`
  })
  const nothing = 'select 0, null::bigint, null::bytea where false'
  const lists = TYPES.map((type, index) => `$${from + index + 1}::${type}[]`)
  const names = 'id, place, at, size, version, starts, ends, action'
  const next = from + TYPES.length + 1
  const texts = `$${next}::bigint[], $${next + 1}::text[], $${next + 2}::text[]`
  return [
    `stored(place, address4, address6) as (${stored.join(' union all ') || nothing})`,
    `told as (
  insert into whio.history
    (server, id, address4, address6, version, starts, ends, action, body)
  select $1::smallint, g.id, s.address4, s.address6, g.version,
    now() + g.starts * interval '1 ms',
    coalesce(now() + g.ends * interval '1 ms', 'infinity'::timestamptz),
    nullif(g.action, 0), substring($3::bytea from g.at for g.size)
  from unnest(${lists.join(', ')}) as g(${names}) join stored s using (place)
)`,
    `noted as (
  insert into whio.history (server, id, event, life)
  select me.server, g.id, g.event, nullif(g.life, '')
  from me, unnest(${texts}) as g(id, event, life)
)`,
  ]
}

const GAP = JSON.stringify(GAP_KEPT)

/**
 * The number of the last row of this member, now that it begins; undefined where none is kept from
 * now on, which is noted for who would go on behind the last one.
 */
export async function beginHistory(
  session: Session,
  member: number,
  plan: HistoryPlan | undefined,
): Promise<number | undefined> {
  const text = `select id::text, event from whio.history where server = $1::smallint
    order by id desc limit 1`
  const [last] = await session.ask({ text, values: [member] })
  const id = Number(last?.id ?? 0)
  if (plan !== undefined) return id
  if (last !== undefined && last.event !== GAP)
    await session.ask({
      text: 'insert into whio.history (server, id, event) values ($1::smallint, $2, $3)',
      values: [member, id + 1, GAP],
    })
  return undefined
}

/** Numbers that are looked at in one go: some 20 ms of the database. */
const BITE = 5000

/** Lets go of what is too old, or too much. */
export class HistoryUpkeep {
  readonly #member: number
  readonly #plan: HistoryPlan
  /** Nothing of this member is below: so nobody looks at what is gone. */
  #oldest = 0

  constructor(member: number, plan: HistoryPlan) {
    this.#member = member
    this.#plan = plan
  }

  /** The next bite; whether there is more to be had. */
  async prune(session: Session): Promise<boolean> {
    const { maxAge, maxRows } = this.#plan
    const text = `with ends as materialized (
  select (select min(id) from whio.history where server = $1::smallint and id >= $2) as oldest,
    (select max(id) from whio.history where server = $1::smallint) as newest
), gone as (
  delete from whio.history h using ends e where h.server = $1::smallint
    and h.id between e.oldest and e.oldest + ${BITE}
    and (h.id <= e.newest - $3 or h.at < now() - $4::bigint * interval '1 s')
  returning h.id
)
select (select oldest from ends)::text as oldest, count(*)::int as gone from gone`
    const values = [this.#member, this.#oldest, maxRows, maxAge]
    const [row] = await session.ask({ text, values, name: 'whio_history' })
    this.#oldest = Math.max(this.#oldest, Number(row!.oldest ?? 0))
    return (row!.gone as number) > 0
  }

  /** What members have left that are gone; nobody else does it. */
  async pruneOthers(session: Session): Promise<void> {
    const text = `with ends as materialized (
  select m.server, (select min(id) from whio.history h where h.server = m.server) as oldest
  from whio.member m where m.server <> $1::smallint and m.seen < now() - ${LIVING}
)
delete from whio.history h using ends e where h.server = e.server
  and h.id between e.oldest and e.oldest + ${BITE}
  and h.at < now() - $2::bigint * interval '1 s'`
    await session.ask({ text, values: [this.#member, this.#plan.maxAge] })
  }
}
