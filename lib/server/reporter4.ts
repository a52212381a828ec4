// Turns what clients of DHCPv4 cause into log lines of the catalogue. Costly fields are built only
// for lines that will be written.

import { type Ipv4, textFromIpv4 } from '../address/ipv4.ts'
import { hexFromOctets } from '../bytes/octets.ts'
import { MESSAGES, type MessageId } from '../catalogue/messages.ts'
import { REASONS4, type Reason4 } from '../catalogue/reasons.ts'
import type { Plan4, Subnet4 } from '../config/plan/plan4.ts'
import { isReuse, type ReplyOutcome4 } from '../dhcp4/outcome4.ts'
import type { Lease } from '../leases/lease.ts'
import type { InterfaceStatus4 } from '../ports/datagrams4.ts'
import type { LogFields } from '../ports/log.ts'
import { INFINITE_LIFETIME, type Instant } from '../time/units.ts'
import { MESSAGE_TYPE4, type Query4 } from '../wire/v4/message.ts'
import type { LeaseAction } from './events.ts'
import { LINES_MAX, type LineLimit } from './line-limit.ts'
import { holderText, REPEATED, type Reporter } from './reporter.ts'

const LEASE_MESSAGES = {
  granted: 'DHCP4_LEASE_ALLOC',
  renewed: 'DHCP4_LEASE_RENEW',
  released: 'DHCP4_RELEASE',
  superseded: 'DHCP4_LEASE_GOES_OVER',
  declined: 'DHCP4_DECLINE',
  occupied: 'DHCP4_SERVER_INITIATED_DECLINE',
  expired: 'DHCP4_LEASE_EXPIRED',
  added: 'DHCP4_LEASE_ADDED',
  amended: 'DHCP4_LEASE_AMENDED',
  deleted: 'DHCP4_LEASE_DELETED',
} as const satisfies Record<LeaseAction, MessageId>

/** What a client can cause, by its drop reason, and NAKs. */
const DROPS = { lines: LINES_MAX, window: 1000, kinds: 256 }

/**
 * A declined address rests for the probation, or for the rest of the lease where that is longer.
 */
function termOf(action: LeaseAction, lease: Lease, plan: Plan4): LogFields {
  const { validLifetime, start, end } = lease
  if (action === 'declined' || action === 'occupied')
    return { outOfUse: Math.ceil((end - start) / 1000), reserved: isReserved(lease, plan) }
  return { lifetime: validLifetime === INFINITE_LIFETIME ? 'infinite' : validLifetime }
}

/** Its client gets another one for so long; undefined: it is not. */
function isReserved({ address, subnetId }: Lease, plan: Plan4): true | undefined {
  const subnet = plan.subnetById(subnetId)
  if (subnet === undefined || plan.reservations.at(address, subnet).length === 0) return undefined
  return true
}

export class Reporter4 {
  readonly #reporter: Reporter
  readonly #drops: LineLimit<Reason4 | 'nak'>
  /**
   * Kinds are addresses; how many lines more there would have been, the traffic of the interface
   * tells.
   */
  readonly #undelivered: LineLimit<string>

  /** For what is told by who counts it himself. */
  get own(): Reporter {
    return this.#reporter
  }

