// What systemd is told of this process (sd_notify): that it serves, that it reads its configuration
// or stops, how it is in one line (`systemctl status`), and that its loop turns (WatchdogSec=). By
// the C library; without it by the program systemd-notify, for which the unit has NotifyAccess=all.
// Nobody listens where NOTIFY_SOCKET is not set.

import { AF_UNIX, type Libc, loadLibc, SOCK_DGRAM } from './libc.ts'
import { startProgram } from './start-program.ts'

/** When the line is looked at first, then how often; a look may take a thousandth of the time. */
const FIRST_LOOK_MS = 1000
const LOOK_MS = 5000
const LOOK_SHARE = 1000

export interface ServiceManagerSettings {
  readonly environment: NodeJS.ProcessEnv
  readonly pid: number
  readonly libc?: Libc | string | undefined
}

export class ServiceManager {
  readonly #send: ((text: string) => void) | undefined
  /** Between two signs of life; undefined where none is wanted. */
  readonly #watchdogMs: number | undefined
  #watchdog: NodeJS.Timeout | undefined
  #looking: NodeJS.Timeout | undefined
  #line = ''

  /** The variables are taken out of `environment`: no child is meant by them. */
  constructor({ environment, pid, libc = loadLibc() }: ServiceManagerSettings) {
    const { NOTIFY_SOCKET: path = '', WATCHDOG_USEC, WATCHDOG_PID } = environment
    const isMeant = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === pid
    const micros = Number(WATCHDOG_USEC)
    this.#send =
      path === '' ? undefined : typeof libc === 'string' ? byProgram(path) : bySocket(libc, path)
    this.#watchdogMs = isMeant && micros > 0 ? micros / 3000 : undefined
    for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete environment[name]
  }

  /** Everything is read, and clients are answered wherever an interface is there. */
  ready(look: () => string): void {
    this.#line = look()
    this.#send?.(`READY=1\nSTATUS=${this.#line}`)
    if (this.#send === undefined) return
    this.#lookIn(FIRST_LOOK_MS, look)
    if (this.#watchdogMs !== undefined)
      this.#watchdog ??= setInterval(() => this.#send?.('WATCHDOG=1'), this.#watchdogMs).unref()
  }

  /** Until `ready` is said again. */
  reloading(): void {
    this.#send?.(`RELOADING=1\nMONOTONIC_USEC=${monotonicMicros()}`)
  }

  stopping(): void {
    clearInterval(this.#watchdog)
    clearTimeout(this.#looking)
    this.#send?.('STOPPING=1\nSTATUS=stopping')
  }

  #lookIn(delay: number, look: () => string): void {
    clearTimeout(this.#looking)
    this.#looking = setTimeout(() => this.#look(look), delay).unref()
  }

  #look(look: () => string): void {
    const began = performance.now()
    const line = look()
    this.#lookIn(Math.max(LOOK_MS, (performance.now() - began) * LOOK_SHARE), look)
    if (line !== this.#line) this.#send?.(`STATUS=${line}`)
    this.#line = line
  }
}

function bySocket(libc: Libc, path: string): (text: string) => void {
  return (text) => {
    const fd = libc.socket(AF_UNIX, SOCK_DGRAM, 0)
    if (fd < 0) return
    if (libc.connectUnix(fd, path) >= 0) libc.send(fd, Buffer.from(text))
    libc.close(fd)
  }
}

function byProgram(path: string): (text: string) => void {
  return (text) => {
    const env = { ...process.env, NOTIFY_SOCKET: path }
    startProgram('systemd-notify', text.split('\n'), { env, stdio: 'ignore' }, () => {})
  }
}

/** CLOCK_MONOTONIC, by which systemd tells this reload from the one before. */
function monotonicMicros(): bigint {
  return process.hrtime.bigint() / 1000n
}
