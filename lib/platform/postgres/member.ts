// The servers of a database are its members: each has a number for ever, by its name, and holds the
// lock of the number while it writes. So no two processes write as one member, whatever became of
// the first.

import type { Octets } from '../../bytes/octets.ts'
import { bytesFromOctets, octetsFromBytes } from '../../bytes/octets.ts'
import type { StoredEdit } from '../../ports/journal.ts'
import { MEMBERS_MAX } from '../../ports/shared-journal.ts'
import type { Millis } from '../../time/units.ts'
import { JournalRefused } from '../journal/trouble.ts'
import type { Records } from './commit-statement.ts'
import { LOCK_CLASS } from './schema.ts'
import type { Session } from './session.ts'
import { DatabaseError } from './trouble.ts'

/** Longer than a database holds the lock of a host that is gone (session.ts). */
const LOCK_WAIT: Millis = 20_000
const LOCK_LOOK: Millis = 250

/** The number of this name, made when it is new. */
export async function numberOf(session: Session, name: string): Promise<number> {
  for (;;) {
    const [known] = await session.ask({
      text: 'select server from whio.member where name = $1',
      values: [name],
    })
    if (known !== undefined) return known.server as number
    const made = await session.ask({
      text: `insert into whio.member (server, name)
        select n, $1 from generate_series(0, ${MEMBERS_MAX - 1}) as n
        where not exists (select from whio.member where server = n) order by n limit 1
        on conflict do nothing returning server`,
      values: [name],
    })
    if (made.length > 0) return made[0]!.server as number
    const [full] = await session.ask({ text: 'select count(*)::int as members from whio.member' })
    if ((full!.members as number) >= MEMBERS_MAX)
      throw new DatabaseError(`the database has ${MEMBERS_MAX} servers already`, 'denied')
  }
}

/**
 * Takes the lock of the member for this session. A session of this same process that the database
 * still holds for alive is ended first. `taken`: another process holds it, and lives.
 */
export async function lockMember(
  session: Session,
  server: number,
  instance: string,
): Promise<'locked' | 'taken'> {
  const until = performance.now() + LOCK_WAIT
  let first: unknown
  for (;;) {
    const [row] = await session.ask({
      text: `select pg_try_advisory_lock(${LOCK_CLASS}, $1) as got, instance, seen::text
        from whio.member where server = $1::int`,
      values: [server],
    })
    if (row === undefined) throw new DatabaseError(`member ${server} is gone`, 'denied')
    if (row.got === true) return 'locked'
    if (row.instance === instance) await endHolder(session, server)
    else {
      first ??= row.seen
      if (first !== row.seen || performance.now() > until) return 'taken'
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_LOOK))
  }
}

async function endHolder(session: Session, server: number): Promise<void> {
  await session.ask({
    text: `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'
      and classid = ${LOCK_CLASS} and objid = $1::int and granted and pid <> pg_backend_pid()
      and database = (select oid from pg_database where datname = current_database())`,
    values: [server],
  })
}

/** What a member has stored of itself. */
export interface OwnRecords {
  readonly duid: Octets
  /** JSON. */
  readonly pair: string | undefined
  readonly edits: readonly StoredEdit[]
  readonly names: Records
  /** Of its next batch. */
  readonly seq: number
  /** The process that was the member before. */
  readonly former: string
}

/** This process is the member from now on. */
export async function enter(
  session: Session,
  server: number,
  instance: string,
): Promise<OwnRecords> {
  const [before] = await session.ask({
    text: 'select instance from whio.member where server = $1',
    values: [server],
  })
  const [row] = await session.ask({
    text: `update whio.member set instance = $2, seen = now() where server = $1 returning duid, pair,
      greatest(trimmed, (select max(seq) from whio.batch where server = $1)) + 1 as seq`,
    values: [server, instance],
  })
  const stored = (table: string, id: string) =>
    session.ask({
      text: `select ${id} as id, text from whio.${table} where server = $1`,
      values: [server],
    })
  const edits = await stored('edit', 'id')
  const names = await stored('name', 'address')
  const duid = row!.duid as Buffer
  return {
    duid: octetsFromBytes(duid, 0, duid.length),
    pair: (row!.pair as string | null) ?? undefined,
    edits: edits.map((one) => ({ id: one.id as string, text: one.text as string })),
    names: names.map((one) => [one.id as string, one.text as string] as const),
    seq: Number(row!.seq),
    former: before!.instance as string,
  }
}

export async function keepDuid(session: Session, server: number, duid: Octets): Promise<void> {
  const text = 'update whio.member set duid = $2 where server = $1'
  await session.ask({ text, values: [server, Buffer.from(bytesFromOctets(duid))] })
}

/** It leaves: the others know at once. Without effect where another process is the member. */
export async function leave(session: Session, server: number, instance: string): Promise<void> {
  await session.ask({
    text: `update whio.member set seen = '-infinity' where server = $1 and instance = $2`,
    values: [server, instance],
  })
}

export function takenRefusal(name: string): JournalRefused {
  return new JournalRefused(
    'locked',
    `another process serves as "${name}" in this database: each needs a name of its own ` +
      '(server-tag in the configuration, else the name of the host)',
  )
}
