// What must be true of a database before leases go there: the schema is there and is one that this
// version knows, and what is committed is on its disk.

import { randomUUID } from 'node:crypto'
import { JournalRefused } from '../journal/trouble.ts'
import { HAS_HISTORY, HISTORY } from './history.ts'
import {
  CLOCK,
  HAS_CLOCK,
  HAS_JUMPS,
  HAS_OVERLAPS,
  JUMPS,
  LAYOUT,
  LOCK_SCHEMA,
  OVERLAPS,
  TABLES,
  VIEWS,
} from './schema.ts'
import type { Session } from './session.ts'
import { DatabaseError } from './trouble.ts'

export interface Prepared {
  /** Identifies the database for ever. */
  readonly database: string
  /** It was made just now. */
  readonly isNew: boolean
}

/** What a schema of an earlier version may lack: whether it has it, and how it is made. */
const LATER_PARTS = [
  [HAS_OVERLAPS, OVERLAPS],
  [HAS_CLOCK, CLOCK],
  [HAS_JUMPS, JUMPS],
  [HAS_HISTORY, HISTORY],
] as const

/** `fill` is called within the same transaction where the schema is made. */
export async function prepareSchema(
  session: Session,
  fill: (session: Session) => Promise<void>,
): Promise<Prepared> {
  await session.ask({ text: 'begin' })
  try {
    await session.ask({ text: LOCK_SCHEMA })
    const known = await layoutOf(session)
    const prepared = known ?? (await makeSchema(session, fill))
    await session.ask({ text: 'commit' })
    return prepared
  } catch (error) {
    if (!session.isLost) await session.ask({ text: 'rollback' }).catch(() => {})
    throw error
  }
}

async function layoutOf(session: Session): Promise<Prepared | undefined> {
  const text = `select to_regclass('whio.meta') is not null as has`
  const [found] = await session.ask({ text })
  if (found!.has !== true) return undefined
  const [meta] = await session.ask({ text: 'select layout, database from whio.meta' })
  if (meta === undefined) throw new JournalRefused('foreign-database', 'table whio.meta is empty')
  if ((meta.layout as number) > LAYOUT)
    throw new JournalRefused(
      'newer-schema',
      `schema whio is of a newer version of Whio (${meta.layout}, known ${LAYOUT}): run that version`,
    )
  for (const [has, made] of LATER_PARTS) {
    const [part] = await session.ask({ text: has })
    if (part!.has !== true) await session.ask({ text: made })
  }
  return { database: meta.database as string, isNew: false }
}

async function makeSchema(
  session: Session,
  fill: (session: Session) => Promise<void>,
): Promise<Prepared> {
  try {
    await session.ask({ text: 'create schema if not exists whio' })
    await session.ask({ text: TABLES })
    await session.ask({ text: VIEWS })
    await session.ask({ text: OVERLAPS })
    await session.ask({ text: HISTORY })
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.sqlstate !== '42501') throw error
    throw new JournalRefused(
      'cannot-open',
      `${error.message}. Whio makes a schema of its own: grant create on the database to its user, ` +
        'or make it: create schema whio authorization USER',
    )
  }
  const database = randomUUID()
  const text = 'insert into whio.meta (layout, database) values ($1, $2)'
  await session.ask({ text, values: [LAYOUT, database] })
  await fill(session)
  return { database, isNew: true }
}

/**
 * Has what is committed be on the disk, as far as a session can; returns what only an operator of
 * the database can do about it.
 */
export async function makeDurable(
  session: Session,
  durability: 'full' | 'normal' | 'off',
): Promise<readonly string[]> {
  // What waits for standbys, too, stays as the server has it.
  const isFull = durability === 'full'
  const [row] = await session.ask({
    text: `select current_setting('fsync') = 'on' as fsync,
      current_setting('full_page_writes') = 'on' as whole,
      current_setting('synchronous_commit') in ('off', 'local') as weak,
      current_setting('synchronous_standby_names') = '' as alone,
      (select count(*) from pg_stat_replication)::int as standbys`,
  })
  if (!isFull) await session.ask({ text: 'set synchronous_commit = off' })
  else if (row!.weak === true) await session.ask({ text: 'set synchronous_commit = on' })
  if (!isFull) return []
  const warnings: string[] = []
  if (row!.fsync !== true) warnings.push('fsync is off: a loss of power can destroy the database')
  if (row!.whole !== true)
    warnings.push('full_page_writes is off: a loss of power can spoil pages of the database')
  if (row!.alone === true && (row!.standbys as number) > 0)
    warnings.push(
      'its standbys are asynchronous (synchronous_standby_names is empty): a failover can forget ' +
        'leases that clients have',
    )
  return warnings
}

/**
 * Whether something between gives a connection to one transaction after the other, as pgbouncer
 * does in its transaction mode: locks and LISTEN are of no use there. `idle` asks for nothing
 * meanwhile.
 */
export async function isPooled(idle: Session, other: Session): Promise<boolean> {
  const own = await backendOf(idle)
  await other.ask({ text: 'begin' })
  const second = await backendOf(other)
  await other.ask({ text: 'commit' })
  return own === second || own !== (await backendOf(idle))
}

async function backendOf(session: Session): Promise<unknown> {
  const [row] = await session.ask({ text: 'select pg_backend_pid() as pid' })
  return row!.pid
}

export function pooledRefusal(): JournalRefused {
  return new JournalRefused(
    'cannot-open',
    'a pooler in transaction mode (pgbouncer) is between: its sessions hold no locks. Name the ' +
      'server itself in lease-database, or a pool in session mode',
  )
}
