// The DUIDs that clients know this server by: its own, the one that it had before `server-id` was
// changed, and those of the partner.

import type { Octets } from '../bytes/octets.ts'
import type { Plan6 } from '../config/plan/plan6.ts'
import type { ServerIds6 } from '../dhcp6/asked6.ts'
import type { ServerId } from '../ports/server-id.ts'
import type { Instant, Seconds } from '../time/units.ts'

export interface ServerIdsDuties {
  now(): Instant
  /** No lease that a client knows of runs longer from now on. */
  longestLifetime(): Seconds
  /** Whether the client is this server's at present, and names the partner. */
  namesPartner(duid: Octets): boolean
  /** This server has become another one to its clients. */
  changed(from: Octets, to: Octets): void
}

export class ServerIdsInUse implements ServerIds6 {
  own: Octets = ''
  readonly #kept: ServerId
  readonly #duties: ServerIdsDuties
  #former: Octets = ''
  /** Until then clients may name it. */
  #formerUntil: Instant = 0

  constructor(kept: ServerId, duties: ServerIdsDuties) {
    this.#kept = kept
    this.#duties = duties
  }

  /** A plan is in force; all leases have been read. */
  use({ serverId }: Plan6): void {
    const former = this.own || this.#kept.kept
    this.own = this.#kept.duidOf(serverId)
    if (former === '' || former === this.own) return
    this.#former = former
    this.#formerUntil = this.#duties.now() + this.#duties.longestLifetime() * 1000
    this.#duties.changed(former, this.own)
  }

  accepted(duid: Octets): boolean {
    if (duid === '') return false
    if (duid === this.#former && this.#duties.now() < this.#formerUntil) return true
    return this.#duties.namesPartner(duid)
  }
}
