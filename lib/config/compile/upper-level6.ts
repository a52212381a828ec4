// What a level of DHCPv6 hands down to the subnets below it: see upper-level.ts.

import type { Ipv6 } from '../../address/ipv6.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { NetworkDocument6, SubnetDocument6 } from '../keys/document6.ts'
import type { OptionSet } from '../plan/option-set.ts'
import type {
  Interfaces6Plan,
  ReservationIdentifier6,
  SharedNetwork6,
  Subnet6,
} from '../plan/plan6.ts'
import type { Site } from '../text/site.ts'
import type { ClassLists } from './class-lists.ts'
import { type Made, Memory } from './memory.ts'
import type { OptionMerge } from './option-merge.ts'
import type { ReservationLists6, ReservationPlace6, ReservationsMade6 } from './reservations6.ts'
import type { Scope6 } from './scope6.ts'

export interface UpperLevel6 {
  readonly scope: Scope6
  readonly options: OptionSet
  readonly merge: OptionMerge
  readonly classes: ClassLists
  /** What options are called and look like. */
  readonly registry: OptionRegistry
  readonly identifiers: readonly ReservationIdentifier6[]
  readonly reservationsUnique: boolean
  /** Something computes flex-ids. */
  readonly hasFlexId: boolean
  readonly lists: ReservationLists6
  readonly interfaces: Interfaces6Plan
  readonly keepsLimits: boolean
  readonly network: UpperNetwork6 | undefined
  readonly made: Memories6
}

/** The shared network that the subnets of a list belong to. */
export interface UpperNetwork6 {
  readonly plan: SharedNetwork6
  readonly relayAddresses: readonly Ipv6[]
  readonly rapidCommit: boolean
}

export interface Memories6 {
  readonly subnets: Memory<SubnetDocument6, MadeSubnet6 | undefined>
  /** Of the global level. */
  readonly networks: Memory<NetworkDocument6, MadeNetwork6>
}

export function newMemories6(): Memories6 {
  return { subnets: new Memory(), networks: new Memory() }
}

export interface MadeSubnet6 {
  readonly subnet: Subnet6
  /** Of its own that are looked up. */
  readonly reservations: ReservationsMade6 | undefined
  /** What they are judged by; undefined where none counts. */
  readonly reservationPlace: ReservationPlace6 | undefined
  /** Of its pools, once they were looked at. */
  spans: readonly PoolSpan[] | undefined
  /** What is said of it when all is made, once it was. */
  doubts: Made<undefined> | undefined
}

/** What a pool covers. */
export interface PoolSpan {
  /** All its addresses, those of its prefixes among them. */
  readonly first: Ipv6
  readonly last: Ipv6
  readonly text: () => string
  /** Where it stands in its subnet. */
  readonly list: 'pools' | 'pd-pools'
  readonly index: number
}

export interface MadeNetwork6 {
  readonly level: UpperLevel6
  /** Of the plan of the network; empty until they are made. */
  readonly members: Subnet6[]
}

/** A subnet where it stands now. */
export interface PlacedSubnet6 {
  readonly subnet: Subnet6
  readonly made: MadeSubnet6
  /** The same, with what was said of it. */
  readonly known: Made<unknown>
  readonly document: SubnetDocument6
  readonly site: Site
}
