// A live view on a terminal: draws text again and again on a screen of its own, hears keys, and
// gives the terminal back however the process ends. Made for 80 columns; on a smaller terminal
// lines are cut.

const REFRESH_EVERY_MS = 250

const HOME = '\x1b[H'
const CLEAR_BELOW = '\x1b[J'
const CLEAR_LINE_END = '\x1b[K'
const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const OTHER_SCREEN = '\x1b[?1049h'
const FORMER_SCREEN = '\x1b[?1049l'
const CTRL_C = '\x03'

export interface Screen {
  readonly head: readonly string[]
  /** As many as there is room for are shown. */
  readonly clients: readonly string[]
  readonly foot: readonly string[]
}

/** Whether there is a terminal to draw on. */
export function isTerminal(): boolean {
  return process.stdout.isTTY === true && process.env.TERM !== 'dumb'
}

/** Whether keys can be heard. */
export function hasKeys(): boolean {
  return isTerminal() && process.stdin.isTTY === true
}

/**
 * Draws until closed. `onKey` is told single characters; without it keys are left alone. Ctrl-C
 * goes on meaning SIGINT.
 */
export function openScreen(
  screen: () => Screen,
  onKey?: (key: string) => void,
): { draw(): void; close(): void } {
  const draw = () => process.stdout.write(frame(screen()))
  process.stdout.write(OTHER_SCREEN + HIDE_CURSOR)
  draw()
  const timer = setInterval(draw, REFRESH_EVERY_MS)
  process.stdout.on('resize', draw)
  const { stdin } = process
  const hear = (keys: Buffer) => {
    for (const key of keys.toString('latin1'))
      if (key === CTRL_C) process.kill(process.pid, 'SIGINT')
      else onKey?.(key)
    draw()
  }
  const isHearing = onKey !== undefined && hasKeys()
  if (isHearing) stdin.setRawMode(true).on('data', hear).resume()
  const restore = () => {
    if (isHearing) stdin.setRawMode(false)
    process.stdout.write(HOME + CLEAR_BELOW + SHOW_CURSOR + FORMER_SCREEN)
  }
  process.once('exit', restore)
  return {
    draw,
    close() {
      clearInterval(timer)
      process.stdout.off('resize', draw)
      process.off('exit', restore)
      if (isHearing) stdin.off('data', hear).pause()
      restore()
    },
  }
}

/** The text of the whole terminal; the last line ends without a line feed, so nothing scrolls. */
function frame({ head, clients, foot }: Screen): string {
  // A terminal that does not know its size says 0.
  const columns = process.stdout.columns || 80
  const rows = process.stdout.rows || 24
  const room = Math.max(0, rows - head.length - foot.length)
  const hidden = clients.length - room
  const shown =
    hidden > 0
      ? [...clients.slice(0, Math.max(0, room - 1)), `and ${hidden + 1} more clients`]
      : clients
  const lines = [...head, ...shown, ...foot].slice(0, rows)
  return `${HOME}${lines.map((line) => line.slice(0, columns) + CLEAR_LINE_END).join('\r\n')}${CLEAR_BELOW}`
}

/**
 * `name  state  address  ████····  12.3 s`: what is left of a lease; `left` and `of` in
 * milliseconds.
 */
export function bar(left: number, of: number): string {
  const filled = Math.min(BAR, Math.round((left / of) * BAR))
  return `${'█'.repeat(filled)}${'·'.repeat(BAR - filled)} ${(left / 1000).toFixed(1)} s`
}

const BAR = 14
