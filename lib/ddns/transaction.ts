// One change of DNS in one direction: which messages are sent one after the other, and what each
// answer means. Which server they go to, and when, is not decided here.

import type { Octets } from '../bytes/octets.ts'
import type { Seconds } from '../time/units.ts'
import { RCODE, RR_TYPE, rcodeName } from './codes.ts'
import { isSameMachine } from './dhcid.ts'
import type { DnsAnswer, DnsReply, DnsRequest, DnsSilence } from './message.ts'
import { isUnchecked, type Reaction, type Step, stepsOf } from './modes.ts'
import type { Order } from './order.ts'
import { nameInData } from './reader.ts'
import { reverseNameOf } from './reverse-name.ts'
import { updateOf } from './update.ts'
import { isIn } from './zones.ts'

/** What came of it. */
export type Verdict =
  | { readonly kind: 'done' }
  /** The name is somebody else's: whose by the DHCID; '' = there is none. */
  | { readonly kind: 'conflict'; readonly dhcid: Octets }
  /** The same machine has it by this identifier: it is joined under that once that is stored. */
  | { readonly kind: 'joins'; readonly dhcid: Octets }
  /** This server does not serve at present: another one may, or the same later. */
  | {
      readonly kind: 'retry'
      readonly trouble: DnsSilence['trouble'] | 'servfail'
      /** For people, '' = the trouble says it all. */
      readonly detail: string
    }
  /** The server will not do it with this zone and key until somebody changes something. */
  | { readonly kind: 'blocked'; readonly rcode: number }
  /** The name of the address is an alias (RFC 2317): the update belongs to this name's zone. */
  | { readonly kind: 'moved'; readonly name: Octets }
  /** An answer that nothing explains: it will not be done. */
  | { readonly kind: 'failed'; readonly rcode: number }

export interface Transaction {
  /** The message to be sent now: the same one until its answer is taken. */
  readonly request: DnsRequest
  /** Undefined: `request` is another one now, and is to be sent. */
  take(answer: DnsAnswer): Verdict | undefined
  /** The zone, as far as it is known: it was found where the order had none, or a wrong one. */
  readonly zone: Octets | undefined
  /** How long that may be taken for granted (RFC 2308 §5), where it was found. */
  readonly zoneTtl: Seconds | undefined
}

export function startTransaction(order: Order): Transaction {
  return new Course(order)
}

/** How often it is begun again because somebody else changed the name at the same time. */
const ROUNDS_MAX = 3

const DONE: Verdict = { kind: 'done' }

/** What the server was asked last. */
type Asked = 'zone' | 'whose' | 'address' | 'alias' | 'update'

class Course implements Transaction {
  zone: Octets | undefined
  zoneTtl: Seconds | undefined
  readonly #order: Order
  readonly #steps: readonly Step[]
  #asked: Asked
  #step = 0
  #rounds = 1
  /** Whose the name is taken to be: another one of the same machine where that was found. */
  #dhcid: Octets
  /** The zone was asked for: what is still refused is refused. */
  #zoneWasAsked = false
  /** Why it was asked for. */
  #refusal: number = RCODE.NOTAUTH
  /** Of somebody who is not known. */
  #holder: Octets = ''

  constructor(order: Order) {
    this.#order = order
    const { action, direction, isApart } = order
    this.#steps = stepsOf(order.registration.mode, action, direction, isApart)
    this.#dhcid = order.registration.dhcid
    this.zone = order.zone
    this.#asked = order.zone === undefined ? 'zone' : 'update'
  }

