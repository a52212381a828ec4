// Configuration from files: reads them and hands their text to the config room, with what that must
// know of this machine.

import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import type { ConfigPart } from '../config/backend/part.ts'
import { leaseDatabaseOf } from '../config/lease-database-of.ts'
import {
  type Before,
  type Loaded,
  loadPlanFromSources,
  NOTHING,
  type Source,
} from '../config/load.ts'
import type { CompileContext, FileLook, KnownServer } from '../config/plan/compile-context.ts'
import type { LeaseDatabasePlan } from '../config/plan/plan.ts'
import type { Include } from '../config/text/expand.ts'
import { Problems } from '../config/text/problem.ts'
import { prefixesOfHost } from './interface-prefixes.ts'
import { knownAs } from './known-as.ts'
import { interfaceNames, localAddresses } from './local-addresses.ts'
import { wordsOf } from './system-error.ts'

const FOLDER = '/var/lib/whio'
/** Where the user of Kea may write, and who took its place without being root. */
const KEA_FOLDER = '/var/lib/kea'

/**
 * The journal's folder when the configuration names no place. One that begins its journal goes by
 * what its user may write; everybody else finds it there.
 */
function stateFolder(): string {
  const hasJournal = (folder: string) =>
    [4, 6].some((family) => existsSync(`${folder}/whio-leases${family}.sqlite`))
  const isGuest = process.getuid?.() !== 0 && !isWritable(FOLDER) && isWritable(KEA_FOLDER)
  const isKea = isGuest || hasJournal(KEA_FOLDER)
  return isKea && !hasJournal(FOLDER) ? KEA_FOLDER : FOLDER
}

/**
 * For the daemon: its folder, and where Kea keeps its leases when its configuration names none.
 */
const DAEMON: CompileContext = {
  stateDirectory: stateFolder(),
  keaCsv: '/var/lib/kea/kea-leases4.csv',
  keaCsv6: '/var/lib/kea/kea-leases6.csv',
  hasFile: existsSync,
  knownAs,
}

export interface DaemonWords {
  /** A human has said which server of its pair this is. */
  readonly thisServer: string | undefined
  readonly only?: 4 | 6 | undefined
}

/** The context of the daemon. `running`: who the server is that reads the file again. */
export function daemonContext(
  { thisServer, only }: DaemonWords,
  running?: KnownServer,
): CompileContext {
  const named = {
    ...DAEMON,
    ...(thisServer === undefined ? {} : { thisServer }),
    ...(only === undefined ? {} : { only }),
  }
  return running === undefined ? named : { ...named, knownAs: () => running }
}

/**
 * Reads a configuration file, or several that are one configuration, and everything they include.
 * An included file is looked for as Kea does, from the working directory, and where it is not
 * there, beside the file that includes it. Throws where a file itself cannot be read.
 */
export function loadConfigFiles(
  files: readonly string[],
  context: CompileContext = DAEMON,
  before?: Before,
  { kept, parts }: Beside = {},
): LoadedFiles {
  const whole = { ...thisMachine(), ...context }
  const included: IncludedText[] = []
  const include: Include = (name, from) => {
    const known = kept?.included.find((one) => one.name === name && one.from === from)
    const found = known ?? readInclude(name, from)
    if (found === undefined || 'trouble' in found) return found
    included.push({ name, from, path: found.path, text: found.text })
    return found.text
  }
  const sources = kept?.sources ?? files.map(sourceOf)
  const loaded = loadPlanFromSources(sources, include, whole, before, parts)
  const all = [...sources, ...included].map(({ text }) => text)
  const texts = loaded.configDatabases.length === 0 ? undefined : { sources, included }
  const paths = included.map(({ path }) => path)
  return { ...loaded, digest: digestOf(all), included: paths, texts }
}

/** What counts beside the files as they are. */
export interface Beside {
  /** In the place of their texts. */
  readonly kept?: FileTexts | undefined
  /** What configuration databases say. */
  readonly parts?: readonly ConfigPart[] | undefined
}

