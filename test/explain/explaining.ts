// What is told of a client, as text: the file, the client as it is written, and what is known of
// leases.

import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { LinksOfHost } from '../../lib/explain/arrival4.ts'
import { clientFromText } from '../../lib/explain/client-text.ts'
import { type Explained, explain4 } from '../../lib/explain/explain4.ts'
import { explainedLines } from '../../lib/explain/report-lines.ts'
import type { LeaseTable } from '../../lib/leases/table/lease-table.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'

export interface Given {
  readonly file: Dhcp4Document
  readonly client: string
  readonly table?: LeaseTable
  readonly now?: number
  readonly host?: LinksOfHost
}

export function explained({
  file,
  client,
  table = leaseTable4(),
  now = 0,
  host = new Map(),
}: Given): Explained {
  const { plan, document, problems } = loadPlanFromObject(
    { Dhcp4: file },
    { stateDirectory: '/tmp' },
  )
  if (plan === undefined || document === undefined) throw new Error(JSON.stringify(problems))
  const written = clientFromText(client, plan.dhcp4!.registry)
  const found = explain4({
    plan: plan.dhcp4!,
    ha: plan.ha,
    document: document.Dhcp4!,
    table,
    now,
    host,
    destination: 0,
    ...written,
  })
  if (found === undefined) throw new Error('no such interface')
  return found
}

/** As on a pipe: without colours. */
export function explanation(given: Given): string {
  const lines = explainedLines(explained(given), { leases: 'none', hosts: [] }, (_, text) => text)
  return `\n${lines.join('\n')}\n`
}
