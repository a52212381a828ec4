// What is counted of DHCPv6, by Kea's statistic names, as counters.ts does it for DHCPv4.

import type { Prefix6 } from '../address/prefix6.ts'
import { DROP_COUNTERS6, dropsByCounter } from '../catalogue/drop-counters.ts'
import { REASONS6, type Reason6 } from '../catalogue/reasons6.ts'
import type { Plan6 } from '../config/plan/plan6.ts'
import type { IaAnswer6 } from '../dhcp6/ia-answer6.ts'
import type { ReplyOutcome6, Unserved6 } from '../dhcp6/outcome6.ts'
import type { Change } from '../leases/lease.ts'
import type { Instant } from '../time/units.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../wire/v6/codes.ts'
import type { Message6 } from '../wire/v6/reader.ts'
import { ANSWER_TIMES, Histogram } from './histogram.ts'
import { Refusals } from './refusals.ts'
import { PlaceCounters, type SubnetCounters } from './subnet-counters.ts'

/** Names of the types that come, and of those that leave. */
export const RECEIVED6 = {
  solicit: MESSAGE_TYPE6.solicit,
  advertise: MESSAGE_TYPE6.advertise,
  request: MESSAGE_TYPE6.request,
  confirm: MESSAGE_TYPE6.confirm,
  reply: MESSAGE_TYPE6.reply,
  renew: MESSAGE_TYPE6.renew,
  rebind: MESSAGE_TYPE6.rebind,
  release: MESSAGE_TYPE6.release,
  decline: MESSAGE_TYPE6.decline,
  infrequest: MESSAGE_TYPE6.informationRequest,
  'lease-query': MESSAGE_TYPE6.leasequery,
  reconfigure: MESSAGE_TYPE6.reconfigure,
  'dhcpv4-query': MESSAGE_TYPE6.dhcpv4Query,
  'dhcpv4-response': MESSAGE_TYPE6.dhcpv4Response,
  'addr-reg-inform': MESSAGE_TYPE6.addressRegistration,
  'addr-reg-reply': MESSAGE_TYPE6.addressRegistrationReply,
} as const

export const SENT6 = {
  advertise: MESSAGE_TYPE6.advertise,
  reply: MESSAGE_TYPE6.reply,
  reconfigure: MESSAGE_TYPE6.reconfigure,
  'addr-reg-reply': MESSAGE_TYPE6.addressRegistrationReply,
} as const

const KNOWN: ReadonlySet<number> = new Set(Object.values(RECEIVED6))
const TYPES_MAX = 64

/** Relays that pass a message on: RFC 9915 §19.1.2. */
export const HOPS_MAX = 8

export class Counters6 {
  received = 0
  sent = 0
  /** By message type; those that have no name count as 0. */
  readonly receivedByType = new Float64Array(TYPES_MAX)
  readonly sentByType = new Float64Array(TYPES_MAX)
  readonly dropped: Record<Reason6, number> = zeros()
  /** Of leases, by subnet. */
  readonly places: PlaceCounters
  /** From a message to its reply, which may have waited for the disk and for the partner. */
  readonly answerTime = new Histogram(ANSWER_TIMES)
  /** Clients that were told to ask again, and what became of that (RECONFIGURE). */
  readonly reconfigured = { asked: 0, answered: 0, silent: 0, unreachable: 0 }
  /** Messages whose last option ran past the end. */
  optionsCut = 0
  /** Messages that came through a relay. */
  relayed = 0
  /** Those of them that say they passed more relays than RFC 9915 §19.1.2 lets pass. */
  manyHops = 0
  readonly refusals = new Refusals()

  /** `plan`: the one in force. */
  constructor(plan: () => Plan6) {
    this.places = new PlaceCounters((id) => plan().subnetById(id))
  }

