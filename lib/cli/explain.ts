// `whio explain ID`: the operator's paragraph of a log message or drop reason.

import { parseArgs } from 'node:util'
import { MESSAGES } from '../catalogue/messages.ts'
import { REASONS4 } from '../catalogue/reasons.ts'
import type { CatalogueRow } from '../catalogue/row.ts'
import { UsageError } from './usage.ts'

/** Exit code 1: there is no such id. Without one all are listed. */
export function explain(args: string[]): number {
  const { positionals } = parseArgs({ args, allowPositionals: true, options: {} })
  if (positionals.length > 1) throw new UsageError('name one id')
  const rows = new Map<string, CatalogueRow>(Object.entries({ ...MESSAGES, ...REASONS4 }))
  const [id] = positionals
  if (id === undefined) return list(rows)
  const row = rows.get(id)
  if (row === undefined) {
    process.stderr.write(
      `whio explain: nothing is known as '${id}'; \`whio explain\` lists all ids\n`,
    )
    return 1
  }
  process.stdout.write(`${id} (${row.level}): ${row.text}\n\n${row.help}\n`)
  return 0
}

function list(rows: ReadonlyMap<string, CatalogueRow>): number {
  const width = Math.max(...[...rows.keys()].map((id) => id.length))
  for (const [id, row] of rows) process.stdout.write(`${id.padEnd(width)}  ${row.text}\n`)
  return 0
}
