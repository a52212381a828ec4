// Steps of hooks in the lab, as a table of answers: each call draws a row. A hook that says
// something else each time, even of one message, is the worst that an operator can write.

import type { Octets } from '../bytes/octets.ts'
import {
  type DraftReply,
  type HookReservation,
  type LeaseEdit,
  type NamedClasses,
  type NameEdit,
  RefusedByHook,
  STEP,
  type Steps,
} from '../dhcp/steps.ts'
import type { Draw } from '../time/draw.ts'
import type { Suppliable } from '../wire/supplied.ts'

/** `throw`: the hook fails, and that is not passed over. `refuse`: its client is told no. */
export type StepEnd = 'drop' | 'refuse' | 'throw'

interface StepAnswers {
  /** `assign`: a class by its name; where the configuration has none such, the hook fails. */
  readonly received: StepAnswers['classified'] | Supply
  readonly classified: 'go-on' | StepEnd | { readonly assign: string }
  readonly identify: Octets
  /** The id of a subnet, 0 = none. */
  readonly selectSubnet: 'go-on' | StepEnd | number
  readonly reserve: 'go-on' | StepEnd | HookReservation
  readonly lease: 'go-on' | StepEnd | LeaseEdit
  readonly names: 'go-on' | 'throw' | NameEdit
  /** Values by the codes of options. */
  readonly reply: 'go-on' | StepEnd | { readonly options: Readonly<Record<number, Octets>> }
}

/** Values by the codes of options that the message has from then on; undefined: not any more. */
interface Supply {
  readonly supply: Readonly<Record<number, Octets | undefined>>
}

/** What is said at each step; at one that is left out nobody listens. */
export type StepTable = { readonly [Step in keyof StepAnswers]?: readonly StepAnswers[Step][] }

export class VirtualSteps implements Steps<Suppliable, unknown> {
  /** How often it was called. */
  calls = 0
  readonly points: number
  readonly #table: () => StepTable
  readonly #draw: Draw
  #query!: Suppliable

  /** Looked up at each call; it listens where the first one does. */
  constructor(table: () => StepTable, draw: Draw) {
    const names = Object.keys(table()) as (keyof StepTable)[]
    this.points = names.reduce((points, name) => points | STEP[name], 0)
    this.#table = table
    this.#draw = draw
  }

  begin(query: Suppliable): void {
    this.#query = query
  }

  received(classes: NamedClasses): void {
    const said = this.#ended(this.#say('received'))
    if (said === undefined) return
    if ('assign' in said) return this.#assign(classes, said.assign)
    for (const [code, value] of Object.entries(said.supply)) this.#query.supply(Number(code), value)
  }

  classified(classes: NamedClasses): void {
    const said = this.#ended(this.#say('classified'))
    if (said !== undefined) this.#assign(classes, said.assign)
  }

  identify(): Octets {
    return this.#say('identify') ?? ''
  }

  selectSubnet(id: number): number {
    const said = this.#ended(this.#say('selectSubnet'))
    return said ?? id
  }

  reserve(): HookReservation | undefined {
    return this.#ended(this.#say('reserve'))
  }

  lease(): LeaseEdit | undefined {
    return this.#ended(this.#say('lease'))
  }

  names(): NameEdit | undefined {
    return this.#ended(this.#say('names'))
  }

  reply({ options }: DraftReply): void {
    const said = this.#ended(this.#say('reply'))
    for (const [code, value] of Object.entries(said?.options ?? {}))
      options.set(Number(code), [value])
  }

  wrong(): never {
    throw new RefusedByHook('hook-failed')
  }

  #assign(classes: NamedClasses, name: string): void {
    if (!classes.add(name)) this.wrong()
  }

  #say<Step extends keyof StepAnswers>(step: Step): StepAnswers[Step] | undefined {
    this.calls++
    const rows = this.#table()[step] as readonly StepAnswers[Step][] | undefined
    return rows?.[this.#draw(rows.length)]
  }

  #ended<Said>(said: Said | 'go-on' | StepEnd | undefined): Said | undefined {
    if (said === undefined || said === 'go-on') return undefined
    if (said === 'throw') return this.wrong()
    if (said === 'drop' || said === 'refuse')
      throw new RefusedByHook('refused-by-hook', said === 'refuse')
    return said as Said
  }
}
