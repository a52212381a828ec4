// Where a configuration keeps its leases, however wrong the rest of it is: by that its running
// server is found.

import { parseConfig } from './check.ts'
import { compileLeaseDatabase } from './compile/process.ts'
import type { CompileContext } from './plan/compile-context.ts'
import type { LeaseDatabasePlan } from './plan/plan.ts'
import type { Include } from './text/expand.ts'

/** Undefined where the text has no Dhcp4 that can be read. */
export function leaseDatabaseOf(
  text: string,
  file: string,
  include: Include,
  context: CompileContext,
): LeaseDatabasePlan | undefined {
  const { document } = parseConfig(text, file, include)
  if (document?.Dhcp4 === undefined) return undefined
  return compileLeaseDatabase(document.Dhcp4['lease-database'], document.Whio, context)
}
