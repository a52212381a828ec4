// A database of reservations for who looks once and goes: all that it has, read only, or what is
// wrong.

import type { HostBuckets } from '../../config/plan/host-rows.ts'
import type { HostDatabasePlan } from '../../config/plan/hosts-plan.ts'
import { SqlHostDatabase } from './host-database.ts'

/** A person waits for it: milliseconds. */
const PATIENCE = 60_000

/** Rejects where it cannot be read, or takes too long. However many rows it has, all are read. */
export async function readHosts(plan: HostDatabasePlan): Promise<HostBuckets> {
  const database = new SqlHostDatabase({ ...plan, loadMax: Number.POSITIVE_INFINITY })
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise((resolve, reject) => {
      const fail = (trouble: string): void => reject(new Error(trouble))
      timer = setTimeout(() => fail(`not read within ${PATIENCE / 1000} s`), PATIENCE)
      database.open({
        onRows: resolve,
        onReserved: () => fail('it has too many reservations'),
        onAnswer: () => {},
        onTrouble: fail,
      })
    })
  } finally {
    clearTimeout(timer)
    database.close()
  }
}
