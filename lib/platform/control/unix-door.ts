// The door of a unix socket, with the manners of Kea's: a connection brings one command, which ends
// where its brackets balance, gets one answer and is closed. No lengths, no ends of lines; what
// comes behind the command is not looked at.

import { createServer, type Server, type Socket } from 'node:net'
import { StringDecoder } from 'node:string_decoder'
import type { UnixDoorPlan } from '../../config/plan/control-plan.ts'
import type { Millis } from '../../time/units.ts'
import { writePieces } from './answer-writer.ts'
import { roleOf } from './askers.ts'
import type { House } from './desk.ts'
import type { Door, DoorEvents } from './door.ts'
import { Framer } from './framer.ts'
import { PATIENCE, SIZE_MAX } from './settings.ts'
import type { Slices } from './slices.ts'
import { lockSocket, openToGroup, type SocketLock } from './socket-file.ts'

/** Beyond so many the one that has waited longest for its sender goes. */
const CONNECTIONS_MAX = 256

export class UnixDoor implements Door {
  readonly #plan: UnixDoorPlan
  readonly #house: () => House
  readonly #slices: Slices
  readonly #events: DoorEvents
  readonly #patience: Millis
  readonly #visits = new Set<Visit>()
  #lock: SocketLock | undefined
  #server: Server | undefined
  #isClosed = false

  constructor(
    plan: UnixDoorPlan,
    house: () => House,
    slices: Slices,
    events: DoorEvents,
    patience: Millis = PATIENCE,
  ) {
    this.#plan = plan
    this.#house = house
    this.#slices = slices
    this.#events = events
    this.#patience = patience
  }

  get name(): string {
    return this.#plan.path
  }

  get isAnswering(): boolean {
    return this.#visits.size > 0
  }

  async open(): Promise<void> {
    const { path } = this.#plan
    const lock = await lockSocket(path)
    if (this.#isClosed) return lock.release()
    this.#lock = lock
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#admit(socket))
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    }).catch((error: unknown) => {
      this.#release()
      throw error
    })
    server.on('error', ({ message }) => this.#events.onTrouble(message))
    openToGroup(path)
  }

  /** There is nothing in the plan of such a socket that could be another. */
  use(): void {}

  /** Who has asked is answered yet: it may be the answer to what closes the door. */
  close(): void {
    this.#isClosed = true
    this.#release()
    for (const visit of this.#visits) visit.leaveUnlessAsked()
  }

  #release(): void {
    this.#server?.close()
    this.#server = undefined
    this.#lock?.release()
    this.#lock = undefined
  }

  #admit(socket: Socket): void {
    if (this.#visits.size >= CONNECTIONS_MAX) {
      const idle = [...this.#visits].find(({ hasAsked }) => !hasAsked)
      if (idle === undefined) {
        socket.destroy()
        return
      }
      idle.leaveUnlessAsked()
    }
    const visit = new Visit(socket, this.#patience, {
      ask: (text, answer, lost) => this.#ask(text, answer, lost),
      answer: (given, done, lost) => this.#answer(socket, given, done, lost),
    })
    this.#visits.add(visit)
    socket.once('close', () => this.#visits.delete(visit))
  }

  /** `lost` is called where it could not be made. */
  #answer(socket: Socket, given: unknown, done: () => void, lost: () => void): void {
    const end = (hasBegun: boolean): unknown => (hasBegun ? socket.destroy() : lost())
    const write = (): void =>
      writePieces(socket, this.#house().desk.pieces(given), this.#slices, done, end)
    this.#slices.now(write, lost)
  }

  #ask(text: string, answer: (answer: unknown) => void, lost: () => void): void {
    const { persona, path } = this.#plan
    const { desk, roles } = this.#house()
    const role = roleOf({ door: 'unix', socket: path }, roles)
    const asker = { user: '', role, from: path, door: 'unix' } as const
    this.#slices.add(() => desk.ask(text, persona, asker, answer), lost)
  }
}

interface VisitDuties {
  /** `lost`: it met an error of ours. */
  ask(text: string, answer: (answer: unknown) => void, lost: () => void): void
  answer(given: unknown, done: () => void, lost: () => void): void
}

/** A connection. */
class Visit {
  readonly #socket: Socket
  readonly #duties: VisitDuties
  readonly #framer = new Framer()
  readonly #decoder = new StringDecoder('utf8')
  #text: string[] = []
  #size = 0
  #hasAsked = false

  constructor(socket: Socket, patience: Millis, duties: VisitDuties) {
    this.#socket = socket
    this.#duties = duties
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    // Nothing will complete the command.
    socket.on('end', () => {
      if (!this.#hasAsked) socket.destroy()
    })
    socket.setTimeout(patience, () => this.#timeOut())
  }

  get hasAsked(): boolean {
    return this.#hasAsked
  }

  leaveUnlessAsked(): void {
    if (!this.#hasAsked) this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    // Unread bytes would make the kernel reset the connection, and the answer be lost.
    if (this.#hasAsked) return
    const before = this.#framer.end
    const framed = this.#framer.take(bytes)
    const own = bytes.subarray(0, this.#framer.end - before)
    this.#size += bytes.length
    if (framed === 'wrong') {
      const first = this.#decoder.write(bytes.subarray(own.length))
      return this.#refuse(`invalid first character ${[...first][0] ?? ''}`)
    }
    if (this.#size > SIZE_MAX)
      return this.#refuse(`a command of more than ${SIZE_MAX} bytes is not read`)
    this.#text.push(this.#decoder.write(own))
    if (framed === 'whole') this.#ask()
  }

  #ask(): void {
    const text = this.#text.join('')
    this.#text = []
    this.#hasAsked = true
    // A command takes as long as it takes.
    this.#socket.setTimeout(0)
    this.#duties.ask(
      text,
      (answer) => this.#answer(answer),
      () => this.#answer(FAULT),
    )
  }

  #timeOut(): void {
    // Who does not read its answer.
    if (this.#hasAsked) {
      this.#socket.destroy()
      return
    }
    const discarded = this.#size > 0 ? `, discarded partial command of ${this.#size} bytes` : ''
    this.#refuse(`Connection over control channel timed out${discarded}`)
  }

  #refuse(text: string): void {
    this.#hasAsked = true
    this.#text = []
    this.#answer({ result: 1, text })
  }

  #answer(answer: unknown): void {
    const socket = this.#socket
    if (socket.destroyed) return
    socket.setTimeout(PATIENCE)
    const end = (): unknown => socket.end(() => socket.destroy())
    const lost = (): unknown => (answer === FAULT ? socket.destroy() : this.#answer(FAULT))
    this.#duties.answer(answer, end, lost)
  }
}

const FAULT = { result: 1, text: 'an error of the server, which its log tells' }
