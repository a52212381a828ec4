// What tests of a pair's free addresses share: a server beside a partner of the test's own, and
// rows of known keys.

import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import { leaseAt, type Partner, Stage, type StageSettings } from './fake-partner.ts'

/** The lease clock when the stage begins. */
export const NOW = 1_000_000

export function setUp(settings: StageSettings = {}): {
  stage: Stage
  partner: Partner
  table: NonNullable<Stage['server']['server']>['tables']['v4']
  now: () => number
} {
  const stage = new Stage(settings)
  const partner = stage.partner()
  const running = stage.server.server!
  return { stage, partner, table: running.tables.v4, now: () => running.now() }
}

/** Both keys are here. */
export function taken(addresses: readonly number[]): Lease[] {
  return addresses.map((address, index) =>
    leaseAt(address, index, {
      ...{ gave: 1, got: homeOf(address) === 0 ? 0 : 2, start: NOW, end: NOW + 600_000 },
      change: 1 + index,
    }),
  )
}

/** A lease that ended long ago, of which both servers have a key. */
export function ended(address: number): Lease {
  const keys = homeOf(address) === 0 ? { gave: 1, got: 0 } : { gave: 0, got: 1 }
  return leaseAt(address, 77, {
    ...keys,
    change: 1,
    start: 0,
    end: 100_000,
    state: LEASE_STATE.expired,
  })
}
