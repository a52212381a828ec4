// Rows of the other servers on their way into the lease table: merged by the rules of
// lib/leases/merge.ts, journaled as they are, never sent on.

import type { HaPlan } from '../../config/plan/ha-plan.ts'
import { stocksOf } from '../../config/plan/stocks.ts'
import { quarantineEnd } from '../../ha/pair-steps.ts'
import type { Lane } from '../../ha/row-frames.ts'
import { type Key, versionOf } from '../../leases/keys/key.ts'
import { LEASE_STATE, type Lease } from '../../leases/lease.ts'
import {
  isKeylessGrant,
  type Merged,
  merge,
  ofThePast,
  refilled,
  salvaged,
  takeForBackup,
  united,
  unknownThere,
} from '../../leases/merge.ts'
import type { AnyTable } from '../../leases/table/lease-tables.ts'
import type { Refill } from '../../leases/table/walk.ts'
import type { Instant } from '../../time/units.ts'
import type { ServerEvent } from '../events.ts'
import type { PairServices } from './pair-services.ts'
import type { PeerSession } from './peer-session.ts'
import type { RightsBook } from './rights-book.ts'

/**
 * Rows that are taken though their address is in no subnet here: a quarter of a gigabyte. Beyond it
 * the connection ends, since rows that are not kept must not be acknowledged.
 */
export const OUTSIDE_MAX = 1 << 20

type Services = Pick<
  PairServices,
  'delivery' | 'names' | 'now' | 'plan' | 'reporter' | 'tables' | 'tell'
>

/** What a row that was taken may give occasion to say. */
interface Keys {
  /** The partner gets a key of the lease that there is now. */
  share(address: Key): void
  /** The partner hears of the row as it is here. */
  tellAgain(address: Key): void
}

export class Merger {
  readonly #plan: HaPlan
  readonly #services: Services
  readonly #rightsBook: RightsBook
  readonly #keys: Keys
  /** Rows taken, by what became of them. */
  readonly counts: Record<string, number> = {}
  conflicts = 0
  /** New rows of addresses in no subnet here, since the start or the last new plan. */
  outside = 0

  constructor(plan: HaPlan, services: Services, rightsBook: RightsBook, keys: Keys) {
    this.#plan = plan
    this.#services = services
    this.#rightsBook = rightsBook
    this.#keys = keys
  }

  /** Whether no rows are taken any more: they are of networks that this server knows nothing of. */
  get isFull(): boolean {
    return this.outside > OUTSIDE_MAX
  }

  planChanged(): void {
    this.outside = 0
  }

  /** A row of the partner, or of any active server where this one is a backup. */
  take(theirs: Lease<Key>, lane: Lane, session: PeerSession): void {
    const services = this.#services
    const table = services.tables.of(theirs.address)
    const mine = table.byAddress(theirs.address)
    // They are kept: the subnet may be new there, and will be here.
    if (mine === undefined && !this.#isHere(theirs.address)) this.outside++
    if (theirs.state === LEASE_STATE.assigned) this.#rightsBook.noteLifetime(theirs.validLifetime)
    if (this.#plan.thisServer.role === 'backup') return this.#apply(takeForBackup(mine, theirs))
    const now = services.now()
    const { rights } = table
    const home = table.homeOf(theirs.address)
    if (session.isVerbatim) {
      if (lane === 'refill')
        this.#refillOf(session, table).take(theirs.address, (row) => this.#forget(row, now))
      return this.#apply(refilled(mine, theirs, home, rights, now, this.#quarantine(now)))
    }
    const isKeyless = this.#isKeyless(mine, theirs, now)
    const merged = this.#merged(mine, theirs, session, isKeyless)
    this.counts[merged.what] = (this.counts[merged.what] ?? 0) + 1
    if (merged.conflict === 'two-clients') this.#conflict(mine!, theirs, merged.lease ?? mine!)
    this.#apply(merged.lease)
    // Its client renews there.
    if (isKeyless && this.#rightsBook.isSharing) this.#keys.share(theirs.address)
    // Rule 4d: both come to one client, also where what stays here was never told there.
    if (merged.conflict === 'two-clients' && home === rights.side)
      this.#keys.tellAgain(theirs.address)
  }

  #isHere(key: Key): boolean {
    const stocks = stocksOf(this.#services.plan())
    return stocks.some((one) => one.family === versionOf(key) && one.at(key).length > 0)
  }

  #merged(
    mine: Lease<Key> | undefined,
    theirs: Lease<Key>,
    session: PeerSession,
    isKeyless: boolean,
  ): Merged<Key> {
    const now = this.#services.now()
    const table = this.#services.tables.of(theirs.address)
    const { rights } = table
    const home = table.homeOf(theirs.address)
    const how = session.incoming?.isSynced === true ? 'keys' : session.agreement.merge
    if (how === 'keys' || how === 'verbatim')
      return merge(mine, theirs, home, { ...rights, kind: 'keys' }, now, isKeyless)
    const told = ofThePast(theirs, rights, now)
    if (how === 'unite') return united(mine, told, home, rights, now)
    if (how === 'salvage') return salvaged(mine, told, home, rights, now, isKeyless)
    return merge(mine, told, home, { ...rights, kind: 'all' }, now, isKeyless)
  }

  /**
   * With when-silent "available" leases are given without keys: who has the keys must not give them
   * once more.
   */
  #isKeyless(mine: Lease<Key> | undefined, theirs: Lease<Key>, now: Instant): boolean {
    if (this.#plan.whenSilent !== 'available') return false
    const table = this.#services.tables.of(theirs.address)
    const home = table.homeOf(theirs.address)
    return isKeylessGrant(theirs, mine?.got ?? 0, home, table.rights, now)
  }

  /** All rows have come: what is left here is not known there. */
  endRefill(session: PeerSession): void {
    if (!session.isVerbatim) return
    const now = this.#services.now()
    for (const table of this.#services.tables.all)
      this.#refillOf(session, table).end((row) => this.#forget(row, now))
  }

  #refillOf({ refills }: PeerSession, table: AnyTable): Refill<Key> {
    const refill = refills.get(table) ?? table.refill()
    refills.set(table, refill)
    return refill
  }

  /** A row of this server that is not known there. */
  #forget(mine: Lease<Key>, now: Instant): void {
    this.#apply(unknownThere(mine, this.#quarantine(now)))
  }

  #apply(lease: Lease<Key> | undefined): void {
    if (lease === undefined) return
    const { delivery, names, tables } = this.#services
    const change = { kind: 'put', lease } as const
    names.merging(change)
    tables.apply(change)
    delivery.add(change, undefined)
  }

  /** Only a database that was lost is in doubt: see rule 9c of lib/ha/README.md. */
  #quarantine(now: Instant): { quarantineUntil: Instant } | undefined {
    const { noneBecause, longestLifetime } = this.#rightsBook.record
    if (noneBecause !== 'lost') return undefined
    return { quarantineUntil: quarantineEnd(longestLifetime, now) }
  }

  #conflict(mine: Lease<Key>, theirs: Lease<Key>, kept: Lease<Key>): void {
    this.conflicts++
    const { reporter, now, tell } = this.#services
    reporter.conflict(mine, theirs, kept, now())
    tell(conflictOf(mine, theirs, kept))
  }
}

function conflictOf(here: Lease<Key>, there: Lease<Key>, kept: Lease<Key>): ServerEvent {
  const { address } = here
  const family = versionOf(address)
  // All three are of the family of the key.
  return { kind: 'conflict', family, address, here, there, kept } as ServerEvent
}
