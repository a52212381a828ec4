// A DHCPv4 client as a pure machine (RFC 2131 §4.4): messages and deadlines in, actions out. It runs on
// the simulated network and over real sockets alike. It is also an oracle: it knows exactly from when
// until when, on its own clock, it may use which address.
//
//                 ACK                    T1             T2
//   INIT ─> SELECTING ─> REQUESTING ─> (PROBING) ─> BOUND ─> RENEWING ─> REBINDING ─> INIT
//   REBOOTING (remembers an address) ──────────────/      NAK or end of the lease ────^

import type { Ipv4 } from '../address/ipv4.ts'
import { BROADCAST } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Draw } from '../ports/clock.ts'
import { INFINITE_LIFETIME, type Millis, type Seconds } from '../time/units.ts'
import {
  BROADCAST_FLAG,
  bytesFromPacket,
  octetsFromUint32,
  optionUint32,
  type Packet4,
  packetFromBytes,
} from './packet4.ts'

export interface Client4Settings {
  readonly hwAddress: Octets
  /** Option 61 with its type byte, '' = none. */
  readonly clientId: Octets
  /** Asks for broadcast replies. Default false. */
  readonly broadcast: boolean
  /** Checks by ARP that an address is unused before it uses it, and declines one that is not. */
  readonly probes: boolean
  /** False: a client that does not renew; it asks anew when its lease has ended. */
  readonly renews: boolean
  /**
   * From when the lifetime counts: `request`, the first sending of the answered REQUEST (RFC 2131
   * §4.4.1), or `ack`, its arrival, as some clients do it.
   */
  readonly countsFrom: 'request' | 'ack'
  /** In REBOOTING without an answer: go on with what is left of the lease (RFC 2131 §3.2). */
  readonly trustsMemory: boolean
  /** Option 51 in DISCOVER and REQUEST; 0 = none. */
  readonly lifetime: Seconds
  /** Option 50 in the first DISCOVER; 0 = none. */
  readonly requestedAddress: Ipv4
  /** Option 12; '' = none. */
  readonly hostname: string
  /** Option 55. */
  readonly parameters: readonly number[]
  /** First message after start at a random time up to this. RFC 2131 §4.4.1: 1 to 10 s. */
  readonly startDelayMax: Millis
  /** First wait for an answer; it doubles up to `backoffMax` (RFC 2131 §4.1: 4 s and 64 s). */
  readonly backoffMin: Millis
  readonly backoffMax: Millis
  /** Shortest wait between two renewals (RFC 2131 §4.4.5: 60 s). */
  readonly renewPauseMin: Millis
}

export const CLIENT4_DEFAULTS: Client4Settings = {
  hwAddress: '\x02\x00\x00\x00\x00\x01',
  clientId: '',
  broadcast: false,
  probes: false,
  renews: true,
  countsFrom: 'request',
  trustsMemory: false,
  lifetime: 0,
  requestedAddress: 0,
  hostname: '',
  parameters: [1, 3, 6, 12, 15, 28, 42, 51, 54, 58, 59],
  startDelayMax: 10_000,
  backoffMin: 4000,
  backoffMax: 64_000,
  renewPauseMin: 60_000,
}

export type Client4State =
  | 'off'
  | 'init'
  | 'selecting'
  | 'requesting'
  | 'rebooting'
  | 'probing'
  | 'bound'
  | 'renewing'
  | 'rebinding'

/** What a client was told about its address. Times are on the client's own steady clock. */
export interface ClientLease4 {
  readonly address: Ipv4
  readonly serverId: Ipv4
  readonly lifetime: Seconds
  readonly renewAt: Millis
  readonly rebindAt: Millis
  /** From here on the address must not be used. */
  readonly until: Millis
  /** All options of the ACK, raw. */
  readonly options: ReadonlyMap<number, Octets>
}

export type Client4Action =
  /** Send to the server port; from `source`, which is 0 while the client has no address. */
  | {
      readonly kind: 'send'
      readonly bytes: Uint8Array
      readonly source: Ipv4
      readonly destination: Ipv4
    }
  /** The address may be used from now on (`bound`), or longer than before (`extended`). */
  | { readonly kind: 'bound' | 'extended'; readonly lease: ClientLease4 }
  /** The address may not be used any more. */
  | { readonly kind: 'unbound'; readonly address: Ipv4; readonly why: UnboundReason }
  /** Ask by ARP whether somebody uses the address and tell `onProbed`. */
  | { readonly kind: 'probe'; readonly address: Ipv4 }

export type UnboundReason = 'ended' | 'nak' | 'released' | 'declined' | 'forgotten' | 'changed'

const TYPE = { discover: 1, offer: 2, request: 3, decline: 4, ack: 5, nak: 6, release: 7 } as const

