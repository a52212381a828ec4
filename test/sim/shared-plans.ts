// Plans of servers that share a database.

import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import type { OnFail } from '../../lib/config/plan/connection-plan.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { type PairConfigSettings, pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import type { Around } from './plans.ts'

/** The plan with its leases in a database of the lab. */
export function onDatabase(plan: Plan, onFail: OnFail = 'stop-retry-exit'): Plan {
  const connection = {
    type: 'postgresql',
    hosts: [{ host: 'database', port: 5432 }],
    name: 'whio',
    ...{ user: undefined, password: undefined, connectTimeout: 5 },
    ...{ readTimeout: undefined, writeTimeout: undefined, tcpUserTimeout: undefined },
    tls: {
      mode: 'disable',
      ...{ trustAnchor: undefined, certFile: undefined, keyFile: undefined, ciphers: undefined },
    },
    reconnect: { onFail, tries: 0, wait: 0, onStartup: true },
    isReadOnly: false,
  } as const
  const shared = { connection, name: undefined, only: undefined }
  return { ...plan, database: { ...plan.database, shared } }
}

export interface PairOnDatabase extends Pick<PairConfigSettings, 'mode' | 'ha' | 'dhcp6'> {
  /** Default: ninety addresses. */
  readonly pool?: string
  readonly lifetime?: number
  readonly onFail?: OnFail
  /** More keys of Dhcp4, or others. */
  readonly dhcp4?: Partial<Dhcp4Document>
  readonly around?: Around | undefined
}

/** The plans of two servers of a pair with their leases in a database of the lab. */
export function pairOnDatabase({
  pool = '192.0.2.10 - 192.0.2.99',
  lifetime = 600,
  onFail = 'stop-retry-exit',
  dhcp4 = {},
  ha = {},
  around = {},
  ...rest
}: PairOnDatabase = {}): Plan[] {
  const subnet4 = [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool }] }]
  const where = { type: 'postgresql', name: 'whio', host: '192.0.2.250' } as const
  const database = { ...where, 'on-fail': onFail }
  const own = { subnet4, 'valid-lifetime': lifetime, 'lease-database': database, ...dhcp4 }
  const alike = { 'send-lease-updates': false, 'sync-leases': false }
  return pairPlans({ ...pairConfig({ ...rest, dhcp4: own, ha: { ...alike, ...ha } }), ...around })
}
