// A server for floods: ports that keep nothing but numbers, so that whatever memory grows is the
// server's. Messages are made in one buffer by changing a few bytes of a template.

import { type Ipv4, writeIpv4 } from '../../lib/address/ipv4.ts'
import { type Octets, octetsFromBytes, writeOctets } from '../../lib/bytes/octets.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { octetsFromUint32 } from '../../lib/lab/packet4.ts'
import type { DatagramSink4, Interface4, Reply4 } from '../../lib/ports/datagrams4.ts'
import type { JournalSink } from '../../lib/ports/journal.ts'
import { Server } from '../../lib/server/server.ts'
import type { ServerPorts } from '../../lib/server/settings.ts'
import { encodeMessage4, type OptionPair4 } from '../../lib/wire/v4/builder.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'

const LINK: Interface4 = {
  name: 'eth0',
  index: 2,
  addresses: [{ address: 0xc0000201, length: 24 }],
}
const SERVER_ID = '\xc0\0\x02\x01'

interface Heard {
  readonly type: number
  readonly address: Ipv4
}

export class FloodWorld {
  readonly server: Server
  /** Log lines, by id. */
  readonly lines: Record<string, number> = {}
  /** Changes of the largest batch, turns of the timer, replies by type. */
  batchMax = 0
  wakes = 0
  readonly replies = [0, 0, 0, 0, 0, 0, 0]
  now = 0
  /** False: the disk hangs. */
  commits = true
  #sink!: DatagramSink4
  #journal!: JournalSink
  #isCommitting = false
  #wake: { at: number; fire: () => void } | undefined
  /** Who is listened for, and the last reply to it. */
  #watched = ''
  #heard: Heard | undefined
  readonly #reply = new Message4()

  constructor(plan: Plan) {
    this.server = new Server(plan, this.#ports(), { serverPort: 67, clientPort: 68 })
    this.server.start()
    this.#journal.onReady({ stamp: 0, change: 0, setAside: 0, database: 'd', pair: undefined })
  }

  take(bytes: Uint8Array, end = bytes.length): void {
    this.#sink.onDatagram(LINK, bytes, 0, end, 0, 68, 0)
  }

  /** The batch ends, the disk does its work, and a little time passes. */
  turn(ms = 2): void {
    this.#sink.onBatchEnd()
    this.#store()
    const end = this.now + ms
    while (this.#wake !== undefined && this.#wake.at <= end) {
      const { at, fire } = this.#wake
      this.#wake = undefined
      this.now = Math.max(this.now, at)
      this.wakes++
      fire()
      this.#store()
    }
    this.now = end
  }

  /** What an honest client is told when it says this. */
  ask(hwAddress: Octets, type: number, ...options: OptionPair4[]): Heard | undefined {
    this.#watched = hwAddress
    this.#heard = undefined
    this.take(encodeMessage4({ hwAddress }, [[53, String.fromCharCode(type)], ...options]))
    this.turn()
    return this.#heard
  }

  /** An honest client asks for what it was offered. */
  select(hwAddress: Octets, address: number): Heard | undefined {
    return this.ask(hwAddress, 3, [50, octetsFromUint32(address)], [54, SERVER_ID])
  }

  #store(): void {
    while (this.#isCommitting && this.commits) {
      this.#isCommitting = false
      this.#journal.onCommitted()
    }
  }

  #onReply(reply: Reply4): void {
    const { bytes, start, end } = reply
    this.replies[bytes[start + 242]!]!++
    if (this.#watched === '' || octetsFromBytes(bytes, start + 28, start + 34) !== this.#watched)
      return
    decode4(this.#reply, bytes, start, end, 'strict')
    this.#heard = { type: this.#reply.type, address: this.#reply.yiaddr }
  }

  #ports(): ServerPorts {
    return {
      clock: {
        monotonic: () => this.now,
        wall: () => 0,
        wakeAt: (at, fire) => {
          this.#wake = { at, fire }
        },
        cancel: () => {
          this.#wake = undefined
        },
      },
      draw: (bound) => Math.floor(bound / 3),
      datagrams: {
        open: (sink) => {
          this.#sink = sink
        },
        send: (replies) => {
          for (const reply of replies) this.#onReply(reply)
        },
        select: () => {},
        status: () => [],
        traffic: () => [],
        close: (done) => done(),
      },
      journal: {
        open: (sink) => {
          this.#journal = sink
        },
        commit: (_bytes, count) => {
          this.#isCommitting = true
          this.batchMax = Math.max(this.batchMax, count)
        },
        close: (done) => done(),
      },
      log: {
        enabled: (level) => level !== 'debug',
        write: (_level, id) => {
          this.lines[id] = (this.lines[id] ?? 0) + 1
        },
      },
    }
  }
}

/** A template of a message, whose client and requested address can be changed in place. */
export class Template {
  readonly bytes: Uint8Array

  /** Options stand behind 53; give option 50 first where `requests` is used. */
  constructor(type: number, ...options: OptionPair4[]) {
    const fields = { hwAddress: '\x06\0\0\0\0\0' }
    this.bytes = encodeMessage4(fields, [[53, String.fromCharCode(type)], ...options])
  }

  /** The same from made-up client `number`. */
  from(number: number): this {
    writeIpv4(this.bytes, 4, number)
    writeIpv4(this.bytes, 30, number)
    return this
  }

  /** The same for another address in option 50, the first one behind 53. */
  requests(address: number): this {
    writeOctets(octetsFromUint32(address), this.bytes, 245)
    return this
  }
}
