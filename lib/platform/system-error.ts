// An error of the system, for people.

import { getSystemErrorMap } from 'node:util'

/** What the system says, without its code and the call that failed. */
export function wordsOf(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? message
}
