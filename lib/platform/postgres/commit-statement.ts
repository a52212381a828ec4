// The statement by which a batch is stored, one round trip and a transaction of its own: what is
// done to leases of both families, its row in `batch` and whatever else it stores are one.

import { FIELD, RECORD } from '../../leases/record.ts'
import type { NameTie } from '../../ports/shared-journal.ts'
import type { FamilyBatch } from './batch.ts'
import { type HistoryBatch, historySql } from './history.ts'
import type { Question, Value } from './session.ts'
import { NOW_MS, STANDING } from './statements.ts'

interface FamilySql {
  readonly table: 'lease4' | 'lease6'
  readonly keyOctets: number
  /** The key of a row of `w`. */
  readonly key: string
  /** What rows are found by beside their client, of a record with hardware address and client. */
  readonly second: string
  /** Whether `l` has the client of `excluded`. */
  readonly isSame: string
  /** What else must be so that a row of `w` is stored. */
  readonly mayBe: string
}

const FOUR: FamilySql = {
  table: 'lease4',
  keyOctets: 0,
  key: 'w.address',
  second: 'hw',
  isSame: `case when l.client <> '' and excluded.client <> '' then l.client = excluded.client
    else l.second <> '' and l.second = excluded.second and
      get_byte(l.body, ${FIELD.htype}) = get_byte(excluded.body, ${FIELD.htype}) end`,
  mayBe: 'true',
}

const SIX: FamilySql = {
  table: 'lease6',
  keyOctets: 17,
  key: `substring(r.body from ${RECORD.putHeader + 1} for 17)`,
  second: 'substring(client from 6)',
  isSame: "l.client <> '' and l.client = excluded.client",
  mayBe: 'not exists (select from overlapped o where o.address = w.address)',
}

/**
 * This member, while this process is it: each part of the statement stores what it has for the rows
 * of `me`, so that of one whose place another process has taken nothing is stored.
 */
const ME = `me as materialized (
  select server from whio.member where server = $1::smallint and instance = $4
)`

/** What a client may have: assigned, or registered. */
const GRANTED = '(0, 5)'

/** What it has given back. */
const RELEASED = '(3)'

/** What a client may have, and what becomes of it by time alone. */
const GRANTED_OR_EXPIRED = '(0, 2, 5)'

/**
 * Keys of DHCPv6 that are not assigned, as others overlap them. It is asked before any row is
 * written: its lock comes before those of rows in every batch.
 */
const OVERLAPPED = `overlapped as materialized (
  select o as address
  from whio.overlapped(array(select address from want6 where state = 0)) as o
)`

/** A condition of `done` in a batch with rows of DHCPv6. */
const LOCKED = '(select count(*) from overlapped) >= 0'

/**
 * `want` of a family: what the batch asks for. Values begin behind number `from`: lists of
 * FamilyBatch.
 */
function wantSql({ keyOctets, key }: FamilySql, suffix: string, from: number): string {
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
  return `want${suffix} as materialized (
  select ${key} as address, w.place, w.version, w.former, w.forced, w.starts, w.ends, w.over,
    r.body, (get_byte(r.body, ${FIELD.flags}) & ${RECORD.stateMask})::smallint as state,
    substring(r.body from ${head} for ${hwLength}) as hw,
    substring(r.body from ${head} + ${hwLength} for ${clientLength}) as client
  from unnest(${lists}) as w(${names})
    cross join lateral (select substring($3::bytea from w.at for w.size) as body) as r
)`
}

/**
 * `done` of a family: the keys that were stored. In their order, so that two writers never wait for
 * each other.
 */
function doneSql(sql: FamilySql, suffix: string, isLocked: boolean): string {
  const { table, second, isSame, mayBe } = sql
  const time = (column: string) =>
    `coalesce(now() + ${column} * interval '1 ms', 'infinity'::timestamptz)`
  const ofSame = (former: string, state: string) =>
    `not excluded.forced and l.state in ${former} and excluded.state in ${state} and (${isSame})`
  // Who stores that a lease has ended may have missed that the clock here was put back.
  const goesOn = ofSame(GRANTED, GRANTED_OR_EXPIRED)
  const isAgain = ofSame(RELEASED, GRANTED)
  // Where a lease was given back, what it was before is told by \`over\` alone.
  const ends = `case when ${goesOn} then greatest(l.ends, excluded.ends)
    when l.over > excluded.over and ${isAgain} then l.over - (excluded.over - excluded.ends)
    else excluded.ends end`
  const over = `case when ${goesOn} or ${isAgain} or ${ofSame(GRANTED, RELEASED)}
    then greatest(l.over, excluded.over) else excluded.over end`
  return `done${suffix} as (
  insert into whio.${table} as l (address, version, former, forced, state, client, second,
    starts, ends, over, body)
  select address, version, former, forced, state, client, ${second},
    ${time('starts')}, ${time('ends')}, ${time('over')}, body
  from want${suffix} w, me
  where (former = 0 or exists (select from whio.${table} e where e.address = w.address))
    and ${mayBe}${isLocked ? ` and ${LOCKED}` : ''}
  order by address
  on conflict (address) do update set version = excluded.version, former = excluded.former,
    forced = excluded.forced, state = excluded.state, client = excluded.client,
    second = excluded.second, starts = excluded.starts, ends = ${ends}, over = ${over},
    body = excluded.body
  where l.version = excluded.former and (excluded.forced or excluded.state not in ${GRANTED}
    or l.state in (3, 4) or (${isSame}) or l.over < now())
  returning address
)`
}