/** RFC 2131 §3.1: a client that gets no ACK asks again from the beginning; §4.1: four waits, 60 s. */
const REQUESTS_MAX = 4
/** RFC 2131 §3.1 point 5: wait at least 10 s after a DECLINE. */
const DECLINE_PAUSE: Millis = 10_000
const NAK_PAUSE: Millis = 1000
const MESSAGE_SIZE_MAX = 1400

export class Client4 {
  /** May be replaced between two calls. */
  settings: Client4Settings
  #draw: Draw
  #state: Client4State = 'off'
  #deadline: Millis = Number.POSITIVE_INFINITY
  /** What may be used, whatever the state; kept over a reboot, since the right to it lives on. */
  #lease: ClientLease4 | undefined
  /** An acknowledged lease that is still being probed. */
  #candidate: ClientLease4 | undefined
  #xid = 0
  #tries = 0
  /** When this exchange began, for `secs`. */
  #beganAt: Millis = 0
  /** When the REQUEST under way was sent first. */
  #requestedAt: Millis = 0
  #offered: { address: Ipv4; serverId: Ipv4 } | undefined
  #lastRelease: Client4Action | undefined

  constructor(settings: Partial<Client4Settings>, draw: Draw) {
    this.settings = { ...CLIENT4_DEFAULTS, ...settings }
    this.#draw = draw
  }

  get state(): Client4State {
    return this.#state
  }

