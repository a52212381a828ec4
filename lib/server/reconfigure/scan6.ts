// Who is to be reconfigured, found lease by lease and no faster than clients are asked: however
// many they are, nothing of them is held. Behind them come the clients that have no lease.

import type { Prefix6 } from '../../address/prefix6.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { Plan6 } from '../../config/plan/plan6.ts'
import { planPrint, statelessPrint } from '../../dhcp6/plan-print.ts'
import { hasOwnKey } from '../../dhcp6/reconfigure6.ts'
import type { StatelessClient6, StatelessClients6 } from '../../dhcp6/stateless6.ts'
import { duidOf } from '../../leases/binding.ts'
import { isLive } from '../../leases/holding.ts'
import type { Lease6 } from '../../leases/lease.ts'
import { reconfigureNoteOf } from '../../leases/reconfigure-note.ts'
import type { LeaseTable } from '../../leases/table/lease-table.ts'
import type { Walk } from '../../leases/table/walk.ts'
import type { Instant } from '../../time/units.ts'

/** Leases looked at in one turn. */
const LOOK_MAX = 256

/** Whom a round is about. */
export interface Concerned6 {
  lease(row: Lease6): boolean
  stateless(client: StatelessClient6): boolean
}

export class Scan6 {
  readonly #table: LeaseTable<Prefix6>
  readonly #walk: Walk<Prefix6>
  readonly #clients: StatelessClients6
  /** What was told to a client since then is no news to it. */
  readonly #since: Instant
  readonly #concerns: Concerned6
  #found: Octets[] = []
  /** Those without leases that are left; undefined while there are leases. */
  #stateless: StatelessClient6[] | undefined
  #isOver = false

  constructor(
    table: LeaseTable<Prefix6>,
    clients: StatelessClients6,
    since: Instant,
    concerns: Concerned6,
  ) {
    this.#table = table
    this.#clients = clients
    this.#walk = table.walk('leases')
    this.#since = since
    this.#concerns = concerns
  }

  /** All have been looked at, and all that were found are taken. */
  get isOver(): boolean {
    return this.#isOver && this.#found.length === 0
  }

  /** The DUID of the next one; undefined: none that a turn may look at, or there are no more. */
  next(now: Instant): Octets | undefined {
    if (this.#found.length === 0 && !this.#isOver) this.#look(now)
    return this.#found.shift()
  }

  #look(now: Instant): void {
    if (this.#stateless !== undefined) return this.#lookBeside(this.#stateless, now)
    const rows = this.#walk.next(LOOK_MAX)
    if (rows.length < LOOK_MAX) this.#stateless = this.#clients.all()
    this.#found = rows
      .filter(
        (row) =>
          isLive(row, now) &&
          row.start < this.#since &&
          reconfigureNoteOf(row.userContext) !== undefined &&
          this.#concerns.lease(row),
      )
      .map(duidOf)
  }

  #lookBeside(left: StatelessClient6[], now: Instant): void {
    const some = left.splice(0, LOOK_MAX)
    this.#isOver = left.length === 0
    this.#found = some
      .filter(
        (client) =>
          client.start < this.#since &&
          !hasOwnKey(this.#table.byDuid(client.duid), now) &&
          this.#concerns.stateless(client),
      )
      .map(({ duid }) => duid)
  }
}

/** Those whom this plan tells anything else than one of the former did. */
export function newsOf(former: readonly Plan6[], plan: Plan6): Concerned6 {
  const differs = <Client>(printOf: (plan: Plan6, client: Client) => string) => {
    return (client: Client) => {
      const print = printOf(plan, client)
      return former.some((one) => printOf(one, client) !== print)
    }
  }
  return { lease: differs(planPrint), stateless: differs(statelessPrint) }
}

/** Those of the subnet; 0 = all. */
export function allIn(subnet: number): Concerned6 {
  const isIn = ({ subnetId }: { readonly subnetId: number }) => subnet === 0 || subnetId === subnet
  return { lease: isIn, stateless: isIn }
}
