// What is counted, by Kea's statistic names. A counter is a number in a flat object: adding one
// costs nothing, and everything that shows counters reads the same object.

import { DROP_COUNTERS4, dropsByCounter } from '../catalogue/drop-counters.ts'
import { REASONS4, type Reason4 } from '../catalogue/reasons.ts'
import type { Plan4, Subnet4 } from '../config/plan/plan4.ts'
import type { ReplyOutcome4 } from '../dhcp4/outcome4.ts'
import { isReuse } from '../dhcp4/outcome4.ts'
import type { Trace4 } from '../dhcp4/trace4.ts'
import type { Instant } from '../time/units.ts'
import { LEASE_QUERY4 } from '../wire/v4/message.ts'
import type { Message4 } from '../wire/v4/reader.ts'
import { ANSWER_TIMES, Histogram } from './histogram.ts'
import { Refusals } from './refusals.ts'
import { PlaceCounters } from './subnet-counters.ts'

/** Message types by number; index 0 is a message without option 53. */
export const TYPE_NAMES4 = [
  'unknown',
  'discover',
  'offer',
  'request',
  'decline',
  'ack',
  'nak',
  'release',
  'inform',
] as const

export const LEASE_QUERY_ANSWERS = ['unassigned', 'unknown', 'active'] as const

/** Of message types that are counted: those of clients, and of queries about leases. */
const TYPES = LEASE_QUERY4.active + 1

export class Counters {
  received = 0
  sent = 0
  /** By message type number, 0 … 13; what nobody answers counts as 0. */
  readonly receivedByType = new Float64Array(TYPES)
  readonly sentByType = new Float64Array(TYPES)
  readonly dropped: Record<Reason4, number> = zeros()
  /** Of leases, by subnet. */
  readonly places: PlaceCounters
  /** From a message to its reply, which may have waited for the disk and for the partner. */
  readonly answerTime = new Histogram(ANSWER_TIMES)
  /** Replies to clients that speak BOOTP. */
  bootpReplies = 0
  /** Messages whose last option ran past the end. */
  optionsCut = 0
  /** Questions whether somebody has an address, that somebody did, and offers without one. */
  addressesAsked = 0
  occupied = 0
  addressesWaived = 0
  /** Messages that came through a relay. */
  relayed = 0
  readonly refusals = new Refusals()

  readonly #plan: () => Plan4

  /** `plan`: the one in force. */
  constructor(plan: () => Plan4) {
    this.#plan = plan
    this.places = new PlaceCounters((id) => plan().subnetById(id))
  }

  /** `malformed`: why it could not be read; then it has no type. */
  countReceived({ type, giaddr, isCut }: Message4, malformed: Reason4 | undefined): void {
    this.received++
    if (isCut) this.optionsCut++
    if (malformed !== undefined) return
    if (giaddr !== 0) this.relayed++
    this.receivedByType[type < TYPE_NAMES4.length ? type : this.#typeOfOther(type)]!++
  }

  #typeOfOther(type: number): number {
    const isServed = type === LEASE_QUERY4.query && this.#plan().leaseQuery !== undefined
    return isServed ? type : 0
  }

  countDropped(reason: Reason4, now: Instant): void {
    this.dropped[reason]++
    if (reason === 'no-free-address' || reason === 'no-own-address') this.refusals.count(now)
  }

  /** No address for a client was found in the subnet that was selected for it, nor beside it. */
  countUnserved(reason: Reason4, { id, network }: Subnet4): void {
    const isOfNetwork = network !== undefined
    const isWithoutPools = reason === 'no-pool'
    this.places.all.unserved.count(isOfNetwork, isWithoutPools)
    this.places.in(id).unserved.count(isOfNetwork, isWithoutPools)
  }

  countReply(outcome: ReplyOutcome4, { query, place }: Trace4): void {
    if (query.type === 0) this.bootpReplies++
    if (!isReuse(outcome) || place === undefined) return
    this.places.all.reuses++
    this.places.in(place.subnet.id).reuses++
  }

  /** A client's reserved address is leased to another one, in the subnet with this id. */
  countConflict(subnetId: number): void {
    this.places.all.conflicts++
    this.places.in(subnetId).conflicts++
  }

  countSent(type: number): void {
    this.sent++
    this.sentByType[type]!++
  }

  /** By Kea's counters. */
  drops(): ReturnType<typeof dropsByCounter> {
    return dropsByCounter(this.dropped, DROP_COUNTERS4)
  }

  /**
   * Kea's names (`pkt4-ack-sent`), and of messages without an answer all, `pkt4-unanswered`, and
   * `pkt4-drop-<reason>` for each reason.
   */
  statistics(): Record<string, number> {
    const { all } = this.places
    const told: Record<string, number> = {
      'pkt4-received': this.received,
      'pkt4-sent': this.sent,
      'pkt4-option-cut': this.optionsCut,
      'reclaimed-leases': all.addresses.reclaimed,
      'address-checks-sent': this.addressesAsked,
      'addresses-found-in-use': this.occupied,
      'offers-unchecked': this.addressesWaived,
      'v4-lease-reuses': all.reuses,
      'v4-reservation-conflicts': all.conflicts,
      'bootp-replies': this.bootpReplies,
    }
    for (const [name, count] of all.unserved.byName()) told[`v4-allocation-fail${name}`] = count
    for (const [type, name] of TYPE_NAMES4.entries()) {
      told[`pkt4-${name}-received`] = this.receivedByType[type]!
      if (type > 0) told[`pkt4-${name}-sent`] = this.sentByType[type]!
    }
    told['pkt4-lease-query-received'] = this.receivedByType[LEASE_QUERY4.query]!
    for (const kind of LEASE_QUERY_ANSWERS)
      told[`pkt4-lease-query-response-${kind}-sent`] = this.sentByType[LEASE_QUERY4[kind]]!
    told['pkt4-unanswered'] = 0
    for (const reason of Object.keys(this.dropped) as Reason4[]) {
      told[`pkt4-drop-${reason}`] = this.dropped[reason]
      told['pkt4-unanswered'] += this.dropped[reason]
    }
    for (const [name, count] of Object.entries(this.drops())) told[`pkt4-${name}`] = count
    return told
  }
}

function zeros(): Record<Reason4, number> {
  const counts = {} as Record<Reason4, number>
  for (const reason of Object.keys(REASONS4) as Reason4[]) counts[reason] = 0
  return counts
}
