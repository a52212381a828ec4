// Which hooks of a configuration a server on this machine would not load, as far as their files
// show it: lines of `whio check`. Nothing of them is run.

import { dirname, resolve } from 'node:path'
import type { HookPlan } from '../config/plan/hook-plan.ts'
import { findModule } from '../platform/hooks/module-file.ts'

export interface HookFinding {
  /** The server may run on another machine, or as another user. */
  readonly severity: 'warning'
  readonly text: string
}

/** `files`: of the configuration; packages are looked for beside them. */
export function hookFindings(hooks: readonly HookPlan[], files: readonly string[]): HookFinding[] {
  const folders = foldersOf(files)
  const libraries = [...new Set(hooks.map(({ library }) => library))]
  return libraries.flatMap((library) => {
    const trouble = troubleWith(library, folders)
    if (trouble === '') return []
    const text = `hook ${library}: ${trouble}: a server that runs here as this user would refuse it`
    return [{ severity: 'warning' as const, text }]
  })
}

export function foldersOf(files: readonly string[]): string[] {
  return [...new Set(files.map((file) => dirname(resolve(file))))]
}

function troubleWith(library: string, folders: readonly string[]): string {
  try {
    findModule(library, folders)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}
