// hosts-databases: where reservations are looked up beside the document.

import type { DatabaseDocument, WhioDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { ServerMap } from '../keys/server-maps.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import { describeDatabase } from '../plan/connection-plan.ts'
import type { HostDatabasePlan } from '../plan/hosts-plan.ts'
import type { Site } from '../text/site.ts'
import { compileConnection } from './connection.ts'

const DEFAULTS = defaultsOf('whioHosts', 'refresh', 'load-max', 'cache-size')

export function compileHostDatabases(
  maps: readonly ServerMap[],
  whio: WhioDocument | undefined,
  context: CompileContext,
): readonly HostDatabasePlan[] {
  return maps.flatMap(({ version, document, site }) => {
    const at = site.at('hosts-databases')
    const plans: HostDatabasePlan[] = []
    for (const [index, one] of (document['hosts-databases'] ?? []).entries()) {
      const plan = compileOne(one, version, plans.length, whio, at.at(index), context)
      if (plan === undefined) continue
      warnOfDuplicate(plan, plans, at.at(index))
      plans.push(plan)
    }
    return plans
  })
}

function compileOne(
  document: DatabaseDocument,
  family: 4 | 6,
  index: number,
  whio: WhioDocument | undefined,
  site: Site,
  context: CompileContext,
): HostDatabasePlan | undefined {
  const { type } = document
  if (type === 'memfile') {
    const message = 'reservations are in no memfile'
    site.at('type').error('hosts-database', message, 'postgresql or mysql, or the file itself')
    return undefined
  }
  const hosts = whio?.hosts
  return {
    family,
    index,
    connection: compileConnection({ ...document, type }, site, context),
    refresh: (hosts?.refresh ?? DEFAULTS.refresh) * 1000,
    loadMax: hosts?.['load-max'] ?? DEFAULTS['load-max'],
    cacheSize: hosts?.['cache-size'] ?? DEFAULTS['cache-size'],
  }
}

function warnOfDuplicate(
  { connection }: HostDatabasePlan,
  others: readonly HostDatabasePlan[],
  site: Site,
): void {
  const name = describeDatabase(connection)
  if (!others.some((other) => describeDatabase(other.connection) === name)) return
  site.warning('duplicate', `${name} stands here a second time`, 'once is enough')
}
