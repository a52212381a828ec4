// A command that ends with an answer instead of what was asked: thrown where that is found, and
// answered by the dispatcher.

import type { Result } from './command.ts'

export class CommandRefused extends Error {
  readonly result: Result

  constructor(text: string, result: Result = 1) {
    super(text)
    this.result = result
  }
}
