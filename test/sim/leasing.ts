// In some worlds leases are reused without a write, offers are kept for other times, the allocator
// is a queue, or leases are short where pools are nearly full.

import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { chance, happens, oneOf } from '../../lib/lab/chance.ts'
import type { Lab } from '../../lib/lab/lab.ts'

/** With its own chance: what else a seed decides stays as it is. A reload changes it, too. */
export function withLeasing<Document extends Partial<Dhcp4Document>>(
  seed: number,
  documents: readonly Document[],
): Document[] {
  const draw = chance(seed, 'leasing')
  if (!happens(draw, 0.5)) return [...documents]
  const isQueue = happens(draw, 0.3)
  return documents.map((document) => ({
    ...document,
    ...(isQueue ? { allocator: 'flq' as const } : {}),
    'cache-threshold': oneOf(draw, [0, 0.25, 0.6, 1]),
    ...(happens(draw, 0.3) ? { 'cache-max-age': oneOf(draw, [0, 10, 100]) } : {}),
    'offer-lifetime': oneOf(draw, [0, 1, 10, 120]),
    'adaptive-lease-time-threshold': oneOf(draw, [0, 0.5, 0.8, 1]),
  }))
}

/** How many leases servers have reused since they were started last. */
export function reusesIn({ servers }: Lab): number {
  const counts = servers.map(({ server }) => server?.status().statistics['v4-lease-reuses'] ?? 0)
  return counts.reduce((sum, count) => sum + count, 0)
}
