// `whio explain ID`: the operator's paragraph of a log message or drop reason.

import { MESSAGES } from '../server/messages.ts'
import { REASONS4 } from '../wire/reasons.ts'

interface Row {
  readonly level: string
  readonly text: string
  readonly help: string
}

export function explain(args: string[]): number {
  const rows: Record<string, Row> = { ...MESSAGES, ...REASONS4 }
  const [id] = args
  if (id === undefined) {
    const width = Math.max(...Object.keys(rows).map((name) => name.length))
    for (const [name, row] of Object.entries(rows))
      process.stdout.write(`${name.padEnd(width)}  ${row.text}\n`)
    return 0
  }
  const row = rows[id]
  if (row === undefined) {
    process.stderr.write(`whio explain: nothing is known as '${id}'\n`)
    return 1
  }
  process.stdout.write(`${id} (${row.level}): ${row.text}\n\n${row.help}\n`)
  return 0
}
