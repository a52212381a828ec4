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

/** On the average, over so many calls. */
const SLOW_AVERAGE: Millis = 0.1
const SLOW_CALLS = 1000

/** Reasons that are told apart. */
const REASONS_MAX = 100

export type AnyCallouts = HookCallouts<never>

export interface LoadedSettings {
  /** Tells it apart from all others. */
  readonly key: string
  readonly plan: HookPlan
  readonly file: ModuleFile
  readonly metrics: OwnMetrics
  readonly log: Log
  /** Aborted when it is unloaded. */
  readonly end: AbortController
}

export class LoadedHook {
  readonly key: string
  readonly plan: HookPlan
  readonly file: ModuleFile
  readonly metrics: OwnMetrics
  readonly end: AbortController
  readonly #log: Log
  callouts: AnyCallouts = {}
  /** It has failed too often, and is not called any more. */
  isOff = false
  calls = 0
  failures = 0
  /** Gates that did not answer in time. */
  late = 0
  /** Promises of gates that are not kept yet. */
  pending = 0
  /** What observers did not take in time. */
  lost = 0
  time: Millis = 0
  readonly refused = new Map<string, number>()
  #failuresNow = 0
  #minute: Millis = 0
  #callsNow = 0
  #timeNow: Millis = 0
  readonly #told = new Map<string, Millis>()

  constructor({ key, plan, file, metrics, log, end }: LoadedSettings) {
    this.key = key
    this.plan = plan
    this.file = file
    this.metrics = metrics
    this.end = end
    this.#log = log
  }

  /** Whether it has this callout, and is to be asked or stands for its absence. */
  listensAt(callout: keyof AnyCallouts): boolean {
    return this.callouts[callout] !== undefined
  }

  /** Calls its code, and throws what that throws. */
  call<T>(work: () => T): T {
    this.calls++
    const began = performance.now()
    try {
      return inHook(this, work)
    } finally {
      this.#took(performance.now() - began)
    }
  }

  failed(callout: string, error: unknown): void {
    this.failures++
    const now = performance.now()
    this.#line('HOOK_FAILED', now, { callout, error: wordsFor(error) })
    if (now - this.#minute > MINUTE) {
      this.#minute = now
      this.#failuresNow = 0
    }
    if (++this.#failuresNow < FAILURES_MAX || this.isOff) return
    this.isOff = true
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
    this.#line('HOOK_LATE', performance.now(), { callout, timeout: this.plan.timeout })
  }

  lose(events: number): void {
    this.lost += events
    this.#line('HOOK_EVENTS_LOST', performance.now(), { lost: this.lost })
  }

  #took(took: Millis): void {
    this.time += took
    this.#timeNow += took
    if (took >= BLOCKED)
      this.#line('HOOK_BLOCKED', performance.now(), { milliseconds: Math.round(took) })
    if (++this.#callsNow < SLOW_CALLS) return
    const average = this.#timeNow / this.#callsNow
    if (average > SLOW_AVERAGE)
      this.#line('HOOK_SLOW', performance.now(), { microseconds: Math.round(average * 1000) })
    this.#callsNow = 0
    this.#timeNow = 0
  }

  #line(id: HookLine, now: Millis, fields: Readonly<Record<string, string | number>>): void {
    const told = this.#told.get(id)
    if (told !== undefined && now - told < LINE_PAUSE) return
    this.#told.set(id, now)
    tell(this.#log, id, { hook: this.key, ...fields })
  }
}

type HookLine = 'HOOK_FAILED' | 'HOOK_LATE' | 'HOOK_BLOCKED' | 'HOOK_SLOW' | 'HOOK_EVENTS_LOST'

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
