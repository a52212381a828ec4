// Edits of the configuration between the servers of a pair. Each tells on a new connection which
// edits it knows, and sends those that the other one lacks; an edit that is made while the two are
// connected is sent when it is stored here, and whoever gave the command is answered when it is
// stored there. What an edit is, and what two of them come to, is in server/configuration.

import type { HaPlan } from '../../config/plan/ha-plan.ts'
import {
  type ControlMessage,
  EDIT_PIECE_MAX,
  EDIT_PIECES_MAX,
  EDITS_NAMED_MAX,
  type EditPiece,
  type EditStored,
  type EditsKnown,
} from '../../ha/link-messages.ts'
import type { StoredEdit } from '../../ports/journal.ts'
import { type Instant, NEVER } from '../../time/units.ts'
import { storeWaitOf } from './ack-wait.ts'
import type { PairServices } from './pair-services.ts'
import type { PeerSession } from './peer-session.ts'
import type { Sessions } from './sessions.ts'

interface Waiting {
  readonly ids: Set<string>
  readonly until: Instant
  readonly done: () => void
}

/** Of the other end, on one connection. */
interface Heard {
  readonly session: PeerSession
  readonly standing: Set<string>
  readonly past: Set<string>
  /** Pieces of the edit that is on its way. */
  pieces: string[]
}

export class EditExchange {
  readonly #plan: HaPlan
  readonly #services: Pick<PairServices, 'edits' | 'now' | 'reporter'>
  readonly #sessions: Sessions
  #heard: Heard | undefined
  /** Whether the partner takes edits, as it was met last. */
  #isTaken: boolean | undefined
  #waiting: Waiting[] = []
  /** Why the last edit is not in force at the partner, '' where it is. */
  troubleThere = ''

  constructor(
    plan: HaPlan,
    services: Pick<PairServices, 'edits' | 'now' | 'reporter'>,
    sessions: Sessions,
  ) {
    this.#plan = plan
    this.#services = services
    this.#sessions = sessions
  }

  /** Whether this server tells its edits, and takes those of the partner. */
  get isOn(): boolean {
    return this.#plan.sharesEdits && this.#services.edits() !== undefined
  }

  /** Whether the partner is there and does the same. */
  get isShared(): boolean {
    return this.#session !== undefined
  }

