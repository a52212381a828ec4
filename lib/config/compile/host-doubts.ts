// What a file names and this machine does not have. The server waits for it, or makes it; a slip in
// a name looks the same until somebody wonders why no client is answered.

import type { GlobalDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import { nearest } from '../text/nearest.ts'
import type { Site } from '../text/site.ts'

const { persist: PERSIST } = defaultsOf('leaseDatabase', 'persist')

export function warnOfHostDoubts(
  document: GlobalDocument,
  context: CompileContext,
  site: Site,
): void {
  warnOfInterfaces(document, context, site)
  warnOfFolder(document, context, site)
}

function warnOfInterfaces(
  document: GlobalDocument,
  { interfaceNames }: CompileContext,
  site: Site,
): void {
  if (interfaceNames === undefined) return
  for (const [index, text] of (document['interfaces-config']?.interfaces ?? []).entries()) {
    const name = text.split('/', 1)[0]!.trim()
    if (name === '*' || interfaceNames.includes(name)) continue
    const guess = nearest(name, interfaceNames)
    const hint =
      guess === undefined ? `it has ${interfaceNames.join(', ')}` : `did you mean ${guess}?`
    const message = `this machine has no interface ${name} at present`
    const at = site.at('interfaces-config').at('interfaces').at(index)
    at.warning('interface-absent', message, hint)
  }
}

/**
 * The server makes the folder where it can, so one that is absent is no doubt by itself. The usual
 * folder comes with the service.
 */
function warnOfFolder(
  document: GlobalDocument,
  { look, stateDirectory }: CompileContext,
  site: Site,
): void {
  const { name = '', persist = PERSIST } = document['lease-database'] ?? {}
  if (!persist || !name.startsWith('/') || look === undefined) return
  const folder = folderOf(name)
  if (folder === stateDirectory) return
  let above = folder
  while (above !== '/' && look(above).kind === 'trouble') above = folderOf(above)
  const found = look(above)
  if (found.kind === 'folder' && (above === folder || found.isWritable !== false)) return
  const message = `there is no folder ${folder}`
  const hint = found.kind === 'folder' ? `this user may make none in ${above}` : `${above} is none`
  site.at('lease-database').at('name').warning('folder-absent', message, hint)
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')))
}
