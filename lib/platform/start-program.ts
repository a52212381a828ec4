// Starts a program beside the server. Why one cannot be started, Node tells in two ways: of some
// reasons (no such file, no rights) by an event, of others (no memory, an argument that is too long
// or has a zero octet, a file where a folder should be) by an exception. Here all end alike.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { wordsOf } from './system-error.ts'

/**
 * Runs `ended` once, later or before this returns: with '' when the program ended well, else with
 * why not. Undefined where nothing was started for certain.
 */
export function startProgram(
  program: string,
  words: readonly string[],
  options: SpawnOptions,
  ended: (why: string) => void,
): ChildProcess | undefined {
  let hasEnded = false
  const end = (why: string): void => {
    if (!hasEnded) ended(why)
    hasEnded = true
  }
  try {
    const child = spawn(program, words, options)
    child.once('error', (error) => end(wordsOf(error)))
    child.once('exit', (code, signal) => end(code === 0 ? '' : `ended with ${code ?? signal}`))
    return child
  } catch (error) {
    end(wordsOf(error))
    return undefined
  }
}
