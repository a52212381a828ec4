// A connection to a door of HTTP, between its socket and Node's reader of HTTP. That reads whatever
// it is given at once: here it is given a little, in turns of the loop between which datagrams
// come, and nothing while a request is being answered. Who sends nothing for too long goes.
//
// Some clients count characters where Content-Length counts bytes: what they send behind the end of
// a body belongs to it, where the body alone is no whole command.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Millis } from '../../time/units.ts'
import { rawReply } from './raw-reply.ts'
import type { Slices } from './slices.ts'

/** Bytes that are read in a turn: of the smallest requests some twenty, a millisecond. */
const SLICE = 1024
/** The same of a body, which is no request. */
const BODY_SLICE = 8192
/** Beyond so many that were not read yet the socket is not listened to. */
const AHEAD = 64 * 1024

/** So long the other end may go on after the last answer. */
const LINGER: Millis = 2000

export interface GuestTimes {
  /** Without progress. */
  readonly patience: Millis
  /** Between two requests. */
  readonly idle: Millis
}

/** What the door knows of the other end before it says anything. */
export interface GuestFacts {
  /** Address and port. */
  readonly from: string
  /** IPv4 or IPv6, not one in the other. */
  readonly address: string
  /** Names in its certificate; undefined without one that can be believed. */
  readonly certificates: readonly string[] | undefined
  readonly isSecure: boolean
}

export class HttpGuest extends Duplex {
  readonly facts: GuestFacts
  readonly #socket: Socket
  readonly #slices: Slices
  readonly #times: GuestTimes
  /** Not read yet, in order. */
  readonly #ahead: Buffer[] = []
  #aheadBytes = 0
  #hasEnded = false
  #isWanted = false
  #isAsked = false
  /** Requests that are not answered yet; the last of them may still be coming. */
  readonly #requests = new Set<IncomingMessage>()
  /** A head has begun, or the first one is awaited. */
  #isAwaited = true
  /** Nobody understands what comes any more: the connection ends behind the answers. */
  #isSpoilt = false
  #surplus: Buffer[] = []
  /** What the reader is given at the moment; how many bytes it had before, and the last three. */
  #slice: Buffer = Buffer.alloc(0)
  #given = 0
  #before: Buffer = Buffer.alloc(0)
  /** Behind the last request, counted in bytes of the connection; NaN where that is not known. */
  #bodyEnd = 0
  #onSurplus: ((bytes: Buffer) => void) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(socket: Socket, facts: GuestFacts, slices: Slices, times: GuestTimes) {
    super({ allowHalfOpen: true })
    this.facts = facts
    this.#socket = socket
    this.#slices = slices
    this.#times = times
    socket.on('data', (bytes: Buffer) => this.#receive(bytes))
    socket.on('end', () => {
      this.#hasEnded = true
      this.#feed()
    })
    socket.on('error', () => this.destroy())
    socket.on('close', () => this.destroy())
    // What Node's reader does with errors of a connection is done here.
    this.on('error', () => {})
    this.#arm()
  }

  /** A request is being answered. */
  get isBusy(): boolean {
    return this.#requests.size > 0 && !this.#isReceiving()
  }

  /** Node's reader has the head of a request. */
  began(request: IncomingMessage): void {
    this.#isAwaited = false
    this.#bodyEnd = this.#headEnd() + lengthOf(request)
    this.#requests.add(request)
    request.once('end', () => this.#arm())
    this.#arm()
  }

  /** The other end says no more: called then, or at once where that was before. */
  whenEnded(then: () => void): void {
    if (this.#hasEnded) then()
    else this.#socket.once('end', then)
  }

  /** Its answer has left, or nobody waits for it any more. */
  answered(request: IncomingMessage): void {
    this.#requests.delete(request)
    if (this.#requests.size > 0) return
    if (this.#isSpoilt) this.end()
    this.#isAwaited = this.#aheadBytes > 0
    this.#arm()
    this.#feed()
  }

  /** Node's reader does not understand what it was given. */
  spoil(): void {
    this.#isSpoilt = true
    const isAnswerable = this.#requests.size > 0 && !this.#isReceiving()
    if (!isAnswerable) return this.#refuse(400, 'Bad Request')
    const own = this.#bodyEnd - this.#given
    if (own >= 0) this.#surplus.push(this.#slice.subarray(own))
    this.#passSurplus()
  }

  /**
   * What comes behind the request that is open, as it comes: for one whose body is not whole. No
   * other request is read from then on.
   */
  takeSurplus(take: (bytes: Buffer) => void): void {
    this.#isSpoilt = true
    this.#onSurplus = take
    this.#surplus.push(...this.#ahead.splice(0))
    this.#aheadBytes = 0
    this.#arm()
    this.#passSurplus()
  }

  /** Enough of that. */
  leaveSurplus(): void {
    this.#onSurplus = undefined
    this.#arm()
  }

  /** Ends it, behind an answer that is awaited. */
  leave(): void {
    if (this.isBusy) this.#isSpoilt = true
    else this.destroy()
  }

  /** As Node's sockets have it: what was written leaves before the end. */
  destroySoon(): void {
    if (this.writableFinished) this.destroy()
    else this.end(() => this.destroy())
  }

  override _read(): void {
    this.#isWanted = true
    this.#feed()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#wrote(this.#socket.write(chunk), done)
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.cork()
    let isRoom = true
    for (const { chunk } of chunks) isRoom = this.#socket.write(chunk)
    this.#socket.uncork()
    this.#wrote(isRoom, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    // Bytes that nobody reads would make the kernel reset the connection, and the answer be lost.
    this.#isSpoilt = true
    this.#socket.end()
    this.#socket.resume()
    if (this.#hasEnded) this.#socket.destroySoon()
    else this.#socket.once('end', () => this.#socket.destroySoon())
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.destroy(), LINGER)
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer)
    this.#ahead.length = 0
    this.#socket.destroy()
    done(error)
  }

  #wrote(isRoom: boolean, done: (error?: Error | null) => void): void {
    if (isRoom) return done()
    const isUnread = (): boolean => this.destroy() === this
    this.#socket.setTimeout(this.#times.patience, isUnread)
    this.#socket.once('drain', () => {
      this.#socket.setTimeout(0).off('timeout', isUnread)
      done()
    })
  }