/** The texts of a configuration as they were read. */
export interface FileTexts {
  readonly sources: readonly Source[]
  readonly included: readonly IncludedText[]
}

interface IncludedText {
  /** As it is written, and the file where that stands. */
  readonly name: string
  readonly from: string
  readonly path: string
  readonly text: string
}

export interface LoadedFiles extends Loaded {
  /** Where configuration databases are named: they are looked at again with the same texts. */
  readonly texts: FileTexts | undefined
  /** Names the texts that were read. */
  readonly digest: string
  /** Paths of the files that they include. */
  readonly included: readonly string[]
}

/** Of the texts of a configuration: of its files, then of what they include. */
export function digestOf(texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text)
  return hash.digest('hex')
}

/** Throws where it cannot be read. */
export function sourceOf(file: string): Source {
  return { text: readFileSync(file, 'utf8'), file }
}

/** The same, but that a file cannot be read is a problem like any other. */
export function loadAnyConfigFiles(files: readonly string[], context: CompileContext): Loaded {
  try {
    return loadConfigFiles(files, context)
  } catch (error) {
    const { errno, path = files.join(' and ') } = error as NodeJS.ErrnoException
    if (errno === undefined) throw error
    const problems = new Problems()
    problems.error([], 'file-unreadable', `${path} cannot be read: ${wordsOf(error)}`)
    return { ...NOTHING, problems: problems.list }
  }
}

/** Where the daemon with these files keeps its leases; undefined where they do not tell. */
export function leaseDatabaseOfFiles(files: readonly string[]): LeaseDatabasePlan | undefined {
  try {
    return leaseDatabaseOf(files.map(sourceOf), includeText, DAEMON)
  } catch {
    return undefined
  }
}

/**
 * What compile must know of this machine: its interfaces and addresses, and what its files hold.
 */
export function thisMachine(): Pick<
  CompileContext,
  'look' | 'localAddresses' | 'interfaceNames' | 'prefixesOf'
> {
  const names = interfaceNames()
  const known = names === undefined ? {} : { interfaceNames: names }
  return {
    look,
    localAddresses: localAddresses(),
    prefixesOf: prefixesOfHost(),
    ...known,
  }
}

const READ_BY_OTHERS = 0o004

function look(path: string): FileLook {
  try {
    const found = statSync(path)
    if (found.isDirectory()) return { kind: 'folder', isWritable: isWritable(path) }
    if (!found.isFile()) return { kind: 'trouble', trouble: 'it is not a regular file' }
    const isOpen = (found.mode & READ_BY_OTHERS) !== 0
    return { kind: 'file', text: readFileSync(path, 'utf8'), isOpen }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { kind: 'trouble', trouble: TROUBLES[code ?? ''] ?? message }
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

const TROUBLES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
}

/** What a file includes, and where it was found. */
export function readInclude(
  path: string,
  from: string,
): { readonly path: string; readonly text: string } | { readonly trouble: string } | undefined {
  const beside = isAbsolute(path) ? path : join(dirname(from), path)
  for (const candidate of new Set([path, beside])) {
    try {
      return { path: candidate, text: readFileSync(candidate, 'utf8') }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return { trouble: wordsOf(error) }
    }
  }
  return undefined
}

/** Its text alone. */
const includeText: Include = (path, from) => {
  const found = readInclude(path, from)
  return found === undefined || 'trouble' in found ? found : found.text
}

/** Reads included files, and remembers where each was found. */
export function includeFinder(): { include: Include; pathOf: (file: string) => string } {
  const paths = new Map<string, string>()
  return {
    include(name, from) {
      const found = readInclude(name, from)
      if (found === undefined || 'trouble' in found) return found
      paths.set(name, found.path)
      return found.text
    },
    pathOf: (file) => paths.get(file) ?? file,
  }
}
