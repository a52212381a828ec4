// Somebody outside whom a server of the lab asks, as tables of answers: each question draws a row,
// which says what is answered and after how long. Rows that differ in their delay make answers
// overtake each other. Steps have a table of their own (virtual-steps.ts).

import { ASKING, type Ticket } from '../dhcp/asking.ts'
import type { HookAnswer, HookQuestion, HookSink, Hooks } from '../ports/hooks.ts'
import type { Draw } from '../time/draw.ts'
import type { Millis } from '../time/units.ts'
import type { Node } from './node.ts'
import { type StepTable, VirtualSteps } from './virtual-steps.ts'

export interface HookRow {
  readonly answer: HookAnswer | 'never'
  /** 0: at once, within the question. */
  readonly delay: Millis
}

export interface HookTables {
  /** What gates answer. */
  readonly gates?: readonly HookRow[]
  readonly steps?: StepTable
}

export interface VirtualHooksSettings {
  /** Looked up at each question. */
  readonly tables: () => HookTables
  /** The bits of ASKING at which it listens; those of all messages when absent. */
  readonly points?: number
  /** What the partner is told of it; '' = nothing. */
  readonly fingerprint?: string
}

export class VirtualHooks implements Hooks {
  readonly points: number
  readonly fingerprint: string
  readonly asked: HookQuestion[] = []
  readonly steps: VirtualSteps | undefined
  readonly #node: Node
  readonly #tables: () => HookTables
  readonly #draw: Draw
  readonly #sinks: Partial<Record<4 | 6, HookSink>> = {}

  constructor(node: Node, { fingerprint = '', points, tables }: VirtualHooksSettings) {
    const { gates, steps } = tables()
    this.points = gates === undefined ? 0 : (points ?? ASKING.query)
    this.fingerprint = fingerprint
    this.#node = node
    this.#tables = tables
    this.#draw = node.world.draw('hooks')
    this.steps =
      steps && new VirtualSteps(() => tables().steps ?? {}, node.world.draw('hooks/steps'))
  }

  open(sink: HookSink, family: 4 | 6): void {
    this.#sinks[family] = sink
  }

  steps4() {
    return this.steps
  }

  steps6() {
    return this.steps
  }

  ask(ticket: Ticket, question: HookQuestion): 'go-on' | 'drop' | undefined {
    this.asked.push(question)
    const table = this.#tables().gates!
    const { answer, delay } = table[this.#draw(table.length)]!
    if (answer === 'never') return undefined
    if (delay === 0 && (answer === 'go-on' || answer === 'drop')) return answer
    this.#node.after(delay, () => this.#sinks[question.family]?.onAnswer(ticket, answer))
    return undefined
  }
}
