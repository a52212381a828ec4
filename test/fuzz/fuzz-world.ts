// A real Server between ports that only an arrival moves: time, the journal and the network do what
// the arrivals say, so a list of arrivals is a whole history that can be played again and
// shortened. Every step is judged: by what it throws, by the accounts, by the replies
// (reply-judge.ts) and by the leases (lease-judge.ts).

import type { Ipv4 } from '../../lib/address/ipv4.ts'
import { forEachChange } from '../../lib/leases/change-codec.ts'
import type { Change } from '../../lib/leases/lease.ts'
import { OFFERS_MAX } from '../../lib/leases/table/offers.ts'
import type { DatagramSink4, Reply4 } from '../../lib/ports/datagrams4.ts'
import type { JournalSink } from '../../lib/ports/journal.ts'
import type { LogFields } from '../../lib/ports/log.ts'
import { PARKED_MAX, RETRY_WAIT } from '../../lib/server/delivery.ts'
import type { ServerEvent } from '../../lib/server/events.ts'
import { LINES_MAX } from '../../lib/server/line-limit.ts'
import { Server } from '../../lib/server/server.ts'
import type { ServerPorts } from '../../lib/server/settings.ts'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import { judgeTable, LeaseJudge } from './lease-judge.ts'
import type { FuzzPlan } from './plans.ts'
import { type Asked, askedBy, ReplyJudge } from './reply-judge.ts'
import { Violation } from './violation.ts'

export interface Arrival {
  readonly bytes: Uint8Array
  /** Index of the link. */
  readonly link: number
  /** Source of the datagram. */
  readonly address: Ipv4
  readonly port: number
  /** Milliseconds that pass before it. */
  readonly wait: number
  /** Whether the platform closes the batch behind it. */
  readonly endsBatch: boolean
  /** What a late journal does before it with the batch it has. */
  readonly journal: 'commits' | 'fails' | 'waits'
}

/** Changes a reply on its way: the campaign is tested with it. */
export type SpoilReply = (bytes: Uint8Array, start: number, end: number) => void

/** What the campaign sums up. */
export interface Tally {
  arrivals: number
  replies: number[]
  dropped: Record<string, number>
  changes: number
}

/** Arrivals between two looks at the books. */
const ACCOUNT_EVERY = 64
const TABLE_EVERY = 4096

/** Where a datagram stands in the memory of the platform. */
const DATAGRAM_AT = 96

export class FuzzWorld {
  readonly tally: Tally = { arrivals: 0, replies: [], dropped: {}, changes: 0 }
  readonly #fuzzPlan: FuzzPlan
  readonly #server: Server
  readonly #replyJudge: ReplyJudge
  readonly #leaseJudge: LeaseJudge
  readonly #query = new Message4()
  readonly #memory = new Uint8Array(8192)
  /** Accepted and not yet answered, by xid. */
  readonly #open = new Map<number, Asked>()
  readonly #onReply: ((reply: Message4, bytes: Uint8Array) => void) | undefined
  readonly #spoilReply: SpoilReply | undefined
  readonly #lines = new Map<string, { since: number; lines: number }>()
  #now = 0
  #sink!: DatagramSink4
  #journal!: JournalSink
  #batch: { changes: Change[]; stamp: number } | undefined
  #wake: { at: number; fire: () => void } | undefined
  #draws = 1
  /** Drops told so far, and those of the packet under way. */
  #drops = 0
  #dropsNow = 0
  #forgotten = 0
  /** RELEASE and DECLINE that became durable since the last account. */
  #silent = 0

