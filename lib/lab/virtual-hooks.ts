// Somebody outside whom a server of the lab asks, as a table of answers: each question draws a row,
// which says what is answered and after how long. Rows that differ in their delay make answers
// overtake each other.

import { ASKING, type Ticket } from '../dhcp/asking.ts'
import type { HookAnswer, HookQuestion, HookSink, Hooks } from '../ports/hooks.ts'
import type { Draw } from '../time/draw.ts'
import type { Millis } from '../time/units.ts'
import type { Node } from './node.ts'

export interface HookRow {
  readonly answer: HookAnswer | 'never'
  /** 0: at once, within the question. */
  readonly delay: Millis
}

export class VirtualHooks implements Hooks {
  readonly points: number
  readonly asked: HookQuestion[] = []
  readonly #node: Node
  readonly #table: readonly HookRow[]
  readonly #draw: Draw
  readonly #sinks: Partial<Record<4 | 6, HookSink>> = {}

  /** `points`: the bits of ASKING at which it listens. */
  constructor(node: Node, table: readonly HookRow[], points: number = ASKING.query) {
    this.points = points
    this.#node = node
    this.#table = table
    this.#draw = node.world.draw('hooks')
  }

  open(sink: HookSink, family: 4 | 6): void {
    this.#sinks[family] = sink
  }

  ask(ticket: Ticket, question: HookQuestion): 'go-on' | 'drop' | undefined {
    this.asked.push(question)
    const { answer, delay } = this.#table[this.#draw(this.#table.length)]!
    if (answer === 'never') return undefined
    if (delay === 0 && (answer === 'go-on' || answer === 'drop')) return answer
    this.#node.after(delay, () => this.#sinks[question.family]?.onAnswer(ticket, answer))
    return undefined
  }
}
