// What the server tells whoever embeds it. Lease events are told when the change is durable, in
// order.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import type { HaState } from '../config/plan/ha-plan.ts'
import type { Lease, LeaseAction } from '../leases/lease.ts'

export type { LeaseAction }

export type ServerEvent =
  | { readonly kind: 'lease'; readonly action: LeaseAction; readonly lease: Lease }
  | {
      readonly kind: 'drop'
      readonly reason: Reason4
      readonly interface: string
      /** Source of the datagram. */
      readonly address: Ipv4
      /** '' when the message could not be decoded so far. */
      readonly hwAddress: Octets
      /** DHCP message type, 0 when unknown. */
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
  | {
      /** Two servers have given one address to two clients (see HA_LEASE_CONFLICT). */
      readonly kind: 'conflict'
      readonly address: Ipv4
      readonly here: Lease
      readonly there: Lease
      readonly kept: Lease
    }

/**
 * starting: the journal is being read; serving; failed: the journal does not store, nothing is
 * answered until it does; stopping: replies under way still leave; stopped.
 */
export type ServerState = 'starting' | 'serving' | 'failed' | 'stopping' | 'stopped'
