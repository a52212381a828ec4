// What clients were answered last, or why not, for who asks (`whio why`): a few outcomes of each of
// some thousand clients, in memory that is never more than it is at first. Noting one makes no
// garbage. Clients share places by a hash that no client can know; where a place is wanted for
// another one, whoever was heard longest ago leaves it.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import { REASONS4, type Reason4 } from '../catalogue/reasons.ts'
import type { Outcome4 } from '../dhcp4/outcome4.ts'
import { REFUSALS } from '../dhcp4/request-table.ts'
import type { Trace4 } from '../dhcp4/trace4.ts'
import type { RememberedClient, RememberedOutcome } from '../explain/remembered.ts'
import { hashOctets } from '../leases/store/octets-hash.ts'
import type { Instant, Millis } from '../time/units.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { MESSAGE_TYPE4, type Query4 } from '../wire/v4/message.ts'
import { ServedLimit } from './served-limit.ts'

/** Clients that are remembered, and outcomes of each. */
export const CLIENTS_MAX = 4096
export const OUTCOMES_MAX = 8
/** Places that a client may have. */
const WAYS = 4
const SETS = CLIENTS_MAX / WAYS
/** Names of interfaces that are told apart. */
const LINKS_MAX = 256

// A place is four words, so that all that a client may have stand in one line of the processor's
// cache; a record fills one. Times are tenths of a second of the lease clock: 13 years of it.
const PLACE = { hash: 0, seen: 1, count: 2, size: 4 } as const
const RECORD = {
  first: 0,
  last: 1,
  times: 2,
  /** Type of the message, answer, word and link, an octet each. */
  kind: 3,
  address: 4,
  subnet: 5,
  relay: 6,
  classCount: 7,
  classes: 8,
  size: 16,
} as const
/** Classes of an outcome that are remembered, those that go first: two in a word. */
const CLASSES_MAX = 2 * (RECORD.size - RECORD.classes)
const TICK: Millis = 100

const REASONS = Object.keys(REASONS4) as Reason4[]
const REASON_NUMBERS = new Map(REASONS.map((reason, at) => [reason, at]))
const WORDS: readonly string[] = ['', ...Object.values(REFUSALS)]
const WORD_NUMBERS = new Map(WORDS.map((word, at) => [word, at]))

/** What it was: the type of a reply, or one of these; from DROPPED on a reason. */
const RELEASED = 100
const DECLINED = 101
const DROPPED = 128

export class RecentOutcomes {
  readonly #seed: number
  /** By place; '' = nobody. */
  readonly #clients = new Array<Octets>(CLIENTS_MAX).fill('')
  readonly #clientIds = new Array<Octets>(CLIENTS_MAX).fill('')
  readonly #places = new Int32Array(CLIENTS_MAX * PLACE.size)
  readonly #records = new Int32Array(CLIENTS_MAX * OUTCOMES_MAX * RECORD.size)
  /** The same memory. */
  readonly #halves = new Uint16Array(this.#records.buffer)
  readonly #links: string[] = ['']
  #size = 0
  readonly #limit = new ServedLimit()

  constructor(seed: number) {
    this.#seed = seed
  }

  /** How many clients are remembered. */
  get size(): number {
    return this.#size
  }

  /** Numbers of classes mean others from now on. */
  forgetClasses(): void {
    const records = this.#records
    for (let at = RECORD.classCount; at < records.length; at += RECORD.size) records[at] = 0
  }

  noted(
    outcome: Exclude<Outcome4, { kind: 'drop' | 'wait' | 'check' | 'look-up' }>,
    query: Query4,
    trace: Trace4,
    now: Instant,
  ): void {
    const { name } = trace.arrival.link
    const tick = tickOf(now)
    if (outcome.kind === 'reply') {
      if (outcome.refusal === '' && this.#limit.isMuch(now)) return
      const word = WORD_NUMBERS.get(outcome.refusal) ?? 0
      this.#note(query, outcome.type, word, outcome.address | 0, name, trace, tick)
      return
    }
    const answer = outcome.action === 'declined' ? DECLINED : RELEASED
    this.#note(query, answer, 0, outcome.former.address | 0, name, trace, tick)
  }

  /** `trace`: it came as far as the engine. */
  dropped(
    reason: Reason4,
    query: Query4,
    link: string,
    trace: Trace4 | undefined,
    now: Instant,
  ): void {
    const answer = DROPPED + REASON_NUMBERS.get(reason)!
    this.#note(query, answer, 0, addressIn(reason, query) | 0, link, trace, tickOf(now))
  }

  /** All numbers are small ones (32 bits with a sign), so that none is boxed on its way. */
  #note(
    query: Query4,
    answer: number,
    word: number,
    address: number,
    link: string,
    trace: Trace4 | undefined,
    tick: number,
  ): void {
    const place = this.#placeOf(query)
    if (place < 0) return
    const subnet = trace === undefined ? 0 : ((trace.place?.subnet ?? trace.located)?.id ?? 0)
    const kind = query.type | (answer << 8) | (word << 16) | (this.#linkNumber(link) << 24)
    const at = this.#recordFor(place, kind, address, subnet | 0, query.giaddr | 0, tick)
    this.#places[place * PLACE.size + PLACE.seen] = tick
    this.#records[at + RECORD.times]!++
    this.#records[at + RECORD.last] = tick
    this.#noteClasses(at, trace)
  }

  /** The last one where it is the same again, else the next one. */
  #recordFor(
    place: number,
    kind: number,
    address: number,
    subnet: number,
    relay: number,
    tick: number,
  ): number {
    const records = this.#records
    const count = this.#places[place * PLACE.size + PLACE.count]!
    const last = recordAt(place, count - 1)
    if (
      count > 0 &&
      records[last + RECORD.kind] === kind &&
      records[last + RECORD.address] === address &&
      records[last + RECORD.subnet] === subnet &&
      records[last + RECORD.relay] === relay
    )
      return last
    const at = recordAt(place, count)
    this.#places[place * PLACE.size + PLACE.count] = count + 1
    records[at + RECORD.first] = tick
    records[at + RECORD.times] = 0
    records[at + RECORD.kind] = kind
    records[at + RECORD.address] = address
    records[at + RECORD.subnet] = subnet
    records[at + RECORD.relay] = relay
    return at
  }

