// Metrics of configuration databases: whether each is there, how old what it said is, and whether
// that is in force.

import type { ConfigDatabaseStatus } from '../../ports/config-source.ts'
import type { MetricList } from './metric-list.ts'

/** Nothing where none is named. */
export function addConfigDatabases(
  databases: readonly ConfigDatabaseStatus[],
  list: MetricList,
): void {
  for (const { age, database, failures, family, isInForce, isUp } of databases) {
    const labels = { family: String(family), database }
    const gauge = (name: string, help: string, value: number) =>
      list.add(`whio_config_database_${name}`, help, 'gauge', labels, value)
    gauge('up', 'Whether the database answered when it was asked last', isUp ? 1 : 0)
    gauge('in_force', 'Whether what it said last is in force', isInForce ? 1 : 0)
    if (age !== undefined) gauge('age_seconds', 'Since it was read last', age)
    const help = 'Times that it could not be read'
    list.add('whio_config_database_failures_total', help, 'counter', labels, failures)
  }
}
