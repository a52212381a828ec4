// What commands and metrics ask of the statistics: those of each family that is served, and the
// clock that their samples show.

import type { Plan } from '../../config/plan/plan.ts'
import type { Measures } from '../../server/measures.ts'
import type { Millis, WallTime } from '../../time/units.ts'
import { UpdaterResets } from './ddns-source.ts'
import { FamilyStatistics } from './family-statistics.ts'
import type { Limit } from './history.ts'
import { sampleTime } from './sample-time.ts'
import { Source4 } from './source4.ts'
import { Source6 } from './source6.ts'

export interface MeasuredServer {
  readonly measures: Measures
  /** In force. */
  readonly plan: Plan
}

/** How far local time is ahead of UTC then. */
export type ZoneOffset = (wall: WallTime) => Millis

export class Statistics {
  readonly v4: FamilyStatistics | undefined
  readonly v6: FamilyStatistics | undefined
  readonly updater = new UpdaterResets()
  readonly #measures: Measures
  readonly #offset: ZoneOffset

  /** One for each server. */
  constructor(server: MeasuredServer, offset: ZoneOffset) {
    const { measures } = server
    const { v4, v6 } = measures
    const wall = () => measures.wall()
    this.#measures = measures
    this.#offset = offset
    this.v4 =
      v4 &&
      new FamilyStatistics(new Source4(v4, () => server.plan.dhcp4), wall, () =>
        limitOf(server.plan.dhcp4),
      )
    this.v6 =
      v6 &&
      new FamilyStatistics(new Source6(v6, () => server.plan.dhcp6), wall, () =>
        limitOf(server.plan.dhcp6),
      )
    measures.samples.watcher = (at) => {
      const then = measures.wall() - (measures.now() - at)
      const [has4, has6] = [this.v4?.take(then), this.v6?.take(then)]
      return has4 === true || has6 === true
    }
  }

  /** Up to now; undefined where the family is not served. */
  of(family: 4 | 6): FamilyStatistics | undefined {
    this.#measures.samples.settle(this.#measures.now())
    return family === 4 ? this.v4 : this.v6
  }

  localTime(at: WallTime): string {
    return sampleTime(at, this.#offset(at))
  }

  utcNow(): string {
    return sampleTime(this.#measures.wall(), 0)
  }
}

/** An age counts where there is no count. */
function limitOf(plan: Plan['dhcp4'] | Plan['dhcp6']): Limit {
  const { count, age } = plan?.samples ?? { count: 20, age: 0 }
  if (count > 0) return { count }
  return age > 0 ? { age } : { count: 1 }
}
