// What `whio explain FILE` knows of databases of reservations: with --leases what they say now,
// else that nobody asked them.

import { withHosts } from '../config/compile/with-hosts.ts'
import { describeDatabase } from '../config/plan/connection-plan.ts'
import type { HostTable } from '../config/plan/host-rows.ts'
import type { HostDatabasePlan } from '../config/plan/hosts-plan.ts'
import type { Plan } from '../config/plan/plan.ts'
import { allAtOnce } from '../config/plan/steps.ts'
import type { HostsKnown } from '../explain/hosts-known.ts'
import { readHosts } from '../platform/hosts/read-once.ts'
import type { Wish } from './explain-wish.ts'

export interface WithHosts {
  /** With the reservations of all databases that were read. */
  readonly plan: Plan
  readonly hosts: readonly HostsKnown[]
}

export async function withHostsOf({ leases }: Wish, plan: Plan, family: 4 | 6): Promise<WithHosts> {
  const databases = plan.hostDatabases.filter((one) => one.family === family)
  if (databases.length === 0) return { plan, hosts: [] }
  const read = await Promise.all(databases.map((one) => tableOf(one, leases)))
  const tables = read.map(({ table }) => table)
  const hosts = read.map(({ known }) => known)
  const all = family === 4 ? { dhcp4: tables, dhcp6: [] } : { dhcp4: [], dhcp6: tables }
  return { plan: allAtOnce(withHosts(plan, all)) ?? plan, hosts }
}

interface Read {
  readonly table: HostTable
  readonly known: HostsKnown
}

async function tableOf(plan: HostDatabasePlan, isAsked: boolean): Promise<Read> {
  const database = describeDatabase(plan.connection)
  const unread = (trouble: string): Read => ({
    table: { kind: 'loaded', database, buckets: new Map() },
    known: { database, reservations: 0, trouble },
  })
  if (!isAsked) return unread('not asked (--leases asks it)')
  try {
    const buckets = await readHosts(plan)
    const reservations = [...buckets.values()].reduce((sum, { length }) => sum + length, 0)
    return {
      table: { kind: 'loaded', database, buckets },
      known: { database, reservations, trouble: '' },
    }
  } catch (error) {
    return unread(`it cannot be read: ${(error as Error).message}`)
  }
}
