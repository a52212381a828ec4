// Requests to kea-dhcp-ddns. The sockets are connected, so that the kernel tells when nobody
// listens there; that comes in a later turn, so requests are sent some at a time, and those of
// which nothing was heard for a moment count as taken. One that is sent again does no harm.

import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { D2Plan } from '../../config/plan/names-plan.ts'
import type { Updater, UpdaterRequest, UpdaterSink } from '../../ports/updater.ts'
import type { Millis } from '../../time/units.ts'
import { requestBytes } from './ncr-text.ts'

/** Requests of which nothing is known yet: D2 has 32 transactions at a time. */
const AT_ONCE = 32

/** For so long the kernel may take to tell that nobody listens, here and on another host. */
const QUIET_HERE: Millis = 50
const QUIET_ELSEWHERE: Millis = 500

export function openUpdater(): Updater {
  return new SystemUpdater()
}

class SystemUpdater implements Updater {
  readonly #lines = new Map<string, Line>()
  #sink: UpdaterSink | undefined

  open(sink: UpdaterSink): void {
    this.#sink = sink
  }

  send(ticket: number, to: D2Plan, request: UpdaterRequest): void {
    const name = [to.address, to.port, to.fromAddress, to.fromPort].join(' ')
    let line = this.#lines.get(name)
    if (line === undefined) {
      line = new Line(to, (told, trouble) => this.#sink?.onRequestSent(told, trouble))
      this.#lines.set(name, line)
    }
    line.add({ ticket, bytes: requestBytes(request) })
  }

  close(): void {
    this.#sink = undefined
    for (const line of this.#lines.values()) line.close()
    this.#lines.clear()
  }
}

interface Request {
  readonly ticket: number
  readonly bytes: Uint8Array
}

/** What goes to one updater. */
class Line {
  readonly #to: D2Plan
  readonly #tell: (ticket: number, trouble: string) => void
  readonly #waiting: Request[] = []
  #sent: readonly Request[] = []
  #socket: Socket | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(to: D2Plan, tell: (ticket: number, trouble: string) => void) {
    this.#to = to
    this.#tell = tell
  }

  add(request: Request): void {
    this.#waiting.push(request)
    // All of this turn go together, behind those that are not known of yet.
    if (this.#sent.length === 0) this.#timer ??= setTimeout(() => this.#goOn(), 0)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#socket?.close()
    this.#socket = undefined
    this.#waiting.length = 0
    this.#sent = []
  }

  #goOn(): void {
    this.#timer = undefined
    if (this.#waiting.length === 0) return this.#forgetSocket()
    this.#sent = this.#waiting.splice(0, AT_ONCE)
    if (this.#socket === undefined) this.#connect()
    else this.#sendAll(this.#socket)
  }

  #connect(): void {
    const { address, port, fromAddress, fromPort } = this.#to
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
    this.#socket = socket
    socket.on('error', (error: NodeJS.ErrnoException) => this.#fail(socket, error))
    socket.bind(fromPort, fromAddress === '' ? undefined : fromAddress, () => {
      if (socket !== this.#socket) return
      socket.connect(port, address, (error?: NodeJS.ErrnoException) => {
        if (error !== undefined) this.#fail(socket, error)
        else if (socket === this.#socket) this.#sendAll(socket)
      })
    })
  }

  #sendAll(socket: Socket): void {
    for (const { bytes } of this.#sent)
      socket.send(bytes, (error) => {
        if (error !== null) this.#fail(socket, error)
      })
    const isHere = /^127\.|^::1$/.test(this.#to.address)
    const quiet = isHere ? QUIET_HERE : QUIET_ELSEWHERE
    this.#timer = setTimeout(() => setImmediate(() => this.#wellSent(socket)), quiet)
  }

  /** A process that stood still has looked at its sockets once more. */
  #wellSent(socket: Socket): void {
    if (socket === this.#socket) this.#over('')
  }

  #fail(socket: Socket, error: NodeJS.ErrnoException): void {
    if (socket !== this.#socket) return
    this.#forgetSocket()
    this.#over(error.code === 'ECONNREFUSED' ? 'nobody listens there' : error.message)
  }

  #over(trouble: string): void {
    clearTimeout(this.#timer)
    const told = this.#sent
    this.#sent = []
    this.#timer = setTimeout(() => this.#goOn(), 0)
    for (const { ticket } of told) this.#tell(ticket, trouble)
  }

  /** One that had an error may have more to tell, and one that is idle has nothing. */
  #forgetSocket(): void {
    this.#socket?.close()
    this.#socket = undefined
  }
}
