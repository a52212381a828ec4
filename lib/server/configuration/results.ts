// What is answered to who has changed the configuration.

import { formatProblem, type Problem } from '../../config/text/problem.ts'
import type { ServerState } from '../events.ts'
import { EDITS_MAX } from './edit-book.ts'
import type { ConfigResult } from './running-configuration.ts'

export const DONE: ConfigResult = {
  allowed: true,
  why: '',
  problems: [],
  needsRestart: [],
  dropped: 0,
}

export const TOO_MANY_EDITS: ConfigResult = {
  ...DONE,
  allowed: false,
  why: `${EDITS_MAX} edits stand over the file: write them with config-write`,
}

export function refusedBy(why: string): ConfigResult {
  return { ...DONE, allowed: false, why }
}

export function refusedFor(problems: readonly Problem[]): ConfigResult {
  const error = problems.find(({ severity }) => severity === 'error')
  const why = error === undefined ? 'it could not be served' : formatProblem(error)
  return { ...DONE, allowed: false, why, problems }
}

/** Edits that a reload has dropped; there are some. */
export function goneWords(dropped: number): string {
  return dropped === 1
    ? '1 edit that was not written is gone'
    : `${dropped} edits that were not written are gone`
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === 'error')
}

/** Why nothing is changed in this state, '' where it is. */
export const WHY_NOT: Readonly<Record<ServerState, string>> = {
  starting: '',
  serving: '',
  failed: 'the lease database does not store',
  stopping: 'the server is stopping',
  stopped: 'the server is stopping',
}

export const NEVER_IN_FORCE = 'that configuration was never in force'
