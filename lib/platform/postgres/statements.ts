// The statements of a shared database. Each is one round trip and a transaction of its own; what a
// batch does to leases of both families, its row in `batch` and whatever else it stores are one.

import { FIELD, RECORD } from '../../leases/record.ts'
import type { FamilyBatch } from './batch.ts'
import { frameSql } from './frames.ts'
import type { Question, Session, Value } from './session.ts'

/** Batches of a page of the tail, from each member. */
export const TAIL_PAGE = 32

/** Rows of a page when all are read. */
export const LOAD_PAGE = 4096

/** How long a member that is not seen counts as living. */
export const LIVING = "interval '15 seconds'"

const NOW_MS = "date_part('epoch', now()) * 1000"

interface FamilySql {
  readonly table: 'lease4' | 'lease6'
  readonly keyOctets: number
  /** The key of a row of `w`. */
  readonly key: string
  /** What rows are found by beside their client, of a record with hardware address and client. */
  readonly second: string
  /** Whether `l` has the client of `excluded`. */
  readonly isSame: string
}

const FOUR: FamilySql = {
  table: 'lease4',
  keyOctets: 0,
  key: 'w.address',
  second: 'hw',
  isSame: `case when l.client <> '' and excluded.client <> '' then l.client = excluded.client
    else l.second <> '' and l.second = excluded.second and
      get_byte(l.body, ${FIELD.htype}) = get_byte(excluded.body, ${FIELD.htype}) end`,
}

const SIX: FamilySql = {
  table: 'lease6',
  keyOctets: 17,
  key: `substring(r.body from ${RECORD.putHeader + 1} for 17)`,
  second: 'substring(client from 6)',
  isSame: "l.client <> '' and l.client = excluded.client",
}

/** What a client may have: assigned, or registered. */
const GRANTED = '(0, 5)'

/**
 * `want` and `done` of a family: what the batch asks for, and the keys that were stored. Values
 * begin behind number `from`: lists of FamilyBatch. In order of the keys, so that two writers never
 * wait for each other.
 */
function familySql(sql: FamilySql, suffix: string, from: number): string {
  const { table, keyOctets, key, second, isSame } = sql
  const value = (index: number, type: string) => `$${from + index}::${type}[]`
  const numbers = ['int', 'int', 'int', 'bigint', 'bigint', 'bool', 'float8', 'float8', 'float8']
  const types = keyOctets === 0 ? [...numbers, 'bigint'] : numbers
  const lists = types.map((type, index) => value(index + 1, type)).join(', ')
  const names = `place, at, size, version, former, forced, starts, ends, over${
    keyOctets === 0 ? ', address' : ''
  }`
  const head = RECORD.putHeader + keyOctets + 1
  const hwLength = `get_byte(r.body, ${FIELD.hwLength})`
  const clientLength = `get_byte(r.body, ${FIELD.clientIdLength}) + 256 * get_byte(r.body, ${
    FIELD.clientIdLength + 1
  })`
  const time = (column: string) =>
    `coalesce(now() + ${column} * interval '1 ms', 'infinity'::timestamptz)`
  const keeps = `not excluded.forced and excluded.state in ${GRANTED} and l.state in ${GRANTED}
    and (${isSame})`
  const end = (column: string) =>
    `${column} = case when ${keeps} then greatest(l.${column}, excluded.${column})
      else excluded.${column} end`
  return `want${suffix} as materialized (
  select ${key} as address, w.place, w.version, w.former, w.forced, w.starts, w.ends, w.over,
    r.body, (get_byte(r.body, ${FIELD.flags}) & ${RECORD.stateMask})::smallint as state,
    substring(r.body from ${head} for ${hwLength}) as hw,
    substring(r.body from ${head} + ${hwLength} for ${clientLength}) as client
  from unnest(${lists}) as w(${names})
    cross join lateral (select substring($3::bytea from w.at for w.size) as body) as r
), done${suffix} as (
  insert into whio.${table} as l (address, version, former, forced, state, client, second,
    starts, ends, over, body)
  select address, version, former, forced, state, client, ${second},
    ${time('starts')}, ${time('ends')}, ${time('over')}, body
  from want${suffix} w, whio.member m
  where m.server = $1::smallint and m.instance = $4 and (former = 0
    or exists (select from whio.${table} e where e.address = w.address))
  order by address
  on conflict (address) do update set version = excluded.version, former = excluded.former,
    forced = excluded.forced, state = excluded.state, client = excluded.client,
    second = excluded.second, starts = excluded.starts, ${end('ends')}, ${end('over')},
    body = excluded.body
  where l.version = excluded.former and (excluded.forced or excluded.state not in ${GRANTED}
    or l.state in (3, 4) or (${isSame}) or l.over < now())
  returning address
)`
}

