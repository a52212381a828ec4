// Turns what happens into log lines of the catalogue. Costly fields are built only for lines that
// will be written.

import { type Ipv4, textFromIpv4 } from '../address/ipv4.ts'
import { hexFromOctets, octetsFromBytes } from '../bytes/octets.ts'
import { MESSAGES, type MessageId } from '../catalogue/messages.ts'
import { REASONS4, type Reason4 } from '../catalogue/reasons.ts'
import type { Subnet4 } from '../config/plan/plan4.ts'
import { isReuse, type ReplyOutcome4 } from '../dhcp4/outcome4.ts'
import type { Lease } from '../leases/lease.ts'
import type { InterfaceStatus4 } from '../ports/datagrams4.ts'
import type { JournalInfo } from '../ports/journal.ts'
import { type Log, type LogFields, tell } from '../ports/log.ts'
import { INFINITE_LIFETIME, type Instant } from '../time/units.ts'
import { MESSAGE_TYPE4, type Query4 } from '../wire/v4/message.ts'
import type { LeaseAction } from './events.ts'
import { LINES_MAX, LineLimit } from './line-limit.ts'

const LEASE_MESSAGES = {
  granted: 'DHCP4_LEASE_ALLOC',
  renewed: 'DHCP4_LEASE_RENEW',
  released: 'DHCP4_RELEASE',
  superseded: 'DHCP4_LEASE_GOES_OVER',
  declined: 'DHCP4_DECLINE',
  occupied: 'DHCP4_SERVER_INITIATED_DECLINE',
  expired: 'DHCP4_LEASE_EXPIRED',
} as const satisfies Record<LeaseAction, MessageId>

/** So much of a message of another server is told. */
const LINK_MESSAGE_SHOWN = 1024

/** What a client can cause, by its drop reason, and NAKs. */
const DROPS = { lines: LINES_MAX, window: 1000, kinds: 256 }

/** What another server can cause, with a connection or a row. */
const OF_PEERS = { lines: LINES_MAX, window: 10_000, kinds: 256 }

/** What stays as it is until somebody mends it. */
const REPEATED = { lines: 1, window: 3_600_000, kinds: 256 }

/**
 * A declined address rests for the probation, or for the rest of the lease where that is longer.
 */
function termOf(action: LeaseAction, { validLifetime, start, end }: Lease): LogFields {
  if (action === 'declined' || action === 'occupied')
    return { outOfUse: Math.ceil((end - start) / 1000) }
  return { lifetime: validLifetime === INFINITE_LIFETIME ? 'infinite' : validLifetime }
}

