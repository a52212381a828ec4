// `whio explain ID`: the operator's paragraph of a log message or drop reason. `whio explain FILE
// --client '...'`: what a client is answered by a configuration (explain-client.ts).

import { parseArgs } from 'node:util'
import { MESSAGES } from '../catalogue/messages.ts'
import { REASONS4 } from '../catalogue/reasons.ts'
import { REASONS6 } from '../catalogue/reasons6.ts'
import type { CatalogueRow } from '../catalogue/row.ts'
import { explainClient } from './explain-client.ts'
import type { Wish } from './explain-wish.ts'
import { CONFIG_OPTIONS, oneConfigFile, UsageError } from './usage.ts'

const FORMS = ['client', 'packet', 'pcap'] as const

/** Exit code 1: there is no such id, or no such file. Without one all are listed. */
export function explain(args: string[]): number | Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONFIG_OPTIONS,
      client: { type: 'string' },
      packet: { type: 'string' },
      pcap: { type: 'string' },
      number: { type: 'string' },
      interface: { type: 'string' },
      leases: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const forms = FORMS.filter((form) => values[form] !== undefined)
  if (forms.length > 1) throw new UsageError('--client, --packet or --pcap, not both')
  if (forms.length === 1) {
    const wish: Wish = {
      config: oneConfigFile(values, positionals),
      form: forms[0]!,
      text: values[forms[0]!]!,
      number: numberFrom(values.number),
      interface: values.interface ?? '',
      leases: values.leases,
      json: values.json,
    }
    return explainClient(wish)
  }
  return explainId(positionals)
}

function numberFrom(text = '1'): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new UsageError(`--number: '${text}' is no number of a message`)
}

function explainId(positionals: readonly string[]): number {
  if (positionals.length > 1) throw new UsageError('name one id')
  const rows = allRows()
  const [id] = positionals
  if (id === undefined) return list(rows)
  const found = rows.get(id)
  if (found === undefined) {
    const isFile = /[./]/.test(id)
    process.stderr.write(
      isFile
        ? `whio explain: which client? \`whio explain ${id} --client 'mac=52:54:00:12:34:56'\`, --packet or --pcap\n`
        : `whio explain: nothing is known as '${id}'; \`whio explain\` lists all ids\n`,
    )
    return 1
  }
  const said = found.map(({ of, row }) => `${id}${of} (${row.level}): ${row.text}\n\n${row.help}\n`)
  process.stdout.write(said.join('\n'))
  return 0
}

interface Explained {
  readonly row: CatalogueRow
  /** Of which family, where the id means something else in the other one. */
  readonly of: '' | ' of DHCPv4' | ' of DHCPv6'
}

function allRows(): Map<string, readonly Explained[]> {
  const rows = new Map<string, readonly Explained[]>()
  const reasons4 = new Map<string, CatalogueRow>(Object.entries(REASONS4))
  for (const [id, row] of [...Object.entries<CatalogueRow>(MESSAGES), ...reasons4])
    rows.set(id, [{ row, of: '' }])
  for (const [id, row] of Object.entries<CatalogueRow>(REASONS6)) {
    const other = reasons4.get(id)
    if (other === undefined) rows.set(id, [{ row, of: '' }])
    else if (other !== row)
      rows.set(id, [
        { row: other, of: ' of DHCPv4' },
        { row, of: ' of DHCPv6' },
      ])
  }
  return rows
}

function list(rows: ReadonlyMap<string, readonly Explained[]>): number {
  const width = Math.max(...[...rows.keys()].map((id) => id.length))
  for (const [id, found] of rows)
    for (const { row, of } of found)
      process.stdout.write(
        `${id.padEnd(width)}  ${row.text}${of === '' ? '' : ` (${of.slice(4)})`}\n`,
      )
  return 0
}
