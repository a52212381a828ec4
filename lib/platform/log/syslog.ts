// Lines to the syslog of this host, a datagram each, as syslog(3) writes them (RFC 3164 §4.1
// without the host). By the C library and not by the program `logger`: nothing has to be kept
// running beside the server, or ends before its last lines have come through. A full or absent
// syslog costs lines, which are counted; nobody waits.

import type { LogLevel } from '../../catalogue/row.ts'
import { AF_UNIX, errnoName, type Libc, loadLibc, SOCK_DGRAM } from '../libc.ts'
import { wordsOf } from '../system-error.ts'
import { timeText } from '../time-text.ts'
import type { LineOutput } from './output.ts'

const SOCKET = '/dev/log'

/** How long a socket that could not be used is left alone. */
const RETRY_MS = 1000

/** How long one that has no room is left alone, how much waits for it, and how long a stop does. */
const FULL_MS = 20
const HELD_MAX = 1_000_000
const CLOSE_MS = 500

/** What every syslog takes in one datagram. */
const BYTES_MAX = 8000

const FACILITIES =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp - - - - local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  )

const SEVERITIES = { fatal: 2, error: 3, warn: 4, info: 6, debug: 7 } as const

export interface SyslogSettings {
  readonly facility: string
  /** What syslog knows the program by. */
  readonly ident: string
  readonly tell: (sentence: string) => void
  /** Of the socket of syslog; `/dev/log`. */
  readonly path?: string | undefined
}

export class SyslogOutput implements LineOutput {
  readonly target: string
  dropped = 0
  #trouble = ''
  readonly #libc: Libc | string = loadLibc()
  readonly #settings: SyslogSettings
  readonly #facility: number
  #fd = -1
  #triedAt = Number.NEGATIVE_INFINITY
  /** What the syslog had no room for. */
  #held: Buffer[] = []
  #heldBytes = 0
  #timer: NodeJS.Timeout | undefined

  constructor(settings: SyslogSettings) {
    this.#settings = settings
    this.target = `syslog:${settings.facility}`
    this.#facility = FACILITIES.indexOf(settings.facility)
    if (typeof this.#libc !== 'string') this.#open(this.#libc)
    else this.#fails(`syslog cannot be reached: ${this.#libc}`)
  }

  get trouble(): string {
    return this.#trouble
  }

  write(text: string, level: LogLevel): void {
    const time = timeText('%b %e %H:%M:%S', Date.now())
    const priority = this.#facility * 8 + SEVERITIES[level]
    const head = `<${priority}>${time} ${this.#settings.ident}[${process.pid}]: `
    for (const line of text.split('\n'))
      if (line !== '') this.#take(Buffer.from(head + line).subarray(0, BYTES_MAX))
  }

  flushSync(): void {
    this.#sendHeld()
  }

  reopen(): void {
    this.#triedAt = Number.NEGATIVE_INFINITY
  }

  close(done: () => void): void {
    this.#sendHeld()
    const end = () => {
      this.#sendHeld()
      clearTimeout(this.#timer)
      this.#drop()
      done()
    }
    if (this.#held.length === 0) end()
    else setTimeout(end, CLOSE_MS)
  }

  #take(bytes: Buffer): void {
    if (this.#held.length > 0 || !this.#send(bytes)) this.#hold(bytes)
  }

  #hold(bytes: Buffer): void {
    if (this.#heldBytes > HELD_MAX) {
      this.dropped++
      return
    }
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
    this.#timer ??= setTimeout(() => this.#sendHeld(), FULL_MS).unref()
  }

  #sendHeld(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const held = this.#held
    this.#held = []
    this.#heldBytes = 0
    for (const bytes of held) this.#take(bytes)
  }

  /** False: it has no room at the moment. What cannot be sent for another reason is given up. */
  #send(bytes: Buffer): boolean {
    const libc = this.#libc
    if (typeof libc === 'string' || (this.#fd < 0 && !this.#open(libc))) {
      this.dropped++
      return true
    }
    let result = libc.send(this.#fd, bytes)
    // Syslog was started anew: the socket behind the path is another one.
    if (isGone(result) && this.#openAgain(libc)) result = libc.send(this.#fd, bytes)
    if (result < 0 && ['EAGAIN', 'ENOBUFS'].includes(errnoName(result))) return false
    if (result >= 0) this.#works()
    else {
      this.dropped++
      this.#fails(words(result))
    }
    return true
  }

  #openAgain(libc: Libc): boolean {
    this.#drop()
    this.#triedAt = Number.NEGATIVE_INFINITY
    return this.#open(libc)
  }

  #open(libc: Libc): boolean {
    const now = performance.now()
    if (now - this.#triedAt < RETRY_MS) return false
    this.#triedAt = now
    const fd = libc.socket(AF_UNIX, SOCK_DGRAM, 0)
    const path = this.#settings.path ?? SOCKET
    const result = fd < 0 ? fd : libc.connectUnix(fd, path)
    if (result >= 0) {
      this.#fd = fd
      return true
    }
    if (fd >= 0) libc.close(fd)
    this.#fails(`${path}: ${words(result)}`)
    return false
  }

  #drop(): void {
    if (this.#fd >= 0 && typeof this.#libc !== 'string') this.#libc.close(this.#fd)
    this.#fd = -1
  }

  #fails(why: string): void {
    const isNew = this.#trouble === ''
    this.#trouble = `${this.target}: ${why}`
    if (isNew)
      this.#settings.tell(`log output ${this.#trouble}; it is tried again, lines may be lost`)
  }

  #works(): void {
    if (this.#trouble === '') return
    this.#trouble = ''
    const lost = `lines lost since the start: ${this.dropped}`
    this.#settings.tell(`log output ${this.target} works again; ${lost}`)
  }
}

function words(result: number): string {
  return wordsOf({ errno: result, message: errnoName(result) })
}

function isGone(result: number): boolean {
  return result < 0 && ['ECONNREFUSED', 'ENOTCONN', 'ENOENT', 'EPIPE'].includes(errnoName(result))
}