export class Reporter {
  /** The database that was read is older than what this host has noted of it. */
  hasOlderDatabase = false
  readonly #log: Log
  readonly #logsRenewals: () => boolean
  readonly #drops = new LineLimit<Reason4 | 'nak'>(DROPS, (kind, suppressed) => {
    if (kind === 'nak') this.say('DHCP4_LEASE_NAK_MORE', { suppressed })
    else this.say('DHCP4_PACKET_DROP_MORE', { reason: kind, suppressed })
  })

  readonly #ofPeers = new LineLimit<MessageId>(OF_PEERS, (line, suppressed) => {
    this.say('HA_MORE', { line, suppressed })
    if (line === 'HA_STATE_TRANSITION') this.#tellLastTransition()
  })
  /**
   * The last one that was not told: who follows the log must not take a former state for the
   * present one.
   */
  #lastTransition: LogFields | undefined
  /** Kinds are the line and what it is about, with a space between. */
  readonly #repeated = new LineLimit<string>(REPEATED, (kind, suppressed, now) => {
    const end = kind.indexOf(' ')
    const fields = { line: kind.slice(0, end), about: kind.slice(end + 1), suppressed }
    // Others choose the kinds, and so how many numbers there are to be told.
    this.ofPeer('HA_MORE', fields, now)
  })

  /**
   * Kinds are addresses; how many lines more there would have been, the traffic of the interface
   * tells.
   */
  readonly #undelivered = new LineLimit<string>(REPEATED, () => {})

  /** Kinds are names of classes: what fails for one client mostly fails for many. */
  readonly #failedClasses = new LineLimit<string>(REPEATED, () => {})

  /** `logsRenewals`: whether renewals are wanted at the level of other leases. */
  constructor(log: Log, logsRenewals: () => boolean) {
    this.#log = log
    this.#logsRenewals = logsRenewals
  }

  /** Writes the catalogue's line with these fields. */
  say(id: MessageId, fields: LogFields): void {
    tell(this.#log, id, fields)
  }

  journalRead(info: JournalInfo, leases: number): void {
    const { change, setAside, lostUnder, restored, downtime = 0 } = info
    this.say('JOURNAL_READY', { leases, change })
    if (downtime > 0) this.say('JOURNAL_DOWNTIME', { seconds: Math.floor(downtime / 1000) })
    if (setAside > 0) this.say('JOURNAL_ROWS_SET_ASIDE', { rows: setAside })
    this.hasOlderDatabase = restored === 'older'
    if (this.hasOlderDatabase) this.say('JOURNAL_OLDER', {})
    if (lostUnder !== undefined) this.say('HA_DATABASE_LOST', { durability: lostUnder })
  }

  /** A line that another server of the pair can cause as often as it likes. */
  ofPeer(id: MessageId, fields: LogFields, now: Instant): void {
    if (this.#ofPeers.admits(id, now)) this.say(id, fields)
    else if (id === 'HA_STATE_TRANSITION') this.#lastTransition = fields
  }

  #tellLastTransition(): void {
    if (this.#lastTransition !== undefined) this.say('HA_STATE_TRANSITION', this.#lastTransition)
    this.#lastTransition = undefined
  }

  /** The same; of what stays as it is it is told once, and how often it was the case each hour. */
  once(id: MessageId, about: string, fields: LogFields, now: Instant): void {
    if (this.#repeated.admits(`${id} ${about}`, now)) this.ofPeer(id, fields, now)
  }

  /** Something has changed: what is repeated from now on is told again. */
  forgetRepeated(now: Instant): void {
    this.#repeated.closeAll(now)
  }

  /** Two servers have given one address. */
  conflict(here: Lease, there: Lease, kept: Lease, now: Instant): void {
    if (!this.#ofPeers.admits('HA_LEASE_CONFLICT', now)) return
    this.say('HA_LEASE_CONFLICT', {
      address: textFromIpv4(here.address),
      here: clientOf(here),
      there: clientOf(there),
      kept: clientOf(kept),
    })
  }

  /** A client holds an address that a server has. */
  leasedOwn(lease: Lease): void {
    this.say('DHCP4_OWN_ADDRESS_LEASED', {
      address: textFromIpv4(lease.address),
      client: clientOf(lease),
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

  /** The expression of the class had no value for a message. */
  classFailed(name: string, why: string, now: Instant): void {
    if (this.#failedClasses.admits(name, now)) this.say('DHCPSRV_EVAL_ERROR', { class: name, why })
  }

  lease(action: LeaseAction, lease: Lease): void {
    const id = LEASE_MESSAGES[action]
    const { level: usual, text } = MESSAGES[id]
    const level = action === 'renewed' && this.#logsRenewals() ? 'info' : usual
    if (!this.#log.enabled(level)) return
    this.#log.write(level, id, text, {
      address: textFromIpv4(lease.address),
      hwAddress: hexFromOctets(lease.hwAddress, ':'),
      clientId: lease.clientId === '' ? undefined : hexFromOctets(lease.clientId, ':'),
      // Not `hostname`: readers of JSON logs take that for the host that wrote the line.
      clientName: lease.hostname === '' ? undefined : lease.hostname,
      subnet: lease.subnetId,
      ...termOf(action, lease),
    })
  }

  /** An OFFER or NAK was made, or a lease is reused; grants are told when they are durable. */
  replied(outcome: ReplyOutcome4, query: Query4, link: string, now: Instant): void {
    const id = query.type === 0 ? 'DHCP4_BOOTP_REPLY' : messageOf(outcome)
    if (id === undefined) return
    if (!this.#log.enabled(MESSAGES[id].level)) return
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
    if (!this.#log.enabled(level)) return
    if (!this.#drops.admits(reason, now)) return
    const where = subnet === undefined ? {} : { subnet: subnet.text, network: subnet.network?.name }
    const fields = { reason, source: textFromIpv4(source), ...where, ...queryFields(query, link) }
    this.#log.write(level, 'DHCP4_PACKET_DROP', text, fields)
  }

  /** Time has passed: lines that were suppressed are told by their number. */
  closeWindows(now: Instant): void {
    this.#drops.closeEnded(now)
    this.#ofPeers.closeEnded(now)
    this.#repeated.closeEnded(now)
    this.#undelivered.closeEnded(now)
    this.#failedClasses.closeEnded(now)
  }

  /** The engine threw: a fault of ours, reported with the message that brought it about. */
  internal(error: unknown, bytes: Uint8Array, start: number, end: number): void {
    this.say('INTERNAL_ERROR', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      message: hexFromOctets(octetsFromBytes(bytes, start, end)),
    })
  }

  /** The same for a message of another server of the pair; '' for none. */
  internalOnLink(error: unknown, remote: string, message: string | Uint8Array, now: Instant): void {
    if (!this.#ofPeers.admits('INTERNAL_ERROR', now)) return
    const start = message.slice(0, LINK_MESSAGE_SHOWN)
    this.say('INTERNAL_ERROR', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      remote,
      message:
        typeof start === 'string' ? start : hexFromOctets(octetsFromBytes(start, 0, start.length)),
    })
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

function clientOf({ clientId, hwAddress }: Lease): string {
  return clientId === '' ? hexFromOctets(hwAddress, ':') : hexFromOctets(clientId, ':')
}
