// The routes of Whio's own API, below /api/v1: one list for each kind of thing.

import type { EventRing } from '../events/event-ring.ts'
import type { ConfigHistory } from './config-history.ts'
import { configurationRoutes } from './configuration.ts'
import { eventRoutes } from './events.ts'
import { EXPLAIN } from './explain.ts'
import { LEASE_HISTORY } from './lease-history.ts'
import { LEASES } from './leases.ts'
import { NAMES } from './names.ts'
import { RESERVATIONS } from './reservations.ts'
import type { Route } from './route.ts'

export function routesWith(history: ConfigHistory, events: EventRing): readonly Route[] {
  return [
    ...LEASES,
    ...LEASE_HISTORY,
    ...EXPLAIN,
    ...RESERVATIONS,
    ...NAMES,
    ...configurationRoutes(history),
    ...eventRoutes(events),
  ]
}
