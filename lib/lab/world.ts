// The simulated world: true time, one heap of events, one seed. Everything that happens in it is an
// event; two worlds with one seed and one program of calls write the same trace, byte for byte.
// What a single machine sees of it (its own clock, its crashes) is in node.ts.

import type { Draw } from '../time/draw.ts'
import type { Millis, WallTime } from '../time/units.ts'
import { chance } from './chance.ts'
import { EventHeap, type ScheduledEvent } from './event-heap.ts'
import { checkDuration } from './settings-check.ts'

export interface WorldSettings {
  /** Decides everything that is left to chance. */
  readonly seed: number
  /** Keep a line of text for everything that happens; see {@link World.trace}. Default false. */
  readonly trace?: boolean
  /** Calendar time at the beginning, milliseconds since 1970. Default: 2026-01-01. */
  readonly wall?: WallTime
}

const WALL_DEFAULT: WallTime = 1767225600000

/** Events at one instant, beyond which something wakes itself without end. */
const STILL_MAX = 100_000

export class World {
  readonly seed: number
  /** Whether lines are kept: ask before building one. */
  readonly tracing: boolean
  readonly wallStart: WallTime
  /** Called after each event, to check what must hold at every moment. */
  afterStep: () => void = nothing
  #now: Millis = 0
  #steps = 0
  /** Events at this instant. */
  #still = 0
  #heap = new EventHeap()
  #draws = new Map<string, Draw>()
  #lines: string[] = []

  constructor(settings: WorldSettings) {
    this.seed = settings.seed
    this.tracing = settings.trace === true
    this.wallStart = settings.wall ?? WALL_DEFAULT
  }

  /** True time since the beginning. No node sees it; each sees it through a clock of its own. */
  get now(): Millis {
    return this.#now
  }

  /** Events so far. */
  get steps(): number {
    return this.#steps
  }

  /** The stream of draws of a purpose; the same stream for the same name. */
  draw(purpose: string): Draw {
    let draw = this.#draws.get(purpose)
    if (draw === undefined) {
      draw = chance(this.seed, purpose)
      this.#draws.set(purpose, draw)
    }
    return draw
  }

  /** Schedules an action at a true time; one in the past happens now, after what is due already. */
  at(time: Millis, action: () => void): ScheduledEvent {
    return this.#heap.push(Math.max(time, this.#now), action)
  }

  after(delay: Millis, action: () => void): ScheduledEvent {
    return this.at(this.#now + delay, action)
  }

  /** Lets the next event happen; false when there is none up to `until`. */
  step(until: Millis = Number.POSITIVE_INFINITY): boolean {
    const next = this.#heap.peek()
    if (next === undefined || next.time > until) return false
    this.#heap.pop()
    this.#still = next.time === this.#now ? this.#still + 1 : 0
    if (this.#still > STILL_MAX)
      throw new Error('the simulated world stands still: events at one instant beget each other')
    this.#now = next.time
    this.#steps++
    next.action()
    this.afterStep()
    return true
  }

  /** Lets true time pass, with all that happens in it. Throws RangeError where it is no time. */
  advance(duration: Millis): void {
    checkDuration(duration, this.#now)
    const until = this.#now + duration
    while (this.step(until));
    this.#now = until
  }

  /** Lets time pass until the claim is true; false when it did not become true within `limit`. */
  advanceUntil(claim: () => boolean, limit: Millis): boolean {
    checkDuration(limit, this.#now)
    const until = this.#now + limit
    while (!claim()) if (!this.step(until)) break
    if (claim()) return true
    this.#now = until
    return false
  }

  /** Adds a line to the trace: who, and what happened. */
  note(who: string, text: string): void {
    if (this.tracing) this.#lines.push(`${this.#now.toFixed(3).padStart(14)} ${who}: ${text}`)
  }

  /** All that happened, a line each, in order. Empty unless the world was made with `trace`. */
  trace(): string {
    return this.#lines.join('\n')
  }
}

function nothing(): void {}
