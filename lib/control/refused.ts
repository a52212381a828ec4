// What ends a command with an answer instead of what was asked: refused by the command itself, or
// an error of ours. Both are thrown where they are found.

import { tell } from '../ports/log.ts'
import type { Answer, ControlRoom, Result } from './command.ts'

export class CommandRefused extends Error {
  readonly result: Result

  constructor(text: string, result: Result = 1) {
    super(text)
    this.result = result
  }
}

/** What is said of an error of ours where the words are not Kea's: the log has the rest. */
export const INTERNAL = 'an error of the server, which its log tells'

/** What is answered to whom it was thrown for. */
export function answerOf(error: unknown, room: Pick<ControlRoom, 'log'>): Answer {
  if (error instanceof CommandRefused) return { result: error.result, text: error.message }
  tellFault(error, room)
  const { message } = error as Error
  return { result: 1, text: `Error during command processing: ${message}` }
}

export function tellFault(error: unknown, { log }: Pick<ControlRoom, 'log'>): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  tell(log, 'INTERNAL_ERROR', { error: text })
}

/**
 * What goes on with a command when something it waited for is there. Whatever is thrown there is
 * answered: who calls it has to do with others, and knows of no asker.
 */
export function goingOn<Given extends readonly unknown[]>(
  room: Pick<ControlRoom, 'log'>,
  answer: (answer: Answer) => void,
  then: (...given: Given) => void,
): (...given: Given) => void {
  return bounded(then, (error) => answer(answerOf(error, room)))
}

export function bounded<Given extends readonly unknown[]>(
  work: (...given: Given) => void,
  lost: (error: unknown) => void,
): (...given: Given) => void {
  return (...given) => {
    try {
      work(...given)
    } catch (error) {
      lost(error)
    }
  }
}