  /** `malformed`: why it could not be read; then it has no type. */
  countReceived({ type, relays, isCut }: Message6, malformed: Reason6 | undefined): void {
    this.received++
    if (isCut) this.optionsCut++
    if (malformed !== undefined) return
    if (relays.length > 0) {
      this.relayed++
      if (relays[0]!.hopCount > HOPS_MAX) this.manyHops++
    }
    this.receivedByType[KNOWN.has(type) ? type : 0]!++
  }

  countDropped(reason: Reason6, now: Instant): void {
    this.dropped[reason]++
    if (reason === 'no-own-address') this.refusals.count(now)
  }

  /** An IA got nothing in the subnet that was selected for its client, nor beside it. */
  countUnserved({ subnet: { id, network }, why }: Unserved6, now: Instant): void {
    if (why !== 'no-pool') this.refusals.count(now)
    this.places.all.unserved.count(network !== undefined, why === 'no-pool')
    this.places.in(id).unserved.count(network !== undefined, why === 'no-pool')
  }

  /** IAs that are told of anew without a write, by subnets that keep leases so. */
  countReuses({ type, ias, changes }: ReplyOutcome6): void {
    if (type !== MESSAGE_TYPE6.reply) return
    for (const { kind, entries } of ias)
      for (const { key, valid, place } of entries) {
        if (valid === 0 || place?.subnet.leasing.reuse === undefined) continue
        if (changes.some(({ change }) => keyOf(change) === key)) continue
        countReuse(this.places.all, kind)
        countReuse(this.places.in(place.subnet.id), kind)
      }
  }

  countSent(type: number): void {
    this.sent++
    this.sentByType[type]!++
  }

  /** By Kea's counters. */
  drops(): ReturnType<typeof dropsByCounter> {
    return dropsByCounter(this.dropped, DROP_COUNTERS6)
  }

  /**
   * Kea's names (`pkt6-reply-sent`), and of messages without an answer all, `pkt6-unanswered`, and
   * `pkt6-drop-<reason>` for each reason.
   */
  statistics(): Record<string, number> {
    const { all } = this.places
    const told: Record<string, number> = {
      'pkt6-received': this.received,
      'pkt6-unknown-received': this.receivedByType[0]!,
      'pkt6-sent': this.sent,
      'pkt6-option-cut': this.optionsCut,
      'pkt6-many-hops': this.manyHops,
      'reclaimed-leases': all.addresses.reclaimed + all.prefixes.reclaimed,
      'v6-ia-na-lease-reuses': all.reuses,
      'v6-ia-pd-lease-reuses': all.prefixReuses,
      'reconfigure-asked': this.reconfigured.asked,
      'reconfigure-answered': this.reconfigured.answered,
      'reconfigure-silent': this.reconfigured.silent,
      'reconfigure-unreachable': this.reconfigured.unreachable,
    }
    for (const [name, count] of all.unserved.byName()) told[`v6-allocation-fail${name}`] = count
    for (const [name, type] of Object.entries(RECEIVED6))
      told[`pkt6-${name}-received`] = this.receivedByType[type]!
    for (const [name, type] of Object.entries(SENT6))
      told[`pkt6-${name}-sent`] = this.sentByType[type]!
    told['pkt6-unanswered'] = 0
    for (const reason of Object.keys(this.dropped) as Reason6[]) {
      told[`pkt6-drop-${reason}`] = this.dropped[reason]
      told['pkt6-unanswered'] += this.dropped[reason]
    }
    for (const [name, count] of Object.entries(this.drops())) told[`pkt6-${name}`] = count
    return told
  }
}

function keyOf(change: Change<Prefix6>): Prefix6 {
  return change.kind === 'put' ? change.lease.address : change.address
}

function countReuse(counters: SubnetCounters, kind: IaAnswer6['kind']): void {
  if (kind === OPTION6.iaPd) counters.prefixReuses++
  else counters.reuses++
}

function zeros(): Record<Reason6, number> {
  const counts = {} as Record<Reason6, number>
  for (const reason of Object.keys(REASONS6) as Reason6[]) counts[reason] = 0
  return counts
}
