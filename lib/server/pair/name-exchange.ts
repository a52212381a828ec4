// What is owed to DNS between the servers of a pair. Each tells its records of names before the
// rows of the same batch: whoever has a row knows what is owed for it. Each does what it has begun,
// and what the partner has begun where that is gone.
//
//   met        what is owed on either side is told, a few at a time, and compared
//   together   what is stored is told
//   alone      what the partner owes is done here: each of it is judged by the lease as it is then

import type { HaPlan } from '../../config/plan/ha-plan.ts'
import { type NameRecord, textOfNames } from '../../ddns/name-record.ts'
import type { Contact } from '../../ha/contact.ts'
import { NAMES_TEXT_MAX, NAMES_TOLD_MAX, type NamesTold } from '../../ha/link-messages.ts'
import type { Key } from '../../leases/keys/key.ts'
import { textFromKey } from '../../leases/keys/key-text.ts'
import type { StoredName } from '../../ports/journal.ts'
import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import { recordOfStored } from '../names/ledger.ts'
import type { NamesPair } from '../names/names-duties.ts'
import { BUFFERED_PAUSE } from './outgoing.ts'
import type { PairServices } from './pair-services.ts'
import type { PeerSession } from './peer-session.ts'
import type { RightsBook } from './rights-book.ts'
import type { Sessions } from './sessions.ts'

/** So long after the partner was heard last its names are registered here. */
export const ALONE_AFTER: Millis = 30_000

type Services = Pick<PairServices, 'names' | 'now' | 'tables'>

export class NameExchange implements NamesPair {
  readonly #plan: HaPlan
  readonly #services: Services
  readonly #sessions: Sessions
  readonly #contact: Contact
  readonly #rightsBook: RightsBook
  /** The partner takes records on it. */
  #session: PeerSession | undefined
  /** What it is told of what was owed when it was met. */
  #backlog: Iterator<Key> | undefined
  /** In this life all rows were here once. */
  #wasSynced = false
  /** Since when the partner is not there; NEVER: it is. */
  #lostAt: Instant = 0

  constructor(
    plan: HaPlan,
    services: Services,
    sessions: Sessions,
    contact: Contact,
    rightsBook: RightsBook,
  ) {
    this.#plan = plan
    this.#services = services
    this.#sessions = sessions
    this.#contact = contact
    this.#rightsBook = rightsBook
  }

  // ---- who may do what

  get mayAct(): boolean {
    const { role } = this.#plan.thisServer
    if (role === 'backup' || this.#services.tables.rights.kind === 'none') return false
    const { withPartner } = this.#sessions
    const isApart = !this.#plan.sendLeaseUpdates || withPartner?.hasUpdates === false
    if (isApart || this.isAlone) return true
    return withPartner === undefined ? this.#wasSynced : isSynced(withPartner)
  }

  get isAlone(): boolean {
    if (this.#rightsBook.record.rights === 'sole') return true
    const now = this.#services.now()
    const kind = this.#contact.kind(now)
    if (kind === 'refused' || kind === 'left') return true
    return kind !== 'connected' && now - this.#lostAt >= ALONE_AFTER
  }

  get isTogether(): boolean {
    const session = this.#session
    return (
      session !== undefined && isSynced(session) && this.#contact.isConnected(this.#services.now())
    )
  }

  // ---- a connection

  /** What was agreed is stored. */
  begin(session: PeerSession): void {
    const { peer, theirs } = session.met
    if (peer !== this.#plan.partner) return
    this.#lostAt = NEVER
    if (theirs.names !== true || !session.hasUpdates) return
    this.#session = session
    this.#backlog = this.#services.names.owed[Symbol.iterator]()
    this.#pump()
  }

  lost(session: PeerSession): void {
    if (session.met.peer === this.#plan.partner) this.#lostAt = this.#services.now()
    if (this.#session !== session) return
    this.#session = undefined
    this.#backlog = undefined
  }

  /** The journal has been read: the silence of the partner begins now. */
  start(now: Instant): void {
    this.#lostAt = now
  }

  /** These are stored here; their rows follow. */
  tell(names: readonly StoredName[]): void {
    if (this.#session === undefined) return
    const told = new Message(this.#session)
    for (const one of names) {
      const found = recordOfStored(one)
      if (found === undefined) continue
      const [key, record] = found
      // Who owes it knows it.
      const own = record.filter(({ by }) => by === 'us')
      told.add(key, own, this.#services.now())
    }
    told.end()
  }

  /** What was owed at the meeting, by whichever of the two: each learns what it does not know. */
  #pump(): void {
    const { names, now } = this.#services
    while (this.#session !== undefined && this.#backlog !== undefined) {
      if (this.#session.buffered >= BUFFERED_PAUSE) return
      const told = new Message(this.#session)
      for (let count = 0; count < NAMES_TOLD_MAX && this.#backlog !== undefined; count++) {
        const next = this.#backlog.next()
        if (next.done === true) this.#backlog = undefined
        else told.add(next.value, names.ledger.of(next.value), now())
      }
      told.end()
    }
  }

  onMessage(session: PeerSession, { names: told }: NamesTold): string {
    if (session !== this.#session) return ''
    const { names, now } = this.#services
    const answer = new Message(session)
    for (const one of told) {
      const found = recordOfStored(one)
      if (found === undefined) return 'no record of a name'
      const [key, record] = found
      const theirs = record.map((entry) => ({ ...entry, at: now() - entry.at }))
      const heard = names.take(key, theirs)
      if (heard !== undefined) answer.add(key, heard, now())
    }
    answer.end()
    return ''
  }

  // ---- time

  turn(): void {
    const { withPartner } = this.#sessions
    if (withPartner !== undefined && isSynced(withPartner)) this.#wasSynced = true
    this.#pump()
  }

  get deadline(): Instant {
    const at = this.#lostAt + ALONE_AFTER
    return at > this.#services.now() ? at : NEVER
  }
}

function isSynced({ incoming }: PeerSession): boolean {
  return incoming?.isSynced !== false
}

/** Records on their way; times travel as how long ago they were. */
class Message {
  readonly #session: PeerSession
  #names: StoredName[] = []
  #length = 0

  constructor(session: PeerSession) {
    this.#session = session
  }

  add(key: Key, record: NameRecord, now: Instant): void {
    const aged = record.map((entry) => ({ ...entry, at: Math.max(0, now - entry.at) }))
    const text = textOfNames(aged)
    if (this.#length + text.length > NAMES_TEXT_MAX || this.#names.length >= NAMES_TOLD_MAX)
      this.end()
    this.#names.push({ address: textFromKey(key), text })
    this.#length += text.length
  }

  end(): void {
    if (this.#names.length > 0) this.#session.say({ type: 'names', names: this.#names })
    this.#names = []
    this.#length = 0
  }
}
