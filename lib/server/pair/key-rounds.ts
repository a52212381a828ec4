// What a pair does beside its clients, a little at a time: sharing the keys of leases that were
// given while the partner was away, claiming keys before everything is returned. Free addresses are
// in stock.ts.

import type { Key } from '../../leases/keys/key.ts'
import { type Change, LEASE_STATE, type Lease } from '../../leases/lease.ts'
import { claim, share } from '../../leases/lifecycle.ts'
import { rested } from '../../leases/merge.ts'
import type { AnyTable } from '../../leases/table/lease-tables.ts'
import type { Walk, Walked } from '../../leases/table/walk.ts'
import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import { BUFFERED_PAUSE } from './outgoing.ts'
import type { PairServices } from './pair-services.ts'
import type { RightsBook } from './rights-book.ts'
import type { Sessions } from './sessions.ts'

/** Rows of one turn. */
const SLICE_ROWS = 200

/** Pause between two slices. */
const SLICE_WAIT: Millis = 1

/** A pass waits while so many of its rows are under way to a disk, here or there. */
const UNDER_WAY_MAX = 5000
const UNDER_WAY_WAIT: Millis = 10

interface Pass {
  /** One for each table; the first is under way. */
  readonly walks: Walk<Key>[]
  readonly change: (lease: Lease<Key>) => { change: Change<Key>; isStreamed: boolean } | undefined
  readonly done: () => void
}

type Services = Pick<PairServices, 'delivery' | 'nextChange' | 'now' | 'tables'>

export class KeyRounds {
  readonly #services: Services
  readonly #rightsBook: RightsBook
  readonly #sessions: Sessions
  #pass: Pass | undefined
  #sliceAt: Instant = 0

  constructor(services: Services, rightsBook: RightsBook, sessions: Sessions) {
    this.#services = services
    this.#rightsBook = rightsBook
    this.#sessions = sessions
  }

  get deadline(): Instant {
    return this.#pass === undefined ? NEVER : this.#sliceAt
  }

  turn(now: Instant): void {
    if (this.#pass !== undefined && now >= this.#sliceAt) this.#advance(this.#pass, now)
  }

  /** Gives the partner a key of each running lease of which this server holds both. */
  startSharing(): void {
    const { nextChange } = this.#services
    const { shared } = this.#rightsBook
    this.#pass = {
      walks: this.#walks('unshared', ({ version }) => shared.includes(version)),
      change: (lease) => ({
        change: { kind: 'put', lease: share(lease, nextChange()) },
        isStreamed: true,
      }),
      done: () => {},
    }
  }

  /** Gives the partner a key of this lease, if it runs and this server holds both. */
  share(address: Key): void {
    const { tables, nextChange } = this.#services
    const table = tables.of(address)
    const lease = table.byAddress(address)
    if (lease?.state !== LEASE_STATE.assigned || table.keysOf(address, lease) !== 2) return
    this.#stream(share(lease, nextChange()))
  }

  /**
   * Tells the partner of the row as it stands here, since its own says something else. No key
   * moves.
   */
  tellAgain(address: Key): void {
    const lease = this.#services.tables.of(address).byAddress(address)
    if (lease !== undefined) this.#stream({ ...lease, change: this.#services.nextChange() })
  }

  /**
   * Before everything is returned: each running lease gets the keys that its server needs to renew
   * it, whatever the counters said when this server became the only one.
   */
  startClaiming(done: () => void): void {
    this.#pass = {
      walks: this.#walks('rows'),
      change: (lease) => {
        const claimed = this.#claimed(lease)
        if (claimed === lease) return undefined
        return { change: { kind: 'put', lease: claimed }, isStreamed: false }
      },
      done,
    }
  }

  #walks(walked: Walked, isWanted: (table: AnyTable) => boolean = () => true): Walk<Key>[] {
    return this.#services.tables.all.filter(isWanted).map((table) => table.walk(walked))
  }

  #claimed(lease: Lease<Key>): Lease<Key> {
    const { doubtUntil, side } = this.#rightsBook.record
    const { now, tables } = this.#services
    const home = tables.of(lease.address).homeOf(lease.address)
    const claimed = claim(lease, home, side) ?? lease
    return doubtUntil > now() ? rested(claimed, doubtUntil) : claimed
  }

  stop(): void {
    this.#pass = undefined
  }

  #stream(lease: Lease<Key>): void {
    const change = { kind: 'put', lease } as const
    this.#services.tables.apply(change)
    this.#services.delivery.add(change, undefined, true)
  }

  /** Disks or the partner do not keep up with what a pass has sent before. */
  #isBehind(): boolean {
    if (this.#services.delivery.gathered > UNDER_WAY_MAX) return true
    const session = this.#sessions.withPartner
    if (session === undefined) return false
    const { outgoing, buffered } = session
    const unacked = outgoing === undefined ? 0 : outgoing.sentUpTo - outgoing.acknowledgedUpTo
    return buffered > BUFFERED_PAUSE || unacked > UNDER_WAY_MAX
  }

  #advance(pass: Pass, now: Instant): void {
    const { tables, delivery } = this.#services
    if (this.#isBehind()) {
      this.#sliceAt = now + UNDER_WAY_WAIT
      return
    }
    const rows = pass.walks[0]?.next(SLICE_ROWS) ?? []
    for (const row of rows) {
      const next = pass.change(row)
      if (next === undefined) continue
      tables.apply(next.change)
      delivery.add(next.change, undefined, next.isStreamed)
    }
    this.#sliceAt = now + SLICE_WAIT
    if (rows.length >= SLICE_ROWS) return
    pass.walks.shift()
    if (pass.walks.length > 0) return
    this.#pass = undefined
    pass.done()
  }
}
