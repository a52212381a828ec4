// The statements of a shared database, but for the one that stores a batch (commit-statement.ts).
// Each is one round trip and a transaction of its own.

import type { ToldJump } from '../../ports/shared-journal.ts'
import { type ClockNote, type HostTimes, JUMP_MIN } from '../../time/downtime.ts'
import type { Instant } from '../../time/units.ts'
import { frameSql } from './frames.ts'
import type { Question, Session, Value } from './session.ts'

/** Batches of a page of the tail, from each member. */
export const TAIL_PAGE = 32

/** Rows of a page when all are read. */
export const LOAD_PAGE = 4096

/** How long a member that is not seen counts as living. */
export const LIVING = "interval '15 seconds'"

export const NOW_MS = "date_part('epoch', now()) * 1000"

/** For how many milliseconds what was told of them is in doubt. */
const DOUBT_LEFT = `case when doubt > now()
    then least(doubted, date_part('epoch', doubt - now()) * 1000) else 0 end`

/**
 * How things stand with member `$1::smallint`: which of the living it is, of how many, and what was
 * told of jumps of the clock (how many, how far the last went, for how long they are in doubt).
 */
export const STANDING = `(select count(*) from whio.member where seen > now() - ${LIVING} and server < $1::smallint),
  (select count(*) from whio.member where seen > now() - ${LIVING} or server = $1::smallint),
  (select concat_ws(' ', jumps, jumped, ${DOUBT_LEFT}) from whio.meta)`

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

/**
 * The rows of these keys, of what overlaps them, and of whom a confirmation names; what has no row
 * is left out.
 */
export function rowsQuestion(
  member: number,
  keys4: readonly number[],
  keys6: readonly Uint8Array[],
  by: ByClient = {},
): Question {
  const text = `select ${NOW_MS}, ${STANDING}, ${rowsSql(
    NOW_MS,
    `l.address = any($2::bigint[]) or (l.client = $4 and l.client <> '')
      or (l.second = $5 and l.second <> '')`,
    `l.address = any(${KEYS6} || array(select other from whio.around(${KEYS6})))
      or (l.second = $6 and l.second <> '')`,
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
 * What others have stored behind these positions: how far that is (a number
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
select ${NOW_MS}, ${STANDING},
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
 * All rows of a table, by pages: how many, the last key, and the rows, with
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
  const text = `select ${NOW_MS}, ${STANDING}, count(*), ${last},
    string_agg(${frameSql(`$3::int * ${NOW_MS}`)}, '')
    from (select * from whio.${table} where address > $2::${type} order by address
      limit ${LOAD_PAGE}) as l`
  return { name: `whio_load${version}`, text, values: [member, behind, relative ? 1 : 0] }
}

/** What the clocks of a host show while the clock of the database shows about this. */
export interface Noted {
  readonly times: HostTimes
  readonly stamp: Instant
}

/**
 * A sign of life, with what this member says of its configuration, and beside the time what the
 * clocks of its host show, unless the database has jumped while that was on its way: nobody would
 * ever see that it has. Its own number (NULL: another process is this member),
 * and what the living others say, as JSON.
 */
export function touchQuestion(
  member: number,
  instance: string,
  fingerprint: string,
  noted?: Noted,
): Question {
  const text = `with touched as (
  update whio.member set seen = now(), fingerprint = $3,
    clock = case when abs(${NOW_MS} - $5::float8) < ${JUMP_MIN}
      then ($4::jsonb || jsonb_build_object('stamp', ${NOW_MS}))::text else clock end
  where server = $1::smallint and instance = $2 returning server
)
select ${NOW_MS}, ${STANDING}, (select server from touched),
  (select json_agg(json_build_object('name', name, 'fingerprint', fingerprint) order by server)
    from whio.member where server <> $1::smallint and seen > now() - ${LIVING})`
  const told = noted === undefined ? [null, null] : [JSON.stringify(noted.times), noted.stamp]
  return { name: 'whio_touch', text, values: [member, instance, fingerprint, ...told] }
}

/** What all members have noted of their clocks. */
export async function clocksOf(session: Session): Promise<ClockNote[]> {
  const text = 'select clock from whio.member where clock is not null'
  const rows = await session.ask({ text })
  return rows.map(({ clock }) => JSON.parse(clock as string) as ClockNote)
}

/** Whether a batch of this member is there: its seq, its keys. */
export function ownBatchQuestion(member: number, seq: number): Question {
  const text = `select ${NOW_MS}, ${STANDING}, b.seq,
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

/** Tells that the clock has jumped ahead. */
export function doubtQuestion(member: number, jump: ToldJump): Question {
  const text = `with told as (
  update whio.meta set doubt = greatest(doubt, to_timestamp($2::float8 / 1000)),
    doubted = case when doubt < now() then $3::float8 else greatest(doubted, $3::float8) end,
    jumps = case when jumps = $5::int then jumps + 1 else jumps end,
    jumped = case when jumps = $5::int then $4::float8 else jumped end
)
select ${NOW_MS}, ${STANDING}`
  const { until, wait, by, count } = jump
  return { text, values: [member, until, wait, by, count] }
}

/** An operator says that what seems to have ended has ended. */
export const NO_DOUBT: Question = { text: "update whio.meta set doubt = '-infinity'" }

/** How many others have not left, and were not seen for longer than the living are quiet. */
export async function absentOf(session: Session, member: number): Promise<number> {
  const text = `select count(*)::int as absent from whio.member where server <> $1::smallint
    and seen > '-infinity' and seen <= now() - interval '8 seconds'`
  const [row] = await session.ask({ text, values: [member] })
  return row!.absent as number
}
