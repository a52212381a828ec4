// The two sessions by which a server uses a shared database: one writes and holds the lock of its
// member, the other reads and listens. They are found together, and lost together.

import type { ConnectionPlan } from '../../config/plan/connection-plan.ts'
import type { Millis } from '../../time/units.ts'
import { lockMember } from './member.ts'
import { makeDurable } from './prepare.ts'
import { findPrimary } from './primary.ts'
import { Session } from './session.ts'
import { DatabaseError } from './trouble.ts'

/** A database that has not answered for so long is lost. */
export const PATIENCE: Millis = 2000
/** The schema, Kea's leases, and the first connection may take longer. */
export const PATIENCE_START: Millis = 600_000

/** Of NOTIFY. */
export const CHANNEL = 'whio'

export interface Connection {
  readonly writer: Session
  readonly reader: Session
  readonly systemId: string
  readonly timeline: number
}

/** Who this process is in the database. */
export interface Self {
  readonly number: number
  readonly instance: string
  /** Who was the member before: a standby that takes over may not have heard of this one yet. */
  readonly former: string
  readonly name: string
  /** Of the database that it knows. */
  readonly database: string
  /** What its configuration is compared by with those of the other members; '' = not known yet. */
  fingerprint: string
}

export interface ConnectionOptions {
  readonly plan: ConnectionPlan
  readonly durability: 'full' | 'normal' | 'off'
}

/**
 * Finds the primary again. Rejects with DatabaseError: `denied` where it will not be found by
 * looking again alone.
 */
export async function connectAgain(options: ConnectionOptions, self: Self): Promise<Connection> {
  const { plan, durability } = options
  const wish = { name: `whio ${self.name}`, patience: PATIENCE }
  const { session: writer, systemId, timeline } = await findPrimary(plan, wish)
  let reader: Session | undefined
  try {
    await refuseOther(writer, self)
    if ((await lockMember(writer, self.number, self.instance)) === 'taken')
      throw new DatabaseError(`another process serves as "${self.name}"`, 'denied')
    await enterAgain(writer, self)
    await makeDurable(writer, durability)
    reader = await openReader(plan, writer, self.name)
    return { writer, reader, systemId, timeline }
  } catch (error) {
    writer.drop()
    reader?.drop()
    throw error
  }
}

export async function openReader(
  plan: ConnectionPlan,
  writer: Session,
  name: string,
): Promise<Session> {
  const wish = { name: `whio ${name} (reading)`, patience: PATIENCE }
  const reader = await Session.open(plan, writer.host, wish)
  await reader.ask({ text: `listen ${CHANNEL}` })
  return reader
}

/** It must be the database that was left, with nobody in the place of this process. */
async function refuseOther(session: Session, self: Self): Promise<void> {
  const { number, instance, former, name, database } = self
  const [row] = await session.ask({
    text: `select (select database from whio.meta) as database,
      (select instance from whio.member where server = $1) as instance`,
    values: [number],
  })
  if (row!.database !== database)
    throw new DatabaseError('it is another database than before: restart to use it', 'denied')
  if (row!.instance !== instance && row!.instance !== former)
    throw new DatabaseError(`another process has served as "${name}": restart`, 'denied')
}

/** With the lock, so that nobody is in between. */
async function enterAgain(session: Session, self: Self): Promise<void> {
  await refuseOther(session, self)
  await session.ask({
    text: 'update whio.member set instance = $2, seen = now() where server = $1',
    values: [self.number, self.instance],
  })
}
