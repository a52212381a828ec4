// A DHCPv6 client as a pure machine (RFC 9915 §18.2): messages and deadlines in, actions out. It is
// also an oracle: it knows exactly from when until when, on its own clock, it may use what.
//
//             ADVERTISE        REPLY         T1            T2
//   INIT ─> SOLICITING ─> REQUESTING ─> BOUND ─> RENEWING ─> REBINDING ─> INIT
//   CONFIRMING, REBINDING (it remembers leases) ─┘           end of all leases ─^

import type { Prefix6 } from '../address/prefix6.ts'
import { uintFromOctets } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Draw } from '../time/draw.ts'
import type { Millis, Seconds } from '../time/units.ts'
import { INFINITY6, MESSAGE_TYPE6, OPTION6, STATUS6 } from '../wire/v6/codes.ts'
import { decodeReply6, Message6 } from '../wire/v6/reader.ts'
import { ClientLeases6 } from './client6-leases.ts'
import {
  type Asking6,
  clientMessage6,
  GETTING,
  type Named6,
  refusalOf,
  statusOf6,
  TO_ONE_SERVER,
} from './client6-messages.ts'
import { ReconfigureTrust6 } from './client6-reconfigure.ts'
import {
  CLIENT6_DEFAULTS,
  type Client6Action,
  type Client6Settings,
  type Client6State,
  type ClientLease6,
} from './client6-settings.ts'
import { PACES6, type Pace6, Retransmission6 } from './retransmission6.ts'

const NEVER = Number.POSITIVE_INFINITY
/** Before it begins anew, after what it got was no use to it. */
const RESTART_PAUSE: Millis = 1000
const DECLINE_PAUSE: Millis = 10_000
/** RFC 9915 §21.23: of options without a lease. */
const REFRESH_DEFAULT: Seconds = 86_400
const REFRESH_MIN: Seconds = 600

interface Exchange {
  readonly asking: Omit<Asking6, 'elapsed'>
  readonly retransmission: Retransmission6
}

export class Client6 {
  /** May be replaced between two calls. */
  settings: Client6Settings
  #draw: Draw
  #state: Client6State = 'off'
  #deadline: Millis = NEVER
  /** What may be used, whatever the state; kept over a reboot, since the right to it lives on. */
  readonly #leases = new ClientLeases6()
  /** Who answered last. */
  #serverId: Octets = ''
  #exchange: Exchange | undefined
  #lastRelease: Client6Action | undefined
  readonly #message = new Message6()
  readonly #trust = new ReconfigureTrust6()

  constructor(settings: Partial<Client6Settings>, draw: Draw) {
    this.settings = { ...CLIENT6_DEFAULTS, ...settings }
    this.#draw = draw
  }

  get state(): Client6State {
    return this.#state
  }

