// What size costs in DHCPv6: a million leases in memory and read from the disk, beside as many of
// DHCPv4; a free address or prefix in pools of whatever size, empty, full but for one, and many.
//
//   npm run bench -- scale, or alone: node test/bench/scale6.ts

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BINDING_KIND, bindingOf } from '../../lib/leases/binding.ts'
import { family6 } from '../../lib/leases/keys/family6.ts'
import type { Range } from '../../lib/leases/keys/key.ts'
import type { Lease6 } from '../../lib/leases/lease.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { leaseTable6 } from '../../lib/leases/table/lease-table6.ts'
import type { FreeSearch } from '../../lib/leases/view.ts'
import { openJournal } from '../../lib/platform/journal/journal.ts'
import { giveBackMemory } from '../../lib/platform/spare-memory.ts'
import { client6, key6, range6 } from '../leases/keys6.ts'
import { drawing } from '../leases/table-rows.ts'
import { fillJournal, leaseOf } from './databases.ts'

const MILLION = 1_000_000
const SEARCHES = 20_000
const LAN = range6('2001:db8::', '2001:db8::ffff:ffff:ffff:ffff')

type Family = '4' | '6'

export async function scale6Rows(): Promise<string[]> {
  return [...(await millionRows()), ...searchRows()]
}

// ---- a million leases

/** Of an address that is drawn from a /64. */
export function lease6Of(client: number): Lease6 {
  const { hwAddress, ...lease } = leaseOf(client)
  const duid = `\0\x03\0\x01${hwAddress}`
  const clientId = bindingOf(BINDING_KIND.na, 1, duid)
  const address = family6.any(LAN, drawing(client))
  return { ...lease, hwAddress, clientId, preferredLifetime: 3600, address }
}

interface Loaded {
  readonly milliseconds: number
  readonly rss: number
}

async function millionRows(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'whio-scale6-'))
  try {
    await fillJournal(join(folder, '4'), MILLION, leaseOf)
    await fillJournal(join(folder, '6'), MILLION, lease6Of)
    const [four, six] = [loaded(folder, '4'), loaded(folder, '6')]
    const times = six.milliseconds / four.milliseconds
    return [
      `| memory of a lease of DHCPv6, of a million | ${(six.rss / MILLION).toFixed(0)} bytes of RSS |`,
      `| a million leases of DHCPv6 from the disk | ${(six.milliseconds / 1000).toFixed(2)} s (x ${times.toFixed(2)} of DHCPv4) |`,
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** In a process of its own. */
function loaded(folder: string, family: Family): Loaded {
  const args = [fileURLToPath(import.meta.url), family, join(folder, family)]
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', ...args], {
    encoding: 'utf8',
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

async function load(family: Family, path: string): Promise<Loaded> {
  const table = family === '4' ? leaseTable4(1) : leaseTable6(1)
  const before = process.memoryUsage.rss()
  const began = performance.now()
  const journal = await openJournal({ path, durability: 'off' })
  await new Promise<void>((resolve) =>
    journal.open({
      onRows: (rows) => table.load(rows),
      onReady: () => resolve(),
      onCommitted: () => {},
      onFailed: (trouble) => {
        throw new Error(trouble)
      },
    }),
  )
  table.completeIndexes()
  const milliseconds = performance.now() - began
  globalThis.gc?.()
  // Buffers are freed a moment later, and given back by a server that has served for a while.
  await new Promise((resolve) => setTimeout(resolve, 1000))
  giveBackMemory()
  const rss = process.memoryUsage.rss() - before
  await new Promise<void>((resolve) => journal.close(resolve))
  return { milliseconds, rss }
}

// ---- searches

/** Microseconds of a search in the pools, all of whose keys but `free` are taken. */
function searchMicros(pools: readonly Range<string>[], order: FreeSearch['order'], free?: string) {
  const table = leaseTable6(1)
  if (free !== undefined)
    for (const { first, last } of pools)
      for (let key = first; key <= last; key = family6.after(key))
        if (key !== free)
          table.apply({ kind: 'put', lease: { ...lease6Of(1), ...client6(1), address: key } })
  const search = { order, draw: drawing(7) }
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < 5; run++) {
    const began = process.threadCpuUsage()
    for (let count = 0; count < SEARCHES; count++)
      if (table.findFree(pools, search, 0) === undefined) throw new Error('nothing is free')
    const { user, system } = process.threadCpuUsage(began)
    best = Math.min(best, (user + system) / SEARCHES)
  }
  return best.toFixed(2)
}

function searchRows(): string[] {
  const full = [range6('2001:db8::1:0', '2001:db8::1:ffff')]
  const blocks = family6.nesting!.below(key6('2001:db8::/32'), 48)
  const many = Array.from({ length: 10_000 }, (_, index) =>
    family6.nesting!.below(family6.at(blocks, index), 56),
  )
  const row = (what: string, pools: readonly Range<string>[], free?: string) => {
    const [one, two] = (['iterative', 'random'] as const).map((order) =>
      searchMicros(pools, order, free),
    )
    return `| a free key of DHCPv6, iterative / random: ${what} | ${one} / ${two} µs |`
  }
  return [
    row('a /112, empty', full),
    row('a /112, full but for one', full, key6('2001:db8::1:8000')),
    row('a /64, empty', [LAN]),
    row('10,000 pools of prefixes', many),
  ]
}

const [, script, family, path] = process.argv
if (script === fileURLToPath(import.meta.url)) {
  if (family === '4' || family === '6') console.log(JSON.stringify(await load(family, path!)))
  else console.log((await scale6Rows()).join('\n'))
}
