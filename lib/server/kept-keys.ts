// Addresses and prefixes that no client is to get, as a family and the pair speak of them.

import type { Key } from '../leases/keys/key.ts'

/** Addresses and prefixes that are kept from clients, at both servers of a pair. */
export interface KeptKeys {
  /** Told when there is something new for the other servers. */
  onChange: () => void
  /** What of this server's the others are to keep. */
  readonly toTell: Keeping
  /** 'own': a server's; undefined: clients may have it. */
  of(key: Key): 'own' | 'named' | undefined
  /** What another server keeps. */
  told(server: string, keeping: Keeping): void
}

export interface Keeping<A extends Key = Key> {
  /** Of servers. */
  readonly own: readonly A[]
  /** Of hosts that a configuration names. */
  readonly named: readonly A[]
}
