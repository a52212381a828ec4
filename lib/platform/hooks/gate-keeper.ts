// Gates of hooks: a message waits for what they promise. One hook is asked after the other, as the
// configuration names them; the first refusal ends it, and none has more than its time. A promise
// that is not kept in time is left alone: nothing waits for it, and what it says later is nothing.

import { ASKING, type Gate, type Ticket } from '../../dhcp/asking.ts'
import type { HookAnswer, HookQuestion, HookSink } from '../../ports/hooks.ts'
import type { Millis } from '../../time/units.ts'
import type { HookCallouts } from './hook-module.ts'
import type { LoadedHook } from './loaded-hook.ts'
import { type Found, mapOf, nameOf, verdictOf } from './step-runner.ts'

/** For all hooks together: the query waits no longer anyway. */
const TIME_MAX: Millis = 1900

/** Promises of one hook that are not kept: it is not asked for more. */
export const PENDING_MAX = 4096

type GateName = keyof typeof ASKING
const NAMES = Object.keys(ASKING) as GateName[]

const TOO_SLOW = Symbol('too slow')

export class GateKeeper {
  /** The bits of ASKING at which some hook listens. */
  readonly points: number
  readonly #hooks: ReadonlyMap<Gate, readonly LoadedHook[]>
  readonly #viewOf: (question: HookQuestion) => unknown

  constructor(hooks: readonly LoadedHook[], viewOf: (question: HookQuestion) => unknown) {
    const at = (gate: GateName) => hooks.filter((hook) => hook.listensAt(gate))
    this.#hooks = new Map(NAMES.map((name) => [ASKING[name], at(name)]))
    this.points = NAMES.reduce(
      (points, name) => (at(name).length > 0 ? points | ASKING[name] : points),
      0,
    )
    this.#viewOf = viewOf
  }

  ask(ticket: Ticket, question: HookQuestion, sink: HookSink): 'go-on' | 'drop' | undefined {
    const hooks = this.#hooks.get(question.gate)!
    const open = hooks.filter(({ isOff, plan }) => !isOff || plan.isRequired)
    if (open.length === 0) return 'go-on'
    const name = NAMES.find((one) => ASKING[one] === question.gate)!
    const { proposal } = question
    const asked: Asked = {
      name,
      view: this.#viewOf(question),
      more:
        proposal === undefined
          ? {}
          : { subnetId: proposal.subnetId, addresses: Object.freeze([...proposal.addresses]) },
      found: new Map(question.found as Found | undefined),
    }
    void askAll(open, asked).then((answer) => sink.onAnswer(ticket, answer))
    return undefined
  }
}

interface Asked {
  readonly name: GateName
  readonly view: unknown
  readonly more: object
  readonly found: Map<string, unknown>
}

async function askAll(hooks: readonly LoadedHook[], asked: Asked): Promise<HookAnswer> {
  const until = performance.now() + TIME_MAX
  const before = asked.found.size
  let isFound = false
  for (const hook of hooks) {
    if (hook.isOff) return 'failed'
    const answer = await askOne(hook, asked, until - performance.now())
    if (typeof answer !== 'string') isFound = true
    else if (answer !== 'go-on') return answer
  }
  return isFound || before > 0 ? { found: asked.found } : 'go-on'
}

async function askOne(hook: LoadedHook, asked: Asked, left: Millis): Promise<HookAnswer> {
  const { name, view, more, found } = asked
  const { onError, onTimeout, timeout } = hook.plan
  const failed = (error: unknown): HookAnswer => {
    hook.failed(name, error)
    if (onError === 'nak' && name === 'grant') return 'refuse'
    return onError === 'continue' ? 'go-on' : 'failed'
  }
  const late = (): HookAnswer => {
    hook.tooSlow(name)
    return onTimeout === 'drop' ? 'too-slow' : 'go-on'
  }
  if (hook.pending >= PENDING_MAX || left <= 0) return late()
  const { callouts } = hook as { readonly callouts: HookCallouts<unknown> }
  const callout = Object.freeze({ query: view, found: found.get(hook.key), ...more })
  const abort = new AbortController()
  let said: unknown
  try {
    said = hook.call(() => callouts[name]!(callout as never, abort.signal))
    if (isThenable(said)) said = await inTime(hook, said, abort, Math.min(timeout, left))
  } catch (error) {
    return failed(error)
  }
  if (said === TOO_SLOW) return late()
  if (said === undefined) return 'go-on'
  const verdict = verdictOf(said)
  if (verdict !== undefined) {
    hook.refuse(verdict.reason)
    return verdict.isAloud && name === 'grant' ? 'refuse' : 'drop'
  }
  const map = mapOf(said)
  if (map?.inUse === true && name === 'offer') return 'in-use'
  if (map === undefined || !Object.hasOwn(map, 'found'))
    return failed(new Error(`${nameOf(said)} is no answer`))
  found.set(hook.key, map.found)
  return { found }
}

function isThenable(said: unknown): said is PromiseLike<unknown> {
  return said instanceof Promise || typeof mapOf(said)?.then === 'function'
}

/** What is promised, or TOO_SLOW. */
async function inTime(
  hook: LoadedHook,
  promise: PromiseLike<unknown>,
  abort: AbortController,
  timeout: Millis,
): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  hook.pending++
  const kept = Promise.resolve(promise).finally(() => hook.pending--)
  const late = new Promise((resolve) => {
    timer = setTimeout(() => {
      resolve(TOO_SLOW)
      abort.abort()
    }, timeout)
  })
  // What comes too late, an error too, is nobody's.
  kept.catch(() => {})
  try {
    return await Promise.race([kept, late])
  } finally {
    clearTimeout(timer)
  }
}
