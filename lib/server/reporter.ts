// Turns what happens into log lines of the catalogue. Costly fields are built only for lines that will
// be written.

import { type Ipv4, textFromIpv4 } from '../address/ipv4.ts'
import { hexFromOctets, octetsFromBytes } from '../bytes/octets.ts'
import type { Lease } from '../leases/lease.ts'
import type { InterfaceStatus4 } from '../ports/datagrams4.ts'
import type { Log, LogFields } from '../ports/log.ts'
import { INFINITE_LIFETIME, type Instant } from '../time/units.ts'
import { MESSAGE_TYPE4, type Query4 } from '../wire/message4.ts'
import { REASONS4, type Reason4 } from '../wire/reasons.ts'
import { DropLog } from './drop-log.ts'
import type { LeaseAction } from './events.ts'
import { MESSAGES, type MessageId } from './messages.ts'

const LEASE_MESSAGES = {
  granted: 'DHCP4_LEASE_ALLOC',
  renewed: 'DHCP4_LEASE_RENEW',
  released: 'DHCP4_RELEASE',
  declined: 'DHCP4_DECLINE',
  expired: 'DHCP4_LEASE_EXPIRED',
} as const satisfies Record<LeaseAction, MessageId>

/** So much of a message of another server is told. */
const LINK_MESSAGE_SHOWN = 1024

export class Reporter {
  readonly #log: Log
  readonly #drops = new DropLog((kind, suppressed) => {
    if (kind === 'nak') this.say('DHCP4_LEASE_NAK_MORE', { suppressed })
    else this.say('DHCP4_PACKET_DROP_MORE', { reason: kind, suppressed })
  })

  constructor(log: Log) {
    this.#log = log
  }

  /** Writes the catalogue's line with these fields. */
  say(id: MessageId, fields: LogFields): void {
    const { level, text } = MESSAGES[id]
    if (this.#log.enabled(level)) this.#log.write(level, id, text, fields)
  }

  interface({ name, serving, unicast, trouble }: InterfaceStatus4): void {
    if (!serving) return this.say('DHCP4_INTERFACE_TROUBLE', { interface: name, trouble })
    this.say('DHCP4_INTERFACE_SERVING', { interface: name, unicast })
    if (trouble !== '') this.say('DHCP4_INTERFACE_NOTE', { interface: name, trouble })
  }

  lease(action: LeaseAction, lease: Lease): void {
    const id = LEASE_MESSAGES[action]
    if (!this.#log.enabled(MESSAGES[id].level)) return
    const isInfinite = lease.validLifetime === INFINITE_LIFETIME
    this.say(id, {
      address: textFromIpv4(lease.address),
      hwAddress: hexFromOctets(lease.hwAddress, ':'),
      clientId: lease.clientId === '' ? undefined : hexFromOctets(lease.clientId, ':'),
      hostname: lease.hostname === '' ? undefined : lease.hostname,
      subnet: lease.subnetId,
      lifetime: isInfinite ? 'infinite' : lease.validLifetime,
    })
  }

  /** An OFFER or NAK was made; grants are told when they are durable. */
  replied(type: number, query: Query4, link: string, now: Instant): void {
    if (type !== MESSAGE_TYPE4.offer && type !== MESSAGE_TYPE4.nak) return
    const id = type === MESSAGE_TYPE4.offer ? 'DHCP4_LEASE_OFFER' : 'DHCP4_LEASE_NAK'
    if (!this.#log.enabled(MESSAGES[id].level)) return
    if (type === MESSAGE_TYPE4.nak && !this.#drops.admits('nak', now)) return
    this.say(id, queryFields(query, link))
  }

  dropped(reason: Reason4, query: Query4, link: string, source: Ipv4, now: Instant): void {
    const { level, text } = REASONS4[reason]
    if (!this.#log.enabled(level)) return
    if (!this.#drops.admits(reason, now)) return
    const fields = { reason, source: textFromIpv4(source), ...queryFields(query, link) }
    this.#log.write(level, 'DHCP4_PACKET_DROP', text, fields)
  }

  /** Time has passed: lines that were suppressed are told by their number. */
  closeWindows(now: Instant): void {
    this.#drops.closeEnded(now)
  }

  /** The engine threw: a fault of ours, reported with the message that brought it about. */
  internal(error: unknown, bytes: Uint8Array, start: number, end: number): void {
    this.say('INTERNAL_ERROR', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      message: hexFromOctets(octetsFromBytes(bytes, start, end)),
    })
  }

  /** The same for a message of another server of the pair; '' for none. */
  internalOnLink(error: unknown, remote: string, message: string | Uint8Array): void {
    const start = message.slice(0, LINK_MESSAGE_SHOWN)
    this.say('INTERNAL_ERROR', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      remote,
      message:
        typeof start === 'string' ? start : hexFromOctets(octetsFromBytes(start, 0, start.length)),
    })
  }
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
