// What is said once for the whole process: the witness of the lease database, the loggers.

import type { LoggerDocument, WhioDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { ServerMap } from '../keys/server-maps.ts'
import type { LeaseDatabasePlan, LoggerPlan } from '../plan/plan.ts'
import type { Site } from '../text/site.ts'

const { severity: SEVERITY } = defaultsOf('logger', 'severity')

/** Beside the database it would be copied, and put back, together with it. */
export function compileWitnessFolder(
  whio: WhioDocument | undefined,
  { path }: LeaseDatabasePlan,
  at: Site,
): string | undefined {
  const folder = whio?.['witness-folder']?.replace(/(?<=.)\/+$/, '')
  if (folder === undefined) return undefined
  if (!folder.startsWith('/')) at.error('witness-folder', `'${folder}' is not an absolute path`)
  else if (path.slice(0, path.lastIndexOf('/')) === folder) {
    const hint = 'what is noted there is put back with an older copy of it, and tells nothing'
    at.warning('witness-folder', `${folder} is the folder of the lease database`, hint)
  }
  return folder
}

/**
 * Of both maps: the process has one log, so what either asks for gets the lines of both. Loggers of
 * other programs of Kea may stand in a shared file: they are passed over.
 */
export function compileLoggers(maps: readonly ServerMap[]): LoggerPlan[] {
  const loggers: LoggerPlan[] = []
  for (const { document, site } of maps)
    for (const [index, logger] of (document.loggers ?? []).entries())
      addLogger(logger, maps, site.at('loggers').at(index), loggers)
  const [one, other] = loggers.filter(({ name }) => !name.includes('.'))
  if (one !== undefined && other !== undefined && !isAlike(one, other)) {
    const message = 'the loggers of the two maps differ, and the process has one log'
    const hint = 'what either asks for gets the lines of both'
    maps.at(-1)!.site.at('loggers').warning('logger-differs', message, hint)
  }
  return loggers
}

function addLogger(
  { name, severity = SEVERITY, 'output-options': options = [] }: LoggerDocument,
  maps: readonly ServerMap[],
  site: Site,
  loggers: LoggerPlan[],
): void {
  const own = maps.map(({ version }) => `kea-dhcp${version}`)
  const at = site.at('name')
  if (!own.some((root) => name === root || name.startsWith(`${root}.`))) {
    at.warning('logger-name', `logger '${name}' is not one of this server's`, own.join(', '))
  } else if (loggers.some((former) => former.name === name)) {
    const message = `logger '${name}' stands here a second time`
    at.warning('logger-name', message, 'the first entry counts')
  } else {
    const outputs = options.map(({ output }) => output)
    loggers.push({ name, severity: severity.toLowerCase() as LoggerPlan['severity'], outputs })
  }
}

function isAlike(one: LoggerPlan, other: LoggerPlan): boolean {
  return one.severity === other.severity && `${one.outputs}` === `${other.outputs}`
}
