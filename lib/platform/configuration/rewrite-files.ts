// What is in force comes into the files of the configuration, or into one of its own beside them.

import { statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { ConfigDocument } from '../../config/keys/document.ts'
import { rewritten, wholeText } from '../../config/write.ts'
import type { WriteResult } from '../../ports/config-host.ts'
import { includeFinder, sourceOf } from '../config-file.ts'
import { wordsOf } from '../system-error.ts'
import { writeWhole } from './whole-files.ts'

export interface RewriteOrder {
  /** Those that were named at the start. */
  readonly files: readonly string[]
  readonly document: ConfigDocument
  readonly version: 4 | 6 | undefined
  readonly filename: string | undefined
}

export function rewriteFiles(order: RewriteOrder): WriteResult {
  try {
    const { files, filename } = order
    const own = files.map((file) => resolve(file))
    const other = filename === undefined ? undefined : resolve(dirname(own[0] ?? '/'), filename)
    if (other === undefined || own.includes(other)) return rewriteOwn(order)
    if (!own.some((file) => dirname(file) === dirname(other)))
      return { trouble: `not allowed to write config into ${dirname(other)}` }
    writeWhole(new Map([[other, wholeText(order.document)]]))
    return { path: other, bytes: statSync(other).size }
  } catch (error) {
    const { path, errno } = error as NodeJS.ErrnoException
    const what = path === undefined ? '' : `${basename(path)} cannot be written: `
    return { trouble: errno === undefined ? (error as Error).message : what + wordsOf(error) }
  }
}

function rewriteOwn({ files, document, version }: RewriteOrder): WriteResult {
  if (files.length === 0) return { trouble: 'the configuration came from no file' }
  const { include, pathOf } = includeFinder()
  const result = rewritten(files.map(sourceOf), include, document, version)
  if (result.trouble !== undefined) return result
  const texts = [...result.texts].map(([file, text]) => [pathOf(file), text] as const)
  if (texts.length > 0) writeWhole(new Map(texts))
  const path = resolve(result.file)
  return { path, bytes: statSync(path).size }
}