  /** When `onDeadline` wants to be called, on the client's steady clock. */
  get deadline(): Millis {
    return Math.min(this.#deadline, this.#leases.end)
  }

  /** All that it knows of, ended or not. */
  get leases(): readonly ClientLease6[] {
    return this.#leases.all
  }

  /** What the client may use at this time: the oracle's word. */
  holds(now: Millis): readonly ClientLease6[] {
    return this.#leases.holds(now)
  }

  /**
   * Switched on, or on a link that may be another (RFC 9915 §18.2.12): asks whether what it
   * remembers is right there, and for prefixes anew.
   */
  start(now: Millis): Client6Action[] {
    const held = this.holds(now)
    if (held.length === 0) {
      this.#enterInit(now, this.#draw(this.settings.startDelayMax + 1))
      return []
    }
    if (held.some(({ kind }) => kind === OPTION6.iaPd))
      return this.#begin('rebinding', MESSAGE_TYPE6.rebind, PACES6.rebind, held, now)
    return this.#begin('confirming', MESSAGE_TYPE6.confirm, PACES6.confirm, held, now)
  }

  /** Switched off without a word. It remembers its leases, and may use them when it comes back. */
  stop(): void {
    this.#state = 'off'
    this.#deadline = NEVER
    this.#exchange = undefined
  }

  /** Loses its memory. */
  forget(): Client6Action[] {
    this.stop()
    return this.#leases.drop(this.leases, 'forgotten')
  }

  /** Gives back all that it has and switches off (RFC 9915 §18.2.7). */
  release(now: Millis): Client6Action[] {
    const held = this.holds(now)
    this.stop()
    if (held.length === 0) return []
    const [send] = this.#begin('off', MESSAGE_TYPE6.release, PACES6.request, held, now)
    this.stop()
    this.#lastRelease = send
    return [send!, ...this.#leases.drop(held, 'released')]
  }

  /** Sends the last RELEASE once more, as a network that repeats old datagrams would. */
  repeatRelease(): Client6Action[] {
    return this.#lastRelease === undefined ? [] : [this.#lastRelease]
  }

  /** Finds that somebody else uses an address, or its first one (RFC 9915 §18.2.8). */
  decline(now: Millis, key?: Prefix6): Client6Action[] {
    const lease = this.holds(now).find(
      (one) => one.kind === OPTION6.iaNa && (key === undefined || one.key === key),
    )
    if (lease === undefined) return []
    const { decline } = MESSAGE_TYPE6
    const [send] = this.#begin('init', decline, PACES6.request, [lease], now)
    const dropped = this.#leases.drop([lease], 'declined')
    this.#exchange = undefined
    if (this.holds(now).length === 0) this.#enterInit(now, DECLINE_PAUSE)
    else this.#rest(now)
    return [send!, ...dropped]
  }

  /** The answer to a `probe` action. */
  onProbed(key: Prefix6, inUse: boolean, now: Millis): Client6Action[] {
    return inUse ? this.decline(now, key) : []
  }

  /** A datagram that reached the client port: bytes `start` to `end`. */
  onMessage(bytes: Uint8Array, start: number, end: number, now: Millis): Client6Action[] {
    const message = this.#message
    if (decodeReply6(message, bytes, start, end) !== undefined) return []
    const { type, xid, relays, clientId } = message
    if (clientId !== this.settings.duid || relays.length > 0) return []
    if (type === MESSAGE_TYPE6.reconfigure) return this.#onReconfigure(bytes, start, end, now)
    const exchange = this.#exchange
    if (xid !== exchange?.asking.xid) return []
    if (type !== MESSAGE_TYPE6.advertise && type !== MESSAGE_TYPE6.reply) return []
    const why = refusalOf(message, { ...exchange.asking, elapsed: 0 })
    if (why !== '') return [{ kind: 'refused', why }]
    if (type === MESSAGE_TYPE6.advertise) return this.#onAdvertise(message, now)
    return this.#onReply(message, exchange, now)
  }

  /** To be called when the time of `deadline` has come; earlier calls do nothing. */
  onDeadline(now: Millis): Client6Action[] {
    const ended = this.leases.filter(({ until }) => now >= until)
    if (ended.length > 0) return this.#onEnd(ended, now)
    if (now < this.#deadline) return []
    const held = this.holds(now)
    switch (this.#state) {
      case 'init':
        return this.#solicit(now)
      case 'bound':
      case 'informed':
        return this.#state === 'informed' ? this.#inform(now) : this.#renew(held, now)
      case 'confirming':
        return this.#isOver(now) ? this.#rest(now) : this.#send(now)
      case 'requesting':
        return this.#isOver(now) ? this.#restart(now, 0) : this.#send(now)
      case 'renewing':
        return now >= this.#leases.rebindAt ? this.#rebind(held, now) : this.#send(now)
      case 'soliciting':
      case 'rebinding':
      case 'informing':
        return this.#send(now)
      case 'off':
        this.#deadline = NEVER
        return []
      default:
        return this.#state satisfies never
    }
  }

  // What arrives

  #onAdvertise(message: Message6, now: Millis): Client6Action[] {
    if (this.#state !== 'soliciting') return []
    const offered = message.ias.flatMap(({ kind, iaid, entries }) =>
      entries.filter(({ valid }) => valid > 0).map(({ key }) => ({ kind, iaid, key })),
    )
    // RFC 9915 §18.2.9: what has nothing in it is not taken.
    if (offered.length === 0) return []
    this.#serverId = message.serverId
    return this.#request(offered, now)
  }

  #onReply(message: Message6, exchange: Exchange, now: Millis): Client6Action[] {
    switch (this.#state) {
      case 'soliciting':
        if (!this.settings.rapidCommit || !message.has(OPTION6.rapidCommit)) return []
        return this.#take(message, exchange, now)
      case 'requesting':
      case 'renewing':
      case 'rebinding':
        return this.#take(message, exchange, now)
      case 'confirming':
        if (statusOf6(message) !== STATUS6.notOnLink) return this.#rest(now)
        this.#enterInit(now, RESTART_PAUSE)
        return this.#leases.drop(this.leases, 'not-on-link')
      case 'informing':
        return this.#onInformed(message, now)
      default:
        return []
    }
  }

  /** RFC 9915 §18.2.11; what it is about already it goes on with. */
  #onReconfigure(bytes: Uint8Array, start: number, end: number, now: Millis): Client6Action[] {
    const state = this.#state
    if (!this.settings.acceptsReconfigure || (state !== 'bound' && state !== 'informed')) return []
    // Options come from whichever server answers first: the key of another one is none of its.
    if (state === 'informed' && this.#message.serverId !== this.#serverId) return []
    const asks = this.#trust.onReconfigure(this.#message, bytes, start, end)
    if (typeof asks === 'string') return [{ kind: 'refused', why: asks }]
    const held = this.holds(now)
    const { informationRequest, rebind, renew } = MESSAGE_TYPE6
    if (state === 'informed' && asks !== informationRequest)
      return [{ kind: 'refused', why: 'it has nothing to renew' }]
    const sent =
      asks === renew
        ? this.#begin('renewing', renew, PACES6.renew, held, now)
        : asks === rebind
          ? this.#rebind(held, now)
          : this.#inform(now)
    return [{ kind: 'reconfigured', asks }, ...sent]
  }

  /** RFC 9915 §18.2.10.1: what the answer says of each IA. */
  #take(message: Message6, exchange: Exchange, now: Millis): Client6Action[] {
    const from = this.settings.countsFrom === 'reply' ? now : exchange.retransmission.beganAt
    const { serverId } = message
    const why = this.settings.acceptsReconfigure ? this.#trust.onReply(message) : ''
    if (why !== '') return [{ kind: 'refused', why }]
    const actions = message.ias.flatMap((ia) => this.#leases.take(ia, serverId, from, now))
    this.#serverId = serverId
    const isLost = message.ias.some((ia) => statusOf6(ia) === STATUS6.noBinding)
    const held = this.holds(now)
    if (isLost && this.#state !== 'requesting') return [...actions, ...this.#request(held, now)]
    if (held.length === 0) return [...actions, ...this.#restart(now, RESTART_PAUSE)]
    this.#leases.postpone(now)
    return [...actions, ...this.#rest(now), ...this.#probes(actions)]
  }

  #onInformed(message: Message6, now: Millis): Client6Action[] {
    const value = message.option(OPTION6.informationRefreshTime)
    const refresh = value === undefined ? REFRESH_DEFAULT : uintFromOctets(value, 0, 4)
    const why = this.settings.acceptsReconfigure ? this.#trust.onReply(message) : ''
    if (why !== '') return [{ kind: 'refused', why }]
    const informed: Client6Action = { kind: 'informed', codes: message.codes() }
    if (this.holds(now).length > 0) return [informed, ...this.#rest(now)]
    this.#state = 'informed'
    this.#serverId = message.serverId
    this.#exchange = undefined
    const isEver = refresh === INFINITY6
    this.#deadline = isEver ? NEVER : now + Math.max(refresh, REFRESH_MIN) * 1000
    return [informed]
  }

  #onEnd(ended: readonly ClientLease6[], now: Millis): Client6Action[] {
    const dropped = this.#leases.drop(ended, 'ended')
    if (this.#state !== 'off' && this.leases.length === 0 && !this.#isAsking())
      this.#enterInit(now, 0)
    return dropped
  }

  // Steps

  #solicit(now: Millis): Client6Action[] {
    if (this.settings.ias.length === 0) return this.#inform(now)
    const pace = { ...PACES6.solicit, max: this.settings.solicitMax }
    const hints = this.settings.ias.flatMap(({ kind, iaid, hint }) =>
      hint === undefined ? [] : [{ kind, iaid, key: hint }],
    )
    return this.#begin('soliciting', MESSAGE_TYPE6.solicit, pace, hints, now)
  }

  #inform(now: Millis): Client6Action[] {
    const { informationRequest } = MESSAGE_TYPE6
    return this.#begin('informing', informationRequest, PACES6.information, [], now)
  }

  #request(named: readonly Named6[], now: Millis): Client6Action[] {
    return this.#begin('requesting', MESSAGE_TYPE6.request, PACES6.request, named, now)
  }

  #renew(held: readonly ClientLease6[], now: Millis): Client6Action[] {
    if (!this.settings.renews) {
      this.#deadline = NEVER
      return []
    }
    if (now >= this.#leases.rebindAt) return this.#rebind(held, now)
    return this.#begin('renewing', MESSAGE_TYPE6.renew, PACES6.renew, held, now)
  }

  #rebind(held: readonly ClientLease6[], now: Millis): Client6Action[] {
    return this.#begin('rebinding', MESSAGE_TYPE6.rebind, PACES6.rebind, held, now)
  }

  /** Nothing to do until T1. */
  #rest(now: Millis): Client6Action[] {
    this.#state = 'bound'
    this.#exchange = undefined
    this.#deadline = this.settings.renews ? Math.max(now, this.#leases.renewAt) : NEVER
    return []
  }