  /** When `onDeadline` wants to be called, on the client's steady clock. */
  get deadline(): Millis {
    const end = this.#lease?.until ?? Number.POSITIVE_INFINITY
    return Math.min(this.#deadline, end)
  }

  /** The lease as far as the client knows one, ended or not. */
  get lease(): ClientLease4 | undefined {
    return this.#lease
  }

  /** The address that the client may use at this time, or 0: the oracle's word. */
  holds(now: Millis): Ipv4 {
    return this.#lease !== undefined && now < this.#lease.until ? this.#lease.address : 0
  }

  /** Switched on: asks for its former address when it remembers one (INIT-REBOOT), else for any. */
  start(now: Millis): Client4Action[] {
    this.#offered = undefined
    this.#candidate = undefined
    if (this.#lease === undefined) {
      this.#enterInit(now, this.#draw(this.settings.startDelayMax + 1))
      return []
    }
    this.#begin('rebooting', now)
    return this.#sendRequest(now)
  }

  /** Switched off without a word. It remembers its lease, and may use it when it comes back. */
  stop(): void {
    this.#state = 'off'
    this.#deadline = Number.POSITIVE_INFINITY
  }

  /** Loses its memory: a new disk image, another boot loader. */
  forget(): Client4Action[] {
    this.stop()
    return this.#drop('forgotten')
  }

  /** Gives its address back, if it has one, and switches off. RFC 2131 §4.4.6 */
  release(now: Millis): Client4Action[] {
    const lease = this.#lease
    this.stop()
    if (lease === undefined || this.holds(now) === 0) return []
    this.#newXid()
    const packet = this.#packet(TYPE.release, now)
    packet.ciaddr = lease.address
    packet.secs = 0
    packet.flags = 0
    packet.options.set(54, octetsFromUint32(lease.serverId))
    this.#lastRelease = unicast(packet, lease.address, lease.serverId)
    return [this.#lastRelease, ...this.#drop('released')]
  }

  /** Sends the last RELEASE once more, as a network that repeats old datagrams would. */
  repeatRelease(): Client4Action[] {
    return this.#lastRelease === undefined ? [] : [this.#lastRelease]
  }

  /** Finds that somebody else uses its address. RFC 2131 §4.4.4 */
  decline(now: Millis): Client4Action[] {
    const lease = this.#candidate ?? this.#lease
    if (lease === undefined) return []
    this.#candidate = undefined
    this.#newXid()
    const packet = this.#packet(TYPE.decline, now)
    packet.secs = 0
    packet.flags = 0
    packet.options.set(50, octetsFromUint32(lease.address))
    packet.options.set(54, octetsFromUint32(lease.serverId))
    this.#enterInit(now, DECLINE_PAUSE)
    return [broadcast(packet), ...this.#drop('declined')]
  }

  /** The answer to a `probe` action. */
  onProbed(inUse: boolean, now: Millis): Client4Action[] {
    const candidate = this.#candidate
    if (this.#state !== 'probing' || candidate === undefined) return []
    return inUse ? this.decline(now) : this.#bind(candidate)
  }

  /** A datagram that reached the client port: bytes `start` to `end`. */
  onMessage(bytes: Uint8Array, start: number, end: number, now: Millis): Client4Action[] {
    const packet = packetFromBytes(bytes, start, end)
    if (packet === undefined || packet.op !== 2) return []
    if (packet.xid !== this.#xid || packet.hwAddress !== this.settings.hwAddress) return []
    const type = packet.options.get(53)?.charCodeAt(0)
    if (type === TYPE.offer) return this.#onOffer(packet, now)
    if (type === TYPE.ack) return this.#onAck(packet, now)
    if (type === TYPE.nak) return this.#onNak(packet, now)
    return []
  }

  /** To be called when the time of `deadline` has come; earlier calls do nothing. */
  onDeadline(now: Millis): Client4Action[] {
    if (this.#lease !== undefined && now >= this.#lease.until) return this.#onEnd(now)
    if (now < this.#deadline) return []
    switch (this.#state) {
      case 'init':
        this.#begin('selecting', now)
        return this.#sendDiscover(now)
      case 'selecting':
        return this.#sendDiscover(now)
      case 'requesting':
        return this.#tries < REQUESTS_MAX ? this.#sendRequest(now) : this.#restart(now)
      case 'rebooting':
        return this.#tries < REQUESTS_MAX ? this.#sendRequest(now) : this.#giveUpReboot(now)
      case 'bound':
        return this.#startRenewing(now)
      case 'renewing':
      case 'rebinding':
        return this.#renewAgain(now)
      case 'probing':
      case 'off':
        this.#deadline = Number.POSITIVE_INFINITY
        return []
      default:
        return this.#state satisfies never
    }
  }

  // What arrives

  #onOffer(packet: Packet4, now: Millis): Client4Action[] {
    const serverId = optionUint32(packet, 54)
    if (this.#state !== 'selecting' || serverId === undefined || packet.yiaddr === 0) return []
    this.#offered = { address: packet.yiaddr, serverId }
    // RFC 2131 §4.4.1: the REQUEST carries the xid of the OFFER.
    this.#state = 'requesting'
    this.#tries = 0
    return this.#sendRequest(now)
  }

  #onAck(packet: Packet4, now: Millis): Client4Action[] {
    const lease = this.#leaseOf(packet, now)
    if (lease === undefined) return []
    switch (this.#state) {
      case 'requesting':
      case 'rebooting':
        return this.#accept(lease)
      case 'renewing':
      case 'rebinding':
        return lease.address === this.#lease?.address ? this.#bind(lease) : []
      default:
        return []
    }
  }

  #onNak(packet: Packet4, now: Millis): Client4Action[] {
    const asking = ['requesting', 'rebooting', 'renewing', 'rebinding'].includes(this.#state)
    if (!asking || !packet.options.has(54)) return []
    this.#enterInit(now, NAK_PAUSE)
    return this.#drop('nak')
  }

  #onEnd(now: Millis): Client4Action[] {
    const using = this.#state === 'bound' || this.#state === 'renewing'
    if (using || this.#state === 'rebinding') this.#enterInit(now, 0)
    else if (this.#state === 'rebooting') this.#enterInit(now, 0)
    return this.#drop('ended')
  }

  // Steps

  #accept(lease: ClientLease4): Client4Action[] {
    if (!this.settings.probes) return this.#bind(lease)
    this.#candidate = lease
    this.#state = 'probing'
    this.#deadline = Number.POSITIVE_INFINITY
    return [{ kind: 'probe', address: lease.address }]
  }

  #bind(lease: ClientLease4): Client4Action[] {
    const former = this.#lease
    const lost: Client4Action[] =
      former !== undefined && former.address !== lease.address ? this.#drop('changed') : []
    this.#candidate = undefined
    this.#offered = undefined
    this.#lease = lease
    this.#state = 'bound'
    this.#deadline = this.settings.renews ? lease.renewAt : lease.until
    const kind = former?.address === lease.address ? 'extended' : 'bound'
    return [...lost, { kind, lease }]
  }

  #leaseOf(packet: Packet4, now: Millis): ClientLease4 | undefined {
    const lifetime = optionUint32(packet, 51)
    const serverId = optionUint32(packet, 54)
    if (packet.yiaddr === 0 || lifetime === undefined || serverId === undefined) return undefined
    const from = this.settings.countsFrom === 'ack' ? now : this.#requestedAt
    const t1 = optionUint32(packet, 58) ?? lifetime * 0.5
    const t2 = optionUint32(packet, 59) ?? lifetime * 0.875
    return {
      address: packet.yiaddr,
      serverId,
      lifetime,
      renewAt: endOf(from, lifetime === INFINITE_LIFETIME ? lifetime : t1),
      rebindAt: endOf(from, lifetime === INFINITE_LIFETIME ? lifetime : t2),
      until: endOf(from, lifetime),
      options: packet.options,
    }
  }

  #startRenewing(now: Millis): Client4Action[] {
    if (!this.settings.renews) {
      this.#deadline = Number.POSITIVE_INFINITY
      return []
    }
    this.#begin('renewing', now)
    return this.#renewAgain(now)
  }

  /** RFC 2131 §4.4.5: wait half of what is left until the next state, but not under a minute. */
  #renewAgain(now: Millis): Client4Action[] {
    const lease = this.#lease
    if (lease === undefined) return this.#restart(now)
    if (now >= lease.rebindAt) this.#state = 'rebinding'
    const next = this.#state === 'renewing' ? lease.rebindAt : lease.until
    const pause = Math.max((next - now) / 2, this.settings.renewPauseMin)
    this.#newXid()
    this.#requestedAt = now
    const packet = this.#packet(TYPE.request, now)
    packet.ciaddr = lease.address
    this.#deadline = Math.min(next, now + pause)
    if (this.#state === 'renewing') return [unicast(packet, lease.address, lease.serverId)]
    return [{ ...broadcast(packet), source: lease.address }]
  }

  #giveUpReboot(now: Millis): Client4Action[] {
    const lease = this.#lease
    if (!this.settings.trustsMemory || lease === undefined) return this.#restart(now)
    this.#state = 'bound'
    this.#deadline = this.settings.renews ? Math.max(lease.renewAt, now) : lease.until
    return []
  }

  #restart(now: Millis): Client4Action[] {
    this.#enterInit(now, 0)
    return []
  }

  #enterInit(now: Millis, pause: Millis): void {
    this.#state = 'init'
    this.#offered = undefined
    this.#deadline = now + pause
  }

