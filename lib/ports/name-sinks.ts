// Places other than DNS servers where people look names up: files, resolvers with a door of their
// own. Each has all names that there are. What it lacks it is told when it is there again; nobody
// waits for that.

import type { Octets } from '../bytes/octets.ts'
import type { SinkPlan } from '../config/plan/names-plan.ts'
import type { Seconds } from '../time/units.ts'

export interface NamedAddress {
  /** Lower case, without a final dot. */
  readonly name: Octets
  /** 4 octets of IPv4, 16 of IPv6. */
  readonly address: Octets
  readonly ttl: Seconds
  /** The name leads to the address; the address leads to the name. */
  readonly forward: boolean
  readonly reverse: boolean
}

/** What there is at this time. */
export interface NameSource {
  all(): Iterable<NamedAddress>
  ofName(name: Octets): readonly NamedAddress[]
  ofAddress(address: Octets): readonly NamedAddress[]
}

export interface NameSinks {
  open(source: NameSource): void
  /** These places from now on: a new one gets all names. */
  use(plans: readonly SinkPlan[]): void
  /** What there is of the name, or of the address, may be another now. */
  changed(name: Octets, address: Octets): void
  status(): readonly SinkStatus[]
  close(): void
}

export interface SinkStatus {
  /** `/run/whio/hosts`, `http://127.0.0.1:8081`. */
  readonly place: string
  /** Why it does not take names at present; '' = it does. */
  readonly trouble: string
  /** For how long it does not. */
  readonly away: Seconds
  /** Changes that it lacks; a file is written as a whole, and lacks one. */
  readonly waiting: number
}
