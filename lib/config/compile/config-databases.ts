// config-control: where more of the configuration comes from.

import type { ConfigControlDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { ServerMap } from '../keys/server-maps.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { ConfigDatabasePlan } from '../plan/config-databases-plan.ts'
import type { Site } from '../text/site.ts'
import { compileConnection } from './connection.ts'

const { 'config-fetch-wait-time': WAIT } = defaultsOf('configControl', 'config-fetch-wait-time')

export function compileConfigDatabases(
  maps: readonly ServerMap[],
  context: CompileContext,
): readonly ConfigDatabasePlan[] {
  return maps.flatMap(({ version, document, site }) => {
    const { 'config-control': control, 'server-tag': serverTag = '' } = document
    const connection = control && connectionOf(control, site.at('config-control'), context)
    if (connection === undefined) return []
    const refresh = (control?.['config-fetch-wait-time'] ?? WAIT) * 1000
    return [{ family: version, connection, serverTag, refresh }]
  })
}

function connectionOf(control: ConfigControlDocument, site: Site, context: CompileContext) {
  const [document] = control['config-databases'] ?? []
  if (document === undefined) return undefined
  const at = site.at('config-databases').at(0)
  const { type } = document
  if (type !== 'memfile') return compileConnection({ ...document, type }, at, context)
  const message = 'no configuration is in a memfile'
  at.at('type').error('config-database', message, 'postgresql or mysql')
  return undefined
}