  #receive(bytes: Buffer): void {
    if (this.#onSurplus !== undefined || this.#isSpoilt) {
      // Kept only for who asked for it.
      if (this.#onSurplus !== undefined) this.#surplus.push(bytes)
      this.#arm()
      return this.#passSurplus()
    }
    this.#ahead.push(bytes)
    this.#aheadBytes += bytes.length
    if (this.#requests.size === 0) this.#isAwaited = true
    if (this.#aheadBytes > AHEAD) this.#socket.pause()
    this.#arm()
    this.#feed()
  }

  #passSurplus(): void {
    const take = this.#onSurplus
    if (take === undefined) return
    for (const bytes of this.#surplus.splice(0)) take(bytes)
  }

  #isReceiving(): boolean {
    return [...this.#requests].some(({ complete }) => !complete)
  }

  /** In another turn, and not while an answer is awaited: then what comes is the next request. */
  #feed(): void {
    if (this.#isAsked || !this.#isWanted || !this.#mayFeed()) return
    if (this.#aheadBytes === 0 && !this.#hasEnded) return
    this.#isAsked = true
    this.#slices.add(() => {
      this.#isAsked = false
      if (this.destroyed || !this.#mayFeed()) return
      if (this.#aheadBytes > 0) this.#push()
      else if (this.#hasEnded) this.push(null)
    })
  }

  #mayFeed(): boolean {
    // A slice at a time: where it stands in the connection is known then.
    if (this.#isSpoilt || this.readableLength > 0) return false
    return this.#requests.size === 0 || this.#isReceiving()
  }

  #push(): void {
    const [first] = this.#ahead as [Buffer]
    const slice = first.subarray(0, this.#isReceiving() ? this.#ofBody() : SLICE)
    if (slice.length === first.length) this.#ahead.shift()
    else this.#ahead[0] = first.subarray(slice.length)
    this.#aheadBytes -= slice.length
    this.#before = Buffer.concat([this.#before, this.#slice.subarray(-3)]).subarray(-3)
    this.#given += this.#slice.length
    this.#slice = slice
    if (this.#aheadBytes <= AHEAD && this.#socket.isPaused()) this.#socket.resume()
    // What wants more asks for it again.
    this.#isWanted = false
    if (this.push(slice)) this.#isWanted = true
    this.#feed()
  }

  /** Bytes of the body that is coming, as far as it is known how many there are. */
  #ofBody(): number {
    const left = this.#bodyEnd - this.#given - this.#slice.length
    return Number.isNaN(left) ? SLICE : Math.min(Math.max(left, 1), BODY_SLICE)
  }

  /** Where the head ends that Node's reader has just understood. */
  #headEnd(): number {
    const start = this.#given - this.#before.length
    const bytes = Buffer.concat([this.#before, this.#slice])
    const found = bytes.indexOf('\r\n\r\n', Math.max(0, this.#bodyEnd - start))
    return found < 0 ? Number.NaN : start + found + 4
  }

  /** Whoever owes something has the patience for it anew. */
  #arm(): void {
    if (this.writableEnded || this.destroyed) return
    clearTimeout(this.#timer)
    const isOwed = this.#isAwaited || this.#isReceiving() || this.#onSurplus !== undefined
    if (!isOwed && this.#requests.size > 0) return
    const { patience, idle } = this.#times
    this.#timer = isOwed
      ? setTimeout(() => this.#timeOut(), patience)
      : setTimeout(() => this.destroy(), idle)
  }

  #timeOut(): void {
    const take = this.#onSurplus
    this.#onSurplus = undefined
    // An empty piece: no more is coming.
    if (take !== undefined) return take(Buffer.alloc(0))
    this.#refuse(408, 'Request Timeout')
  }

  #refuse(status: number, text: string): void {
    this.end(rawReply(status, text))
  }
}

/** NaN where that is not known before. */
function lengthOf({ headers }: IncomingMessage): number {
  if (headers['transfer-encoding'] !== undefined) return Number.NaN
  return Number(headers['content-length'] ?? 0)
}
