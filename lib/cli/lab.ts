// `whio lab`: a pair of servers, or with --single one, and simulated clients that talk to it over
// real UDP on loopback. On a terminal a live view, elsewhere plain lines. `--for 10s` ends by
// itself.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pairLab } from './lab-pair-run.ts'
import { singleLab } from './lab-single.ts'
import type { LabWish } from './lab-wish.ts'
import { durationFromText, UsageError } from './usage.ts'

/** More addresses than the pool has. */
const CLIENTS_MAX = 200

/** Until a pair has met, and its clients have their leases: milliseconds. */
const MEETING = 15_000

/** Exit code 0 where every client was bound at the end, else 1. */
export async function lab(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      for: { type: 'string' },
      clients: { type: 'string', default: '8' },
      single: { type: 'boolean', default: false },
    },
  })
  const duration = values.for === undefined ? undefined : durationFromText(values.for, '--for')
  const clients = Number(values.clients)
  if (!Number.isInteger(clients) || clients < 1 || clients > CLIENTS_MAX)
    throw new UsageError(`--clients: a number from 1 to ${CLIENTS_MAX}`)
  if (!values.single && duration !== undefined && duration < MEETING)
    process.stderr.write(
      `whio lab: two servers need some ${MEETING / 1000} s until every client has an address; --for ${values.for} may end before\n`,
    )
  const folder = mkdtempSync(join(tmpdir(), 'whio-lab-'))
  try {
    const wish: LabWish = { folder, clients, duration }
    return await (values.single ? singleLab(wish) : pairLab(wish))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
