// The databases of reservations of a configuration. One that stays as it was in a reload keeps its
// connections, and what was read of it.

import { isSame } from '../../config/difference.ts'
import type { HostDatabasePlan } from '../../config/plan/hosts-plan.ts'
import type { HostDatabase, Hosts } from '../../ports/hosts.ts'
import { SqlHostDatabase } from './host-database.ts'

export function openHosts(): Hosts {
  let databases: readonly SqlHostDatabase[] = []
  return {
    use(plans: readonly HostDatabasePlan[]): readonly HostDatabase[] {
      const former = [...databases]
      databases = plans.map((plan) => {
        const at = former.findIndex((one) => isSame(one.plan, plan))
        return at < 0 ? new SqlHostDatabase(plan) : former.splice(at, 1)[0]!
      })
      for (const one of former) one.close()
      return databases
    },
    close() {
      for (const one of databases) one.close()
      databases = []
    },
  }
}
