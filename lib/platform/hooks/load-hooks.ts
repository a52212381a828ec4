// Hooks are loaded and set up in the order of the configuration, all or none, and unloaded.

import type { HookPlan } from '../../config/plan/hook-plan.ts'
import { type Log, tell } from '../../ports/log.ts'
import type { Draw } from '../../time/draw.ts'
import type { Millis } from '../../time/units.ts'
import { hookHost, OwnMetrics } from './hook-host.ts'
import { HookThread } from './hook-thread.ts'
import { type AnyCallouts, LoadedHook, wordsFor } from './loaded-hook.ts'
import { calloutsOf, moduleOf, Refused, refuse } from './module-checks.ts'
import { findModule, type ModuleFile } from './module-file.ts'
import { mapOf } from './step-runner.ts'

/** For a module to be read and set up. */
export const SETUP_MAX: Millis = 10_000

/** For one to be unloaded: nobody waits longer. */
const DISPOSE_MAX: Millis = 2000

export interface LoadSettings {
  readonly log: Log
  readonly draw: Draw
  /** Where packages are looked for before the folder of Whio. */
  readonly folders?: readonly string[] | undefined
  /** performance.now when absent. */
  readonly now?: (() => Millis) | undefined
  /** SETUP_MAX when absent. */
  readonly setupMax?: Millis
}

function steady(): Millis {
  return performance.now()
}

/** Rejects with words for the operator; then none is left set up. */
export async function loadHooks(
  plans: readonly HookPlan[],
  settings: LoadSettings,
): Promise<readonly LoadedHook[]> {
  const hooks: LoadedHook[] = []
  try {
    for (const plan of plans) hooks.push(await loadHook(plan, hooks, settings))
    return hooks
  } catch (error) {
    void unload(hooks, [], settings.log)
    throw error
  }
}

async function loadHook(
  plan: HookPlan,
  before: readonly LoadedHook[],
  settings: LoadSettings,
): Promise<LoadedHook> {
  const file = findModule(plan.library, settings.folders)
  return plan.isWorker
    ? await loadThread(plan, file, before, settings)
    : await loadModule(plan, file, before, settings)
}

async function loadThread(
  plan: HookPlan,
  file: ModuleFile,
  before: readonly LoadedHook[],
  { log, now = steady, setupMax = SETUP_MAX }: LoadSettings,
): Promise<LoadedHook> {
  const { family, library, parameters } = plan
  const thread = new HookThread({ url: file.url, library, family, parameters }, setupMax)
  try {
    const { name, callouts } = await within(setupMax, thread.open())
    const key = keyFor(name, before, family)
    const own = { metrics: thread, end: new AbortController() }
    const hook = new LoadedHook({ key, plan, file, log, now, ...own })
    hook.begin(callouts)
    thread.begin({
      line: (id, fields) => tell(log, id, { ...fields, hook: key }),
      stray: (error) => hook.failed('background', error),
      restarted: (why, wait) => hook.restarted(why, wait),
    })
    return hook
  } catch (error) {
    void thread.drop()
    return refuse(library, (error as Error).message)
  }
}

async function loadModule(
  plan: HookPlan,
  file: ModuleFile,
  before: readonly LoadedHook[],
  { draw, log, now = steady, setupMax = SETUP_MAX }: LoadSettings,
): Promise<LoadedHook> {
  const { family, library } = plan
  const module = await within(setupMax, import(file.url)).then(
    (all: unknown) => moduleOf(mapOf(all)?.default, library),
    (error: unknown) => refuse(library, `cannot be loaded: ${wordsFor(error)}`),
  )
  const setup = (family === 4 ? module.setup4 : module.setup6)?.bind(module)
  if (setup === undefined) refuse(library, `has no setup${family}, and Dhcp${family} names it`)
  const metrics = new OwnMetrics(module.name)
  const end = new AbortController()
  const key = keyFor(module.name, before, family)
  const hook = new LoadedHook({ key, plan, file, metrics, log, now, end })
  const host = hookHost(family, key, log, draw, metrics, end.signal)
  const giveUp = (why: string): never => {
    end.abort()
    return refuse(library, why)
  }
  let isLate = false
  try {
    const parameters: unknown = structuredClone(plan.parameters)
    const made = hook.call(() => Promise.resolve<unknown>(setup(parameters, host)))
    // One that is ready when nobody waits any more is unloaded again.
    made.then(
      (callouts) => {
        if (isLate) void dispose(hook, (mapOf(callouts) ?? {}) as AnyCallouts, log)
      },
      () => {},
    )
    hook.begin(calloutsOf(await within(setupMax, made), library))
  } catch (error) {
    isLate = true
    return error instanceof Refused
      ? giveUp(error.why)
      : giveUp(`failed in its setup: ${wordsFor(error)}`)
  }
  return hook
}

/** One module may be named several times, with other parameters. */
function keyFor(name: string, before: readonly LoadedHook[], family: 4 | 6): string {
  const taken = before.filter(
    ({ plan, key }) => plan.family === family && key.split('#')[0] === name,
  )
  return taken.length === 0 ? name : `${name}#${taken.length + 1}`
}

async function within<T>(most: Millis, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${most / 1000} s`)), most)
  })
  promise.catch(() => {})
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** Their queues are told first what waits there. Nothing of it takes longer than DISPOSE_MAX. */
export async function unload(
  hooks: readonly LoadedHook[],
  queues: readonly { drain(): Promise<void> }[],
  log: Log,
): Promise<void> {
  await within(DISPOSE_MAX, Promise.all(queues.map((queue) => queue.drain()))).catch(() => {})
  await Promise.all(
    hooks.map(async (hook) => {
      hook.end.abort()
      await dispose(hook, hook.callouts, log)
      tell(log, 'HOOK_UNLOADED', { hook: hook.key, family: hook.plan.family })
    }),
  )
}

async function dispose(hook: LoadedHook, callouts: AnyCallouts, log: Log): Promise<void> {
  const { dispose: end } = callouts
  if (end === undefined) return
  try {
    await within(DISPOSE_MAX, Promise.resolve(hook.call(() => end())))
  } catch (error) {
    tell(log, 'HOOK_FAILED', { hook: hook.key, callout: 'dispose', error: wordsFor(error) })
  }
}
