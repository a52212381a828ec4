// Hooks that are in force together: who listens where, in the order of the configuration.

import { createHash } from 'node:crypto'
import { textFromIpv4 } from '../../address/ipv4.ts'
import { textFromIpv6 } from '../../address/ipv6.ts'
import type { HookPlan } from '../../config/plan/hook-plan.ts'
import { OBSERVING, type SentBatch } from '../../ports/hooks.ts'
import { GateKeeper } from './gate-keeper.ts'
import type { HookCallouts, LeaseEvent, SentReply } from './hook-module.ts'
import type { LoadedHook } from './loaded-hook.ts'
import { ObserverQueue } from './observers.ts'
import { StepRunner } from './step-runner.ts'
import { typeName4, typeName6, view4, view6 } from './views.ts'

export class HookSet {
  static readonly none = new HookSet([], [])

  readonly hooks: readonly LoadedHook[]
  readonly points: number
  /** The bits of OBSERVING. */
  readonly observes: number
  readonly fingerprint: string
  readonly steps4
  readonly steps6
  readonly gates: Readonly<Record<4 | 6, GateKeeper>>
  readonly committed: Readonly<Record<4 | 6, readonly ObserverQueue<LeaseEvent>[]>>
  readonly #sent: Readonly<Record<4 | 6, readonly ObserverQueue<SentReply>[]>>
  readonly #plans: string

  constructor(plans: readonly HookPlan[], hooks: readonly LoadedHook[]) {
    this.hooks = hooks
    this.#plans = JSON.stringify(plans)
    this.fingerprint = fingerprintOf(hooks)
    const of = (family: 4 | 6) => hooks.filter(({ plan }) => plan.family === family)
    const four = new StepRunner(of(4), 4, view4)
    const six = new StepRunner(of(6), 6, view6)
    // Where no hook listens the engine has none.
    this.steps4 = four.points === 0 ? undefined : four
    this.steps6 = six.points === 0 ? undefined : six
    this.gates = {
      4: new GateKeeper(of(4), (one) => one.family === 4 && view4(one.query, one.arrival)),
      6: new GateKeeper(of(6), (one) => one.family === 6 && view6(one.query, one.arrival)),
    }
    this.points = this.gates[4].points | this.gates[6].points
    this.committed = { 4: queues(of(4), 'committed'), 6: queues(of(6), 'committed') }
    this.#sent = { 4: queues(of(4), 'sent'), 6: queues(of(6), 'sent') }
    const some = (all: Readonly<Record<4 | 6, readonly unknown[]>>, bit: number) =>
      all[4].length + all[6].length > 0 ? bit : 0
    this.observes = some(this.committed, OBSERVING.committed) | some(this.#sent, OBSERVING.sent)
  }

  get queues(): readonly { drain(): Promise<void> }[] {
    return [...this.committed[4], ...this.committed[6], ...this.#sent[4], ...this.#sent[6]]
  }

  isOf(plans: readonly HookPlan[]): boolean {
    return JSON.stringify(plans) === this.#plans
  }

  tellSent({ family, replies }: SentBatch): void {
    const queues = this.#sent[family]
    if (queues.length === 0) return
    for (const reply of replies) {
      const { bytes, start, end, port, type } = reply
      const event: SentReply = Object.freeze({
        family,
        type: family === 4 ? typeName4(type) : typeName6(type),
        address:
          typeof reply.address === 'number'
            ? textFromIpv4(reply.address)
            : textFromIpv6(reply.address),
        port,
        interface: reply.through.name,
        bytes: bytes.slice(start, end),
      })
      for (const queue of queues) queue.add(event)
    }
  }
}

function queues<Event>(
  hooks: readonly LoadedHook[],
  name: 'committed' | 'sent',
): readonly ObserverQueue<Event>[] {
  return hooks
    .filter((hook) => hook.listensAt(name))
    .map((hook) => {
      const { callouts } = hook as { readonly callouts: HookCallouts<unknown> }
      return new ObserverQueue<Event>(hook, name, (events) => callouts[name]!(events as never))
    })
}

/** '' without hooks: two servers of a pair should have the same. */
function fingerprintOf(hooks: readonly LoadedHook[]): string {
  if (hooks.length === 0) return ''
  const said = hooks.map(({ file, key, plan }) => [plan.family, key, file.digest, plan.parameters])
  return createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 16)
}
