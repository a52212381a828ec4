// What is said of an expression while it is read: problems that do not stop the reading, and notes.

import type { Note, Remark } from '../expression.ts'
import type { Refusal } from './refusal.ts'

/** The most problems, and the most notes, of one expression: the others are like these. */
export const REMARKS_MAX = 50

export class Remarks {
  readonly problems: Remark[] = []
  readonly notes: Note[] = []
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  problem(code: string, at: number, message: string, hint = ''): void {
    if (this.problems.length < REMARKS_MAX)
      this.problems.push(this.#remark(code, at, message, hint))
  }

  refuse({ code, at, message, hint }: Refusal): void {
    this.problem(code, at, message, hint)
  }

  /** Whio understands what stands here, Kea does not. */
  extension(at: number, message: string, hint = ''): void {
    this.#note('extension', 'not-in-kea', at, message, hint)
  }

  /** It is hardly meant as it stands. */
  doubt(code: string, at: number, message: string, hint = ''): void {
    this.#note('doubt', code, at, message, hint)
  }

  #note(kind: Note['kind'], code: string, at: number, message: string, hint: string): void {
    if (this.notes.length < REMARKS_MAX)
      this.notes.push({ kind, ...this.#remark(code, at, message, hint) })
  }

  #remark(code: string, at: number, message: string, hint: string): Remark {
    const before = this.#text.slice(0, at)
    const lineStart = before.lastIndexOf('\n') + 1
    const line = before.split('\n').length
    return { code, at, line, column: at - lineStart + 1, message, hint }
  }
}
