// What a client of the lab is like, what states it has, and what it wants done: the vocabulary of
// client4.ts.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Millis, Seconds } from '../time/units.ts'

export interface Client4Settings {
  readonly hwAddress: Octets
  /** Option 61 with its type byte, '' = none. */
  readonly clientId: Octets
  /** Asks for broadcast replies. Default false. */
  readonly broadcast: boolean
  /** Checks by ARP that an address is unused before it uses it, and declines one that is not. */
  readonly probes: boolean
  /** False: a client that does not renew; it asks anew when its lease has ended. */
  readonly renews: boolean
  /**
   * From when the lifetime counts: `request`, the first sending of the answered REQUEST (RFC 2131
   * §4.4.1), or `ack`, its arrival, as some clients do it.
   */
  readonly countsFrom: 'request' | 'ack'
  /** In REBOOTING without an answer: go on with what is left of the lease (RFC 2131 §3.2). */
  readonly trustsMemory: boolean
  /** Option 51 in DISCOVER and REQUEST; 0 = none. */
  readonly lifetime: Seconds
  /** Option 50 in the first DISCOVER; 0 = none. */
  readonly requestedAddress: Ipv4
  /** Option 12; '' = none. */
  readonly hostname: string
  /** Option 60, which says what kind of device it is; '' = none. */
  readonly vendorClass: string
  /** Option 55. */
  readonly parameters: readonly number[]
  /** First message after start at a random time up to this. RFC 2131 §4.4.1: 1 to 10 s. */
  readonly startDelayMax: Millis
  /** First wait for an answer; it doubles up to `backoffMax` (RFC 2131 §4.1: 4 s and 64 s). */
  readonly backoffMin: Millis
  readonly backoffMax: Millis
  /** Shortest wait between two renewals (RFC 2131 §4.4.5: 60 s). */
  readonly renewPauseMin: Millis
}

export const CLIENT4_DEFAULTS: Client4Settings = {
  hwAddress: '\x02\x00\x00\x00\x00\x01',
  clientId: '',
  broadcast: false,
  probes: false,
  renews: true,
  countsFrom: 'request',
  trustsMemory: false,
  lifetime: 0,
  requestedAddress: 0,
  hostname: '',
  vendorClass: '',
  parameters: [1, 3, 6, 12, 15, 28, 42, 51, 54, 58, 59],
  startDelayMax: 10_000,
  backoffMin: 4000,
  backoffMax: 64_000,
  renewPauseMin: 60_000,
}

export type Client4State =
  | 'off'
  | 'init'
  | 'selecting'
  | 'requesting'
  | 'rebooting'
  | 'probing'
  | 'bound'
  | 'renewing'
  | 'rebinding'

/** What a client was told about its address. Times are on the client's own steady clock. */
export interface ClientLease4 {
  readonly address: Ipv4
  readonly serverId: Ipv4
  readonly lifetime: Seconds
  readonly renewAt: Millis
  readonly rebindAt: Millis
  /** From here on the address must not be used. */
  readonly until: Millis
  /** All options of the ACK, raw. */
  readonly options: ReadonlyMap<number, Octets>
}

export type Client4Action =
  /** Send to the server port; from `source`, which is 0 while the client has no address. */
  | {
      readonly kind: 'send'
      readonly bytes: Uint8Array
      readonly source: Ipv4
      readonly destination: Ipv4
    }
  /** The address may be used from now on (`bound`), or longer than before (`extended`). */
  | { readonly kind: 'bound' | 'extended'; readonly lease: ClientLease4 }
  /** The address may not be used any more. */
  | { readonly kind: 'unbound'; readonly address: Ipv4; readonly why: UnboundReason }
  /** Ask by ARP whether somebody uses the address and tell `onProbed`. */
  | { readonly kind: 'probe'; readonly address: Ipv4 }

export type UnboundReason = 'ended' | 'nak' | 'released' | 'declined' | 'forgotten' | 'changed'