  #noteClasses(at: number, trace: Trace4 | undefined): void {
    if (trace === undefined || trace.plan.classes.program === undefined) {
      this.#records[at + RECORD.classCount] = 0
      return
    }
    const { order, count } = trace.classes
    const kept = Math.min(count, CLASSES_MAX)
    const start = 2 * (at + RECORD.classes)
    for (let index = 0; index < kept; index++) this.#halves[start + index] = order[index]!
    this.#records[at + RECORD.classCount] = kept
  }

  /** -1: nothing says who the client is. */
  #placeOf(query: Query4): number {
    const { hwAddress } = query
    const client = hwAddress === '' ? (query.octets(OPTION4.clientIdentifier) ?? '') : hwAddress
    if (client === '') return -1
    const places = this.#places
    const hash = hashOctets(client, this.#seed) | 0
    const first = (hash & (SETS - 1)) * WAYS
    let oldest = first
    for (let place = first; place < first + WAYS; place++) {
      const at = place * PLACE.size
      if (places[at + PLACE.hash] === hash && this.#clients[place] === client) return place
      if (places[at + PLACE.seen]! < places[oldest * PLACE.size + PLACE.seen]!) oldest = place
    }
    if (this.#clients[oldest] === '') this.#size++
    this.#clients[oldest] = client
    this.#clientIds[oldest] = query.octets(OPTION4.clientIdentifier) ?? ''
    places[oldest * PLACE.size + PLACE.hash] = hash
    places[oldest * PLACE.size + PLACE.count] = 0
    return oldest
  }

  #linkNumber(name: string): number {
    const known = this.#links.indexOf(name)
    if (known >= 0) return known
    return this.#links.length < LINKS_MAX ? this.#links.push(name) - 1 : 0
  }

  /** Whoever is remembered, the one that was heard last first. */
  clients(): RememberedClient[] {
    const seen = (place: number) => this.#places[place * PLACE.size + PLACE.seen]!
    return [...this.#clients.keys()]
      .filter((place) => this.#clients[place] !== '')
      .sort((one, other) => seen(other) - seen(one))
      .map((place) => ({
        hwAddress: this.#clients[place]!,
        clientId: this.#clientIds[place]!,
        outcomes: () => this.#outcomesAt(place),
      }))
  }

  #outcomesAt(place: number): RememberedOutcome[] {
    const count = this.#places[place * PLACE.size + PLACE.count]!
    const kept = Math.min(count, OUTCOMES_MAX)
    return Array.from({ length: kept }, (_, index) =>
      this.#outcome(recordAt(place, count - kept + index)),
    )
  }

  #outcome(at: number): RememberedOutcome {
    const [first, last, times, kind, address, subnet, relay, classCount] = this.#records.subarray(
      at,
      at + RECORD.classes,
    ) as unknown as [number, number, number, number, number, number, number, number]
    const answer = (kind >>> 8) & 255
    const classes = 2 * (at + RECORD.classes)
    return {
      first: first * TICK,
      last: last * TICK,
      times,
      type: kind & 255,
      answer: answer >= DROPPED ? 'silence' : (ANSWERS.get(answer) ?? ''),
      reason: answer >= DROPPED ? REASONS[answer - DROPPED] : undefined,
      refusal: WORDS[(kind >>> 16) & 255] ?? '',
      address: address >>> 0,
      subnetId: subnet >>> 0,
      giaddr: relay >>> 0,
      interface: this.#links[kind >>> 24] ?? '',
      classes: [...this.#halves.subarray(classes, classes + classCount)],
    }
  }
}

/** A small number, which is handed on without garbage. */
function tickOf(now: Instant): number {
  return Math.floor(now / TICK) | 0
}

/** Where the record of an outcome of this number begins. */
function recordAt(place: number, number: number): number {
  return (place * OUTCOMES_MAX + (number & (OUTCOMES_MAX - 1))) * RECORD.size
}

const ANSWERS: ReadonlyMap<number, RememberedOutcome['answer']> = new Map([
  [MESSAGE_TYPE4.offer, 'OFFER'],
  [MESSAGE_TYPE4.ack, 'ACK'],
  [MESSAGE_TYPE4.nak, 'NAK'],
  [RELEASED, 'released'],
  [DECLINED, 'declined'],
])

/** That a message is about; of a client that goes elsewhere, the server that it names. */
function addressIn(reason: Reason4, query: Query4): Ipv4 {
  if (reason === 'not-for-us') return query.uint(OPTION4.serverIdentifier) ?? 0
  return query.uint(OPTION4.requestedAddress) || query.ciaddr
}