  get #session(): PeerSession | undefined {
    const { withPartner } = this.#sessions
    return withPartner !== undefined && this.#heard?.session === withPartner
      ? withPartner
      : undefined
  }

  /** Subnets or pools are others than the hello has said. */
  tellFingerprint(fingerprint: string): void {
    this.#session?.say({ type: 'fingerprint', fingerprint })
  }

  /** What was agreed is stored. */
  begin(session: PeerSession): void {
    const { peer, theirs } = session.met
    if (peer !== this.#plan.partner) return
    this.#isTaken = theirs.edits === true
    if (!this.isOn || !this.#isTaken) return
    this.#heard = { session, standing: new Set(), past: new Set(), pieces: [] }
    const { standing, past } = this.#services.edits()!.known()
    const messages = Math.max(
      1,
      Math.ceil(Math.max(standing.length, past.length) / EDITS_NAMED_MAX),
    )
    for (let at = 0; at < messages; at++) {
      const part = (ids: readonly string[]) =>
        ids.slice(at * EDITS_NAMED_MAX, (at + 1) * EDITS_NAMED_MAX)
      const last = at === messages - 1
      session.say({ type: 'edits-known', standing: part(standing), past: part(past), last })
    }
  }

  /** The connection has ended: the rest is said on the next one. */
  lost(session: PeerSession): void {
    if (this.#heard?.session === session) this.#heard = undefined
    this.#releaseAll()
  }

  /**
   * Edits that are stored here. `done` when the partner has stored them, or nobody is to be waited
   * for: it hears of them when it is met.
   */
  tell(edits: readonly StoredEdit[], done: () => void): void {
    const session = this.#session
    if (session === undefined) {
      if (!this.isOn || this.#isTaken === false) this.#tellUnshared()
      return done()
    }
    const sent = edits.filter((edit) => this.#send(session, edit))
    if (sent.length === 0) return done()
    const until = this.#services.now() + storeWaitOf(this.#plan)
    this.#waiting.push({ ids: new Set(sent.map(({ id }) => id)), until, done })
  }

  #tellUnshared(): void {
    const { edits, now, reporter } = this.#services
    if (edits() === undefined) return
    const why = this.#plan.sharesEdits
      ? `${this.#plan.partner?.name} takes none: its version does not know them, or its file says so`
      : 'share-edits is false in the file of this server'
    reporter.once('HA_EDITS_NOT_SHARED', why, { why }, now())
  }

  get deadline(): Instant {
    let next: Instant = NEVER
    for (const { until } of this.#waiting) next = Math.min(next, until)
    return next
  }

  /** Whoever has waited for too long waits no more: the edit is stored here, and on its way. */
  turn(now: Instant): void {
    if (now >= this.deadline) this.#release(({ until }) => until <= now)
  }

  /** Returns what is wrong with the message, '' when nothing is. */
  onMessage(session: PeerSession, message: ControlMessage): string {
    const heard = this.#heard
    if (heard?.session !== session) return ''
    if (message.type === 'edits-known') return this.#onKnown(heard, message)
    if (message.type === 'edit') return this.#onPiece(heard, message)
    if (message.type === 'edited') this.#onStored(message)
    return ''
  }

  #onKnown({ session, standing, past }: Heard, message: EditsKnown): '' {
    for (const id of message.standing) standing.add(id)
    for (const id of message.past) past.add(id)
    if (!message.last) return ''
    const edits = this.#services.edits()!
    for (const edit of edits.lacking(new Set([...standing, ...past]))) this.#send(session, edit)
    edits.forgetPast(standing, past)
    return ''
  }

  /** False: it is too long for the link, and stays here. */
  #send(session: PeerSession, { id, text }: StoredEdit): boolean {
    const pieces = Math.max(1, Math.ceil(text.length / EDIT_PIECE_MAX))
    if (pieces > EDIT_PIECES_MAX) {
      const [length, most] = [text.length, EDIT_PIECE_MAX * EDIT_PIECES_MAX].map(millions)
      const why = `one of ${length} million characters is too long for the link, which takes ${most}`
      this.#services.reporter.once('HA_EDITS_NOT_SHARED', id, { why }, this.#services.now())
      return false
    }
    for (let piece = 0; piece < pieces; piece++) {
      const part = text.slice(piece * EDIT_PIECE_MAX, (piece + 1) * EDIT_PIECE_MAX)
      session.say({ type: 'edit', id, piece, pieces, text: part })
    }
    return true
  }

  /** The pieces of an edit come in their order, and those of two never mix. */
  #onPiece(heard: Heard, { id, piece, pieces, text }: EditPiece): string {
    if (piece !== heard.pieces.length || piece >= pieces) return 'a piece of an edit is missing'
    heard.pieces.push(text)
    if (heard.pieces.length < pieces) return ''
    const whole = heard.pieces.join('')
    heard.pieces = []
    const { session } = heard
    this.#services.edits()!.take({ id, text: whole }, (why) => {
      if (this.#sessions.isCurrent(session)) session.say({ type: 'edited', id, why })
    })
    return ''
  }

  #onStored({ id, why }: EditStored): void {
    this.troubleThere = why
    if (why !== '') {
      const peer = this.#plan.partner?.name
      this.#services.reporter.ofPeer('HA_EDIT_UNUSABLE', { peer, why }, this.#services.now())
    }
    for (const { ids } of this.#waiting) ids.delete(id)
    this.#release(({ ids }) => ids.size === 0)
  }

  #releaseAll(): void {
    this.#release(() => true)
  }

  #release(isDone: (waiting: Waiting) => boolean): void {
    const done = this.#waiting.filter(isDone)
    this.#waiting = this.#waiting.filter((one) => !done.includes(one))
    for (const one of done) one.done()
  }
}

function millions(count: number): string {
  return (count / 1e6).toFixed(1)
}
