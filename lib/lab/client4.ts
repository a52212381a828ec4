// A DHCPv4 client as a pure machine (RFC 2131 §4.4): messages and deadlines in, actions out. It
// runs on the simulated network and over real sockets alike. It is also an oracle: it knows exactly
// from when until when, on its own clock, it may use which address.
//
//                 ACK                    T1             T2
//   INIT ─> SELECTING ─> REQUESTING ─> (PROBING) ─> BOUND ─> RENEWING ─> REBINDING ─> INIT
//   REBOOTING (remembers an address) ──────────────/      NAK or end of the lease ────^

import type { Ipv4 } from '../address/ipv4.ts'
import type { Draw } from '../time/draw.ts'
import type { Millis } from '../time/units.ts'
import { broadcast, clientMessage, leaseInAck, TYPE, unicast } from './client4-messages.ts'
import {
  CLIENT4_DEFAULTS,
  type Client4Action,
  type Client4Settings,
  type Client4State,
  type ClientLease4,
  type UnboundReason,
} from './client4-settings.ts'
import { octetsFromUint32, optionUint32, type Packet4, packetFromBytes } from './packet4.ts'

/**
 * RFC 2131 §3.1: a client that gets no ACK asks again from the beginning; §4.1: four waits, 60 s.
 */
const REQUESTS_MAX = 4
/** RFC 2131 §3.1 point 5: wait at least 10 s after a DECLINE. */
const DECLINE_PAUSE: Millis = 10_000
const NAK_PAUSE: Millis = 1000

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

  /** The address in the OFFER that it took last; 0 = none. */
  get offered(): Ipv4 {
    return this.#offered?.address ?? 0
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
    return leaseInAck(packet, this.settings.countsFrom === 'ack' ? now : this.#requestedAt)
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
    return clientMessage(this.settings, type, this.#xid, (now - this.#beganAt) / 1000)
  }

  #newXid(): void {
    this.#xid = this.#draw(0x100000000)
  }
}
