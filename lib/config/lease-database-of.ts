// Where a configuration keeps its leases, however wrong the rest of it is: by that its running
// server is found.

import { parseConfig } from './check.ts'
import { compileLeaseDatabase } from './compile/lease-database.ts'
import { joined } from './join.ts'
import { serverMapsOf } from './keys/server-maps.ts'
import type { Source } from './load.ts'
import type { CompileContext } from './plan/compile-context.ts'
import type { LeaseDatabasePlan } from './plan/plan.ts'
import type { Include } from './text/expand.ts'

/** Undefined where the texts have no server's map that can be read. */
export function leaseDatabaseOf(
  sources: readonly Source[],
  include: Include,
  context: CompileContext,
): LeaseDatabasePlan | undefined {
  const parsed = sources.map(({ text, file }) => ({ file, ...parseConfig(text, file, include) }))
  const { document } = joined(parsed)
  if (document === undefined) return undefined
  return compileLeaseDatabase(serverMapsOf(document), document.Whio, context)
}