  constructor(reporter: Reporter) {
    this.#reporter = reporter
    this.#drops = reporter.limit(DROPS, (kind, suppressed) => {
      if (kind === 'nak') this.say('DHCP4_LEASE_NAK_MORE', { suppressed })
      else this.say('DHCP4_PACKET_DROP_MORE', { reason: kind, suppressed })
    })
    this.#undelivered = reporter.limit(REPEATED, () => {})
  }

  say(id: MessageId, fields: LogFields): void {
    this.#reporter.say(id, fields)
  }

  /** See lease-alarms.ts. */
  alarm(id: MessageId, subnet: string, fields: LogFields, now: Instant): void {
    if (this.#undelivered.admits(`${id} ${subnet}`, now)) this.say(id, fields)
  }

  /** A client holds an address that a server has. */
  leasedOwn(lease: Lease): void {
    this.say('DHCP4_OWN_ADDRESS_LEASED', {
      address: textFromIpv4(lease.address),
      client: holderText(lease),
    })
  }

  /** `misfit`: why clients on its link get nothing all the same. */
  interface({ name, serving, unicast, trouble }: InterfaceStatus4, misfit: string): void {
    if (!serving) return this.say('DHCP4_INTERFACE_TROUBLE', { interface: name, trouble })
    this.say('DHCP4_INTERFACE_SERVING', { interface: name, unicast })
    for (const note of [trouble, misfit])
      if (note !== '') this.say('DHCP4_INTERFACE_NOTE', { interface: name, trouble: note })
  }

  /** Told once an hour of each address: what stands behind it is mended by people. */
  undelivered(name: string, address: Ipv4, why: string, now: Instant): void {
    const target = textFromIpv4(address)
    if (!this.#undelivered.admits(target, now)) return
    this.say('DHCP4_REPLY_UNDELIVERED', { interface: name, address: target, why })
  }

  lease(action: LeaseAction, lease: Lease, plan: Plan4): void {
    const id = LEASE_MESSAGES[action]
    const { level: usual, text } = MESSAGES[id]
    const level = action === 'renewed' && this.#reporter.logsRenewals() ? 'info' : usual
    if (!this.#reporter.log.enabled(level)) return
    this.#reporter.log.write(level, id, text, {
      address: textFromIpv4(lease.address),
      hwAddress: hexFromOctets(lease.hwAddress, ':'),
      clientId: lease.clientId === '' ? undefined : hexFromOctets(lease.clientId, ':'),
      // Not `hostname`: readers of JSON logs take that for the host that wrote the line.
      clientName: lease.hostname === '' ? undefined : lease.hostname,
      subnet: lease.subnetId,
      ...termOf(action, lease, plan),
    })
  }

  /** An OFFER or NAK was made, or a lease is reused; grants are told when they are durable. */
  replied(outcome: ReplyOutcome4, query: Query4, link: string, now: Instant): void {
    const id = query.type === 0 ? 'DHCP4_BOOTP_REPLY' : messageOf(outcome)
    if (id === undefined) return
    if (!this.#reporter.log.enabled(MESSAGES[id].level)) return
    const { type, address, refusal } = outcome
    if (type === MESSAGE_TYPE4.nak && !this.#drops.admits('nak', now)) return
    const why = refusal === '' ? {} : { why: refusal }
    this.say(id, { address: textFromIpv4(address), ...why, ...queryFields(query, link) })
  }

  /** `subnet`: where no address for the client was found. */
  dropped(
    reason: Reason4,
    query: Query4,
    link: string,
    source: Ipv4,
    subnet: Subnet4 | undefined,
    now: Instant,
  ): void {
    const { level, text } = REASONS4[reason]
    if (!this.#reporter.log.enabled(level)) return
    if (!this.#drops.admits(reason, now)) return
    const where = subnet === undefined ? {} : { subnet: subnet.text, network: subnet.network?.name }
    const fields = { reason, source: textFromIpv4(source), ...where, ...queryFields(query, link) }
    this.#reporter.log.write(level, 'DHCP4_PACKET_DROP', text, fields)
  }
}

/** The line for a reply that changes no lease. */
function messageOf(outcome: ReplyOutcome4): MessageId | undefined {
  if (outcome.type === MESSAGE_TYPE4.offer) return 'DHCP4_LEASE_OFFER'
  if (outcome.type === MESSAGE_TYPE4.nak) return 'DHCP4_LEASE_NAK'
  return isReuse(outcome) ? 'DHCP4_LEASE_REUSE' : undefined
}

function queryFields(query: Query4, link: string): LogFields {
  return {
    interface: link,
    type: query.type,
    hwAddress: hexFromOctets(query.hwAddress, ':'),
    xid: `0x${query.xid.toString(16).padStart(8, '0')}`,
    relay: query.giaddr === 0 ? undefined : textFromIpv4(query.giaddr),
  }
}
