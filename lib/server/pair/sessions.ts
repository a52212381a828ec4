// The agreed connections with the other servers of the pair, one for each at most.

import type { HaPlan } from '../../config/plan/ha-plan.ts'
import type { LinkConnection } from '../../ports/link.ts'
import type { PeerSession } from './peer-session.ts'

export class Sessions implements Iterable<PeerSession> {
  /** Its name; undefined where the plan knows of no partner. */
  readonly #partner: string | undefined
  readonly #byName = new Map<string, PeerSession>()
  readonly #byConnection = new Map<LinkConnection, PeerSession>()
  /** Positions that peers had stored when they were connected last. */
  readonly #storedUpTo = new Map<string, number>()

  constructor({ partner }: Pick<HaPlan, 'partner'>) {
    this.#partner = partner?.name
  }

  get size(): number {
    return this.#byName.size
  }

  get withPartner(): PeerSession | undefined {
    return this.#partner === undefined ? undefined : this.#byName.get(this.#partner)
  }

  with(name: string): PeerSession | undefined {
    return this.#byName.get(name)
  }

  /** On a connection; undefined where nothing has been agreed on it yet, or any more. */
  on(connection: LinkConnection): PeerSession | undefined {
    return this.#byConnection.get(connection)
  }

  /** Whether a session is the one that there is with its peer. */
  isCurrent(session: PeerSession): boolean {
    return this.#byName.get(session.name) === session
  }

  /** There may be fewer after each step: who ends connections goes through a copy. */
  [Symbol.iterator](): Iterator<PeerSession> {
    return this.#byName.values()
  }

  add(session: PeerSession): void {
    this.#byName.set(session.name, session)
    this.#byConnection.set(session.met.connection, session)
  }

  /** Position up to which a peer has stored everything, as far as this server knows. */
  storedUpTo(name: string): number {
    return this.#byName.get(name)?.storedUpTo ?? this.#storedUpTo.get(name) ?? 0
  }

  remove(session: PeerSession): void {
    this.#storedUpTo.set(session.name, session.storedUpTo)
    this.#byName.delete(session.name)
    this.#byConnection.delete(session.met.connection)
  }
}
