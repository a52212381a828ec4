// Metrics of a lease database that several servers write: whether it is there, who is on it, what
// other servers have brought about here, and how far this one is behind them.

import type { SharedStatus } from '../../server/shared/shared-status.ts'
import type { MetricList } from './metric-list.ts'

/** Nothing where the leases are in a file of this host. */
export function addDatabase(status: SharedStatus | undefined, list: MetricList): void {
  if (status === undefined) return
  const gauge = (name: string, help: string, value: number) =>
    list.add(`whio_database_${name}`, help, 'gauge', {}, value)
  const counter = (name: string, help: string, value: number) =>
    list.add(`whio_database_${name}_total`, help, 'counter', {}, value)
  const { awaySince, behind, differing, doubt, members } = status
  gauge('up', 'Whether the lease database answers', awaySince === undefined ? 1 : 0)
  gauge('members', 'Living servers on it, this one included', members)
  gauge('members_differing', 'Of them, those with other subnets or lifetimes', differing.length)
  gauge('behind_seconds', 'Since all was read that others had stored', behind / 1000)
  gauge('doubt_seconds', 'Until addresses are given anew', doubt)
  counter(
    'conflicts',
    'Messages that were judged anew, as another server was first',
    status.conflicts,
  )
  counter('confirmations', 'Messages that waited for rows as they are stored', status.confirmations)
  counter('bridged', 'Clients that were told what was left while it was away', status.bridged)
  counter('restored', 'Rows that a failover lacked and that were stored again', status.restored)
}
