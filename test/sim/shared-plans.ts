// Plans of servers that share a database.

import type { OnFail } from '../../lib/config/plan/connection-plan.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'

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
