// Clients that have options and no lease, as far as a RECONFIGURE may reach them (RFC 9915 §18.3.6,
// §20.4.3): each gets a key with the REPLY to its INFORMATION-REQUEST. There is no row that could
// keep it, so it is in memory alone. Who is forgotten, at a restart or for the sake of others, gets
// another key when it asks for its options again, which it does at least once a day.
//
// Both servers of a pair answer such a client, which takes the key of the first answer: each
// remembers and tells it by itself, and to the client the RECONFIGURE of the other one is none.

import type { Octets } from '../bytes/octets.ts'
import type { Instant } from '../time/units.ts'

/** Beyond it the client that was heard least recently is forgotten. */
const CLIENTS_MAX = 16_384

export interface StatelessClient6 {
  readonly duid: Octets
  /** '' = not known. */
  readonly hwAddress: Octets
  /** That was selected for it; 0: none was. */
  readonly subnetId: number
  /** With what leases note of it: see leases/reconfigure-note.ts and leases/relay-info6.ts. */
  readonly userContext: string
  /** When it was answered last. */
  readonly start: Instant
}

export class StatelessClients6 {
  readonly #byDuid = new Map<Octets, StatelessClient6>()

  get size(): number {
    return this.#byDuid.size
  }

  of(duid: Octets): StatelessClient6 | undefined {
    return this.#byDuid.get(duid)
  }

  note(client: StatelessClient6): void {
    this.#byDuid.delete(client.duid)
    this.#byDuid.set(client.duid, client)
    if (this.#byDuid.size <= CLIENTS_MAX) return
    for (const oldest of this.#byDuid.keys()) {
      this.#byDuid.delete(oldest)
      return
    }
  }

  /** All of now. */
  all(): StatelessClient6[] {
    return [...this.#byDuid.values()]
  }

  clear(): void {
    this.#byDuid.clear()
  }
}
