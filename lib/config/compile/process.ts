// What is said once for the whole process: the witness of the lease database.

import type { WhioDocument } from '../keys/common-document.ts'
import type { LeaseDatabasePlan } from '../plan/plan.ts'
import type { Site } from '../text/site.ts'

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
