// `npm run bench`: the numbers that the README quotes. Needs root (network namespaces), perfdhcp and
// kea-dhcp4, and a build (`npm run prepare`). With words behind `--` only these parts run:
//
//   npm run bench -- [--rounds N] [--only NAME] exchanges offers scale

import { parseArgs } from 'node:util'
import { exchanges } from './exchanges.ts'
import { offers } from './offers.ts'
import { scale } from './scale.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '2' }, only: { type: 'string', multiple: true } },
})

const PARTS: Record<string, () => Promise<void>> = {
  exchanges: () => exchanges(Number(values.rounds), values.only ?? []),
  offers,
  scale,
}

for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  const part = PARTS[name]
  if (part === undefined) throw new Error(`no part '${name}': ${Object.keys(PARTS).join(' ')}`)
  await part()
}
