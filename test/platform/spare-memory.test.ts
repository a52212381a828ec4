// What this process has freed, and the system gets back.

import t from 'tap'
import { loadLibc } from '../../lib/platform/libc.ts'
import { giveBackMemory } from '../../lib/platform/spare-memory.ts'
import { memoryInUse } from '../fuzz/campaign.ts'

const libc = loadLibc()
const skip = typeof libc === 'string' ? libc : libc.trimMemory === undefined && 'no malloc_trim'

const MEGA = 1_000_000
/** Too small for pages of their own. */
const PIECE = 100_000

t.test('what was freed between things that stay goes back to the system', { skip }, async (t) => {
  const pieces = Array.from({ length: 1000 }, () => new Uint8Array(PIECE).fill(1))
  const kept = pieces.filter((_, index) => index % 10 === 0)
  pieces.length = 0
  // Collected; and the library has it.
  memoryInUse()
  await new Promise((resolve) => setTimeout(resolve, 100))
  memoryInUse()
  const before = process.memoryUsage.rss()
  giveBackMemory()
  const given = before - process.memoryUsage.rss()
  t.ok(given > 50 * MEGA, `${Math.round(given / MEGA)} of 90 megabytes`)
  t.ok(kept.every((piece) => piece.every((octet) => octet === 1)))
})
