// What configuration databases said when it came into force, in a file beside the journal
// (`<journal>.config`): a server that starts while its database is away serves that.

import { readFileSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ConfigPart } from '../../config/backend/part.ts'
import type { ConfigDatabasePlan } from '../../config/plan/config-databases-plan.ts'
import { describeDatabase } from '../../config/plan/connection-plan.ts'
import { isMap } from '../../config/text/map.ts'
import { jsonPieces } from '../configuration/json-pieces.ts'
import { makeFolder } from '../folder.ts'
import type { ConfigDatabase } from './config-database.ts'

export interface Kept {
  readonly serverTag: string
  /** UTC. */
  readonly read: string
  readonly part: ConfigPart
}

/** Undefined: nothing is kept, as leases are not. */
export type KeptFile = string | undefined

export function keptFile(journal: string, persist: boolean): KeptFile {
  return persist ? `${journal}.config` : undefined
}

/** Rejects with what the system says. */
export async function keep(file: string, databases: readonly ConfigDatabase[]): Promise<void> {
  const kept = databases.flatMap(({ accepted: part, plan: { serverTag }, read }): Kept[] =>
    part === undefined ? [] : [{ serverTag, read, part }],
  )
  makeFolder(dirname(file))
  const draft = `${file}.new`
  try {
    const handle = await open(draft, 'w', MODE)
    try {
      await handle.writeFile(jsonPieces({ version: VERSION, kept }))
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } finally {
    await rm(draft, { force: true })
  }
}

/** The group of the server reads it. */
const MODE = 0o640

/** Counts with the shape of a part. */
const VERSION = 1

/** What is kept of this database for this server. */
export function keptOf(
  file: KeptFile,
  { family, connection, serverTag }: ConfigDatabasePlan,
): Kept | undefined {
  const database = describeDatabase(connection)
  return allKept(file).find(
    (one) =>
      one.part.family === family && one.part.database === database && one.serverTag === serverTag,
  )
}

function allKept(file: KeptFile): readonly Kept[] {
  if (file === undefined) return []
  try {
    const found: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (!isMap(found) || found.version !== VERSION || !Array.isArray(found.kept)) return []
    return found.kept as readonly Kept[]
  } catch {
    // None, or none that can be read.
    return []
  }
}