const conflictsSql = (suffix: string): string =>
  `select w.place from want${suffix} w left join done${suffix} d using (address)
   where d.address is null`

/** What a batch stores beside leases, all of this member. */
export interface BatchExtras {
  /** JSON. */
  readonly pair: string | undefined
  readonly edits: Records
  readonly names: Records
  readonly ties: readonly NameTie[]
}

/** Texts by their ids; '' takes one out. */
export type Records = readonly (readonly [id: string, text: string])[]

export function hasExtras({ pair, edits, names }: BatchExtras): boolean {
  return pair !== undefined || edits.length > 0 || names.length > 0
}

/** `is`: what else must be so that a record of `g` is stored. */
function recordsSql(table: 'edit' | 'name', id: string, from: number, is: string): string {
  const given = `me, unnest($${from}::text[], $${from + 1}::text[]) as g(id, text)`
  return `${table}_gone as (
  delete from whio.${table} t using ${given}
  where t.server = me.server and t.${id} = g.id and g.text = '' and ${is}
), ${table}_kept as (
  insert into whio.${table} (server, ${id}, text) select me.server, g.id, g.text from ${given}
  where g.text <> '' and ${is} on conflict (server, ${id}) do update set text = excluded.text
)`
}

function extrasSql(from: number): string {
  const pair = `pair as (
  update whio.member m set pair = $${from}::text from me
  where m.server = me.server and $${from}::text is not null
)`
  const left = `left_out(id) as materialized (
  select t.id from unnest($${from + 5}::text[], $${from + 6}::int[]) as t(id, place)
    join refused using (place)
)`
  const isTold = 'not exists (select from left_out o where o.id = g.id)'
  return [
    pair,
    recordsSql('edit', 'id', from + 1, 'true'),
    left,
    recordsSql('name', 'address', from + 3, isTold),
  ].join(', ')
}

export interface BatchKind {
  readonly four: boolean
  readonly six: boolean
  readonly extras: boolean
  readonly history: boolean
}

/** Values of the statement before its lists: member, seq, records, instance. */
const COMMON = 4
const LISTS4 = 10
const LISTS6 = 9
/** The pair, edits, names, and what they are tied to. */
const EXTRAS = 7

const texts = new Map<string, string>()

function commitText(name: string, { four, six, extras, history }: BatchKind): string {
  const known = texts.get(name)
  if (known !== undefined) return known
  const from6 = COMMON + (four ? LISTS4 : 0)
  const fromExtras = from6 + (six ? LISTS6 : 0)
  const fromHistory = fromExtras + (extras ? EXTRAS : 0)
  const families = [four ? '4' : '', six ? '6' : ''].filter((suffix) => suffix !== '')
  const keys = (has: boolean, suffix: string, type: string) =>
    has ? `coalesce((select array_agg(address) from done${suffix}), '{}')` : `'{}'::${type}[]`
  const mark = `mark as (
  insert into whio.batch (server, seq, keys4, keys6)
  select me.server, $2::bigint, ${keys(four, '4', 'bigint')}, ${keys(six, '6', 'bytea')} from me
  returning seq
)`
  const conflicts = families.map(conflictsSql).join(' union all ') || 'select 0 where false'
  const parts = [
    ME,
    ...(four ? [wantSql(FOUR, '4', COMMON)] : []),
    ...(six ? [wantSql(SIX, '6', from6), OVERLAPPED] : []),
    ...(four ? [doneSql(FOUR, '4', six)] : []),
    ...(six ? [doneSql(SIX, '6', six)] : []),
    `refused(place) as materialized (${conflicts})`,
    ...(extras ? [extrasSql(fromExtras + 1)] : []),
    ...(history ? historySql(families, fromHistory) : []),
    mark,
  ]
  const text = `with ${parts.join(',\n')}
select ${NOW_MS}, ${STANDING}, (select seq from mark), $3::bytea is null,
  (select string_agg(int4send(place), '') from refused)`
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
  readonly history?: HistoryBatch | undefined
}

/**
 * Stores a batch: answers its seq (NULL: another process is this member), and
 * the places of what was not stored.
 */
export function commitQuestion(batch: Batch): Question {
  const { member, instance, seq, records, four, six, extras, history } = batch
  const has = { extras: hasExtras(extras), history: history !== undefined }
  const kind = { four: four.count > 0, six: six.count > 0, ...has }
  const families = `${kind.four ? 4 : ''}${kind.six ? 6 : ''}`
  const name = `whio_commit${families}${kind.extras ? 'x' : ''}${kind.history ? 'h' : ''}`
  const isAlone = history === undefined || history.between.length === 0
  const bytes = isAlone ? records : Buffer.concat([records, history.between])
  const values: Value[] = [member, seq, bytes, instance]
  if (kind.four) values.push(...four.values(true))
  if (kind.six) values.push(...six.values(false))
  if (kind.extras) {
    const { edits, names, pair, ties } = extras
    values.push(pair ?? null, ...lists(edits), ...lists(names))
    values.push(
      ties.map(({ address }) => address),
      `{${ties.map(({ place }) => place).join(',')}}`,
    )
  }
  if (history !== undefined) values.push(...history.values)
  return { name, text: commitText(name, kind), values }
}

/** Of several texts with one id the last counts. */
function lists(records: Records): [string[], string[]] {
  const last = [...new Map(records)]
  return [last.map(([id]) => id), last.map(([, text]) => text)]
}
