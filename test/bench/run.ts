// `npm run bench`: the numbers that the README quotes. Needs root (network namespaces), perfdhcp and
// kea-dhcp4. With words behind `--` only these parts run: exchanges offers scale leases journal.

import { parseArgs } from 'node:util'
import { exchanges } from './exchanges.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '2' }, only: { type: 'string', multiple: true } },
})

const PARTS: Record<string, () => Promise<void>> = {
  exchanges: () => exchanges(Number(values.rounds), values.only),
}

for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  const part = PARTS[name]
  if (part === undefined) throw new Error(`no part '${name}': ${Object.keys(PARTS).join(' ')}`)
  await part()
}
