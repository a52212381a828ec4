// Which of the hosts of a database is the one that takes writes. A standby, or a server that has
// been made read-only, is passed by; each look begins with the first host, and resolves its name
// anew.

import type { ConnectionPlan } from '../../config/plan/connection-plan.ts'
import { Session, type SessionWish } from './session.ts'
import { DatabaseError, databaseError } from './trouble.ts'

/** What a primary says of itself. */
export interface Primary {
  readonly session: Session
  /** Of the cluster: the same on its standbys, another one after `initdb`. */
  readonly systemId: string
  /** It grows with each promotion. */
  readonly timeline: number
  /** As 150018. */
  readonly version: number
}

const OLDEST = 12

const LOOK = `select pg_is_in_recovery() or current_setting('transaction_read_only')::bool as reads,
  (select system_identifier::text from pg_control_system()) as system_id,
  case when pg_is_in_recovery() then '0'
    else substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end as timeline,
  current_setting('server_version_num') as version`

/** Rejects with DatabaseError: why no host will do, each with its own reason. */
export async function findPrimary(plan: ConnectionPlan, wish: SessionWish): Promise<Primary> {
  const troubles: DatabaseError[] = []
  for (const host of plan.hosts) {
    try {
      return await lookAt(await Session.open(plan, host, wish))
    } catch (error) {
      const { message, cure, sqlstate } = databaseError(rethrownUnless(error))
      const where = host.host.startsWith('/') ? host.host : `${host.host}:${host.port}`
      troubles.push(new DatabaseError(`${where}: ${message}`, cure, sqlstate))
    }
  }
  const denied = troubles.every(({ cure }) => cure === 'denied' || cure === 'wrong')
  const message = troubles.map((one) => one.message).join('; ')
  throw new DatabaseError(message, denied ? 'denied' : 'lost', troubles[0]!.sqlstate)
}

/** A missing package is no trouble of the host. */
function rethrownUnless(error: unknown): unknown {
  if (error instanceof Error && error.name === 'JournalRefused') throw error
  return error
}

async function lookAt(session: Session): Promise<Primary> {
  try {
    const [row] = await session.ask({ text: LOOK })
    const { reads, system_id, timeline, version } = row as Record<string, string>
    if (Number(version) < OLDEST * 10_000) {
      const found = Math.floor(Number(version) / 10_000)
      throw new DatabaseError(`PostgreSQL ${found} is too old: ${OLDEST} or newer`, 'denied')
    }
    if ((reads as unknown) === true)
      throw new DatabaseError('the server only reads: it is a standby', 'lost', '25006')
    const systemId = system_id!
    return {
      session,
      systemId,
      timeline: Number.parseInt(timeline!, 16),
      version: Number(version),
    }
  } catch (error) {
    await session.close()
    throw error
  }
}
