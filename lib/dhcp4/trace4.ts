// What the steps of a query decided on their way to the outcome, as they note it: for whoever asks
// afterwards why (explain/). A note is a value that is there anyway, so that it costs a store.

import type { Ipv4 } from '../address/ipv4.ts'
import type { ClassSet } from '../classify/class-set.ts'
import type { OptionSet } from '../config/plan/option-set.ts'
import type { Lifetime, Plan4, Reservation4, Subnet4 } from '../config/plan/plan4.ts'
import type { Lease } from '../leases/lease.ts'
import type { LeaseView } from '../leases/view.ts'
import type { Instant, Seconds } from '../time/units.ts'
import type { Query4 } from '../wire/v4/message.ts'
import type { Arrival4 } from './arrival.ts'
import type { Place, Places } from './place.ts'
import type { Standing } from './request-table.ts'
import type { Sender4 } from './sender.ts'

/** What of a query said in which subnet its client is; '' = nothing was asked. */
export type LocatedBy =
  | ''
  | 'link-selection'
  | 'subnet-selection'
  | 'relay-named'
  | 'relay-address'
  | 'interface'
  | 'interface-address'
  | 'client-address'
  | 'source-address'

/** Why the client gets this address and no other; '' = none was looked for. */
export type FoundBy =
  | ''
  | 'reserved'
  | 'current'
  | 'checked'
  | 'offered'
  | 'requested'
  | 'former'
  | 'free'
  | 'lent'

/** Until the next query. */
export interface Trace4 {
  readonly plan: Plan4
  readonly leases: LeaseView
  readonly query: Query4
  readonly arrival: Arrival4
  readonly sender: Sender4
  /** In the end: some are assigned late. */
  readonly classes: ClassSet
  readonly now: Instant
  readonly locatedBy: LocatedBy
  readonly located: Subnet4 | undefined
  /** Where the client may have its lease; empty = it went no further. */
  readonly places: Places
  readonly foundBy: FoundBy
  /** The row of the address that is reserved for the client, where another client has it. */
  readonly conflict: Lease | undefined
  /** How the address of a REQUEST stands for the client. */
  readonly standing: Standing | ''
  /** Where the reply was made. */
  readonly place: Place | undefined
  /** The address that the reply gives, 0 = none. */
  readonly lease: Ipv4
  /** The row of an address that is given, as it was before. */
  readonly taken: Lease | undefined
  /** What the lifetime was taken from. */
  readonly bounds: Lifetime | undefined
  /** The pools are nearly full, so that it is the shortest one. */
  readonly isCrowded: boolean
  readonly lifetime: Seconds
  /** Options of the levels down to the pool, and those of the reservation, for the reply. */
  readonly options: OptionSet | undefined
  readonly reservation: Reservation4 | undefined
}
