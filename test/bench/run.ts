// `npm run bench`: the numbers that the README quotes. Needs root (network namespaces), perfdhcp,
// kea-dhcp4 and kea-dhcp6, and a build (`npm run prepare`). With words behind `--` only these parts
// run:
//
//   npm run bench -- [--rounds N] [--only WORD OF A NAME] exchanges moderate cold offers scale pair
//       takeover resync campus v6 pair6 lists database

import { parseArgs } from 'node:util'
import { campus } from './campus.ts'
import { cold } from './cold.ts'
import { database } from './database.ts'
import { exchanges } from './exchanges.ts'
import { lists } from './lists.ts'
import { moderate } from './moderate.ts'
import { offers } from './offers.ts'
import { pair } from './pair.ts'
import { resync } from './pair-resync.ts'
import { takeover } from './pair-takeover.ts'
import { pair6 } from './pair6.ts'
import { scale } from './scale.ts'
import { v6 } from './v6.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, only: { type: 'string', multiple: true } },
})

const PARTS: Record<string, () => Promise<void>> = {
  exchanges: () => exchanges(Number(values.rounds ?? 2), values.only ?? []),
  moderate: () => moderate(Number(values.rounds ?? 5)),
  cold: () => cold(Number(values.rounds ?? 2), values.only ?? []),
  lists: () => lists(Number(values.rounds ?? 3), values.only ?? []),
  database: () => database(Number(values.rounds ?? 2), values.only ?? []),
  offers,
  scale,
  pair: () => pair(Number(values.rounds ?? 1), values.only ?? []),
  takeover,
  resync,
  v6: () => v6(Number(values.rounds ?? 2), values.only ?? []),
  pair6: () => pair6(Number(values.rounds ?? 1), values.only ?? []),
  campus: () => campus(Number(values.rounds ?? 1), values.only ?? []),
}

for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  const part = PARTS[name]
  if (part === undefined) throw new Error(`no part '${name}': ${Object.keys(PARTS).join(' ')}`)
  await part()
}
