// Where a hook comes from: a file by its whole path, or a package. A hook is code of the operator
// with all rights of the server, so that whoever could write its file could do what the server can:
// the file, and each folder above it, belong to root or to the user of the server, and nobody else
// may write them.

import { createHash } from 'node:crypto'
import { readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { wordsOf } from '../system-error.ts'

export interface ModuleFile {
  /** Another one where the file says something else: a module is read once by its URL. */
  readonly url: string
  readonly path: string
  /** Of its text. */
  readonly digest: string
}

/**
 * Throws an error with words for the operator. `folders`: where a package is looked for first, in
 * their `node_modules` and in those above.
 */
export function findModule(library: string, folders: readonly string[] = []): ModuleFile {
  const named = isAbsolute(library) ? library : pathOfPackage(library, folders)
  let path: string
  try {
    path = realpathSync(named)
  } catch (error) {
    throw new Error(`${named} cannot be read: ${wordsOf(error)}`)
  }
  const trouble = troubleOf(path, statSync, process.getuid?.())
  if (trouble !== '') throw new Error(trouble)
  let text: Buffer
  try {
    text = readFileSync(path)
  } catch (error) {
    throw new Error(`${path} cannot be read: ${wordsOf(error)}`)
  }
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16)
  return { url: `${pathToFileURL(path).href}?${digest}`, path, digest }
}

/** At last it is looked for where Whio itself is installed, and in the folders above. */
function pathOfPackage(name: string, folders: readonly string[]): string {
  for (const folder of folders) {
    const found = pathIn(folder, name)
    if (found !== undefined) return found
  }
  try {
    return fileURLToPath(import.meta.resolve(name))
  } catch {
    const places = [...folders.map((folder) => join(folder, 'node_modules')), 'beside Whio']
    throw new Error(`the package ${name} is not installed: looked for in ${places.join(', ')}`)
  }
}

/** What an `import` in a module of the folder would load; undefined: there is no such package. */
function pathIn(folder: string, name: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve(name, AS_IMPORT)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'MODULE_NOT_FOUND') return undefined
    throw new Error(`the package ${name} in ${folder} has no module: ${(error as Error).message}`)
  }
}

/** The types of Node do not know it yet. */
const AS_IMPORT = { conditions: new Set(['node', 'import']) } as object

const OTHERS_WRITE = 0o022
const STICKY = 0o1000

/**
 * Why the file at this real path is not to be trusted, '' where it is. `user`: of the server. In a
 * folder such as /tmp nobody replaces what is not his.
 */
export function troubleOf(
  path: string,
  look: (path: string) => Pick<Stats, 'mode' | 'uid'>,
  user: number | undefined,
): string {
  if (user === undefined) return ''
  for (let at = path; ; at = dirname(at)) {
    const { mode, uid } = look(at)
    if (uid !== 0 && uid !== user)
      return `${at} belongs to the user ${uid}, who is neither root nor the user of the server`
    const isSticky = at !== path && (mode & STICKY) !== 0
    if ((mode & OTHERS_WRITE) !== 0 && !isSticky)
      return `${at} can be written by others than its owner: chmod go-w ${at}`
    if (at === dirname(at)) return ''
  }
}
