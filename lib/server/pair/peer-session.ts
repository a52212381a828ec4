// One agreed connection with another server of the pair: both streams, how far a return is,
// heartbeats, and the count of messages by which each end proves to the other that it hears.

import type { HaPlan } from '../../config/plan/ha-plan.ts'
import { encodeControl } from '../../ha/control-codec.ts'
import { spokenBy } from '../../ha/families.ts'
import type { Agreement } from '../../ha/handshake.ts'
import type { Point } from '../../ha/history.ts'
import type { Ack, ControlMessage, Heartbeat } from '../../ha/link-messages.ts'
import { type FamilyVersion, type Key, versionOf } from '../../leases/keys/key.ts'
import type { AnyTable } from '../../leases/table/lease-tables.ts'
import type { Refill } from '../../leases/table/walk.ts'
import type { Instant, Seconds } from '../../time/units.ts'
import { COURSES, type Course, isTaking } from './course.ts'
import type { Incoming } from './incoming.ts'
import type { Met } from './meetings.ts'
import type { Outgoing } from './outgoing.ts'

/**
 * What an end that is met may send before what was agreed is stored here: messages, and their
 * length.
 */
export const EARLY_MAX = 4096
const EARLY_LENGTH_MAX = 16 << 20

/** Heartbeats that wait to be heard; the link is long dead where there are more. */
const BEATS_MAX = 1024

export class PeerSession {
  readonly met: Met
  /** All rows of the other end on their way here: what of it has come, by table. */
  readonly refills = new Map<AnyTable, Refill<Key>>()
  outgoing: Outgoing | undefined
  incoming: Incoming | undefined
  /** State and scopes that the other end has told last. */
  state: Heartbeat['state']
  scopes: readonly string[] = []
  /** The life in which the database of the other end is, '' where it does not tell. */
  theirLife: string
  /** Of this end, as told. */
  #life = ''
  #hasBegun = false
  #course: Course
  #sent = 0
  #received = 0
  /** Heartbeats that wait to be heard: which message each was, and when it was sent. */
  #beats: { readonly count: number; readonly at: Instant }[] = []
  #liveStored = 0
  #backlogStored = 0
  readonly #longestLifetime: () => Seconds
  /** Messages that came before `listen`. */
  #early: (string | Uint8Array)[] = []
  #earlyLength = 0
  #isListening = false

  /** `longestLifetime`: the one that is stored here. */
  constructor(met: Met, longestLifetime: () => Seconds) {
    this.met = met
    this.#longestLifetime = longestLifetime
    this.#course = courseOf(met.agreement)
    this.state = met.theirs.state
    this.theirLife = met.theirs.lives?.at(-1)?.id ?? ''
  }

  get name(): string {
    return this.met.peer.name
  }

  get agreement(): Agreement {
    return this.met.agreement
  }

  /** Families that both ends speak. */
  get families(): readonly FamilyVersion[] {
    return spokenBy(this.met.theirs)
  }

  /** Whether the other end takes rows with such keys. */
  takes(key: Key): boolean {
    return this.families.includes(versionOf(key))
  }

  /**
   * Leases are told on it while both share: both files say so. Rows that go with rights are told
   * always.
   */
  get hasUpdates(): boolean {
    const { mine, theirs } = this.met
    return mine.updates !== false && theirs.updates !== false
  }

  /**
   * Position up to which the other end has stored everything; 0 for one that gets all rows anew.
   */
  get storedUpTo(): number {
    const { send, from } = this.agreement
    return this.outgoing?.storedUpTo ?? (send === 'delta' ? from : 0)
  }

  // ---- the return of everything

  get course(): Course {
    return this.#course
  }

  /** The rows of the other end replace those here. */
  get isVerbatim(): boolean {
    return isTaking(this.#course)
  }

  /** The next step; whether it is one must be known. */
  enter(course: Course): void {
    if (!COURSES[this.#course].includes(course))
      throw new Error(`a return cannot go from ${this.#course} to ${course}`)
    this.#course = course
  }

  /** The other end sends everything from the beginning; false: this end has rights of its own. */
  takesAnew(): boolean {
    if (!this.isVerbatim) return false
    if (this.#course === 'taken') this.enter('taking')
    this.refills.clear()
    return true
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
    if (this.#beats.length < BEATS_MAX) this.#beats.push({ count: this.#sent + 1, at: now })
    this.say({ type: 'heartbeat', seen: this.#received, state, scopes })
  }

  /** What is stored here of the other end's stream; also the answer to its heartbeat. */
  acknowledge(live = this.#liveStored, backlog = this.#backlogStored): void {
    this.#liveStored = live
    this.#backlogStored = backlog
    const longest = this.#longestLifetime()
    this.say({ type: 'ack', seen: this.#received, live, backlog, longest })
  }

  /** What was agreed is stored; the other end may note where this database is. */
  begin(point: Point | undefined): void {
    this.#hasBegun = true
    this.tellLife(point)
  }

  /** What is sent from here on belongs to this life. */
  tellLife(point: Point | undefined): void {
    if (!this.#hasBegun || point === undefined || point.life === this.#life) return
    this.#life = point.life
    this.say({ type: 'life', id: point.life, position: point.position })
  }

  // ---- what comes in

  /** Whether what comes is heard at once: what was agreed is stored. */
  get isListening(): boolean {
    return this.#isListening
  }

  /** Messages that wait for it. */
  get earlyCount(): number {
    return this.#early.length
  }

  /** Keeps a message until then; false: there are too many. */
  keepEarly(message: string | Uint8Array): boolean {
    this.#early.push(message)
    this.#earlyLength += message.length
    return this.#early.length <= EARLY_MAX && this.#earlyLength <= EARLY_LENGTH_MAX
  }

  /** From now on messages are heard as they come; those that came early are returned. */
  listen(): readonly (string | Uint8Array)[] {
    this.#isListening = true
    const early = this.#early
    this.#early = []
    return early
  }

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
    const { sentUpTo, sentMark } = this.outgoing
    const isLie = message.live > sentUpTo || message.backlog > sentMark
    return isLie ? 'it has stored more than was sent' : ''
  }

  /** Whether what each end had missed has arrived: rows get through. */
  get carriesRows(): boolean {
    return this.outgoing?.isComplete !== false && this.incoming?.isSynced !== false
  }

  /**
   * Whether the other end has heard none of the heartbeats of a whole max-response-delay. While
   * this process stood still it sent none.
   */
  isDeaf({ heartbeatDelay, maxResponseDelay }: HaPlan, now: Instant): boolean {
    const [oldest] = this.#beats
    const isLong = (this.#beats.length - 1) * heartbeatDelay >= maxResponseDelay
    return oldest !== undefined && isLong && oldest.at + maxResponseDelay <= now
  }

  /**
   * When the youngest heartbeat that the other end has heard was sent; undefined: none was heard
   * anew.
   */
  heardOf({ seen }: Ack | Heartbeat): Instant | undefined {
    let at: Instant | undefined
    while (this.#beats.length > 0 && this.#beats[0]!.count <= seen) at = this.#beats.shift()!.at
    return at
  }
}

/** A backup follows: it has no rights to get back. */
function courseOf({ verdict, merge, again }: Agreement): Course {
  if (verdict === 'follow') return 'even'
  if (again === 'back') return 'owing'
  return merge === 'verbatim' ? 'taking' : 'even'
}
