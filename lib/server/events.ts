// What the server tells whoever embeds it. Lease events are told when the change is durable, in
// order.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Ipv6 } from '../address/ipv6.ts'
import type { Prefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import type { Reason6 } from '../catalogue/reasons6.ts'
import type { HaState } from '../config/plan/ha-plan.ts'
import type { Key } from '../leases/keys/key.ts'
import type { Lease, LeaseAction } from '../leases/lease.ts'

export type { LeaseAction }

export type ServerEvent =
  | LeaseEvent<4, Ipv4>
  | LeaseEvent<6, Prefix6>
  | {
      readonly kind: 'drop'
      readonly family: 4
      readonly reason: Reason4
      readonly interface: string
      /** Source of the datagram. */
      readonly address: Ipv4
      /** '' when the message could not be decoded so far. */
      readonly hwAddress: Octets
      /** DHCP message type, 0 when unknown. */
      readonly type: number
    }
  | {
      readonly kind: 'drop'
      readonly family: 6
      readonly reason: Reason6
      readonly interface: string
      /** Source of the datagram. */
      readonly address: Ipv6
      /** DUID of the client; '' when there is none, or the message could not be decoded so far. */
      readonly duid: Octets
      /** Message type, 0 when unknown. */
      readonly type: number
    }
  | { readonly kind: 'state'; readonly state: ServerState }
  | {
      readonly kind: 'ha-state'
      readonly from: HaState
      readonly to: HaState
      /** One clause, for people. */
      readonly why: string
    }
  | ConflictEvent<4, Ipv4>
  | ConflictEvent<6, Prefix6>
  | NameConflictEvent
  | ({ readonly kind: 'other-server' } & OtherServer)
  | ({ readonly kind: 'partner' } & PartnerEvent)

/** A DHCP server that clients name, and that is none of this configuration. */
export interface OtherServer {
  readonly family: 4 | 6
  /** The server identifier, or the DUID. */
  readonly server: string
  /** Through which it was heard of last, and through which relay; '' for none. */
  readonly interface: string
  readonly relay: string
  /** Different ones that took its offers since it was first heard of, 256 at most. */
  readonly clients: number
}

/** The connection with the partner of a pair is there, or ended. */
export interface PartnerEvent {
  readonly partner: string
  readonly isConnected: boolean
  /** Why it ended, '' when it did not. */
  readonly why: string
}

interface LeaseEvent<Family, A extends Key> {
  readonly kind: 'lease'
  readonly family: Family
  readonly action: LeaseAction
  readonly lease: Lease<A>
}

/** Two servers have given one address or prefix to two clients (see HA_LEASE_CONFLICT). */
interface ConflictEvent<Family, A extends Key> {
  readonly kind: 'conflict'
  readonly family: Family
  readonly address: A
  readonly here: Lease<A>
  readonly there: Lease<A>
  readonly kept: Lease<A>
}

/** The name of a lease is somebody else's in DNS. */
export interface NameConflictEvent {
  readonly kind: 'name-conflict'
  readonly family: 4 | 6
  readonly address: Key
  readonly name: string
  /** Of the client, and of whose it is: '' = nobody's that has one (RFC 4701). */
  readonly dhcid: Octets
  readonly holder: Octets
}

/**
 * starting: the journal is being read; serving; failed: the journal does not store, nothing is
 * answered until it does; stopping: replies under way still leave; stopped.
 */
export type ServerState = 'starting' | 'serving' | 'failed' | 'stopping' | 'stopped'
