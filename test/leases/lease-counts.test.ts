// Leases by subnet and by pool: the counts that are kept are those of the rows.

import fc from 'fast-check'
import t from 'tap'
import { BINDING_KIND, bindingOf } from '../../lib/leases/binding.ts'
import { LEASE_STATE, type Lease, type LeaseState } from '../../lib/leases/lease.ts'
import type { LeaseTable } from '../../lib/leases/table/lease-table.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { leaseTable6 } from '../../lib/leases/table/lease-table6.ts'
import { duid, key6 } from '../dhcp6/messages6.ts'
import { client, lease } from './table-rows.ts'

const STATES4 = [LEASE_STATE.assigned, LEASE_STATE.declined, LEASE_STATE.expired] as const

interface Step {
  readonly at: number
  readonly subnetId: number
  readonly poolId: number
  readonly state: LeaseState
  readonly isRemoval: boolean
}

const steps = fc.array(
  fc.record({
    at: fc.nat({ max: 11 }),
    subnetId: fc.integer({ min: 1, max: 2 }),
    poolId: fc.nat({ max: 2 }),
    state: fc.constantFrom<LeaseState>(...STATES4, LEASE_STATE.released),
    isRemoval: fc.boolean(),
  }),
  { maxLength: 60 },
)

/** Of the rows that there should be: assigned and declined ones. */
function counted(rows: Iterable<Step>, subnetId: number, poolId: number): readonly number[] {
  const own = [...rows].filter((one) => one.subnetId === subnetId && one.poolId === poolId)
  return [LEASE_STATE.assigned, LEASE_STATE.declined].map(
    (state) => own.filter((one) => one.state === state).length,
  )
}

function compare(
  table: Pick<LeaseTable, 'counted'>,
  rows: readonly Step[],
  isPrefix: boolean,
): boolean {
  return [1, 2].every((subnetId) =>
    [0, 1, 2].every((poolId) => {
      const { assigned, declined } = table.counted.ofPool(subnetId, poolId, isPrefix)
      const [first, second] = counted(rows, subnetId, poolId)
      return assigned === first && declined === second
    }),
  )
}

t.test('DHCPv4: whatever comes, changes its pool, and goes', async () => {
  fc.assert(
    fc.property(steps, (made) => {
      const table = leaseTable4(1)
      const rows = new Map<number, Step>()
      for (const step of made) {
        const address = 0x0a000000 + step.at
        if (step.isRemoval) {
          table.apply({ kind: 'remove', address, change: 1 })
          rows.delete(step.at)
        } else {
          const { subnetId, poolId, state } = step
          const row = lease(address, client(step.at), { subnetId, poolId, state })
          table.apply({ kind: 'put', lease: row })
          rows.set(step.at, step)
        }
        if (!compare(table, [...rows.values()], false)) return false
        const all = [...rows.values()].filter(({ state }) => state === LEASE_STATE.assigned)
        if (table.counted.all.assigned !== all.length) return false
      }
      return true
    }),
  )
})

t.test('DHCPv6: prefixes of a pool with the same id count apart', async () => {
  fc.assert(
    fc.property(steps, (made) => {
      const table = leaseTable6(1)
      const rows = new Map<number, Step>()
      for (const step of made) {
        const { at, subnetId, poolId } = step
        const isPrefix = at % 2 === 1
        const kind = isPrefix ? BINDING_KIND.pd : BINDING_KIND.na
        // Nobody declines a prefix.
        const isOdd = isPrefix && step.state === LEASE_STATE.declined
        const state = isOdd ? LEASE_STATE.assigned : step.state
        const address = key6(isPrefix ? `2001:db8:${at}::/48` : `2001:db8:ff::${at + 1}`)
        const who = { htype: 0, hwAddress: '', clientId: bindingOf(kind, at, duid(at)) }
        const row: Lease<string> = lease(address, who, { subnetId, poolId, state })
        if (step.isRemoval) {
          table.apply({ kind: 'remove', address, change: 1 })
          rows.delete(at)
        } else {
          table.apply({ kind: 'put', lease: row })
          rows.set(at, { ...step, state })
        }
        for (const prefixes of [false, true]) {
          const own = [...rows.values()].filter((one) => (one.at % 2 === 1) === prefixes)
          if (!compare(table as never, own, prefixes)) return false
        }
      }
      return true
    }),
  )
})
