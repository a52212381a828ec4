// Makes a failing history short: fewer arrivals, then fewer and emptier bytes. Each attempt plays
// the whole history in a world of its own, so the number of attempts is bounded.

import { type Arrival, FuzzWorld } from './fuzz-world.ts'
import type { FuzzPlan } from './plans.ts'

const ATTEMPTS_MAX = 2000

/**
 * The shortest history found that breaks the same promise; only its last arrival where it breaks
 * none from a fresh start.
 */
export function shortened(
  fuzzPlan: FuzzPlan,
  history: readonly Arrival[],
  error: unknown,
): readonly Arrival[] {
  const kind = kindOf(error)
  let attempts = 0
  const fails = (arrivals: readonly Arrival[]): boolean => {
    attempts++
    return attempts <= ATTEMPTS_MAX && failureOf(fuzzPlan, arrivals) === kind
  }
  let failing: readonly Arrival[] = history.slice(-1)
  for (let length = 1; !fails(failing); length *= 4) {
    if (length >= history.length) return history.slice(-1)
    failing = history.slice(-length * 4)
  }
  failing = fewer(failing, fails)
  for (let index = failing.length - 1; index >= 0; index--)
    failing = withBytes(failing, index, fails)
  return failing
}

function failureOf(fuzzPlan: FuzzPlan, arrivals: readonly Arrival[]): string {
  try {
    const world = new FuzzWorld(fuzzPlan)
    for (const arrival of arrivals) world.take(arrival)
    world.account()
    return ''
  } catch (error) {
    return kindOf(error)
  }
}

/** What went wrong, without the addresses and numbers of the case. */
function kindOf(error: unknown): string {
  return String(error)
    .replace(/:? ?[{[].*/s, '')
    .replace(/[\d.]+/g, '#')
}

/** Without runs of arrivals, from long runs to single ones. */
function fewer(
  arrivals: readonly Arrival[],
  fails: (arrivals: readonly Arrival[]) => boolean,
): readonly Arrival[] {
  let left = arrivals
  for (let run = left.length >> 1; run >= 1; run >>= 1)
    for (let at = left.length - run; at >= 0; at -= run) {
      const fewer = [...left.slice(0, at), ...left.slice(at + run)]
      if (fewer.length > 0 && fails(fewer)) left = fewer
    }
  return left
}

/** With a shorter message number `index`, and zeros in it wherever they do not matter. */
function withBytes(
  arrivals: readonly Arrival[],
  index: number,
  fails: (arrivals: readonly Arrival[]) => boolean,
): readonly Arrival[] {
  let left = arrivals
  const attempt = (bytes: Uint8Array): void => {
    const changed = left.with(index, { ...left[index]!, bytes })
    if (fails(changed)) left = changed
  }
  for (let cut = left[index]!.bytes.length >> 1; cut >= 1; cut >>= 1) {
    const { bytes } = left[index]!
    attempt(bytes.slice(0, bytes.length - cut))
  }
  for (let run = 64; run >= 1; run >>= 2)
    for (let at = 8; at < left[index]!.bytes.length; at += run) {
      const { bytes } = left[index]!
      if (bytes.subarray(at, at + run).every((byte) => byte === 0)) continue
      attempt(bytes.slice().fill(0, at, at + run))
    }
  return left
}
