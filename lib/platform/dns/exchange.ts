// One request, until there is an answer that may be believed or none is to be expected. Twice by
// UDP, then by TCP: some networks lose long datagrams, or all of them. By TCP at once what is too
// long for a datagram, or has an answer that is.

import { randomInt } from 'node:crypto'
import { bytesFromOctets } from '../../bytes/octets.ts'
import type { NameServerPlan } from '../../config/plan/names-plan.ts'
import { type Judgement, judge, type Question, questionOf } from '../../ddns/judge.ts'
import type { DnsAnswer, DnsReply, DnsRequest, DnsSilence } from '../../ddns/message.ts'
import type { Millis, Seconds, WallTime } from '../../time/units.ts'
import { wordsOf } from '../system-error.ts'
import type { Hearing, Sent } from './hearing.ts'
import type { TcpConnection } from './tcp.ts'
import { askByUdp } from './udp.ts'

const ATTEMPTS = 3
/** The last of them is by TCP, whatever it is. */
const UDP_ATTEMPTS = 2
/** RFC 1035 §2.3.4. */
const UDP_MAX = 512
/** Longer is no answer waited for, unless that is what the configuration says. */
const TIMEOUT_MAX: Millis = 4000

export interface ExchangeSettings {
  readonly server: NameServerPlan
  readonly request: DnsRequest
  readonly timeout: Millis
  readonly wall: () => WallTime
  /** The connection that is open to the server, or a new one. */
  readonly connection: () => TcpConnection
  readonly done: (answer: DnsAnswer) => void
}

export class Exchange implements Hearing {
  readonly #settings: ExchangeSettings
  #attempts = 0
  #question: Question | undefined
  #sent: Sent | undefined
  #connection: TcpConnection | undefined
  #timer: NodeJS.Timeout | undefined
  #needsTcp = false
  /** What is added to this host's clock for the signature. */
  #clockAhead: Seconds = 0
  /** Taken if nothing better comes. */
  #doubtful: DnsReply | undefined
  /** Why the last thing that came was no answer; '' = nothing has come. */
  #disbelieved = ''

  constructor(settings: ExchangeSettings) {
    this.#settings = settings
  }

  start(): void {
    if (this.#attempts === ATTEMPTS) return this.#finish(this.#silence())
    const { server, timeout } = this.#settings
    const patience = Math.min(timeout * 2 ** this.#attempts, Math.max(timeout, TIMEOUT_MAX))
    this.#timer = setTimeout(() => this.#timeOut(), patience)
    const question = this.#ask()
    this.#question = question
    this.#needsTcp ||= question.message.length > UDP_MAX
    const isByTcp = this.#needsTcp || this.#attempts >= UDP_ATTEMPTS
    this.#attempts++
    if (isByTcp) this.#askByTcp()
    else this.#sent = askByUdp(server, bytesFromOctets(question.message), this)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#sent?.close()
    this.#sent = undefined
  }

  onMessage(bytes: Uint8Array): void {
    this.#take(judge(this.#question!, bytes, this.#now()))
  }

  onTrouble(error: NodeJS.ErrnoException): void {
    const { code } = error
    const isByTcp = this.#connection !== undefined
    if (isByTcp && (code === undefined || code === 'ECONNRESET' || code === 'EPIPE'))
      return this.#again()
    // Nobody was heard by UDP: that the server does not speak TCP either says no more.
    if (isByTcp && !this.#needsTcp) return this.#finish(this.#silence())
    const trouble = code === 'ECONNREFUSED' ? 'refused' : 'unreachable'
    const words = isByTcp ? 'nobody listens there for TCP, which is needed' : ''
    const detail = trouble === 'refused' ? words : wordsOf(error)
    this.#finish({ kind: 'silence', trouble, detail })
  }

  #take(judgement: Judgement): void {
    switch (judgement.kind) {
      case 'answer':
        return this.#finish(judgement.reply)
      case 'doubtful':
        // Whoever is not between the two cannot say anything in a connection.
        if (this.#connection !== undefined) return this.#finish(judgement.reply)
        this.#doubtful = judgement.reply
        return
      case 'clock':
        this.#clockAhead = judgement.ahead
        this.#attempts--
        return this.#again()
      case 'truncated':
        if (this.#connection !== undefined) return
        this.#needsTcp = true
        return this.#again()
      case 'nothing':
        this.#disbelieved = judgement.why
        return
    }
  }

  /** With an id that nothing else on the connection has. */
  #askByTcp(): void {
    const connection = this.#settings.connection()
    let question = this.#question!
    while (!connection.isFree(question.id)) question = this.#ask()
    this.#question = question
    this.#connection = connection
    this.#sent = connection.ask(question.id, bytesFromOctets(question.message), this)
  }

  #ask(): Question {
    const { server, request } = this.#settings
    const id = randomInt(0x1_0000)
    return questionOf(request, id, server.key, this.#now(), this.#clockAhead)
  }

  #now(): Seconds {
    return Math.floor(this.#settings.wall() / 1000)
  }

  #again(): void {
    this.close()
    this.start()
  }

  #timeOut(): void {
    if (this.#doubtful !== undefined) return this.#finish(this.#doubtful)
    this.#connection?.retire()
    this.#again()
  }

  #silence(): DnsSilence {
    const trouble = this.#disbelieved === '' ? 'timeout' : 'untrusted'
    return { kind: 'silence', trouble, detail: this.#disbelieved }
  }

  #finish(answer: DnsAnswer): void {
    this.close()
    this.#settings.done(answer)
  }
}