  get request(): DnsRequest {
    const { name } = this.#order
    switch (this.#asked) {
      case 'zone':
        return { kind: 'query', name, type: RR_TYPE.soa }
      case 'whose':
        return { kind: 'query', name, type: RR_TYPE.dhcid }
      case 'address':
        return { kind: 'query', name, type: this.#addressType }
      case 'alias':
        return { kind: 'query', name, type: RR_TYPE.cname }
    }
    return updateOf(this.#steps[this.#step]!, this.#order, this.zone!, this.#dhcid)
  }

  take(answer: DnsAnswer): Verdict | undefined {
    if (answer.kind === 'silence') {
      const { trouble, detail } = answer
      return { kind: 'retry', trouble, detail }
    }
    if (answer.rcode === RCODE.SERVFAIL) return { kind: 'retry', trouble: 'servfail', detail: '' }
    switch (this.#asked) {
      case 'zone':
        return this.#takeZone(answer)
      case 'whose':
        return this.#takeWhose(answer)
      case 'address':
        return this.#takeAddress(answer)
      case 'alias':
        return this.#takeAlias(answer)
      case 'update':
        return this.#takeUpdate(answer)
    }
  }

  #takeUpdate({ rcode }: DnsReply): Verdict | undefined {
    const answers: Readonly<Record<string, Reaction>> = this.#steps[this.#step]!.answers
    switch (answers[rcodeName(rcode)]) {
      case 'done':
        return DONE
      case 'next':
        this.#step++
        return undefined
      case 'again':
        return this.#again(rcode)
      case 'whose':
        return this.#ask('whose')
      case 'alias':
        return this.#ask('alias')
    }
    const isOfAnotherZone = rcode === RCODE.NOTAUTH || rcode === RCODE.NOTZONE
    if (!isOfAnotherZone || this.#zoneWasAsked) return refused(rcode)
    this.#refusal = rcode
    return this.#ask('zone')
  }

  #ask(what: Asked): undefined {
    this.#asked = what
    return undefined
  }

  #again(rcode: number): Verdict | undefined {
    if (++this.#rounds > ROUNDS_MAX) return { kind: 'failed', rcode }
    this.#step = 0
    this.#dhcid = this.#order.registration.dhcid
    return this.#ask('update')
  }

  /** Which zone has a name says its SOA, whether the name is there or not. */
  #takeZone(reply: DnsReply): Verdict | undefined {
    this.#zoneWasAsked = true
    const { name } = this.#order
    if (aliasIn(reply, name) !== undefined) return this.#takeAlias(reply)
    const soa = [...reply.answers, ...reply.authority].find(
      (record) => record.type === RR_TYPE.soa && isIn(name, record.name),
    )
    if (soa === undefined || soa.name === this.zone)
      return { kind: 'blocked', rcode: REFUSALS.has(reply.rcode) ? reply.rcode : this.#refusal }
    this.zone = soa.name
    this.zoneTtl = soa.ttl
    this.#step = 0
    return this.#ask('update')
  }

  /** A name that is free by now, or the client's own again, is begun with anew. */
  #takeWhose(reply: DnsReply): Verdict | undefined {
    const { action, name, registration } = this.#order
    const { dhcid, aliases, mode } = registration
    const found = reply.answers.filter(
      (record) => record.type === RR_TYPE.dhcid && record.name === name,
    )
    const [first] = found
    const isOnly = first !== undefined && found.length === 1
    if (mode === 'check-with-dhcid' && isOnly && isSameMachine(first.data, [dhcid, ...aliases]))
      return this.#takenAs(first.data, reply)
    if (action === 'remove') return DONE
    const isChanged = mode === 'check-exists-with-dhcid' ? isOnly : isUnchecked(mode)
    if (reply.rcode === RCODE.NXDOMAIN || (isChanged && aliasIn(reply, name) === undefined))
      return this.#again(reply.rcode)
    if (mode !== 'check-with-dhcid' || !isOnly || !this.#order.isShared)
      return conflict(first?.data ?? '')
    this.#holder = first.data
    return this.#ask('address')
  }

  get #addressType(): number {
    return this.#order.registration.address.length === 4 ? RR_TYPE.a : RR_TYPE.aaaa
  }

  /**
   * What leads to the address of the lease was registered for it, by another server that knew
   * more of its client.
   */
  #takeAddress(reply: DnsReply): Verdict {
    const { name, registration } = this.#order
    const leads = reply.answers.some(
      (record) =>
        record.type === this.#addressType &&
        record.name === name &&
        record.data === registration.address,
    )
    return leads ? { kind: 'joins', dhcid: this.#holder } : conflict(this.#holder)
  }

  /** The same machine by another identifier: its DHCID stays, and the step is taken with it. */
  #takenAs(dhcid: Octets, { rcode }: DnsReply): Verdict | undefined {
    const { action, registration } = this.#order
    const isKnown = isSameMachine(dhcid, [registration.dhcid, ...registration.known])
    if (action === 'add' && !isKnown) return { kind: 'joins', dhcid }
    if (++this.#rounds > ROUNDS_MAX) return { kind: 'failed', rcode }
    this.#dhcid = dhcid
    return this.#ask('update')
  }

  /** An alias of an alias is nobody's zone of RFC 2317. */
  #takeAlias(reply: DnsReply): Verdict | undefined {
    const { action, direction, name, registration } = this.#order
    const target = aliasIn(reply, name)
    const isFirst = direction === 'reverse' && name === reverseNameOf(registration.address)
    if (target !== undefined && isFirst) return { kind: 'moved', name: target }
    if (action === 'remove') return DONE
    return target === undefined ? this.#again(reply.rcode) : conflict('')
  }
}

function conflict(dhcid: Octets): Verdict {
  return { kind: 'conflict', dhcid }
}

/** Where the name leads by a CNAME. */
function aliasIn({ answers }: DnsReply, name: Octets): Octets | undefined {
  const record = answers.find((one) => one.type === RR_TYPE.cname && one.name === name)
  return record === undefined ? undefined : nameInData(record.data)
}

const REFUSALS = new Set<number>([
  RCODE.FORMERR,
  RCODE.NOTIMP,
  RCODE.REFUSED,
  RCODE.NOTAUTH,
  RCODE.NOTZONE,
  RCODE.BADSIG,
  RCODE.BADKEY,
  RCODE.BADTIME,
  RCODE.BADTRUNC,
])

function refused(rcode: number): Verdict {
  return { kind: REFUSALS.has(rcode) ? 'blocked' : 'failed', rcode }
}
