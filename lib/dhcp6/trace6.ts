// What the steps of a query decided on their way to the outcome, as they note it: for whoever asks
// afterwards why (explain/). A note is a value that is there anyway, so that it costs a store.

import type { ClassSet } from '../classify/class-set.ts'
import type { OptionSet } from '../config/plan/option-set.ts'
import type { Known6, Plan6, Reservation6, Subnet6 } from '../config/plan/plan6.ts'
import type { LeaseView6 } from '../leases/view6.ts'
import type { Instant } from '../time/units.ts'
import type { Query6 } from '../wire/v6/message.ts'
import type { Arrival6 } from './asked6.ts'
import type { Hardware6 } from './hardware6.ts'
import type { Place6, Places6 } from './place6.ts'

/** What of a query said in which subnet its client is; '' = nothing was asked. */
export type LocatedBy6 =
  | ''
  | 'interface-id'
  | 'relay-named'
  | 'link-address'
  | 'relay-link-local'
  | 'relay-source'
  | 'interface'
  | 'interface-address'
  | 'source-address'

/** Until the next query. */
export interface Trace6 {
  readonly plan: Plan6
  readonly leases: LeaseView6
  readonly query: Query6
  readonly arrival: Arrival6
  /** In the end: some are assigned late. */
  readonly classes: ClassSet
  readonly now: Instant
  /** The client to reservations. */
  readonly sender: Known6
  /** The hardware address of the client, as far as it is known, and from where. */
  readonly hardware: Hardware6
  readonly locatedBy: LocatedBy6
  readonly located: Subnet6 | undefined
  /** Where the client may have leases; empty = it went no further. */
  readonly places: Places6
  /** Whose options the reply has; undefined = those of all servers, or none. */
  readonly place: Place6 | undefined
  /** Options of the levels down to the pool, and those of the reservation, for the reply. */
  readonly options: OptionSet | undefined
  readonly reservation: Reservation6 | undefined
}
