// One agreed connection with another server of the pair: both streams, heartbeats, and the count of
// messages by which each end proves to the other that it hears.

import { encodeControl } from '../ha/control-codec.ts'
import type { Agreement } from '../ha/handshake.ts'
import type { Ack, ControlMessage, Heartbeat } from '../ha/link-messages.ts'
import type { Instant } from '../time/units.ts'
import type { Incoming } from './incoming.ts'
import type { Met } from './meetings.ts'
import type { Outgoing } from './outgoing.ts'

/** Heartbeats that wait to be heard; the link is long dead where there are more. */
const MARKS_MAX = 1024

export class PeerSession {
  readonly met: Met
  readonly agreement: Agreement
  /** The partner has no rights: it is to be sent everything, and `back`. */
  isPartnerEmpty: boolean
  isRefilling = false
  /** The partner's rows replace those here: it has everything, and this server no rights. */
  isVerbatim: boolean
  /** Addresses below have been refilled. */
  refilledTo = 0
  outgoing: Outgoing | undefined
  incoming: Incoming | undefined
  /** State and scopes that the other end has told last. */
  state: Heartbeat['state']
  scopes: readonly string[] = []
  #sent = 0
  #received = 0
  /** When the message with this count was sent, for some messages. */
  #marks: { readonly count: number; readonly at: Instant }[] = []
  #liveStored = 0
  #backlogStored = 0

  constructor(met: Met, agreement: Agreement) {
    this.met = met
    this.agreement = agreement
    this.isVerbatim = agreement.merge === 'verbatim'
    this.isPartnerEmpty = agreement.again === 'back'
    this.state = met.theirs.state
  }

  get name(): string {
    return this.met.peer.name
  }

  // ---- as the connection of the outgoing stream

  get buffered(): number {
    return this.met.connection.buffered
  }

  send(message: string | Uint8Array): void {
    this.#sent++
    this.met.connection.send(message)
  }

  say(message: ControlMessage): void {
    this.send(encodeControl(message))
  }

  beat(state: Heartbeat['state'], scopes: readonly string[], now: Instant): void {
    if (this.#marks.length < MARKS_MAX) this.#marks.push({ count: this.#sent + 1, at: now })
    this.say({ type: 'heartbeat', seen: this.#received, state, scopes })
  }

  /** What is stored here of the other end's stream; also the answer to its heartbeat. */
  acknowledge(live = this.#liveStored, backlog = this.#backlogStored): void {
    this.#liveStored = live
    this.#backlogStored = backlog
    this.say({ type: 'ack', seen: this.#received, live, backlog })
  }

  // ---- what comes in

  told({ state, scopes }: Heartbeat): void {
    this.state = state
    this.scopes = scopes
  }

  countReceived(): void {
    this.#received++
  }

  /** What an end that tells the truth would not say; '' when nothing. */
  lieIn(message: Ack | Heartbeat): string {
    if (message.seen > this.#sent) return 'it has heard more than was said'
    if (message.type !== 'ack' || this.outgoing === undefined) return ''
    return message.live > this.outgoing.sentUpTo ? 'it has stored more than was sent' : ''
  }

  /** When the youngest message that the other end has heard was sent; undefined: none that was marked. */
  heardOf({ seen }: Ack | Heartbeat): Instant | undefined {
    let at: Instant | undefined
    while (this.#marks.length > 0 && this.#marks[0]!.count <= seen) at = this.#marks.shift()!.at
    return at
  }
}
