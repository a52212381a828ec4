// One message and the real engine: what the server would answer, with what it decided on its way.
// The lease table is the caller's; what is granted is applied to it, so that one message follows
// the other as on the wire.

import { type Ipv4, octetsFromIpv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import type { HaPlan } from '../config/plan/ha-plan.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import type { Arrival4 } from '../dhcp4/arrival.ts'
import { NOTHING_HEARD4 } from '../dhcp4/asking.ts'
import { UNCHECKED } from '../dhcp4/checked.ts'
import { Engine4 } from '../dhcp4/engine4.ts'
import type { Settings4 } from '../dhcp4/exchange4.ts'
import { namedIdentity } from '../dhcp4/identify.ts'
import type { Outcome4 } from '../dhcp4/outcome4.ts'
import type { FoundBy, Trace4 } from '../dhcp4/trace4.ts'
import { ownerOf } from '../ha/hash.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type { Instant } from '../time/units.ts'
import { encodeMessage4, type OptionPair4 } from '../wire/v4/builder.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { MESSAGE_TYPE4, type Query4 } from '../wire/v4/message.ts'
import { decode4, Message4 } from '../wire/v4/reader.ts'
import { DatabaseUnasked } from './unasked.ts'

/** Most octets of a reply. */
const REPLY_MAX = 1472

export type Tried =
  /** It never came to the engine. */
  | { readonly kind: 'malformed'; readonly reason: Reason4; readonly query: Message4 }
  | {
      readonly kind: 'stepped'
      readonly query: Message4
      readonly outcome: Exclude<Outcome4, { kind: 'wait' | 'check' | 'look-up' }>
      /** Before it was offered, the address would be asked for on the wire. */
      readonly isChecked: boolean
      /** Why it is this address: found before the question on the wire, where there is one. */
      readonly foundBy: FoundBy
      /** Of a reply, decoded. */
      readonly reply: Message4 | undefined
      /** Until the next message. */
      readonly trace: Trace4
    }

export class Trial4 {
  readonly plan: Plan4
  readonly ha: HaPlan | undefined
  readonly #table: LeaseTable
  readonly #engine: Engine4
  readonly #arrival: Arrival4
  readonly #now: Instant
  #change = 0

  constructor(
    plan: Plan4,
    ha: HaPlan | undefined,
    table: LeaseTable,
    arrival: Arrival4,
    now: Instant,
  ) {
    this.plan = plan
    this.ha = ha
    this.#table = table
    this.#arrival = arrival
    this.#now = now
    table.classes.follow(plan.classLimits.addresses)
    table.setReserved([
      ...plan.reservedAddresses(),
      ...plan.hosts.own.keys(),
      ...plan.hosts.named.keys(),
    ])
    this.#engine = new Engine4(plan, table, this.#settings())
  }

  #settings(): Settings4 {
    const { hosts } = this.plan
    const isOfLink = (address: Ipv4) =>
      this.#arrival.link.addresses.some((own) => own.address === address)
    return {
      draw: () => 0,
      nextChange: () => ++this.#change,
      serverPort: 67,
      isOwnAddress: isOfLink,
      keptFrom: (address) => {
        if (hosts.own.has(address)) return 'own'
        return hosts.named.has(address) ? 'named' : undefined
      },
    }
  }

  /** Which server of the pair is asked to answer: its position among the peers; 0 without one. */
  ownerOf(query: Query4): number {
    if (this.ha === undefined) return 0
    return ownerOf(this.ha, query.octets(OPTION4.clientIdentifier), query.hwAddress)
  }

  step(message: Uint8Array): Tried {
    const query = new Message4()
    const { optionParsing } = this.plan.compatibility
    const reason = decode4(query, message, 0, message.length, optionParsing)
    if (reason !== undefined) return { kind: 'malformed', reason, query }
    const out = new Uint8Array(REPLY_MAX)
    let outcome = this.#step(query, out, false)
    const isChecked = outcome.kind === 'check'
    const { foundBy: foundFirst } = this.#engine.trace
    if (isChecked) outcome = this.#step(query, out, true)
    // Nobody is asked here, and the second time no address is asked for.
    if (outcome.kind === 'look-up') throw new DatabaseUnasked()
    if (outcome.kind === 'wait' || outcome.kind === 'check') throw new Error('it would wait')
    if (outcome.kind !== 'drop') for (const change of outcome.changes) this.#table.apply(change)
    const reply = outcome.kind === 'reply' ? decoded(out, outcome.length) : undefined
    const { trace } = this.#engine
    // What is checked is noted as offered already.
    const foundBy = isChecked ? foundFirst : trace.foundBy
    return { kind: 'stepped', query, outcome, isChecked, foundBy, reply, trace }
  }

  #step(query: Message4, out: Uint8Array, isWaived: boolean): Outcome4 {
    const asked = {
      query,
      client: namedIdentity(query),
      owner: Math.max(0, this.ownerOf(query)),
      arrival: this.#arrival,
      now: this.#now,
      heard: isWaived ? WAIVED : undefined,
    }
    return this.#engine.step(asked, out, 0)
  }
}

const WAIVED = { ...NOTHING_HEARD4, checked: { ...UNCHECKED, isWaived: true } }

function decoded(out: Uint8Array, length: number): Message4 {
  const reply = new Message4()
  const trouble = decode4(reply, out, 0, length, 'strict')
  if (trouble !== undefined) throw new Error(`the reply cannot be read: ${trouble}`)
  return reply
}

/** How the client of a DISCOVER would take the offer. */
export function requestAfter(discover: Message4, offer: Message4): Uint8Array {
  const { op, htype, hops, xid, secs, flags, giaddr, hwAddress } = discover
  const fields = { op, htype, hops, xid, secs, flags, giaddr, hwAddress }
  const { messageType, requestedAddress, serverIdentifier } = OPTION4
  const changed: OptionPair4[] = [
    [messageType, String.fromCharCode(MESSAGE_TYPE4.request)],
    [requestedAddress, octetsFromIpv4(offer.yiaddr)],
    [serverIdentifier, offer.octets(serverIdentifier) ?? ''],
  ]
  const codes = new Set(changed.map(([code]) => code))
  const others = discover.codes().filter((code) => !codes.has(code))
  const kept = others.map((code): [number, Octets] => [code, discover.octets(code) ?? ''])
  return encodeMessage4(fields, [...changed, ...kept])
}
