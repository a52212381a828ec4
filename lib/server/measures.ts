// What of a running server is measured, for whoever prints it: the very objects that are counted
// in, so that reading costs the server nothing until somebody asks.

import type { Prefix6 } from '../address/prefix6.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type { Clock } from '../ports/clock.ts'
import type { Hooks } from '../ports/hooks.ts'
import type { Draw } from '../time/draw.ts'
import type { Instant, WallTime } from '../time/units.ts'
import type { Counters } from './counters.ts'
import type { Counters6 } from './counters6.ts'
import type { Delivery } from './delivery.ts'
import { SampleClock } from './sample-clock.ts'

/** Of a family that is served. */
export interface Measured4 {
  readonly table: LeaseTable
  readonly counters: Counters
}

export interface Measured6 {
  readonly table: LeaseTable<Prefix6>
  readonly counters: Counters6
}

interface Clocked {
  readonly clock: Pick<Clock, 'wall'>
  readonly draw: Draw
  readonly hooks?: Hooks | undefined
}

export function measuresOf(
  { v4, v6 }: Pick<Measures, 'v4' | 'v6'>,
  delivery: Measures['delivery'],
  { clock, draw, hooks }: Clocked,
  now: () => Instant,
): Measures {
  const samples = new SampleClock()
  return { v4, v6, delivery, hooks, samples, draw, now, wall: () => clock.wall() }
}

export interface Measures {
  readonly v4: Measured4 | undefined
  readonly v6: Measured6 | undefined
  readonly delivery: Pick<
    Delivery,
    'changes' | 'commits' | 'commitTimes' | 'failures' | 'parked' | 'partnerTimes' | 'trouble'
  >
  /** What is known of hooks; undefined: there are none, and never will be. */
  readonly hooks: Pick<Hooks, 'metrics' | 'status'> | undefined
  readonly samples: SampleClock
  readonly draw: Draw
  /** The lease clock, and the calendar. */
  now(): Instant
  wall(): WallTime
}
