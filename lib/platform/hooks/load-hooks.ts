// Hooks are loaded and set up in the order of the configuration, all or none, and unloaded.

import type { HookPlan } from '../../config/plan/hook-plan.ts'
import { type Log, tell } from '../../ports/log.ts'
import type { Draw } from '../../time/draw.ts'
import type { Millis } from '../../time/units.ts'
import { hookHost, OwnMetrics } from './hook-host.ts'
import type { HookModule } from './hook-module.ts'
import { type AnyCallouts, LoadedHook, wordsFor } from './loaded-hook.ts'
import { findModule } from './module-file.ts'
import { mapOf } from './step-runner.ts'

/** For a module to be read and set up. */
export const SETUP_MAX: Millis = 10_000

/** For one to be unloaded: nobody waits longer. */
const DISPOSE_MAX: Millis = 2000

export const API_VERSION = 1

const HOOK_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/

const CALLOUTS = [
  ...['received', 'classified', 'identify', 'selectSubnet', 'reserve', 'lease', 'names', 'reply'],
  ...['query', 'offer', 'grant', 'committed', 'sent', 'dispose'],
]

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
  { draw, folders, log, now = steady, setupMax = SETUP_MAX }: LoadSettings,
): Promise<LoadedHook> {
  const { family, library } = plan
  const file = findModule(library, folders)
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

class Refused extends Error {
  readonly why: string

  constructor(library: string, why: string) {
    super(`hooks-libraries: ${library} ${why}`)
    this.why = why
  }
}

function refuse(library: string, why: string): never {
  throw new Refused(library, why)
}

function moduleOf(value: unknown, library: string): HookModule {
  const module = mapOf(value)
  if (module === undefined) return refuse(library, 'has no default export with name and setup')
  const { apiVersion, name, setup4, setup6 } = module
  if (apiVersion !== API_VERSION)
    refuse(library, `is for version ${String(apiVersion)} of the interface; this is ${API_VERSION}`)
  if (typeof name !== 'string' || !HOOK_NAME.test(name))
    refuse(library, 'has no name of letters, digits, - and _')
  for (const setup of [setup4, setup6])
    if (setup !== undefined && typeof setup !== 'function')
      refuse(library, 'has a setup that is no function')
  return module as unknown as HookModule
}

function calloutsOf(value: unknown, library: string): AnyCallouts {
  const callouts = mapOf(value)
  if (callouts === undefined) return refuse(library, 'gave no callouts from its setup')
  for (const [name, callout] of Object.entries(callouts)) {
    if (!CALLOUTS.includes(name)) refuse(library, `has a callout ${name}, and there is none such`)
    if (callout !== undefined && typeof callout !== 'function')
      refuse(library, `has a callout ${name} that is no function`)
  }
  // Callouts may use `this`; that others are added later has no effect.
  const bound = CALLOUTS.flatMap((name) => {
    const callout = (value as Record<string, unknown>)[name]
    return typeof callout === 'function' ? [[name, callout.bind(value)] as const] : []
  })
  return Object.fromEntries(bound) as AnyCallouts
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
