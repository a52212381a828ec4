// The clients that this server has ever seen, as far back as it remembers.

import type { Octets } from '../bytes/octets.ts'

export interface KnownClients {
  /** Nobody is known: it has not been asked before, or has forgotten all. */
  readonly isEmpty: boolean
  /** Whether the client was known. From now on it is. */
  see(client: Octets): boolean
}
