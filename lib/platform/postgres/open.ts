// Opens a shared database for serving: finds it, makes the schema where it is new, takes Kea's
// leases over once, and enters as a member. What stands in the way is JournalRefused, in words that
// say what to do.

import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { describeDatabase } from '../../config/plan/connection-plan.ts'
import type { HistoryPlan } from '../../config/plan/plan.ts'
import type { HostTimes } from '../../time/downtime.ts'
import type { Millis } from '../../time/units.ts'
import { JournalRefused } from '../journal/trouble.ts'
import {
  type Connection,
  type ConnectionOptions,
  openReader,
  PATIENCE,
  PATIENCE_START,
  type Self,
} from './connection.ts'
import { enter, lockMember, numberOf, type OwnRecords, takenRefusal } from './member.ts'
import { isPooled, makeDurable, pooledRefusal, prepareSchema } from './prepare.ts'
import { findPrimary } from './primary.ts'
import type { Session } from './session.ts'
import { databaseError } from './trouble.ts'

export interface PostgresOptions extends ConnectionOptions {
  /** Of this server among those of the database; undefined: the name of the host. */
  readonly name?: string | undefined
  /** Undefined: no history of leases is kept. */
  readonly history?: HistoryPlan | undefined
  /**
   * Called within the transaction that makes the schema, with the number of this member: what is to
   * be there from the start.
   */
  readonly fill?: (session: Session, member: number) => Promise<void>
  /** What the clocks of this host show; default: the real ones. */
  readonly times?: () => HostTimes
}

export interface Opened {
  readonly connection: Connection
  readonly self: Self
  readonly own: OwnRecords
  readonly warnings: readonly string[]
}

const WAIT_MIN: Millis = 100

export async function openDatabase(options: PostgresOptions): Promise<Opened> {
  const { plan } = options
  const { onStartup, tries, wait } = plan.reconnect
  for (let left = onStartup ? tries : 0; ; left--) {
    try {
      return await openNow(options)
    } catch (error) {
      if (error instanceof JournalRefused) throw error
      const { message, cure } = databaseError(error)
      if (left <= 0 || cure !== 'lost')
        throw new JournalRefused('cannot-open', `${describeDatabase(plan)}: ${message}`)
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(WAIT_MIN, wait)))
  }
}

async function openNow(options: PostgresOptions): Promise<Opened> {
  const { plan, durability, name = hostname(), fill = async () => {} } = options
  const first = { name: `whio ${name}`, patience: PATIENCE_START }
  const beginning = await findPrimary(plan, first)
  const filled = async (session: Session) => fill(session, await numberOf(session, name))
  let database: string
  try {
    database = (await prepareSchema(beginning.session, filled)).database
  } finally {
    await beginning.session.close()
  }
  const wish = { name: `whio ${name}`, patience: PATIENCE }
  const { session: writer, systemId, timeline } = await findPrimary(plan, wish)
  let reader: Session | undefined
  try {
    reader = await openReader(plan, writer, name)
    // Before there is a lock, which a pooler would hold for whoever comes next.
    if (await isPooled(writer, reader)) throw pooledRefusal()
    const number = await numberOf(writer, name)
    const instance = randomUUID()
    if ((await lockMember(writer, number, instance)) === 'taken') throw takenRefusal(name)
    const warnings = await makeDurable(writer, durability)
    const own = await enter(writer, number, instance)
    const who = { number, instance, former: own.former }
    const self: Self = { ...who, name, database, fingerprint: '' }
    return { connection: { writer, reader, systemId, timeline }, self, own, warnings }
  } catch (error) {
    writer.drop()
    reader?.drop()
    throw error
  }
}
