// What is said of an expression while it is read: problems that do not stop the reading, and notes.

import type { Note, Remark } from '../expression.ts'
import type { Refusal } from './refusal.ts'

export class Remarks {
  readonly problems: Remark[] = []
  readonly notes: Note[] = []
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  problem(code: string, at: number, message: string, hint = ''): void {
    this.problems.push(this.#remark(code, at, message, hint))
  }

  refuse({ code, at, message, hint }: Refusal): void {
    this.problem(code, at, message, hint)
  }

  /** Whio understands what stands here, Kea does not. */
  extension(at: number, message: string, hint = ''): void {
    this.notes.push({ kind: 'extension', ...this.#remark('not-in-kea', at, message, hint) })
  }

  /** It is hardly meant as it stands. */
  doubt(code: string, at: number, message: string, hint = ''): void {
    this.notes.push({ kind: 'doubt', ...this.#remark(code, at, message, hint) })
  }

  #remark(code: string, at: number, message: string, hint: string): Remark {
    const before = this.#text.slice(0, at)
    const lineStart = before.lastIndexOf('\n') + 1
    const line = before.split('\n').length
    return { code, at, line, column: at - lineStart + 1, message, hint }
  }
}
