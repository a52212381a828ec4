// What a module must have to be a hook, and what its setup must give.

import type { HookModule } from './hook-module.ts'
import type { AnyCallouts } from './loaded-hook.ts'
import { mapOf } from './step-runner.ts'

export const API_VERSION = 1

const HOOK_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/

const CALLOUTS = [
  ...['received', 'classified', 'identify', 'selectSubnet', 'reserve', 'lease', 'names', 'reply'],
  ...['query', 'offer', 'grant', 'committed', 'sent', 'dispose'],
]

export class Refused extends Error {
  readonly why: string

  constructor(library: string, why: string) {
    super(`hooks-libraries: ${library} ${why}`)
    this.why = why
  }
}

export function refuse(library: string, why: string): never {
  throw new Refused(library, why)
}

export function moduleOf(value: unknown, library: string): HookModule {
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

export function calloutsOf(value: unknown, library: string): AnyCallouts {
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
