// When a lab ends: the time is over, somebody wants it to, the terminal is gone or nobody reads any
// more.

export interface LabEnd {
  readonly ended: Promise<void>
  /** Ends it now. */
  end(): void
}

/** Milliseconds; undefined: no time is set. */
export function labEnd(duration: number | undefined): LabEnd {
  const { promise, resolve } = Promise.withResolvers<void>()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  // A pending timer keeps the process alive; without a duration the sockets do.
  const timer = duration === undefined ? undefined : setTimeout(end, duration)
  function end(): void {
    clearTimeout(timer)
    for (const signal of signals) process.off(signal, end)
    resolve()
  }
  for (const signal of signals) process.on(signal, end)
  process.stdout.on('error', end)
  return { ended: promise, end }
}
