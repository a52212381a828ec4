// What is counted of DHCPv6, by Kea's statistic names, as counters.ts does it for DHCPv4.

import { REASONS6, type Reason6 } from '../catalogue/reasons6.ts'
import type { Unserved6 } from '../dhcp6/outcome6.ts'
import type { Instant } from '../time/units.ts'
import { MESSAGE_TYPE6 } from '../wire/v6/codes.ts'
import type { Message6 } from '../wire/v6/reader.ts'
import { Refusals } from './refusals.ts'

/** Names of the types that come, and of those that leave. */
const RECEIVED = {
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
  'dhcpv4-query': MESSAGE_TYPE6.dhcpv4Query,
  'dhcpv4-response': MESSAGE_TYPE6.dhcpv4Response,
  'addr-reg-inform': MESSAGE_TYPE6.addressRegistration,
  'addr-reg-reply': MESSAGE_TYPE6.addressRegistrationReply,
} as const

const SENT = {
  advertise: MESSAGE_TYPE6.advertise,
  reply: MESSAGE_TYPE6.reply,
  reconfigure: MESSAGE_TYPE6.reconfigure,
  'addr-reg-reply': MESSAGE_TYPE6.addressRegistrationReply,
} as const

const KNOWN: ReadonlySet<number> = new Set(Object.values(RECEIVED))
const TYPES_MAX = 64

export class Counters6 {
  received = 0
  sent = 0
  /** By message type; those that have no name count as 0. */
  readonly receivedByType = new Float64Array(TYPES_MAX)
  readonly sentByType = new Float64Array(TYPES_MAX)
  readonly dropped: Record<Reason6, number> = zeros()
  /** IAs for which there was nothing, by why and where: Kea's names. */
  readonly unserved = {
    'v6-allocation-fail': 0,
    'v6-allocation-fail-shared-network': 0,
    'v6-allocation-fail-subnet': 0,
    'v6-allocation-fail-no-pools': 0,
    'v6-allocation-fail-classes': 0,
  }
  reclaimed = 0
  /** Clients that were told to ask again, and what became of that (RECONFIGURE). */
  readonly reconfigured = { asked: 0, answered: 0, silent: 0, unreachable: 0 }
  /** IAs that clients were told of anew without a write. */
  reused = 0
  /** Messages whose last option ran past the end. */
  optionsCut = 0
  /** Messages that came through a relay. */
  relayed = 0
  readonly refusals = new Refusals()

  countReceived({ type, relays, isCut }: Message6): void {
    this.received++
    if (relays.length > 0) this.relayed++
    if (isCut) this.optionsCut++
    this.receivedByType[KNOWN.has(type) ? type : 0]!++
  }

  countDropped(reason: Reason6, now: Instant): void {
    this.dropped[reason]++
    if (reason === 'no-own-address') this.refusals.count(now)
  }

  /** An IA got nothing in the subnet that was selected for its client, nor beside it. */
  countUnserved({ subnet, why }: Unserved6, now: Instant): void {
    const { unserved } = this
    unserved['v6-allocation-fail']++
    if (subnet.network === undefined) unserved['v6-allocation-fail-subnet']++
    else unserved['v6-allocation-fail-shared-network']++
    if (why !== 'no-pool') return this.refusals.count(now)
    const beside = subnet.network?.subnets ?? [subnet]
    const hasPools = beside.some(({ pools, pdPools }) => pools.length + pdPools.length > 0)
    if (hasPools) unserved['v6-allocation-fail-classes']++
    else unserved['v6-allocation-fail-no-pools']++
  }

  countSent(type: number): void {
    this.sent++
    this.sentByType[type]!++
  }

  /** Kea's names (`pkt6-reply-sent`), and `pkt6-drop-<reason>` for each drop reason. */
  statistics(): Record<string, number> {
    const all: Record<string, number> = {
      'pkt6-received': this.received,
      'pkt6-unknown-received': this.receivedByType[0]!,
      'pkt6-sent': this.sent,
      'pkt6-option-cut': this.optionsCut,
      'pkt6-parse-failed': 0,
      'pkt6-rfc-violation': 0,
      'reclaimed-leases': this.reclaimed,
      'v6-lease-reuses': this.reused,
      'reconfigure-asked': this.reconfigured.asked,
      'reconfigure-answered': this.reconfigured.answered,
      'reconfigure-silent': this.reconfigured.silent,
      'reconfigure-unreachable': this.reconfigured.unreachable,
      ...this.unserved,
    }
    for (const [name, type] of Object.entries(RECEIVED))
      all[`pkt6-${name}-received`] = this.receivedByType[type]!
    for (const [name, type] of Object.entries(SENT))
      all[`pkt6-${name}-sent`] = this.sentByType[type]!
    let drops = 0
    for (const [reason, { counter }] of Object.entries<{
      readonly counter?: string
      readonly text: string
    }>(REASONS6)) {
      const count = this.dropped[reason as Reason6]
      all[`pkt6-drop-${reason}`] = count
      if (counter !== undefined) all[counter] = (all[counter] ?? 0) + count
      drops += count
    }
    all['pkt6-receive-drop'] = drops
    return all
  }
}

function zeros(): Record<Reason6, number> {
  const counts = {} as Record<Reason6, number>
  for (const reason of Object.keys(REASONS6) as Reason6[]) counts[reason] = 0
  return counts
}
