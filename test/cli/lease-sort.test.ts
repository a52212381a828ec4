// `whio leases --sort`: the order of the list.

import t from 'tap'
import type { AnyListed } from '../../lib/cli/lease-filter.ts'
import { orderOf } from '../../lib/cli/lease-sort.ts'
import { allOf } from '../../lib/cli/listing.ts'
import { UsageError } from '../../lib/cli/usage.ts'

function lease(address: string, hwAddress: string, hostname: string, left: number | null) {
  return { address, hwAddress, hostname, left, subnet: Number(address.split('.')[2]) } as AnyListed
}

const LEASES = [
  lease('198.18.1.9', '02:00:00:00:00:03', 'printer', null),
  lease('198.18.1.10', '02:00:00:00:00:01', 'Alpha', 20),
  lease('198.18.0.11', '02:00:00:00:00:02', '', 100),
  lease('198.18.0.12', '02:00:00:00:00:02', 'beta', -5),
]

t.test('whio leases --sort', async (t) => {
  const cases: readonly (readonly [string | undefined, number[]])[] = [
    [undefined, [9, 10, 11, 12]],
    ['address', [9, 10, 11, 12]],
    ['-address', [12, 11, 10, 9]],
    ['expires', [12, 10, 11, 9]],
    ['-expires', [9, 11, 10, 12]],
    ['hostname', [11, 10, 12, 9]],
    ['mac', [10, 11, 12, 9]],
    ['-mac', [9, 11, 12, 10]],
    ['subnet', [11, 12, 9, 10]],
  ]
  for (const [wish, expected] of cases) {
    const sorted = await allOf(orderOf(wish)(LEASES))
    const last = sorted.map(({ address }) => Number(address.split('.')[3]))
    t.same(last, expected, String(wish))
  }
  for (const wish of ['name', '', '-', 'toString'])
    t.throws(() => orderOf(wish), UsageError, `'${wish}'`)
})
