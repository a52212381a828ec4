// What a server remembers of its clients of DHCPv6 (server/), as plain values.

import type { Ipv6 } from '../address/ipv6.ts'
import type { Prefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Reason6 } from '../catalogue/reasons6.ts'
import type { Unserved6 } from '../dhcp6/outcome6.ts'
import type { Instant } from '../time/units.ts'

export interface RememberedClient6 {
  readonly duid: Octets
  /** As it was found last, '' = not known. */
  readonly hwAddress: Octets
  /** The youngest one last. */
  readonly outcomes: readonly RememberedOutcome6[]
}

/** Of messages that were answered alike, one after the other. */
export interface RememberedOutcome6 {
  readonly first: Instant
  readonly last: Instant
  readonly times: number
  /** Of the message. */
  readonly type: number
  /** Type of the reply, 0 = none. */
  readonly answer: number
  /** Why there is none. */
  readonly reason: Reason6 | undefined
  /** Of the whole message, '' = none. */
  readonly refusal: string
  /** What the client has by the reply. */
  readonly keys: readonly Prefix6[]
  /** Why an IA got nothing; undefined: each got something. */
  readonly unserved: Unserved6['why'] | undefined
  /** 0 = none was found. */
  readonly subnetId: number
  /** Link address of the relay beside the client, '' = it came from the link. */
  readonly relay: Ipv6
  readonly interface: string
  /** Numbers of its classes. */
  readonly classes: readonly number[]
}