const conflictsSql = (suffix: string): string =>
  `select w.place from want${suffix} w left join done${suffix} d using (address)
   where d.address is null`

/** Which living member `$1::smallint` is, and of how many. */
const RANK = `(select count(*) from whio.member where seen > now() - ${LIVING} and server < $1::smallint),
  (select count(*) from whio.member where seen > now() - ${LIVING} or server = $1::smallint)`

/** What a batch stores beside leases, all of this member. */
export interface BatchExtras {
  /** JSON. */
  readonly pair: string | undefined
  readonly edits: Records
  readonly names: Records
}

/** Texts by their ids; '' takes one out. */
export type Records = readonly (readonly [id: string, text: string])[]

export function hasExtras({ pair, edits, names }: BatchExtras): boolean {
  return pair !== undefined || edits.length > 0 || names.length > 0
}

function recordsSql(table: 'edit' | 'name', id: string, from: number): string {
  const given = `unnest($${from}::text[], $${from + 1}::text[]) as g(id, text)`
  return `${table}_gone as (
  delete from whio.${table} using ${given}
  where server = $1::smallint and whio.${table}.${id} = g.id and g.text = ''
), ${table}_kept as (
  insert into whio.${table} (server, ${id}, text) select $1::smallint, g.id, g.text from ${given}
  where g.text <> '' on conflict (server, ${id}) do update set text = excluded.text
)`
}

function extrasSql(from: number): string {
  const pair = `pair as (
  update whio.member set pair = coalesce($${from}::text, pair)
  where server = $1::smallint and $${from}::text is not null
)`
  return [pair, recordsSql('edit', 'id', from + 1), recordsSql('name', 'address', from + 3)].join(
    ', ',
  )
}

export interface BatchKind {
  readonly four: boolean
  readonly six: boolean
  readonly extras: boolean
}

/** Values of the statement before its lists: member, seq, records, instance. */
const COMMON = 4
const LISTS4 = 10
const LISTS6 = 9

const texts = new Map<string, string>()

function commitText(name: string, { four, six, extras }: BatchKind): string {
  const known = texts.get(name)
  if (known !== undefined) return known
  const from6 = COMMON + (four ? LISTS4 : 0)
  const families = [four ? '4' : '', six ? '6' : ''].filter((suffix) => suffix !== '')
  const keys = (has: boolean, suffix: string, type: string) =>
    has ? `coalesce((select array_agg(address) from done${suffix}), '{}')` : `'{}'::${type}[]`
  const mark = `mark as (
  insert into whio.batch (server, seq, keys4, keys6)
  select $1::smallint, $2::bigint, ${keys(four, '4', 'bigint')}, ${keys(six, '6', 'bytea')}
  from whio.member where server = $1::smallint and instance = $4
  returning seq
)`
  const parts = [
    ...(four ? [familySql(FOUR, '4', COMMON)] : []),
    ...(six ? [familySql(SIX, '6', from6)] : []),
    ...(extras ? [extrasSql(from6 + (six ? LISTS6 : 0) + 1)] : []),
    mark,
  ]
  const conflicts = families.map(conflictsSql).join(' union all ') || 'select 0 where false'
  const text = `with ${parts.join(',\n')}
select ${NOW_MS}, ${RANK}, (select seq from mark), $3::bytea is null,
  (select string_agg(int4send(place), '') from (${conflicts}) as c(place))`
  texts.set(name, text)
  return text
}

