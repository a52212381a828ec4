// Turns what clients of DHCPv6 cause into log lines of the catalogue. Costly fields are built only
// for lines that will be written.

import { type Ipv6, textFromIpv6 } from '../address/ipv6.ts'
import { type Prefix6, textFromPrefix6 } from '../address/prefix6.ts'
import { hexFromOctets, type Octets } from '../bytes/octets.ts'
import { MESSAGES, type MessageId } from '../catalogue/messages.ts'
import { REASONS6, type Reason6 } from '../catalogue/reasons6.ts'
import type { Plan6 } from '../config/plan/plan6.ts'
import type { IaAnswer6 } from '../dhcp6/ia-answer6.ts'
import type { ReplyOutcome6 } from '../dhcp6/outcome6.ts'
import { typeName6 } from '../explain/words6.ts'
import { BINDING_KIND, duidOf, iaidOf, kindOf } from '../leases/binding.ts'
import type { Lease } from '../leases/lease.ts'
import type { InterfaceStatus6 } from '../ports/datagrams6.ts'
import type { LogFields } from '../ports/log.ts'
import { INFINITE_LIFETIME, type Instant } from '../time/units.ts'
import { MESSAGE_TYPE6 } from '../wire/v6/codes.ts'
import type { Query6 } from '../wire/v6/message.ts'
import type { LeaseAction } from './events.ts'
import { LINES_MAX, type LineLimit } from './line-limit.ts'
import { holderText, REPEATED, type Reporter } from './reporter.ts'

const LEASE_MESSAGES = {
  granted: 'DHCP6_LEASE_ALLOC',
  renewed: 'DHCP6_LEASE_RENEW',
  released: 'DHCP6_RELEASE',
  superseded: 'DHCP6_LEASE_GOES_OVER',
  declined: 'DHCP6_DECLINE',
  occupied: 'DHCP6_DECLINE',
  expired: 'DHCP6_LEASE_EXPIRED',
  added: 'DHCP6_LEASE_ADDED',
  amended: 'DHCP6_LEASE_AMENDED',
  deleted: 'DHCP6_LEASE_DELETED',
} as const satisfies Record<LeaseAction, MessageId>

/** What a client can cause, by its drop reason, and IAs that get nothing. */
const DROPS = { lines: LINES_MAX, window: 1000, kinds: 256 }

/**
 * A declined address rests for the probation, or for the rest of the lease where that is longer.
 */
function termOf(action: LeaseAction, lease: Lease<Prefix6>, plan: Plan6): LogFields {
  const { validLifetime, start, end } = lease
  if (action === 'declined' || action === 'occupied')
    return { outOfUse: Math.ceil((end - start) / 1000), reserved: isReserved(lease, plan) }
  return { lifetime: validLifetime === INFINITE_LIFETIME ? 'infinite' : validLifetime }
}

/** The smallest MTU of IPv6 (RFC 8200 §5) without the headers of IPv6 and UDP. */
const UNFRAGMENTED_MAX = 1232

/** Its client gets another one for so long; undefined: it is not. */
function isReserved({ address, subnetId }: Lease<Prefix6>, plan: Plan6): true | undefined {
  const subnet = plan.subnetById(subnetId)
  if (subnet === undefined || plan.reservations.at(address, subnet).length === 0) return undefined
  return true
}

export class Reporter6 {
  readonly #reporter: Reporter
  readonly #drops: LineLimit<Reason6 | 'nothing'>
  /** Kinds are addresses (see Reporter4), relays, interfaces, and leases that go on. */
  readonly #undelivered: LineLimit<string>

  /** For what is told by who counts it himself. */
  get own(): Reporter {
    return this.#reporter
  }

