// `whio compat DIR`: Kea's names for Whio in a folder of programs. Nothing of somebody else's is
// written over.

import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { wordsOf } from '../platform/system-error.ts'
import { KEA_NAMES, type KeaName, launcherOf, MARK } from './kea-names.ts'
import { UsageError } from './usage.ts'

export function compat(args: string[]): number {
  const { positionals } = parseArgs({ args, allowPositionals: true, options: {} })
  const [folder, ...more] = positionals
  if (folder === undefined || more.length > 0)
    throw new UsageError(
      `name the folder where ${KEA_NAMES.join(', ')} are to stand, such as /usr/local/sbin`,
    )
  const command = [process.execPath, realpathSync(process.argv[1]!)]
  return KEA_NAMES.every((name) => place(resolve(folder), name, command)) ? 0 : 1
}

function place(folder: string, name: KeaName, command: readonly string[]): boolean {
  const path = join(folder, name)
  try {
    if (existsSync(path) && !readFileSync(path, 'utf8').includes(MARK)) {
      process.stderr.write(`whio compat: ${path} is another program, and stays as it is\n`)
      return false
    }
    writeFileSync(path, launcherOf(name, command), { mode: 0o755 })
  } catch (error) {
    process.stderr.write(`whio compat: ${path}: ${wordsOf(error)}\n`)
    return false
  }
  const first = firstInPath(name)
  const note = first === path ? '' : ` (PATH finds ${first ?? 'none'})`
  process.stdout.write(`${path}${note}\n`)
  return true
}

function firstInPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