  #begin(state: Client4State, now: Millis): void {
    this.#state = state
    this.#tries = 0
    this.#beganAt = now
    this.#newXid()
  }

  #drop(why: UnboundReason): Client4Action[] {
    const lease = this.#lease
    this.#lease = undefined
    return lease === undefined ? [] : [{ kind: 'unbound', address: lease.address, why }]
  }

  // What is sent

  #sendDiscover(now: Millis): Client4Action[] {
    const packet = this.#packet(TYPE.discover, now)
    const wish = this.settings.requestedAddress
    if (wish !== 0) packet.options.set(50, octetsFromUint32(wish))
    this.#backOff(now)
    return [broadcast(packet)]
  }

  /** RFC 2131 §4.3.2: SELECTING names server and address, INIT-REBOOT only the address. */
  #sendRequest(now: Millis): Client4Action[] {
    const packet = this.#packet(TYPE.request, now)
    const address = this.#offered?.address ?? this.#lease?.address
    if (address === undefined) return this.#restart(now)
    packet.options.set(50, octetsFromUint32(address))
    if (this.#offered !== undefined)
      packet.options.set(54, octetsFromUint32(this.#offered.serverId))
    if (this.#tries === 0) this.#requestedAt = now
    this.#backOff(now)
    return [broadcast(packet)]
  }

  /** RFC 2131 §4.1: 4, 8, 16, 32, 64 s, each up to a second more or less. */
  #backOff(now: Millis): void {
    const { backoffMin, backoffMax } = this.settings
    const wait = Math.min(backoffMin * 2 ** this.#tries, backoffMax)
    const jitter = (this.#draw(2001) - 1000) * Math.min(1, backoffMin / 4000)
    this.#tries++
    this.#deadline = now + wait + jitter
  }

  #packet(type: number, now: Millis): Packet4 {
    const { settings } = this
    const options = new Map<number, Octets>([[53, String.fromCharCode(type)]])
    if (settings.clientId !== '') options.set(61, settings.clientId)
    if (type === TYPE.discover || type === TYPE.request) {
      if (settings.lifetime !== 0) options.set(51, octetsFromUint32(settings.lifetime))
      if (settings.hostname !== '') options.set(12, settings.hostname)
      options.set(55, String.fromCharCode(...settings.parameters))
      options.set(57, String.fromCharCode(MESSAGE_SIZE_MAX >> 8, MESSAGE_SIZE_MAX & 255))
    }
    return {
      op: 1,
      hops: 0,
      xid: this.#xid,
      secs: Math.min(0xffff, Math.max(0, Math.floor((now - this.#beganAt) / 1000))),
      flags: settings.broadcast ? BROADCAST_FLAG : 0,
      ciaddr: 0,
      yiaddr: 0,
      siaddr: 0,
      giaddr: 0,
      hwAddress: settings.hwAddress,
      options,
    }
  }

  #newXid(): void {
    this.#xid = this.#draw(0x100000000)
  }
}

function endOf(from: Millis, lifetime: Seconds): Millis {
  return lifetime === INFINITE_LIFETIME ? Number.POSITIVE_INFINITY : from + lifetime * 1000
}

function broadcast(packet: Packet4): Client4Action & { kind: 'send' } {
  return { kind: 'send', bytes: bytesFromPacket(packet), source: 0, destination: BROADCAST }
}

function unicast(packet: Packet4, source: Ipv4, destination: Ipv4): Client4Action {
  return { kind: 'send', bytes: bytesFromPacket(packet), source, destination }
}
