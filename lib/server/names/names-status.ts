// What is known of names in DNS, for operators: what is owed, to whom, and why it is not done.

import type { Octets } from '../../bytes/octets.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { SinkStatus } from '../../ports/name-sinks.ts'
import type { Seconds } from '../../time/units.ts'

export interface NamesStatus {
  readonly via: 'self' | 'd2' | 'off'
  /** Addresses of which something stands in DNS, or should. */
  readonly addresses: number
  /** Of them, those of which something is owed by this server. */
  readonly owed: number
  /** The same by the partner, which this server would do if that were gone. */
  readonly owedByPartner: number
  /** For how long the oldest of what is owed by this server waits; 0: nothing is. */
  readonly oldest: Seconds
  /** Names that are somebody else's. */
  readonly conflicts: number
  readonly inFlight: number
  readonly zones: readonly NameZoneStatus[]
  readonly counts: NamesCounts
  /** Of each key of the plan. */
  readonly keys: readonly KeyCounts[]
  /** Places beside DNS that names go to. */
  readonly sinks: readonly SinkStatus[]
}

/** Changes that were signed with a key, since the start: what came of them. */
export interface KeyCounts {
  readonly name: Octets
  success: number
  timeout: number
  error: number
}

export interface NameZoneStatus {
  readonly direction: 'forward' | 'reverse'
  /** Without a final dot; '' = all others. */
  readonly name: string
  /** Jobs that wait for its servers. */
  readonly waiting: number
  readonly servers: readonly NameServerStatus[]
}

/**
 * well     it answers, or was not asked yet
 * away     it does not answer, for so long
 * refuses  it answers that it will not change the zone, and is asked again in so long
 */
export interface NameServerStatus {
  /** `192.0.2.53`, `192.0.2.53#5353`. */
  readonly name: string
  readonly state: 'well' | 'away' | 'refuses'
  readonly seconds: Seconds
  /** Of a server that is away or refuses, for people. */
  readonly why: string
}

/** Since the start. */
export interface NamesCounts {
  /** Names added and removed, by direction. */
  added: number
  removed: number
  /** Found void before they were sent: the lease says otherwise by now. */
  void: number
  conflicts: number
  /** Answers that nothing explains: given up. */
  failed: number
  /** Names that no zone of the configuration has, by direction. */
  unserved: number
  /** Removals that were given up, since too many waited for too long. */
  dropped: number
  /** Times that a server did not answer, or refused. */
  silent: number
  blocked: number
}

/** Of one name at one address. */
export interface NameOfAddress {
  readonly key: Key
  /** Octets as text. */
  readonly fqdn: string
  /**
   * done      it stands as it should
   * add       it is to be added, or again
   * remove    it is to be removed
   * conflict  it is somebody else's
   * unserved  no zone of the configuration has it
   */
  readonly state: 'done' | 'add' | 'remove' | 'conflict' | 'unserved'
  /** From the name to the address: it is about that, and a zone has it. */
  readonly forward: boolean
  readonly reverse: boolean
  readonly by: 'us' | 'partner'
  /** Since when it is so. */
  readonly seconds: Seconds
  /** Why it is not done, or not in both directions, a clause; '' where it is, or is about to be. */
  readonly why: string
}

export interface NamesQuery {
  /** Behind this one; undefined: from the beginning. */
  readonly after: Key | undefined
  readonly max: number
  /** Only what is owed, or another's. */
  readonly isOwed: boolean
  /** Only this name, or names under it; '' = all. */
  readonly name: string
  /** Only of this address. */
  readonly key?: Key | undefined
}

export interface NamesPage {
  readonly names: readonly NameOfAddress[]
  /** Undefined: there are no more. */
  readonly next: Key | undefined
}
