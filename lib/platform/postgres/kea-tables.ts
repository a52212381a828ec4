// The leases in Kea's own tables, of all schemas since Kea 2.2, as the rows of its lease files:
// those are read by one reader, which judges each row (leases/csv.ts).
//
// The trap is the time. Kea writes the end of a lease as text in the zone of its process, and the
// database takes that for text in the zone of the session. Where the two differ, every end is wrong
// by as much. What the newest lease says shows it, since no lease can have been given in future.

import { escaped } from '../../leases/csv-row.ts'
import { CSV4_HEADER } from '../../leases/csv4.ts'
import { CSV6_HEADER } from '../../leases/csv6.ts'
import { INFINITE_LIFETIME, type Seconds } from '../../time/units.ts'
import type { Session } from './session.ts'

export interface KeaTables {
  /** Lines of lease files, each family behind its header. */
  readonly four: readonly string[]
  readonly six: readonly string[]
  /** By how much the ends in the tables were wrong. */
  readonly shift: Seconds
}

/** The clocks of hosts may differ by so much. */
const CLOCKS: Seconds = 300

const PAGE = 5000

type Row = Readonly<Record<string, string | number | null>>

interface Table {
  readonly name: 'lease4' | 'lease6'
  readonly header: string
  /** Columns of the file that the table has under another form. */
  readonly columns: Readonly<Record<string, string>>
}

const hex = (column: string): string => `encode(${column}, 'hex')`

const COMMON = {
  hwaddr: hex('hwaddr'),
  fqdn_fwd: 'fqdn_fwd::int',
  fqdn_rev: 'fqdn_rev::int',
  expire: 'extract(epoch from expire at time zone $1 at time zone $2)::bigint::text',
}

const TABLE4: Table = {
  name: 'lease4',
  header: CSV4_HEADER,
  columns: {
    ...COMMON,
    address: "host('0.0.0.0'::inet + address)",
    client_id: hex('client_id'),
  },
}

const TABLE6: Table = {
  name: 'lease6',
  header: CSV6_HEADER,
  columns: {
    ...COMMON,
    address: 'host(address::text::inet)',
    duid: hex('duid'),
    // A number of 32 bits without a sign, in a column with one.
    iaid: '(iaid::bigint & 4294967295)::text',
  },
}

/**
 * In this transaction names without a schema mean Kea's tables. Who is called `whio` would see
 * those of the schema first that has just been made.
 */
const KEA_ONLY = `select set_config('search_path', coalesce(
  (select string_agg(quote_ident(name), ', ') from unnest(current_schemas(false)) as name
    where name <> 'whio'), ''), true)`

/** Within a transaction; undefined: the database has no tables of Kea. */
export async function readKeaTables(session: Session): Promise<KeaTables | undefined> {
  await session.ask({ text: KEA_ONLY })
  const has4 = await columnsOf(session, TABLE4.name)
  const has6 = await columnsOf(session, TABLE6.name)
  if (has4.size === 0 && has6.size === 0) return undefined
  const zones = await zonesOf(session, has4.size > 0, has6.size > 0)
  return {
    four: await linesOf(session, TABLE4, has4, zones),
    six: await linesOf(session, TABLE6, has6, zones),
    shift: zones.shift,
  }
}

async function columnsOf(session: Session, table: string): Promise<Set<string>> {
  const text = `select attname from pg_attribute where attrelid = to_regclass($1) and attnum > 0
    and not attisdropped`
  const rows = await session.ask({ text, values: [table] })
  return new Set(rows.map(({ attname }) => attname as string))
}

/** Who has Kea's tables in use; sessions of others than this user are not all seen. */
export async function keaSessions(session: Session): Promise<number> {
  const [row] = await session.ask({
    text: `select count(*)::int as busy from pg_stat_activity where datname = current_database()
      and pid <> pg_backend_pid() and application_name = ''
      and query ~* '\\m(lease4|lease6|lease4_stat|lease6_stat|schema_version|hosts)\\M'`,
  })
  return row!.busy as number
}

interface Zones {
  /** In which the database took the text of Kea, and in which Kea meant it. */
  readonly taken: string
  readonly meant: string
  readonly shift: Seconds
}

/**
 * Of the zones in which Kea may have meant its text, the one with which no lease was given in
 * future, and among those the one with which leases end latest: late does no harm.
 */
async function zonesOf(session: Session, has4: boolean, has6: boolean): Promise<Zones> {
  const [setting] = await session.ask({
    text: "select reset_val as zone from pg_settings where name = 'TimeZone'",
  })
  const taken = setting!.zone as string
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone
  const tables = [...(has4 ? ['lease4'] : []), ...(has6 ? ['lease6'] : [])]
  const newest = tables.map(
    (table) => `select expire - valid_lifetime * interval '1 s' as given from ${table}
      where state in (0, 1) and valid_lifetime < ${INFINITE_LIFETIME}`,
  )
  let best: Zones = { taken, meant: taken, shift: 0 }
  for (const meant of [own, 'UTC']) {
    const [row] = await session.ask({
      text: `select extract(epoch from max(given) - now())::float8 as raw, extract(epoch from
        max(given) at time zone $1 at time zone $2 - max(given))::float8 as shift
        from (${newest.join(' union all ')}) as leases`,
      values: [taken, meant],
    })
    const { raw, shift } = row as { raw: number | null; shift: number | null }
    if (raw === null || shift === null) break
    const isPossible = (by: Seconds) => raw + by <= CLOCKS
    const isBetter = isPossible(best.shift) ? shift > best.shift : shift < best.shift
    if (isPossible(shift) && isBetter) best = { taken, meant, shift }
  }
  return best
}

async function linesOf(
  session: Session,
  { name, header, columns }: Table,
  has: ReadonlySet<string>,
  { taken, meant }: Zones,
): Promise<string[]> {
  if (has.size === 0) return []
  const wanted = header.split(',')
  const shown = wanted.map((column) =>
    has.has(column) ? `${columns[column] ?? column} as ${column}` : `null as ${column}`,
  )
  const lines = [header]
  await session.ask({
    text: `declare kea_rows cursor for select ${shown.join(', ')} from ${name} order by address`
      .replaceAll('$1', quoted(taken))
      .replaceAll('$2', quoted(meant)),
  })
  for (;;) {
    const rows = (await session.ask({ text: `fetch ${PAGE} from kea_rows` })) as Row[]
    for (const row of rows) lines.push(lineOf(row, wanted))
    if (rows.length < PAGE) break
  }
  await session.ask({ text: 'close kea_rows' })
  return lines
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A row as Kea writes it into its file. */
export function lineOf(row: Row, columns: readonly string[]): string {
  const lifetime = Number(row.valid_lifetime)
  return columns
    .map((column) => {
      const value = row[column] ?? ''
      if (column === 'hostname' || column === 'user_context') return escaped(String(value))
      // In a table an infinite lease ends when it was given.
      if (column === 'expire' && lifetime === INFINITE_LIFETIME) return Number(value) + lifetime
      return value
    })
    .join(',')
}
