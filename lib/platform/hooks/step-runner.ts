// Steps of hooks (dhcp/steps.ts), one hook after the other as the configuration names them: each
// sees what those before have changed, and the first refusal ends it. What a hook throws, and what
// is no answer, is a failure of that hook.

import { ipv4FromText } from '../../address/ipv4.ts'
import { type Octets, octetsFromBytes } from '../../bytes/octets.ts'
import {
  type DraftReply,
  type HookReservation,
  type LeaseEdit,
  type NamedClasses,
  type NameEdit,
  type ProposedLease,
  type ProposedName,
  RefusedByHook,
  STEP,
  type Steps,
} from '../../dhcp/steps.ts'
import type { Suppliable } from '../../wire/supplied.ts'
import { Draft } from './draft.ts'
import type { HookCallouts } from './hook-module.ts'
import type { LoadedHook } from './loaded-hook.ts'
import { QueryEdit } from './query-edit.ts'

/** What gates have found out about a message, by the keys of hooks. */
export type Found = ReadonlyMap<string, unknown>

type Callouts = HookCallouts<unknown>
type StepName = keyof typeof STEP
type Listeners = Readonly<Record<StepName, readonly LoadedHook[]>>
type Kind = 'text' | 'number' | 'boolean'

export class StepRunner<Query extends Suppliable, Arrival> implements Steps<Query, Arrival> {
  readonly points: number
  readonly #hooks: Listeners
  readonly #viewOf: (query: Query, arrival: Arrival) => unknown
  readonly #family: 4 | 6
  #query!: Query
  #arrival!: Arrival
  #found: Found | undefined
  #view: unknown
  /** Who has said something last, where. */
  #last: { readonly hook: LoadedHook; readonly step: StepName } | undefined

