// Where a configuration keeps its leases, however wrong the rest of it is: by that its running
// server is found.

import { parseConfig } from './check.ts'
import { compileLeaseDatabase } from './compile/lease-database.ts'
import { serverMapsOf } from './keys/server-maps.ts'
import type { CompileContext } from './plan/compile-context.ts'
import type { LeaseDatabasePlan } from './plan/plan.ts'
import type { Include } from './text/expand.ts'

/** Undefined where the text has no server's map that can be read. */
export function leaseDatabaseOf(
  text: string,
  file: string,
  include: Include,
  context: CompileContext,
): LeaseDatabasePlan | undefined {
  const { document } = parseConfig(text, file, include)
  if (document === undefined) return undefined
  return compileLeaseDatabase(serverMapsOf(document), document.Whio, context)
}
