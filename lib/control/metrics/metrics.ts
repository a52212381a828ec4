// All metrics of a server, for who prints them: Kea's statistics by the names that its exporters
// gave them, and Whio's own.

import type { Metric } from '../../ports/metrics.ts'
import type { Server } from '../../server/server.ts'
import { Source4 } from '../statistics/source4.ts'
import { Source6 } from '../statistics/source6.ts'
import { keaMetrics } from './kea-metrics.ts'
import { type About, whioMetrics } from './whio-metrics.ts'

/** `undefined` among them: what was asked took a while, and somebody else may have a turn. */
export function* metricsOf(
  server: Server,
  about: About,
): Generator<Metric | undefined, void, undefined> {
  const { v4, v6 } = server.measures
  if (v4 !== undefined) yield* keaMetrics(new Source4(v4, () => server.plan.dhcp4))
  if (v6 !== undefined) yield* keaMetrics(new Source6(v6, () => server.plan.dhcp6))
  yield* whioMetrics(server, about)
  yield* server.measures.hooks?.metrics?.() ?? []
}