  constructor(
    hooks: readonly LoadedHook[],
    family: 4 | 6,
    viewOf: (query: Query, arrival: Arrival) => unknown,
  ) {
    this.#family = family
    const names = Object.keys(STEP) as StepName[]
    const at = (step: StepName) => hooks.filter((hook) => hook.listensAt(step))
    const lists = names.map((step) => [step, at(step)])
    this.#hooks = Object.fromEntries(lists) as unknown as Listeners
    this.points = names.reduce(
      (points, step) => (this.#hooks[step].length > 0 ? points | STEP[step] : points),
      0,
    )
    this.#viewOf = viewOf
  }

  begin(query: Query, arrival: Arrival, found: unknown): void {
    this.#query = query
    this.#arrival = arrival
    this.#found = found as Found | undefined
    this.#view = undefined
    this.#last = undefined
  }

  received(classes: NamedClasses): void {
    for (const hook of this.#hooks.received) {
      const { supplied } = this.#query
      const options = new QueryEdit(this.#query, this.#family)
      try {
        this.#ofClasses(hook, 'received', classes, { options })
      } finally {
        options.close()
      }
      // Whoever comes next reads what it says by now.
      if (this.#query.supplied !== supplied) this.#view = undefined
    }
  }

  classified(classes: NamedClasses): void {
    for (const hook of this.#hooks.classified) this.#ofClasses(hook, 'classified', classes)
  }

  identify(): Octets {
    for (const hook of this.#hooks.identify) {
      const said = this.#ask(hook, 'identify', {})
      if (said === undefined) continue
      if (said instanceof Uint8Array) {
        if (said.length > 0) return octetsFromBytes(said)
      } else this.#nonsense(hook, 'identify', said)
    }
    return ''
  }

  selectSubnet(id: number): number {
    let selected = id
    for (const hook of this.#hooks.selectSubnet) {
      const said = this.#ask(hook, 'selectSubnet', { subnetId: selected || undefined })
      if (said === undefined) continue
      if (said === 'none') selected = 0
      else if (Number.isInteger(said) && (said as number) > 0) selected = said as number
      else this.#end(hook, 'selectSubnet', said)
    }
    return selected
  }

  /** The first that says something. */
  reserve(subnetId: number): HookReservation | undefined {
    for (const hook of this.#hooks.reserve) {
      const said = this.#ask(hook, 'reserve', { subnetId })
      if (said === undefined) continue
      const { addresses = [], hostname, ...more } = mapOf(said) ?? { addresses: 0 }
      const isGood =
        Array.isArray(addresses) &&
        addresses.every((one) => typeof one === 'string') &&
        (hostname === undefined || typeof hostname === 'string') &&
        Object.keys(more).length === 0
      if (isGood) return { addresses: addresses as string[], hostname }
      this.#end(hook, 'reserve', said)
    }
    return undefined
  }

  lease(lease: ProposedLease): LeaseEdit | undefined {
    let edits: LeaseEdit | undefined
    for (const hook of this.#hooks.lease) {
      const { lifetime, hostname } = { ...lease, ...edits }
      const said = this.#ask(hook, 'lease', { ...lease, lifetime, hostname })
      if (said === undefined) continue
      const edit = edited(said, { lifetime: 'number', hostname: 'text' })
      const context = mapOf(said)?.userContext
      if (edit === undefined || (context !== undefined && mapOf(context) === undefined))
        this.#end(hook, 'lease', said)
      else edits = { ...edits, ...edit, ...contextOf(edits?.userContext, context) }
    }
    return edits
  }

  names(name: ProposedName): NameEdit | undefined {
    let edits: NameEdit | undefined
    for (const hook of this.#hooks.names) {
      const said = this.#ask(hook, 'names', { ...name, ...edits })
      if (said === undefined) continue
      const edit = edited(said, { hostname: 'text', forward: 'boolean', reverse: 'boolean' })
      if (edit === undefined) this.#nonsense(hook, 'names', said)
      else edits = { ...edits, ...edit }
    }
    return edits
  }

  reply(reply: DraftReply): void {
    for (const hook of this.#hooks.reply) {
      const draft = new Draft(reply, ipv4FromText)
      try {
        const said = this.#ask(hook, 'reply', { reply: draft })
        if (said !== undefined) this.#end(hook, 'reply', said)
      } finally {
        draft.close()
      }
    }
  }

  wrong(why: string): never {
    const { hook, step } = this.#last!
    hook.failed(step, new Error(why))
    throw new RefusedByHook('hook-failed', hook.plan.onError === 'nak')
  }

  // ---- one hook

  #ofClasses(
    hook: LoadedHook,
    step: 'received' | 'classified',
    classes: NamedClasses,
    more: object = {},
  ): void {
    let isOver = false
    const own = Object.freeze({
      has: (name: string) => classes.has(name),
      add(name: string) {
        if (isOver) throw new Error('the callout is over: classes are assigned within it')
        if (!classes.add(name))
          throw new Error(`client-classes define no class '${name}' that can be assigned`)
      },
    })
    try {
      const said = this.#ask(hook, step, { ...more, classes: own })
      if (said !== undefined) this.#end(hook, step, said)
    } finally {
      isOver = true
    }
  }

  /** Undefined: nothing was said, or the hook failed and that is passed over. */
  #ask(hook: LoadedHook, step: StepName, more: object): unknown {
    if (hook.isOff) {
      if (hook.plan.isRequired) throw new RefusedByHook('hook-failed')
      return undefined
    }
    this.#last = { hook, step }
    this.#view ??= this.#viewOf(this.#query, this.#arrival)
    const callout = { query: this.#view, found: this.#found?.get(hook.key), ...more }
    let said: unknown
    try {
      const { callouts } = hook as { readonly callouts: Callouts }
      said = hook.call(() => callouts[step]!(Object.freeze(callout) as never))
    } catch (error) {
      return this.#fail(hook, step, error)
    }
    if (!(said instanceof Promise)) return said
    said.catch(() => {})
    return this.#fail(hook, step, new Error('a step answers at once, and gave a promise'))
  }

  /** A verdict, or nonsense. */
  #end(hook: LoadedHook, step: StepName, said: unknown): void {
    const verdict = verdictOf(said)
    if (verdict === undefined) return this.#nonsense(hook, step, said)
    hook.refuse(verdict.reason)
    throw new RefusedByHook('refused-by-hook', verdict.isAloud)
  }

  #nonsense(hook: LoadedHook, step: StepName, said: unknown): void {
    this.#fail(hook, step, new Error(`${nameOf(said)} is no answer`))
  }

  #fail(hook: LoadedHook, step: StepName, error: unknown): undefined {
    hook.failed(step, error)
    const { onError } = hook.plan
    if (onError !== 'continue') throw new RefusedByHook('hook-failed', onError === 'nak')
    return undefined
  }
}

export interface Refusal {
  readonly reason: string
  readonly isAloud: boolean
}

/** Undefined where it is none. */
export function verdictOf(said: unknown): Refusal | undefined {
  const { drop, nak } = mapOf(said) ?? {}
  if (typeof drop === 'string') return { reason: drop, isAloud: false }
  return typeof nak === 'string' ? { reason: nak, isAloud: true } : undefined
}

export function mapOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isMap ? (value as Readonly<Record<string, unknown>>) : undefined
}

/** For a line of the log. */
export function nameOf(said: unknown): string {
  try {
    return JSON.stringify(said)?.slice(0, 100) ?? String(said)
  } catch {
    return typeof said
  }
}

const KINDS: Readonly<Record<Kind, string>> = {
  text: 'string',
  number: 'number',
  boolean: 'boolean',
}

/** The members of these kinds; undefined where there is another one, or one of another kind. */
function edited(said: unknown, kinds: Readonly<Record<string, Kind>>): object | undefined {
  const map = mapOf(said)
  if (map === undefined || verdictOf(map) !== undefined) return undefined
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(map)) {
    if (value === undefined || name === 'userContext') continue
    const kind = kinds[name]
    const is: string = typeof value
    if (kind === undefined || is !== KINDS[kind]) return undefined
    kept[name] = value
  }
  return kept
}

function contextOf(before: string | undefined, said: unknown): LeaseEdit {
  if (said === undefined) return {}
  const former = before === undefined ? {} : JSON.parse(before)
  return { userContext: JSON.stringify({ ...former, ...(said as object) }) }
}
