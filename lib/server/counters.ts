// What is counted, by Kea's statistic names. A counter is a number in a flat object: adding one
// costs nothing, and everything that shows counters reads the same object.

import { REASONS4, type Reason4 } from '../catalogue/reasons.ts'
import type { Subnet4 } from '../config/plan/plan4.ts'
import type { Instant } from '../time/units.ts'
import type { Message4 } from '../wire/v4/reader.ts'
import { Refusals } from './refusals.ts'

/** Message types by number; index 0 is a message without option 53. */
const TYPE_NAMES = [
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

export class Counters {
  received = 0
  sent = 0
  /** By message type number, 0 … 8; other numbers count as 0. */
  readonly receivedByType = new Float64Array(TYPE_NAMES.length)
  readonly sentByType = new Float64Array(TYPE_NAMES.length)
  readonly dropped: Record<Reason4, number> = zeros()
  /** Clients for whom there was no address, by why and where: Kea's names. */
  readonly unserved = {
    'v4-allocation-fail': 0,
    'v4-allocation-fail-shared-network': 0,
    'v4-allocation-fail-subnet': 0,
    'v4-allocation-fail-no-pools': 0,
    'v4-allocation-fail-classes': 0,
  }
  reclaimed = 0
  /** Leases that clients were told of anew without a write. */
  reused = 0
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

  countReceived({ type, giaddr, isCut }: Message4): void {
    this.received++
    if (giaddr !== 0) this.relayed++
    if (isCut) this.optionsCut++
    this.receivedByType[type < TYPE_NAMES.length ? type : 0]!++
  }

  countDropped(reason: Reason4, now: Instant): void {
    this.dropped[reason]++
    if (reason === 'no-free-address' || reason === 'no-own-address') this.refusals.count(now)
  }

  /** No address for a client was found in the subnet that was selected for it, nor beside it. */
  countUnserved(reason: Reason4, { network, pools }: Subnet4): void {
    const { unserved } = this
    unserved['v4-allocation-fail']++
    if (network === undefined) unserved['v4-allocation-fail-subnet']++
    else unserved['v4-allocation-fail-shared-network']++
    if (reason !== 'no-pool') return
    const hasPools = (network?.subnets ?? []).some((one) => one.pools.length > 0)
    if (hasPools || pools.length > 0) unserved['v4-allocation-fail-classes']++
    else unserved['v4-allocation-fail-no-pools']++
  }

  /** `asked`: the type of the message that is answered. */
  countReply(isReuse: boolean, asked: number): void {
    if (isReuse) this.reused++
    if (asked === 0) this.bootpReplies++
  }

  countSent(type: number): void {
    this.sent++
    this.sentByType[type]!++
  }

  /** Kea's names (`pkt4-ack-sent`), and `pkt4-drop-<reason>` for each drop reason. */
  statistics(): Record<string, number> {
    const all: Record<string, number> = {
      'pkt4-received': this.received,
      'pkt4-sent': this.sent,
      'pkt4-option-cut': this.optionsCut,
      'reclaimed-leases': this.reclaimed,
      'address-checks-sent': this.addressesAsked,
      'addresses-found-in-use': this.occupied,
      'offers-unchecked': this.addressesWaived,
      'v4-lease-reuses': this.reused,
      'bootp-replies': this.bootpReplies,
      ...this.unserved,
    }
    for (const [type, name] of TYPE_NAMES.entries()) {
      all[`pkt4-${name}-received`] = this.receivedByType[type]!
      if (type > 0) all[`pkt4-${name}-sent`] = this.sentByType[type]!
    }
    let drops = 0
    for (const reason of Object.keys(this.dropped) as Reason4[]) {
      all[`pkt4-drop-${reason}`] = this.dropped[reason]
      drops += this.dropped[reason]
    }
    all['pkt4-receive-drop'] = drops
    return all
  }
}

function zeros(): Record<Reason4, number> {
  const counts = {} as Record<Reason4, number>
  for (const reason of Object.keys(REASONS4) as Reason4[]) counts[reason] = 0
  return counts
}
