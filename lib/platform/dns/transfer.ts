// A zone from its server, by a connection of its own: nothing that is asked beside it waits. It is
// read no faster than its records are looked at, a few in each turn.

import { randomInt } from 'node:crypto'
import { createConnection, type Socket } from 'node:net'
import { bytesFromOctets, type Octets } from '../../bytes/octets.ts'
import type { NameServerPlan } from '../../config/plan/names-plan.ts'
import type { DnsRecord } from '../../ddns/message.ts'
import { ZoneTransfer } from '../../ddns/zone-transfer.ts'
import type { Transfer, TransferEnd, TransferSink } from '../../ports/resolver.ts'
import type { Millis, WallTime } from '../../time/units.ts'
import { wordsOf } from '../system-error.ts'

/** Records in a turn: a millisecond or two. */
const SLICE = 256
/** The server may be slow, but not for so long without a word. */
const SILENCE_MAX: Millis = 30_000
/** Of the whole of it. */
const TRANSFER_MAX: Millis = 600_000
const LENGTH_OCTETS = 2

export class SystemTransfer implements Transfer {
  readonly #wall: () => WallTime
  readonly #sink: TransferSink
  readonly #zone: ZoneTransfer
  readonly #socket: Socket
  readonly #limit: NodeJS.Timeout
  #received: Buffer = Buffer.alloc(0)
  /** Of the message that is looked at. */
  #records: readonly DnsRecord[] = []
  #at = 0
  /** What came of it, when its last records have been looked at. */
  #end: TransferEnd | undefined
  #turn: NodeJS.Immediate | undefined
  #isOver = false
  readonly #onOver: (transfer: SystemTransfer) => void

  /** `onOver`: nothing of it is left. */
  constructor(
    server: NameServerPlan,
    zone: Octets,
    wall: () => WallTime,
    sink: TransferSink,
    onOver: (transfer: SystemTransfer) => void,
  ) {
    this.#wall = wall
    this.#sink = sink
    this.#onOver = onOver
    this.#zone = new ZoneTransfer(zone, randomInt(0x1_0000), server.key, this.#now)
    const { address: host, port } = server
    this.#socket = createConnection({ host, port, noDelay: true })
    this.#socket.setTimeout(SILENCE_MAX, () => this.#fail('no answer'))
    this.#limit = setTimeout(() => this.#fail('it takes too long'), TRANSFER_MAX)
    this.#socket.on('data', (bytes) => this.#receive(bytes))
    this.#socket.on('error', (error) => this.#fail(wordsOf(error)))
    this.#socket.on('close', () => this.#fail('the server closed the connection'))
    const message = bytesFromOctets(this.#zone.request)
    const length = Buffer.alloc(LENGTH_OCTETS)
    length.writeUInt16BE(message.length)
    this.#socket.write(Buffer.concat([length, message]))
  }

  close(): void {
    this.#isOver = true
    clearTimeout(this.#limit)
    if (this.#turn !== undefined) clearImmediate(this.#turn)
    this.#socket.destroy()
    this.#onOver(this)
  }

  get #now(): number {
    return Math.floor(this.#wall() / 1000)
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes])
    // No more is taken from the kernel before all of this has been looked at.
    this.#socket.pause()
    this.#goOn()
  }

  #goOn(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined
      this.#look()
    })
  }

  #look(): void {
    if (this.#at < this.#records.length) {
      const slice = this.#records.slice(this.#at, this.#at + SLICE)
      this.#at += SLICE
      this.#sink.onRecords(slice)
      if (this.#isOver) return
    } else if (this.#end !== undefined) return this.#finish(this.#end)
    else if (!this.#read()) {
      this.#socket.resume()
      return
    }
    this.#goOn()
  }

  /** The next message; false: it is not there yet. */
  #read(): boolean {
    const received = this.#received
    if (received.length < LENGTH_OCTETS) return false
    const end = LENGTH_OCTETS + received.readUInt16BE()
    if (received.length < end) return false
    this.#received = received.subarray(end)
    const step = this.#zone.take(received.subarray(LENGTH_OCTETS, end), this.#now)
    this.#at = 0
    this.#records = step.kind === 'records' || step.kind === 'whole' ? step.records : []
    if (step.kind === 'whole') this.#end = { kind: 'whole' }
    else if (step.kind === 'refused') this.#end = step
    else if (step.kind === 'bad') this.#end = { kind: 'failed', why: step.why }
    return true
  }

  #fail(why: string): void {
    if (this.#isOver || this.#end !== undefined) return
    this.#end = { kind: 'failed', why }
    this.#goOn()
  }

  #finish(end: TransferEnd): void {
    this.close()
    this.#sink.onEnd(end)
  }
}
