// A hook that is set up: its callouts, how often they were called and what came of it, and whether
// it is called any more. One that fails again and again is switched off.

import type { HookPlan } from '../../config/plan/hook-plan.ts'
import { type Log, tell } from '../../ports/log.ts'
import type { Millis } from '../../time/units.ts'
import type { OwnMetrics } from './hook-host.ts'
import type { HookCallouts } from './hook-module.ts'
import type { ModuleFile } from './module-file.ts'
import { inHook } from './stray-errors.ts'

/** With so many failures within a minute it is switched off. */
export const FAILURES_MAX = 100
const MINUTE: Millis = 60_000

/** A line for the same hook is written so often. */
const LINE_PAUSE: Millis = 10_000

/** Nothing else is done meanwhile: clients and the partner wait. */
const BLOCKED: Millis = 200

/** With so much of it within a minute it is switched off: nobody would be served any more. */
export const BLOCKED_MAX: Millis = 10_000

/** On the average, over so many calls. */
const SLOW_AVERAGE: Millis = 0.1
const SLOW_CALLS = 1000

/** Reasons that are told apart. */
const REASONS_MAX = 100

export type AnyCallouts = HookCallouts<never>

/** Its thread has ended, and another one is on its way: that is told by itself. */
export class ThreadAway extends Error {}

export interface LoadedSettings {
  /** Tells it apart from all others. */
  readonly key: string
  readonly plan: HookPlan
  readonly file: ModuleFile
  readonly metrics: Pick<OwnMetrics, 'list'>
  readonly log: Log
  /** A clock that never jumps. */
  readonly now: () => Millis
  /** Aborted when it is unloaded. */
  readonly end: AbortController
}

export class LoadedHook {
  readonly key: string
  readonly plan: HookPlan
  readonly file: ModuleFile
  readonly metrics: Pick<OwnMetrics, 'list'>
  readonly end: AbortController
  readonly #log: Log
  readonly #now: () => Millis
  callouts: AnyCallouts = {}
  /** Why it is not called any more; '' = it is. */
  whyOff = ''
  #isSetUp = false
  calls = 0
  failures = 0
  /** Gates that did not answer in time. */
  late = 0
  /** Promises of gates that are not kept yet. */
  pending = 0
  /** What observers did not take in time. */
  lost = 0
  /** Threads of it that ended, and were started anew. */
  restarts = 0
  time: Millis = 0
  readonly refused = new Map<string, number>()
  readonly #failuresNow: MinuteSum
  readonly #blockedNow: MinuteSum
  #callsNow = 0
  #timeNow: Millis = 0
  readonly #told = new Map<string, Millis>()

  constructor({ key, plan, file, metrics, log, now, end }: LoadedSettings) {
    this.key = key
    this.plan = plan
    this.file = file
    this.metrics = metrics
    this.end = end
    this.#log = log
    this.#now = now
    this.#failuresNow = new MinuteSum(now)
    this.#blockedNow = new MinuteSum(now)
  }

  get isOff(): boolean {
    return this.whyOff !== ''
  }

  /** Whether it has this callout, and is to be asked or stands for its absence. */
  listensAt(callout: keyof AnyCallouts): boolean {
    return this.callouts[callout] !== undefined
  }

  /** It is set up: what is counted from now on is of its callouts. */
  begin(callouts: AnyCallouts): void {
    this.callouts = callouts
    this.#isSetUp = true
    this.calls = 0
    this.time = 0
  }

  /** Calls its code, and throws what that throws. */
  call<T>(work: () => T): T {
    this.calls++
    const began = this.#now()
    try {
      return inHook(this, work)
    } finally {
      this.#took(this.#now() - began)
    }
  }

  failed(callout: string, error: unknown): void {
    this.failures++
    this.#line('HOOK_FAILED', { callout, error: wordsFor(error) })
    // However many ask meanwhile, it is one fault, and it is to be there again.
    if (error instanceof ThreadAway) return
    if (this.#failuresNow.add(1) < FAILURES_MAX || this.isOff) return
    this.whyOff = `it failed ${FAILURES_MAX} times within a minute`
    tell(this.#log, 'HOOK_OFF', { hook: this.key, failures: FAILURES_MAX })
  }

  /** A callout has ended what became of a message. */
  refuse(reason: string): void {
    const known = this.refused.has(reason) || this.refused.size < REASONS_MAX
    const counted = known ? reason : 'other'
    this.refused.set(counted, (this.refused.get(counted) ?? 0) + 1)
    tell(this.#log, 'HOOK_REFUSED', { hook: this.key, reason })
  }

  tooSlow(callout: string): void {
    this.late++
    this.#line('HOOK_LATE', { callout, timeout: this.plan.timeout })
  }

  /** Its thread ended by itself, or was ended as it was blocked. */
  restarted(why: string, wait: Millis): void {
    this.restarts++
    this.#line('HOOK_THREAD_ENDED', { why, seconds: wait / 1000 })
  }

  lose(events: number): void {
    this.lost += events
    this.#line('HOOK_EVENTS_LOST', { lost: this.lost })
  }

  #took(took: Millis): void {
    this.time += took
    this.#timeNow += took
    if (took >= BLOCKED) this.#blocked(took)
    if (++this.#callsNow < SLOW_CALLS) return
    const average = this.#timeNow / this.#callsNow
    if (average > SLOW_AVERAGE)
      this.#line('HOOK_SLOW', { microseconds: Math.round(average * 1000) })
    this.#callsNow = 0
    this.#timeNow = 0
  }

  /** Nobody can end a callout; but the next one need not be called. */
  #blocked(took: Millis): void {
    this.#line('HOOK_BLOCKED', { milliseconds: Math.round(took) })
    if (!this.#isSetUp) return
    const sum = this.#blockedNow.add(took)
    if (sum < BLOCKED_MAX || this.isOff) return
    this.whyOff = `it held the server up for ${BLOCKED_MAX / 1000} s within a minute`
    tell(this.#log, 'HOOK_OFF_BLOCKING', { hook: this.key, milliseconds: Math.round(sum) })
  }

  #line(id: HookLine, fields: Readonly<Record<string, string | number>>): void {
    const now = this.#now()
    const told = this.#told.get(id)
    if (told !== undefined && now - told < LINE_PAUSE) return
    this.#told.set(id, now)
    tell(this.#log, id, { hook: this.key, ...fields })
  }
}

/** A sum that begins anew each minute. */
class MinuteSum {
  readonly #now: () => Millis
  #sum = 0
  #since: Millis

  constructor(now: () => Millis) {
    this.#now = now
    this.#since = now()
  }

  /** Returns what it is then. */
  add(amount: number): number {
    const now = this.#now()
    if (now - this.#since > MINUTE) {
      this.#since = now
      this.#sum = 0
    }
    this.#sum += amount
    return this.#sum
  }
}

type HookLine =
  | 'HOOK_FAILED'
  | 'HOOK_LATE'
  | 'HOOK_BLOCKED'
  | 'HOOK_SLOW'
  | 'HOOK_EVENTS_LOST'
  | 'HOOK_THREAD_ENDED'

/** What was thrown may be anything; with the place in the file of the hook. */
export function wordsFor(error: unknown): string {
  try {
    if (!(error instanceof Error)) return String(error)
    const at = /^ +at .*$/m.exec(error.stack ?? '')?.[0].trim() ?? ''
    return at === '' ? error.message : `${error.message} (${at})`
  } catch {
    return 'something that cannot be printed'
  }
}
