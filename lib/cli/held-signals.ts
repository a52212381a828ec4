// The signals of the daemon, from its first moment on: by default SIGHUP and SIGUSR2 end a process and SIGUSR1 opens
// a debugger, and a log rotation does not ask whether the server has read its leases yet. What comes early is held
// until the server can do it. Imports nothing, so that it stands before anything else is loaded.

const NAMES = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const

export type DaemonSignal = (typeof NAMES)[number]

type Actions = Readonly<Record<DaemonSignal, () => void>>

const held = new Set<DaemonSignal>()
let actions: Actions | undefined

/** From here on a signal waits for `takeSignals`; those that end the process do so at once. */
export function holdSignals(): void {
  for (const name of NAMES) process.on(name, () => onSignal(name))
}

/** From here on signals are obeyed, those that were held first. */
export function takeSignals(obey: Actions): void {
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

function onSignal(name: DaemonSignal): void {
  if (actions !== undefined) return actions[name]()
  // Nobody has been answered yet.
  if (name === 'SIGTERM' || name === 'SIGINT') process.exit(0)
  held.add(name)
}