  constructor(reporter: Reporter) {
    this.#reporter = reporter
    this.#drops = reporter.limit(DROPS, (kind, suppressed) => {
      if (kind === 'nothing') this.say('DHCP6_LEASE_NONE_MORE', { suppressed })
      else this.say('DHCP6_PACKET_DROP_MORE', { reason: kind, suppressed })
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
  leasedOwn(lease: Lease<Prefix6>): void {
    this.say('DHCP6_OWN_ADDRESS_LEASED', {
      address: textFromPrefix6(lease.address),
      client: holderText(lease),
    })
  }

  /** `asks`: the type of the message that the client is to send. */
  reconfigured(duid: Octets, asks: number, address: Ipv6): void {
    if (!this.#reporter.log.enabled(MESSAGES.DHCP6_RECONFIGURE.level)) return
    this.say('DHCP6_RECONFIGURE', {
      client: hexFromOctets(duid, ':'),
      asks: typeName6(asks),
      address: textFromIpv6(address),
    })
  }

  serverIdChanged(from: Octets, to: Octets): void {
    this.say('DHCP6_SERVER_ID_CHANGED', {
      former: hexFromOctets(from, ':'),
      duid: hexFromOctets(to, ':'),
    })
  }

  /** `misfit`: why clients on its link get nothing all the same. */
  interface(status: InterfaceStatus6, misfit: string): void {
    const { name, serving, trouble, addresses = [] } = status
    if (!serving) return this.say('DHCP6_INTERFACE_TROUBLE', { interface: name, trouble })
    const own = addresses.map(textFromIpv6).join(', ')
    this.say('DHCP6_INTERFACE_SERVING', { interface: name, addresses: own })
    for (const note of [trouble, misfit])
      if (note !== '') this.say('DHCP6_INTERFACE_NOTE', { interface: name, trouble: note })
  }

  /** Told once an hour of each address: what stands behind it is mended by people. */
  undelivered(name: string, address: Ipv6, why: string, now: Instant): void {
    const target = textFromIpv6(address)
    if (!this.#undelivered.admits(target, now)) return
    this.say('DHCP6_REPLY_UNDELIVERED', { interface: name, address: target, why })
  }

  /** Told once an hour of each relay. */
  relayNamesNothing(relay: Ipv6, link: string, now: Instant): void {
    if (!this.#undelivered.admits(`relay ${relay}`, now)) return
    this.say('DHCP6_RELAY_NAMES_NOTHING', { relay: textFromIpv6(relay), interface: link })
  }

  /** Told once an hour of each relay. */
  manyHops(relay: Ipv6, hops: number, link: string, now: Instant): void {
    if (!this.#undelivered.admits(`hops ${relay}`, now)) return
    this.say('DHCP6_RELAY_MANY_HOPS', { relay: textFromIpv6(relay), hops, interface: link })
  }

  /** Told once an hour of each interface. */
  #long(length: number, query: Query6, link: string, now: Instant): void {
    if (this.#undelivered.admits(`long ${link}`, now))
      this.say('DHCP6_REPLY_LONG', { bytes: length, ...queryFields(query, link) })
  }

  lease(action: LeaseAction, lease: Lease<Prefix6>, plan: Plan6): void {
    const isRegistered = action === 'granted' && kindOf(lease) === BINDING_KIND.registered
    const id = isRegistered ? 'DHCP6_ADDRESS_REGISTERED' : LEASE_MESSAGES[action]
    const { level: usual, text } = MESSAGES[id]
    const level = action === 'renewed' && this.#reporter.logsRenewals() ? 'info' : usual
    if (!this.#reporter.log.enabled(level)) return
    this.#reporter.log.write(level, id, text, {
      address: textFromPrefix6(lease.address),
      duid: lease.clientId === '' ? undefined : hexFromOctets(duidOf(lease), ':'),
      iaid: lease.clientId === '' ? undefined : iaidOf(lease),
      hwAddress: lease.hwAddress === '' ? undefined : hexFromOctets(lease.hwAddress, ':'),
      clientName: lease.hostname === '' ? undefined : lease.hostname,
      subnet: lease.subnetId,
      ...termOf(action, lease, plan),
    })
  }

  /** What changes no lease is told at once; grants are told when they are durable. */
  replied(outcome: ReplyOutcome6, query: Query6, link: string, now: Instant): void {
    if (outcome.unserved.length > 0) this.#unserved(outcome, query, link, now)
    this.#kept(outcome, query, link, now)
    if (outcome.length > UNFRAGMENTED_MAX) this.#long(outcome.length, query, link, now)
    const id = messageOf(outcome, query)
    if (id === undefined || !this.#reporter.log.enabled(MESSAGES[id].level)) return
    const { refusal, ias } = outcome
    const why = refusal === '' ? {} : { why: refusal }
    this.say(id, { addresses: keysOf(ias), ...why, ...queryFields(query, link) })
  }

  #kept({ kept }: ReplyOutcome6, query: Query6, link: string, now: Instant): void {
    for (const { key, why } of kept) {
      const address = textFromPrefix6(key)
      if (this.#undelivered.admits(`kept ${address}`, now))
        this.say('DHCP6_LEASE_KEPT', { address, why, ...queryFields(query, link) })
    }
  }

  #unserved({ unserved }: ReplyOutcome6, query: Query6, link: string, now: Instant): void {
    const { level } = MESSAGES.DHCP6_LEASE_NONE
    const asks = query.type === MESSAGE_TYPE6.solicit || query.type === MESSAGE_TYPE6.request
    if (!asks || !this.#reporter.log.enabled(level) || !this.#drops.admits('nothing', now)) return
    const { subnet, why } = unserved[0]!
    const where = { subnet: subnet.text, network: subnet.network?.name, why }
    this.say('DHCP6_LEASE_NONE', { ias: unserved.length, ...where, ...queryFields(query, link) })
  }

  dropped(reason: Reason6, query: Query6, link: string, source: Ipv6, now: Instant): void {
    const { level, text } = REASONS6[reason]
    if (!this.#reporter.log.enabled(level)) return
    if (!this.#drops.admits(reason, now)) return
    const from = source === '' ? undefined : textFromIpv6(source)
    const fields = { reason, source: from, ...queryFields(query, link) }
    this.#reporter.log.write(level, 'DHCP6_PACKET_DROP', text, fields)
  }
}

/** The line for a reply that changes no lease. */
function messageOf(outcome: ReplyOutcome6, { type }: Query6): MessageId | undefined {
  if (outcome.type === MESSAGE_TYPE6.advertise) return 'DHCP6_LEASE_ADVERT'
  if (type === MESSAGE_TYPE6.confirm) return 'DHCP6_CONFIRM'
  if (type === MESSAGE_TYPE6.informationRequest) return 'DHCP6_INFORMATION'
  return outcome.changes.length === 0 && keysOf(outcome.ias) !== ''
    ? 'DHCP6_LEASE_REUSE'
    : undefined
}

/** What is given; not what the client is to stop using. */
function keysOf(ias: readonly IaAnswer6[]): string {
  const given = ias.flatMap(({ entries }) => entries.filter(({ valid }) => valid > 0))
  return given.map(({ key }) => textFromPrefix6(key)).join(', ')
}

function queryFields({ type, xid, clientId, relays }: Query6, link: string): LogFields {
  const [relay] = relays
  return {
    interface: link,
    type,
    duid: clientId === '' ? undefined : hexFromOctets(clientId, ':'),
    xid: `0x${xid.toString(16).padStart(6, '0')}`,
    relay: relay === undefined ? undefined : textFromIpv6(relay.linkAddress),
    relays: relays.length > 1 ? relays.length : undefined,
  }
}