export interface Batch {
  readonly member: number
  readonly instance: string
  readonly seq: number
  readonly records: Uint8Array
  readonly four: FamilyBatch
  readonly six: FamilyBatch
  readonly extras: BatchExtras
}

/**
 * Stores a batch: answers time, rank, members, its seq (NULL: another process is this member), and
 * the places of what was not stored.
 */
export function commitQuestion(batch: Batch): Question {
  const { member, instance, seq, records, four, six, extras } = batch
  const kind = { four: four.count > 0, six: six.count > 0, extras: hasExtras(extras) }
  const name = `whio_commit${kind.four ? 4 : ''}${kind.six ? 6 : ''}${kind.extras ? 'x' : ''}`
  const values: Value[] = [member, seq, records, instance]
  if (kind.four) values.push(...four.values(true))
  if (kind.six) values.push(...six.values(false))
  if (kind.extras) values.push(extras.pair ?? null, ...lists(extras.edits), ...lists(extras.names))
  return { name, text: commitText(name, kind), values }
}

/** Of several texts with one id the last counts. */
function lists(records: Records): [string[], string[]] {
  const last = [...new Map(records)]
  return [last.map(([id]) => id), last.map(([, text]) => text)]
}

/** Rows of both families in one value, of `l` in the two tables. */
function rowsSql(base: string, where4: string, where6: string): string {
  const frames = (table: string, where: string) =>
    `(select string_agg(${frameSql(base)}, '') from whio.${table} l where ${where})`
  return `${frames('lease4', where4)}, ${frames('lease6', where6)}`
}

/** Of whom rows are asked for beside keys. */
export interface ByClient {
  readonly client?: Uint8Array | undefined
  readonly hwAddress?: Uint8Array | undefined
  readonly duid?: Uint8Array | undefined
}

/** The rows of these keys, and of whom a confirmation names; what has no row is left out. */
export function rowsQuestion(
  member: number,
  keys4: readonly number[],
  keys6: readonly Uint8Array[],
  by: ByClient = {},
): Question {
  const text = `select ${NOW_MS}, ${RANK}, ${rowsSql(
    NOW_MS,
    `l.address = any($2::bigint[]) or (l.client = $4 and l.client <> '')
      or (l.second = $5 and l.second <> '')`,
    `l.address = any(${KEYS6}) or (l.second = $6 and l.second <> '')`,
  )}`
  const values = [
    member,
    `{${keys4.join(',')}}`,
    Buffer.concat(keys6),
    by.client ?? null,
    by.hwAddress ?? null,
    by.duid ?? null,
  ]
  return { name: 'whio_rows', text, values }
}

/** Keys of DHCPv6 go there as one value of 17 octets each. */
const KEYS6 = `array(select substring($3::bytea from 17 * n + 1 for 17)
  from generate_series(0, length($3::bytea) / 17 - 1) as n)`

/**
 * What others have stored behind these positions: time, rank, members, how far that is (a number
 * and a seq each), how many batches, how many members have let go of batches that this one has not
 * read, then the rows of both families.
 */
export function tailQuestion(member: number, positions: ReadonlyMap<number, number>): Question {
  const text = `with seen as materialized (
  select b.server, b.seq, b.keys4, b.keys6 from whio.member m
    left join unnest($2::int[], $3::bigint[]) as p(server, seq) on p.server = m.server
    cross join lateral (
      select * from whio.batch b where b.server = m.server and b.seq > coalesce(p.seq, m.trimmed)
      order by b.seq limit ${TAIL_PAGE}
    ) as b
  where m.server <> $1::smallint
)
select ${NOW_MS}, ${RANK},
  (select string_agg(int4send(server::int) || int8send(highest), '')
    from (select server, max(seq) as highest from seen group by server) as s),
  (select count(*) from seen),
  (select count(*) from whio.member m join unnest($2::int[], $3::bigint[]) as p(server, seq)
    on p.server = m.server where m.server <> $1::smallint and p.seq < m.trimmed),
  ${rowsSql(
    NOW_MS,
    'l.address = any(array(select unnest(keys4) from seen))',
    'l.address = any(array(select unnest(keys6) from seen))',
  )}`
  const known = [...positions]
  const servers = `{${known.map(([server]) => server).join(',')}}`
  const seqs = `{${known.map(([, seq]) => seq).join(',')}}`
  return { name: 'whio_tail', text, values: [member, servers, seqs] }
}

