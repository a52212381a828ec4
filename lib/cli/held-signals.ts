// The signals of the daemon, from its first moment on: by default SIGHUP and SIGUSR2 end a process
// and SIGUSR1 opens a debugger, and a log rotation does not ask whether the server has read its
// leases yet. What comes early is held until the server can do it. Imports nothing, so that it
// stands before anything else is loaded. Before it stands, Node is on its own for a moment: a
// debugger that was opened then is shut. (Node's --disable-sigusr1 is no help, since it blocks the
// signal for good.)

const NAMES = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const

export type DaemonSignal = (typeof NAMES)[number]

type Actions = Readonly<Record<DaemonSignal, () => void>>

const held = new Set<DaemonSignal>()
let actions: Actions | undefined

/** From here on a signal waits for `takeSignals`; those that end the process do so at once. */
export function holdSignals(): void {
  shutDebugger()
  for (const name of NAMES) process.on(name, () => onSignal(name))
}

/** From here on signals are obeyed, those that were held first. */
export function takeSignals(obey: Actions): void {
  // One that was being opened is open by now.
  shutDebugger()
  actions = obey
  for (const name of held) obey[name]()
  held.clear()
}

/** From here on signals do nothing: the end is near. */
export function ignoreSignals(): void {
  const nothing = () => {}
  actions = Object.fromEntries(NAMES.map((name) => [name, nothing])) as Record<
    DaemonSignal,
    () => void
  >
}

/**
 * Whoever reaches the port of a debugger is this process. One that was asked for on the command
 * line stays.
 */
function shutDebugger(): void {
  const isWanted = /--inspect/.test(
    `${process.execArgv.join(' ')} ${process.env.NODE_OPTIONS ?? ''}`,
  )
  if (!isWanted) process.getBuiltinModule('node:inspector').close()
}

function onSignal(name: DaemonSignal): void {
  if (actions !== undefined) return actions[name]()
  // Nobody has been answered yet.
  if (name === 'SIGTERM' || name === 'SIGINT') process.exit(0)
  held.add(name)
}