  #restart(now: Millis, pause: Millis): Client6Action[] {
    if (this.holds(now).length > 0) return this.#rest(now)
    this.#enterInit(now, pause)
    return []
  }

  #enterInit(now: Millis, pause: Millis): void {
    this.#state = 'init'
    this.#exchange = undefined
    this.#deadline = now + pause
  }

  /** Whether it is about to get something, so that the end of what it had changes nothing. */
  #isAsking(): boolean {
    const { state } = this
    return state === 'soliciting' || state === 'requesting' || state === 'init'
  }

  #isOver(now: Millis): boolean {
    return this.#exchange?.retransmission.isOver(now) ?? true
  }

  #probes(actions: readonly Client6Action[]): Client6Action[] {
    if (!this.settings.probes) return []
    return actions.flatMap((action) =>
      action.kind === 'bound' && action.lease.kind === OPTION6.iaNa
        ? [{ kind: 'probe', key: action.lease.key }]
        : [],
    )
  }

  // What is sent

  #begin(
    state: Client6State,
    type: number,
    pace: Pace6,
    named: readonly Named6[],
    now: Millis,
  ): Client6Action[] {
    this.#state = state
    const serverId = TO_ONE_SERVER.has(type) ? this.#serverId : ''
    this.#exchange = {
      asking: { type, xid: this.#draw(0x1000000), serverId, ias: this.#iasFor(type, named), named },
      retransmission: new Retransmission6(pace, this.#draw, now),
    }
    return this.#send(now)
  }

  /** RFC 9915 §18.2: all of its IAs where it may get something, else those that it speaks of. */
  #iasFor(type: number, named: readonly Named6[]): Client6Settings['ias'] {
    const { ias } = this.settings
    if (type === MESSAGE_TYPE6.informationRequest) return []
    if (GETTING.has(type)) return ias
    return ias.filter(({ kind, iaid }) =>
      named.some((one) => one.kind === kind && one.iaid === iaid),
    )
  }

  #send(now: Millis): Client6Action[] {
    const exchange = this.#exchange
    if (exchange === undefined) return []
    const { asking, retransmission } = exchange
    const elapsed = retransmission.elapsed(now)
    this.#deadline = retransmission.next(now)
    if (this.#state === 'renewing') this.#deadline = Math.min(this.#deadline, this.#leases.rebindAt)
    return [{ kind: 'send', bytes: clientMessage6(this.settings, { ...asking, elapsed }) }]
  }
}
