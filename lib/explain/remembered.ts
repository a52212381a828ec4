// What a server remembers of its clients (server/), as plain values.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import type { Instant } from '../time/units.ts'

export interface RememberedClient {
  /** Its client identifier where it has none. */
  readonly hwAddress: Octets
  /** As it was first, '' = none. */
  readonly clientId: Octets
  /** The youngest one last. */
  outcomes(): readonly RememberedOutcome[]
}

/** Of messages that were answered alike, one after the other. */
export interface RememberedOutcome {
  readonly first: Instant
  readonly last: Instant
  readonly times: number
  /** Of the message. */
  readonly type: number
  readonly answer: 'OFFER' | 'ACK' | 'NAK' | 'released' | 'declined' | 'silence' | ''
  readonly reason: Reason4 | undefined
  /** Of a NAK. */
  readonly refusal: string
  /** That was given or asked for; where the client went elsewhere, the server that it names. */
  readonly address: Ipv4
  /** 0 = none was found. */
  readonly subnetId: number
  readonly giaddr: Ipv4
  readonly interface: string
  /** Numbers of those that go first. */
  readonly classes: readonly number[]
}