  constructor(
    fuzzPlan: FuzzPlan,
    onReply?: (reply: Message4, bytes: Uint8Array) => void,
    spoilReply?: SpoilReply,
  ) {
    this.#spoilReply = spoilReply
    this.#fuzzPlan = fuzzPlan
    this.#onReply = onReply
    this.#replyJudge = new ReplyJudge(fuzzPlan.plan.dhcp4!)
    this.#leaseJudge = new LeaseJudge(fuzzPlan.plan)
    this.#server = new Server(fuzzPlan.plan, this.#ports(), {
      serverPort: 67,
      clientPort: 68,
      onEvent: (event) => this.#onEvent(event),
    })
    this.#server.start()
    this.#journal.onReady({ stamp: 0, change: 0, setAside: 0, database: 'd', pair: undefined })
  }

  get server(): Server {
    return this.#server
  }

  /** One datagram arrives. Throws Violation. */
  take(arrival: Arrival): void {
    this.#pass(arrival.wait)
    this.#settleJournal(arrival.journal)
    this.tally.arrivals++
    const asked = this.#ask(arrival)
    this.#dropsNow = 0
    this.#hand(arrival)
    if (this.#dropsNow > 1) throw new Violation(`one packet was dropped ${this.#dropsNow} times`)
    if (this.#dropsNow === 0) {
      if (asked === undefined) throw new Violation('an undecodable packet was accepted')
      this.#open.set(asked.xid, asked)
    }
    if (arrival.endsBatch) this.#sink.onBatchEnd()
    if (this.#fuzzPlan.commitsAtOnce) this.#settleJournal('commits')
    if (this.tally.arrivals % ACCOUNT_EVERY === 0) this.account()
    if (this.tally.arrivals % TABLE_EVERY === 0)
      judgeTable(this.#server.tables.v4, this.#leaseJudge, this.#fuzzPlan.plan)
  }

  /** Lets everything under way end, and asks where each packet went. */
  account(): void {
    this.#sink.onBatchEnd()
    for (let round = 0; round < 10 && this.#isBusy(); round++) {
      this.#settleJournal('commits')
      this.#pass(round === 0 ? 10 : RETRY_WAIT)
    }
    if (this.#isBusy()) throw new Violation('the journal commits and the server does not settle')
    const { statistics } = this.#server.status()
    const dropped = statistics['pkt4-unanswered']!
    const forgotten = dropped - this.#drops
    const left = this.#silent + forgotten - this.#forgotten
    if (this.#open.size !== left)
      throw new Violation(`${this.#open.size} packets without reply or drop, ${left} expected`)
    if (statistics['pkt4-received'] !== this.tally.arrivals)
      throw new Violation(`${statistics['pkt4-received']} of ${this.tally.arrivals} were counted`)
    this.#checkSilence(forgotten > this.#forgotten)
    this.#forgotten = forgotten
    this.#silent = 0
    this.#open.clear()
    this.#checkLimits()
  }

  /** Only RELEASE and DECLINE may be taken without an answer, unless replies were forgotten. */
  #checkSilence(someForgotten: boolean): void {
    if (someForgotten) return
    for (const { type } of this.#open.values())
      if (!isSilent(type))
        throw new Violation(`a message of type ${type} was taken and not answered`)
  }

  #checkLimits(): void {
    const { parked } = this.#server.status()
    if (parked > PARKED_MAX) throw new Violation(`${parked} parked replies`)
    const { offerCount } = this.#server.tables.v4
    if (offerCount > OFFERS_MAX) throw new Violation(`${offerCount} offers`)
  }

  /** A RELEASE or DECLINE has no reply to wait for, only its change. */
  #isBusy(): boolean {
    if (this.#server.state !== 'serving' || this.#batch !== undefined) return true
    let silent = 0
    for (const { type } of this.#open.values()) if (isSilent(type)) silent++
    return this.#server.status().parked > 0 || this.#silent < silent
  }

  /** What the packet asks for, undefined where it cannot be read. */
  #ask({ bytes, link, address, port }: Arrival): Asked | undefined {
    const { optionParsing } = this.#fuzzPlan.plan.dhcp4!.compatibility
    if (decode4(this.#query, bytes, 0, bytes.length, optionParsing) !== undefined) return undefined
    return askedBy(this.#query, this.#fuzzPlan.links[link]!, address, port, this.#now)
  }

  /** The bytes stand in memory that is used again at once. */
  #hand({ bytes, link, address, port }: Arrival): void {
    const memory = this.#memory
    const end = DATAGRAM_AT + bytes.length
    memory.fill(0x52, 0, DATAGRAM_AT)
    memory.set(bytes, DATAGRAM_AT)
    memory.fill(0x52, end, end + 96)
    const from = this.#fuzzPlan.links[link]!
    this.#sink.onDatagram(from, memory, DATAGRAM_AT, end, address, port, 0)
    memory.fill(0x35, DATAGRAM_AT, end)
  }

  /** Time passes; the server is woken as often as it asked to be. */
  #pass(ms: number): void {
    const end = this.#now + ms
    let wakes = 0
    while (this.#wake !== undefined && this.#wake.at <= end) {
      const { at, fire } = this.#wake
      this.#wake = undefined
      this.#now = Math.max(this.#now, at)
      fire()
      if (this.#fuzzPlan.commitsAtOnce) this.#settleJournal('commits')
      if (++wakes > 20_000 + ms) throw new Violation(`woken ${wakes} times in ${ms} ms`)
    }
    this.#now = end
  }

  #settleJournal(action: Arrival['journal']): void {
    if (action === 'waits') return
    for (let left = 100; this.#batch !== undefined; left--) {
      if (left === 0) throw new Violation('batch follows batch without end')
      const { changes } = this.#batch
      this.#batch = undefined
      if (action === 'fails' && !this.#fuzzPlan.commitsAtOnce)
        return this.#journal.onFailed('a fault of the campaign')
      for (const change of changes) this.#stored(change)
      this.#journal.onCommitted()
    }
  }

  #stored(change: Change): void {
    this.tally.changes++
    if (this.#leaseJudge.stored(change, this.#now)) this.#silent++
  }

  #onEvent(event: ServerEvent): void {
    if (event.kind !== 'drop') return
    this.#drops++
    this.#dropsNow++
    this.tally.dropped[event.reason] = (this.tally.dropped[event.reason] ?? 0) + 1
  }

  #onReply4(reply: Reply4): void {
    this.#spoilReply?.(reply.bytes, reply.start, reply.end)
    const message = this.#replyJudge.read(reply)
    const asked = this.#open.get(message.xid)
    if (asked === undefined) throw new Violation(`reply ${message.xid} answers no open packet`)
    this.#open.delete(message.xid)
    this.#replyJudge.judge(reply, message, asked)
    this.#leaseJudge.told(message, asked)
    this.tally.replies[message.type] = (this.tally.replies[message.type] ?? 0) + 1
    this.#onReply?.(message, reply.bytes.slice(reply.start, reply.end))
  }

  #onLog(id: string, fields: LogFields): void {
    if (id === 'INTERNAL_ERROR') throw new Violation(`the engine threw: ${fields.error}`)
    for (const value of Object.values(fields))
      if (typeof value === 'string' && /[^\x20-\x7e]/.test(value))
        throw new Violation(`log line ${id} carries bytes of a stranger: ${JSON.stringify(value)}`)
    if (id !== 'DHCP4_PACKET_DROP' && id !== 'DHCP4_LEASE_NAK') return
    const kind = `${id} ${fields.reason ?? ''}`
    const window = this.#lines.get(kind)
    if (window === undefined || this.#now >= window.since + 1000)
      this.#lines.set(kind, { since: this.#now, lines: 1 })
    // Any second touches at most two windows of the limiter.
    else if (++window.lines > 2 * LINES_MAX) throw new Violation(`${window.lines} lines ${kind}`)
  }

  #ports(): ServerPorts {
    return {
      clock: {
        monotonic: () => this.#now,
        wall: () => 0,
        wakeAt: (at: number, fire: () => void) => {
          this.#wake = { at, fire }
        },
        cancel: () => {
          this.#wake = undefined
        },
      },
      draw: (bound: number) => {
        this.#draws = Math.imul(this.#draws, 0x5851f42d) + 0x14057b7d
        return Math.floor(((this.#draws >>> 0) / 2 ** 32) * bound)
      },
      datagrams: {
        open: (sink: DatagramSink4) => {
          this.#sink = sink
        },
        send: (replies: readonly Reply4[]) => {
          for (const reply of replies) this.#onReply4(reply)
        },
        status: () => [],
        traffic: () => [],
        select: () => {},
        close: (done: () => void) => done(),
      },
      journal: {
        open: (sink: JournalSink) => {
          this.#journal = sink
        },
        commit: (bytes: Uint8Array, count: number, stamp: number) => {
          if (this.#batch !== undefined) throw new Violation('two batches are at the journal')
          const changes: Change[] = []
          forEachChange(bytes, (change) => changes.push(change))
          if (changes.length !== count) throw new Violation('a batch is not as long as it says')
          this.#batch = { changes, stamp }
        },
        close: (done: () => void) => done(),
      },
      log: {
        enabled: () => true,
        write: (_level: string, id: string, _text: string, fields: LogFields) =>
          this.#onLog(id, fields),
      },
    }
  }
}

function isSilent(type: number): boolean {
  return type === MESSAGE_TYPE4.release || type === MESSAGE_TYPE4.decline
}
