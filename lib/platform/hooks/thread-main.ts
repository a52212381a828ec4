// The thread of a hook: loads its module, sets it up, and calls what the server asks for. What the
// hook is given is what it would be given in the server.

import { randomInt } from 'node:crypto'
import { type MessagePort, workerData } from 'node:worker_threads'
import type { Log } from '../../ports/log.ts'
import type { Millis } from '../../time/units.ts'
import { hookHost, OwnMetrics } from './hook-host.ts'
import type { HookCallouts } from './hook-module.ts'
import { wordsFor } from './loaded-hook.ts'
import { calloutsOf, moduleOf, Refused, refuse } from './module-checks.ts'
import { mapOf } from './step-runner.ts'
import {
  type PackedCallout,
  THREAD_CALLOUTS,
  type ThreadCallout,
  type ThreadStart,
  type ToServer,
  type ToThread,
} from './thread-words.ts'
import { viewOf } from './views.ts'

/** What has changed of its metrics is told so long after that. */
const METRICS_PAUSE: Millis = 200

// The module may read workerData, too; the port is for this file alone.
const given = workerData as { readonly start: ThreadStart; port?: MessagePort }
const port = given.port!
delete given.port
const end = new AbortController()
const asked = new Map<number, AbortController>()
let callouts: HookCallouts<unknown> = {}

function say(words: ToServer): void {
  port.postMessage(words)
}

/** Lines are written by the server, which knows what is written at all. */
const log: Log = {
  enabled: () => true,
  write: (_level, id, _text, fields) => say({ kind: 'line', id, fields }),
}

async function begin({ url, library, family, parameters }: ThreadStart): Promise<void> {
  const all: unknown = await import(url).catch((error: unknown) =>
    refuse(library, `cannot be loaded: ${wordsFor(error)}`),
  )
  const module = moduleOf(mapOf(all)?.default, library)
  const setup = (family === 4 ? module.setup4 : module.setup6)?.bind(module)
  if (setup === undefined)
    return refuse(library, `has no setup${family}, and Dhcp${family} names it`)
  say({ kind: 'named', name: module.name })
  const metrics: OwnMetrics = new OwnMetrics(module.name, () => tellMetrics(metrics))
  const draw = (bound: number) => randomInt(bound)
  const host = hookHost(family, module.name, log, draw, metrics, end.signal)
  let made: unknown
  try {
    made = await setup(parameters, host)
  } catch (error) {
    return refuse(library, `failed in its setup: ${wordsFor(error)}`)
  }
  callouts = calloutsOf(made, library) as HookCallouts<unknown>
  const { dispose: _dispose, ...listened } = callouts
  const known: readonly string[] = THREAD_CALLOUTS
  const step = Object.keys(listened).find((name) => !known.includes(name))
  if (step !== undefined)
    return refuse(library, `has a callout ${step}, which a thread cannot have ("worker": true)`)
  say({ kind: 'ready', callouts: Object.keys(listened) })
}

let isTelling = false

function tellMetrics(metrics: OwnMetrics): void {
  if (isTelling) return
  isTelling = true
  setTimeout(() => {
    isTelling = false
    say({ kind: 'metrics', metrics: metrics.list() })
  }, METRICS_PAUSE).unref()
}

async function answer(id: number, callout: ThreadCallout, given: ToGive): Promise<void> {
  const abort = new AbortController()
  asked.set(id, abort)
  try {
    const said: unknown = await call(callout, given, abort.signal)
    say({ kind: 'answer', id, said })
  } catch (error) {
    say({ kind: 'failed', id, error: wordsFor(error) })
  } finally {
    asked.delete(id)
  }
}

type ToGive = PackedCallout | readonly unknown[]

function call(callout: ThreadCallout, given: ToGive, signal: AbortSignal): unknown {
  const own = callouts as Record<ThreadCallout, (given: unknown, signal?: AbortSignal) => unknown>
  if (!('parcel' in given)) return own[callout](Object.freeze(given))
  return own[callout](Object.freeze({ ...given.more, query: viewOf(given.parcel) }), signal)
}

async function leave(): Promise<void> {
  end.abort()
  try {
    await callouts.dispose?.()
  } catch (error) {
    say({ kind: 'stray', error: wordsFor(error) })
  }
  say({ kind: 'over' })
}

for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error: unknown) => say({ kind: 'stray', error: wordsFor(error) }))

port.on('message', (words: ToThread) => {
  if (words.kind === 'ask') void answer(words.id, words.callout, words.given)
  else if (words.kind === 'abort') asked.get(words.id)?.abort()
  else if (words.kind === 'beat') say({ kind: 'beat' })
  else void leave()
})

begin(given.start).catch((error: unknown) => {
  const why = error instanceof Refused ? error.why : wordsFor(error)
  say({ kind: 'refused', why })
})
