// What a level, global or shared network, hands down to the subnets below it, and what was made of
// them under it.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { NetworkDocument, SubnetDocument } from '../keys/document4.ts'
import type { OptionSet } from '../plan/option-set.ts'
import type {
  InterfacesPlan,
  ReservationIdentifier,
  SharedNetwork4,
  Subnet4,
} from '../plan/plan4.ts'
import type { Site } from '../text/site.ts'
import type { AddressChecks } from './address-check.ts'
import type { ClassLists } from './class-lists.ts'
import { type Made, Memory } from './memory.ts'
import type { OptionMerge } from './option-merge.ts'
import type { ReservationLists4, ReservationPlace4, ReservationSums4 } from './reservations.ts'
import type { Scope } from './scope.ts'

export interface UpperLevel {
  readonly scope: Scope
  readonly options: OptionSet
  readonly merge: OptionMerge
  readonly classes: ClassLists
  /** What options are called and look like. */
  readonly registry: OptionRegistry
  readonly identifiers: readonly ReservationIdentifier[]
  readonly reservationsUnique: boolean
  /** Something computes flex-ids. */
  readonly hasFlexId: boolean
  readonly lists: ReservationLists4
  readonly excludeFirstLast24: boolean
  readonly interfaces: InterfacesPlan
  readonly addressChecks: AddressChecks
  readonly keepsLimits: boolean
  readonly network: UpperNetwork | undefined
  readonly made: Memories
}

/** The shared network that the subnets of a list belong to. */
export interface UpperNetwork {
  readonly plan: SharedNetwork4
  readonly relayAddresses: readonly Ipv4[]
}

export interface Memories {
  readonly subnets: Memory<SubnetDocument, MadeSubnet | undefined>
  /** Of the global level. */
  readonly networks: Memory<NetworkDocument, MadeNetwork>
}

export function newMemories(): Memories {
  return { subnets: new Memory(), networks: new Memory() }
}

export interface MadeSubnet {
  readonly subnet: Subnet4
  /** Of its own that are looked up. */
  readonly reservations: ReservationSums4
  /** What they are judged by; undefined where none counts. */
  readonly reservationPlace: ReservationPlace4 | undefined
  /** What is said of it when all is made, once it was. */
  doubts: Made<undefined> | undefined
}

export interface MadeNetwork {
  readonly level: UpperLevel
  /** Of the plan of the network; empty until they are made. */
  readonly members: Subnet4[]
}

/** A subnet where it stands now. */
export interface PlacedSubnet {
  readonly subnet: Subnet4
  readonly made: MadeSubnet
  /** The same, with what was said of it. */
  readonly known: Made<unknown>
  readonly document: SubnetDocument
  readonly site: Site
}
