// Reading an expression stops at the first thing that makes no sense: the rest cannot be judged.

/** What is wrong at one place of a text; thrown, and caught where the text came from. */
export class Refusal {
  readonly code: string
  /** From 0. */
  readonly at: number
  readonly message: string
  readonly hint: string

  constructor(code: string, at: number, message: string, hint = '') {
    this.code = code
    this.at = at
    this.message = message
    this.hint = hint
  }
}
