// Which lines of the operator's files a reservation would change: the files are rewritten as they
// would be, and nothing is written.

import { type Edit, editedBy, isProblem } from '../config/edits.ts'
import type { ConfigDocument } from '../config/keys/document.ts'
import { NoSecret, withSecrets } from '../config/keys/secrets.ts'
import type { Members } from '../config/text/map.ts'
import { formatPath } from '../config/text/problem.ts'
import { rewritten } from '../config/write.ts'
import { stepOf } from '../control/commands/edit/host-change.ts'
import { hostList } from '../control/commands/edit/host-find.ts'
import { FAMILY4, FAMILY6, Places } from '../control/commands/edit/places.ts'
import {
  daemonContext,
  includeFinder,
  loadAnyConfigFiles,
  sourceOf,
} from '../platform/config-file.ts'
import type { Family, ServerCommands } from './server-commands.ts'

/** Edits that were not written yet are among them, since they would be written too. */
export async function previewLines(
  server: ServerCommands,
  family: Family,
  subnetId: number,
  host: Members,
  present: Members | undefined,
): Promise<string[]> {
  const files = await server.files()
  const { document } = loadAnyConfigFiles(files, daemonContext({ thisServer: undefined }))
  if (document === undefined) throw new Error('the files of the configuration cannot be read')
  const inForce = { ...document, ...(await mapsOf(server, document)) } as ConfigDocument
  const wanted = host === present ? inForce : withHost(inForce, family, subnetId, host)
  const { include, pathOf } = includeFinder()
  const sources = files.map(sourceOf)
  const result = rewritten(sources, include, wanted, family)
  if (result.trouble !== undefined) throw new Error(result.trouble)
  return [...result.texts].flatMap(([file, text]) =>
    changedLines(pathOf(file), sourceOf(pathOf(file)).text, text),
  )
}

async function mapsOf(server: ServerCommands, document: ConfigDocument): Promise<object> {
  const maps: Record<string, unknown> = {}
  for (const family of [4, 6] as const) {
    const name = `Dhcp${family}` as const
    if (document[name] === undefined) continue
    const shown = (await server.done(family, 'config-get')).arguments[name]
    maps[name] = withSecretsOf(shown, document[name])
  }
  return maps
}

/** What the server does not show stands in its files. */
function withSecretsOf(shown: unknown, standing: unknown): unknown {
  try {
    return withSecrets(shown, standing)
  } catch (error) {
    if (!(error instanceof NoSecret)) throw error
    const where = formatPath(error.path)
    throw new Error(`the secret ${where} is not in the files, so nothing can be shown`)
  }
}

function withHost(
  document: ConfigDocument,
  family: Family,
  subnetId: number,
  host: Members,
): ConfigDocument {
  const places = new Places(document, family === 4 ? FAMILY4 : FAMILY6)
  const list = hostList(places, subnetId)
  if (list === undefined) throw new Error(`there is no subnet with the id ${subnetId}`)
  const edit: Edit = { path: [...list.path, stepOf(host)], value: host }
  const edited = editedBy(document, [edit])
  if (isProblem(edited)) throw new Error(edited.message)
  return edited
}

/** From the first line that is another to the last one: those that go, those that come. */
function changedLines(file: string, before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')]
  let head = 0
  while (head < old.length && head < now.length && old[head] === now[head]) head++
  let tail = 0
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  )
    tail++
  const numbered = (lines: readonly string[], sign: '-' | '+') =>
    lines
      .slice(head, lines.length - tail)
      .map((text, at) => `${String(head + at + 1).padStart(5)} ${sign} ${text}`)
  return [file, ...numbered(old, '-'), ...numbered(now, '+')]
}
