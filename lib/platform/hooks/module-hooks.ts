// The hooks of a server: the modules that its configuration names, loaded, set up, and swapped as a
// whole. Those of a new configuration are set up while the former ones still serve; when all of
// them are ready they take their place between two batches, and the former ones are unloaded. Where
// one cannot be set up nothing is changed.

import type { HookPlan } from '../../config/plan/hook-plan.ts'
import type { Ticket } from '../../dhcp/asking.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Lease, LeaseAction } from '../../leases/lease.ts'
import { leaseInfoOf } from '../../leases/lease-info.ts'
import type { HookQuestion, HookSink, HookStatus, Hooks, SentBatch } from '../../ports/hooks.ts'
import { tell } from '../../ports/log.ts'
import type { Metric } from '../../ports/metrics.ts'
import { hookMetrics } from './hook-metrics.ts'
import { HookSet } from './hook-set.ts'
import { type LoadSettings, loadHooks, unload } from './load-hooks.ts'
import { watchStrayErrors } from './stray-errors.ts'

/** A hook cannot be set up; the message is for the operator. */
export class HooksRefused extends Error {
  override readonly name = 'HooksRefused'
}

export type ModuleHooksSettings = Omit<LoadSettings, 'setupMax'>

export class ModuleHooks implements Hooks {
  readonly #settings: ModuleHooksSettings
  #set = HookSet.none
  #next: HookSet | undefined
  readonly #sinks: Partial<Record<4 | 6, HookSink>> = {}
  #unwatch: (() => void) | undefined
  /** Those that are being unloaded. */
  #leaving: Promise<void> = Promise.resolve()

  constructor(settings: ModuleHooksSettings) {
    this.#settings = settings
  }

  get points(): number {
    return this.#set.points
  }

  get observes(): number {
    return this.#set.observes
  }

  get fingerprint(): string {
    return this.#set.fingerprint
  }

  open(sink: HookSink, family: 4 | 6): void {
    this.#sinks[family] = sink
  }

  prepare(plans: readonly HookPlan[], isAnew: boolean, done: (trouble: string) => void): void {
    if (plans.length === 0) {
      this.#discard(HookSet.none)
      return done('')
    }
    if (!isAnew && this.#set.isOf(plans)) return done('')
    this.#unwatch ??= watchStrayErrors()
    loadHooks(plans, this.#settings).then(
      (hooks) => {
        this.#discard(new HookSet(plans, hooks))
        done('')
      },
      (error: Error) => done(error.message),
    )
  }

  /** What was prepared and not adopted is unloaded. */
  #discard(next: HookSet): void {
    if (this.#next !== undefined) this.#leave(this.#next)
    this.#next = next
  }

  adopt(): void {
    const next = this.#next
    if (next === undefined) return
    this.#next = undefined
    const former = this.#set
    this.#set = next
    for (const { key, file, plan } of next.hooks)
      tell(this.#settings.log, 'HOOK_LOADED', { hook: key, family: plan.family, path: file.path })
    this.#leave(former)
  }

  close(done: () => void): void {
    this.#discard(HookSet.none)
    this.adopt()
    void this.#leaving.then(() => {
      this.#unwatch?.()
      done()
    })
  }

  #leave({ hooks, queues }: HookSet): void {
    if (hooks.length === 0) return
    const left = unload(hooks, queues, this.#settings.log)
    this.#leaving = Promise.all([this.#leaving, left]).then(() => {})
  }

  // ---- what is asked and told

  steps4() {
    return this.#set.steps4
  }

  steps6() {
    return this.#set.steps6
  }

  ask(ticket: Ticket, question: HookQuestion): 'go-on' | 'drop' | undefined {
    return this.#set.gates[question.family].ask(ticket, question, this.#sinks[question.family]!)
  }

  changed(action: LeaseAction, lease: Lease<Key>, family: 4 | 6): void {
    const event = Object.freeze({ action, lease: Object.freeze(leaseInfoOf(lease)) })
    for (const queue of this.#set.committed[family]) queue.add(event)
  }

  sent(batch: SentBatch): void {
    this.#set.tellSent(batch)
  }

  status(): readonly HookStatus[] {
    return this.#set.hooks.map((hook) => ({
      hook: hook.key,
      family: hook.plan.family,
      library: hook.plan.library,
      digest: hook.file.digest,
      state: hook.isOff ? 'off' : 'on',
      whyOff: hook.whyOff,
      calls: hook.calls,
      failures: hook.failures,
      late: hook.late,
      waiting: hook.pending,
      lost: hook.lost,
      restarts: hook.restarts,
      refused: Object.fromEntries(hook.refused),
    }))
  }

  metrics(): readonly Metric[] {
    return hookMetrics(this.#set.hooks)
  }
}
