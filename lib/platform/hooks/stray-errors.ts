// What the code of a hook throws when nobody is there to catch it: from a timer of its own, a
// socket without a listener, a promise that it forgot. Such an error would end the process. While
// there are hooks, it counts as a failure of the one that began it, which Node remembers along
// timers, sockets and promises; what no hook began ends the process as ever.

import { AsyncLocalStorage } from 'node:async_hooks'

interface Blamed {
  failed(callout: string, error: unknown): void
}

const running = new AsyncLocalStorage<Blamed>()

/** Runs code of the hook: whatever comes of it later is the hook's. */
export function inHook<T>(hook: Blamed, work: () => T): T {
  return running.run(hook, work)
}

let watchers = 0

/** While somebody watches, stray errors of hooks do not end the process. Returns the end of it. */
export function watchStrayErrors(): () => void {
  if (watchers++ === 0) {
    process.on('uncaughtException', onException)
    process.on('unhandledRejection', onRejection)
  }
  let isOver = false
  return () => {
    if (isOver) return
    isOver = true
    if (--watchers === 0) unwatch()
  }
}

function unwatch(): void {
  process.off('uncaughtException', onException)
  process.off('unhandledRejection', onRejection)
}

function onException(error: unknown): void {
  if (isHooks(error)) return
  // Others that listen do what they do; without them the process ends, as if nobody listened.
  if (process.listenerCount('uncaughtException') > 1) return
  unwatch()
  process.nextTick(() => {
    throw error
  })
}

function onRejection(error: unknown, promise: Promise<unknown>): void {
  if (isHooks(error) || process.listenerCount('unhandledRejection') > 1) return
  unwatch()
  // Rejected anew, with nobody to catch it.
  void promise.then()
}

function isHooks(error: unknown): boolean {
  const hook = running.getStore()
  if (hook === undefined) return false
  hook.failed('background', error)
  return true
}
