// What is said once for the whole process: the lease database and its witness, the loggers.

import type {
  LeaseDatabaseDocument,
  LoggerDocument,
  WhioDocument,
} from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { LeaseDatabasePlan, LoggerPlan } from '../plan/plan.ts'
import type { Site } from '../text/site.ts'

const { durability: DURABILITY } = defaultsOf('whio', 'durability')
const { persist: PERSIST } = defaultsOf('leaseDatabase', 'persist')
const { severity: SEVERITY } = defaultsOf('logger', 'severity')

/** Name of the journal where the document names none. */
const JOURNAL_NAME = 'whio-leases4.sqlite'

/** A `.csv` name is Kea's file: read once, never written; the journal stands beside it. */
export function compileLeaseDatabase(
  document: LeaseDatabaseDocument | undefined,
  whio: WhioDocument | undefined,
  context: CompileContext,
): LeaseDatabasePlan {
  const name = document?.name ?? ''
  const folder = context.stateDirectory === undefined ? '' : `${context.stateDirectory}/`
  const file = name === '' || name.startsWith('/') ? name : `${folder}${name}`
  const isCsv = file.toLowerCase().endsWith('.csv')
  return {
    persist:
      document?.persist ?? (PERSIST && (file !== '' || context.stateDirectory !== undefined)),
    path: file === '' ? `${folder}${JOURNAL_NAME}` : isCsv ? `${file}.sqlite` : file,
    importCsv: isCsv ? file : file === '' ? context.keaCsv : undefined,
    durability: whio?.durability ?? DURABILITY,
  }
}

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

/** Loggers of other programs of Kea may stand in a shared file: they are passed over. */
export function compileLoggers(
  documents: readonly LoggerDocument[] | undefined,
  site: Site,
): LoggerPlan[] {
  const loggers: LoggerPlan[] = []
  for (const [index, document] of (documents ?? []).entries()) {
    const { name } = document
    if (name !== 'kea-dhcp4' && !name.startsWith('kea-dhcp4.')) {
      const message = `logger '${name}' is not one of this server's`
      site.at(index).at('name').warning('logger-name', message, 'kea-dhcp4')
      continue
    }
    if (loggers.some((former) => former.name === name)) {
      const message = `logger '${name}' stands here a second time`
      const hint = 'the first entry counts'
      site.at(index).at('name').warning('logger-name', message, hint)
      continue
    }
    const severity = (document.severity ?? SEVERITY).toLowerCase() as LoggerPlan['severity']
    const outputs = (document['output-options'] ?? []).map(({ output }) => output)
    loggers.push({ name, severity, outputs })
  }
  return loggers
}
