// What the loop has to do with hooks beside what is asked of them: they come into force with a
// plan, are told what has happened, and are unloaded at the end.

import type { Plan } from '../config/plan/plan.ts'
import { type HookStatus, type Hooks, OBSERVING } from '../ports/hooks.ts'
import type { ServerEvent } from './events.ts'

/**
 * Makes the hooks of a plan ready; `done`: with why they cannot be in force, or ''. Where nobody
 * loads modules, a plan that names some is as good as one without. `isAnew`: also where the plan in
 * force names the same.
 */
export function prepareHooks(
  hooks: Hooks | undefined,
  { hooks: plans }: Plan,
  isAnew: boolean,
  done: (trouble: string) => void,
): void {
  if (hooks?.prepare === undefined) done('')
  else hooks.prepare(plans, isAnew, done)
}

/** Whoever embeds the server is told first. */
export function tellEvent(
  onEvent: ((event: ServerEvent) => void) | undefined,
  hooks: Hooks | undefined,
  event: ServerEvent,
): void {
  onEvent?.(event)
  if (event.kind !== 'lease' || ((hooks?.observes ?? 0) & OBSERVING.committed) === 0) return
  hooks!.changed!(event.action, event.lease, event.family)
}

/** Behind the journal: they are told of everything that it has. */
export function closeHooks(hooks: Hooks | undefined, done: () => void): void {
  if (hooks?.close === undefined) done()
  else hooks.close(done)
}

/** Undefined where there are none. */
export function hookStatus(hooks: Hooks | undefined): readonly HookStatus[] | undefined {
  const all = hooks?.status?.() ?? []
  return all.length === 0 ? undefined : all
}