/**
 * All rows of a table, by pages: time, rank, members, how many, the last key, and the rows, with
 * times from that moment on where they are `relative`.
 */
export function loadQuestion(
  member: number,
  version: 4 | 6,
  behind: Value,
  relative: boolean,
): Question {
  const [table, type] = version === 4 ? ['lease4', 'bigint'] : ['lease6', 'bytea']
  const last = '(array_agg(l.address order by l.address desc))[1]'
  const text = `select ${NOW_MS}, ${RANK}, count(*), ${last},
    string_agg(${frameSql(`$3::int * ${NOW_MS}`)}, '')
    from (select * from whio.${table} where address > $2::${type} order by address
      limit ${LOAD_PAGE}) as l`
  return { name: `whio_load${version}`, text, values: [member, behind, relative ? 1 : 0] }
}

/** A sign of life: time, rank, members, its own number (NULL: another process is this member). */
export function touchQuestion(member: number, instance: string): Question {
  const text = `with touched as (
  update whio.member set seen = now() where server = $1::smallint and instance = $2 returning server
)
select ${NOW_MS}, ${RANK}, (select server from touched)`
  return { name: 'whio_touch', text, values: [member, instance] }
}

/** Whether a batch of this member is there: time, rank, members, its seq, its keys. */
export function ownBatchQuestion(member: number, seq: number): Question {
  const text = `select ${NOW_MS}, ${RANK}, b.seq,
  coalesce((select string_agg(int8send(key), '') from unnest(b.keys4) as key), ''),
  coalesce((select string_agg(key, '') from unnest(b.keys6) as key), '')
from (values (1)) as one left join whio.batch b on b.server = $1::smallint and b.seq = $2`
  return { text, values: [member, seq] }
}

/** Of each member: how far its batches go. */
export function positionsQuestion(): Question {
  return {
    text: `select server, greatest(trimmed, (select max(seq) from whio.batch b
      where b.server = m.server))::text as seq from whio.member m`,
  }
}

/** Batches of this member up to here are of no use to anybody who is not far behind. */
export function trimQuestion(member: number, seq: number): Question {
  const text = `with gone as (
  delete from whio.batch where server = $1::smallint and seq <= $2 returning seq
)
update whio.member set trimmed = greatest(trimmed, (select max(seq) from gone))
where server = $1::smallint and exists (select from gone)`
  return { text, values: [member, seq] }
}

/** The number of the last batch of this member that the database has. */
export async function positionOf(session: Session, member: number): Promise<number> {
  const text = `select greatest(trimmed, (select max(seq) from whio.batch where server = $1))::text
    as seq from whio.member where server = $1`
  const [row] = await session.ask({ text, values: [member] })
  return Number(row?.seq ?? -1)
}

/** Until then, by the database's clock, no server that starts gives anything anew. */
export function doubtQuestion(member: number, until: number): Question {
  const text = `with told as (
  update whio.meta set doubt = greatest(doubt, to_timestamp($2::float8 / 1000))
)
select ${NOW_MS}, ${RANK}`
  return { text, values: [member, until] }
}

/** For how many milliseconds that is so yet. */
export async function doubtOf(session: Session): Promise<number> {
  const text = `select greatest(0, date_part('epoch', case when doubt > now() then doubt - now()
    else interval '0' end) * 1000)::float8 as doubt from whio.meta`
  const [row] = await session.ask({ text })
  return row!.doubt as number
}
