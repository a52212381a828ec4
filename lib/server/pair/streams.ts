// The streams of rows on an agreed connection: what they begin with, where what comes goes, and
// what follows when a backlog has been stored at the other end.

import type { HaPlan } from '../../config/plan/ha-plan.ts'
import { isBoth } from '../../ha/families.ts'
import type { Hello } from '../../ha/link-messages.ts'
import { noteApplied } from '../../ha/pair-steps.ts'
import type { Lane } from '../../ha/row-frames.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import type { Instant } from '../../time/units.ts'
import type { DatabasePosition } from './database-position.ts'
import { Incoming } from './incoming.ts'
import type { Merger } from './merger.ts'
import { Outgoing } from './outgoing.ts'
import type { PairServices } from './pair-services.ts'
import type { PeerSession } from './peer-session.ts'
import type { RightsBook } from './rights-book.ts'

/**
 * Changes that wait for the journal; beyond them no rows are taken. A partner that waits for acks
 * sends fewer.
 */
export const GATHERED_MAX = 1 << 17

type Services = Pick<PairServices, 'delivery' | 'now' | 'reporter' | 'served' | 'tables'>

export class Streams {
  readonly #plan: HaPlan
  readonly #services: Services
  readonly #rightsBook: RightsBook
  readonly #database: DatabasePosition
  readonly #merger: Merger
  #isStopping = false

  constructor(
    plan: HaPlan,
    services: Services,
    rightsBook: RightsBook,
    database: DatabasePosition,
    merger: Merger,
  ) {
    this.#plan = plan
    this.#services = services
    this.#rightsBook = rightsBook
    this.#database = database
    this.#merger = merger
  }

  /** No more rows of others are taken. */
  stopTaking(): void {
    this.#isStopping = true
  }

  /** What was agreed is stored: both streams begin. */
  open(session: PeerSession): void {
    const { send, from, expect } = session.agreement
    if (expect !== 'nothing') session.incoming = this.#incoming(session, expect)
    // Of a pair, everything is sent when the other end has been heard out (hand-over.ts).
    if (session.course === 'owing' || send === 'nothing') return
    session.outgoing = this.#outgoing(session)
    if (send === 'delta') session.outgoing.startDelta(from)
    else session.outgoing.startRefill()
  }

  /** Sends everything to a partner that has no rights, and `back` when it is stored there. */
  giveBack(session: PeerSession): void {
    session.enter('sending')
    session.outgoing ??= this.#outgoing(session)
    session.outgoing.startRefill()
  }

  /** A frame of rows has come. Returns what is wrong with it, '' when nothing is. */
  frame({ incoming }: PeerSession, bytes: Uint8Array, now: Instant): string {
    if (this.#isStopping) return ''
    if (this.#services.delivery.gathered > GATHERED_MAX)
      return 'rows come faster than they can be stored'
    if (this.#merger.isFull) return 'too many rows of addresses in no subnet of this server'
    return incoming === undefined ? 'rows are not wanted' : incoming.frame(bytes, now)
  }

  #incoming(session: PeerSession, backlog: 'delta' | 'refill'): Incoming {
    const { mine, theirs } = session.met
    const { database, position } = theirs
    const [merger, rightsBook] = [this.#merger, this.#rightsBook]
    const duties = {
      take: (lease: Lease<Key>, lane: Lane) => merger.take(lease, lane, session),
      beginsRefill: () => session.takesAnew(),
      endRefill: () => {
        merger.endRefill(session)
        if (session.course === 'taking') session.enter('taken')
      },
      reached: (reached: number, clock: Instant, stored: () => void) =>
        rightsBook.change(
          noteApplied(
            rightsBook.record,
            database,
            reached,
            clock,
            session.theirLife,
            isWhole(session, rightsBook.record.whole.includes(database)),
          ),
          stored,
        ),
      acknowledge: (live: number, mark: number) => session.acknowledge(live, mark),
    }
    // A database that was found lost claims nothing any more, whatever it said.
    const claimed = rightsBook.record.applied[database] ?? 0
    const from = Math.min(appliedOf(mine, database), claimed, position)
    return new Incoming(duties, position, from, backlog)
  }

  #outgoing(session: PeerSession): Outgoing {
    const { now, served, tables } = this.#services
    const onComplete = () => this.#onCaughtUp(session)
    return new Outgoing(
      session,
      () => tables.all.filter(({ version }) => session.families.includes(version)),
      now,
      served,
      this.#database.position,
      this.#plan.syncPageLimit,
      onComplete,
    )
  }

  /** The other end has stored the backlog. */
  #onCaughtUp(session: PeerSession): void {
    const now = this.#services.now()
    const { sentRows, top } = session.outgoing!
    this.#services.reporter.ofPeer('HA_SYNC_SENT', { peer: session.name, rows: sentRows }, now)
    if (session.course !== 'sending') return
    session.enter('even')
    const { handOver, doubtUntil, doubtFrom } = this.#rightsBook.record
    const doubt = session.agreement.doubt || doubtUntil > now
    const past = session.agreement.past || (doubtFrom > 0 && doubtUntil > now)
    session.say({ type: 'back', number: handOver, position: top, doubt, ...(past && { past }) })
  }
}

/** Up to where this server has said that it has stored the stream of a database. */
function appliedOf({ known, applied, appliedDatabase }: Hello, database: string): number {
  return known?.[database] ?? (appliedDatabase === database ? applied : 0)
}

/** Whether the position that is reached counts rows of both families; `was`: so far. */
function isWhole({ met, incoming, agreement }: PeerSession, was: boolean): boolean {
  if (!isBoth(met.mine, met.theirs)) return false
  // A delta is agreed where nothing is missing of what was before.
  return incoming?.isRefilling === true ? was : agreement.expect !== 'nothing'
}
