// The plan of DHCPv4: what the engine runs. Made from the document by compile; readonly, every
// inherited value filled in, every option already encoded, every lookup indexed. A reload makes a
// new one.

import type { Ipv4, Ipv4Prefix, Ipv4Range } from '../../address/ipv4.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { ClassMask, ClassSet } from '../../classify/class-set.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Pieces } from '../../leases/store/pieces.ts'
import type { Millis, Seconds } from '../../time/units.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { OptionParsing4 } from '../../wire/v4/message.ts'
import type { ClassPlan } from './class-plan.ts'
import type { FlexIdPlan } from './flex-id-plan.ts'
import type { FlexAction } from './flex-plan.ts'
import type { BootFields, Leasing, Lifetime } from './given.ts'
import type { HostRow, SkippedHost } from './host-rows.ts'
import type { Identifier4, Known4, ReservationIdentifier } from './known4.ts'
import type { LeaseQueryPlan } from './lease-query-plan.ts'
import type { ClassLimits, SubnetLimits } from './limits-plan.ts'
import type { PlaceNames } from './name-tuning.ts'
import type { NoticesPlan } from './notices-plan.ts'
import type { OptionLevel, OptionSet } from './option-set.ts'

export type { BootFields, Leasing, Lifetime } from './given.ts'
export { NO_BOOT_FIELDS } from './given.ts'
export type { Identifier4, Known4, ReservationIdentifier } from './known4.ts'
export { RESERVATION_IDENTIFIERS } from './known4.ts'

export interface Plan4 {
  readonly interfaces: InterfacesPlan
  /** Lowest id first: the order in which they are tried. */
  readonly subnets: readonly Subnet4[]
  /** Some address lies in several of their prefixes. */
  readonly overlaps: boolean
  readonly expiry: ExpiryPlan
  /** How long a declined address stays out of use. */
  readonly declineProbation: Seconds
  readonly samples: SamplesPlan
  /** RFC 1534 §2: clients that speak BOOTP get a lease without end. */
  readonly servesBootp: boolean
  /** RFC 6842: return option 61. */
  readonly echoClientId: boolean
  /** What a relay said of a client counts when it renews past the relay. */
  readonly stashesRelayInfo: boolean
  /** Order in which identifiers are tried when a reservation is looked up. */
  readonly reservationIdentifiers: readonly ReservationIdentifier[]
  readonly reservations: Reservations4
  /** Rows of databases of reservations that are left out. */
  readonly skippedHosts: readonly SkippedHost[]
  /** What would be wrong with a row; '' where nothing is. */
  hostProblem(row: HostRow): string
  /** Those with several identifiers: each is one host. */
  readonly hostsOfSeveral: readonly Reservation4[]
  readonly compatibility: CompatibilityPlan
  /** Classes of clients: who is in which, and what is given by them. */
  readonly classes: ClassPlan
  /** What options are called and look like, in this document. */
  readonly registry: OptionRegistry
  /** Global options, for INFORM where no subnet fits. */
  readonly options: OptionSet
  /** The global value, for a REQUEST where no subnet fits. */
  readonly authoritative: boolean
  readonly hosts: HostsPlan
  readonly notices: NoticesPlan
  /** What is done to options of a reply when it is finished. */
  readonly flexOptions: readonly FlexAction[]
  readonly classLimits: ClassLimits
  /** Undefined: nothing computes a flex-id. */
  readonly flexId: FlexIdPlan | undefined
  /** Undefined: nobody may ask about leases. */
  readonly leaseQuery: LeaseQueryPlan | undefined

  /** Every address that a reservation names: nobody else is offered one of them. */
  readonly reserved: Pieces<Ipv4>
  /** The same, each once, made anew for each who asks. */
  reservedAddresses(): readonly Ipv4[]
  /** Those of the document alone, lowest first: what both servers of a pair know. */
  readonly written: Pieces<Ipv4>
  writtenAddresses(): readonly Ipv4[]
  /** The subnet with this id, or undefined. */
  subnetById(id: number): Subnet4 | undefined
  /**
   * Every subnet whose prefix contains the address, lowest id first: prefixes and pools may
   * overlap.
   */
  subnetsAt(address: Ipv4): readonly Subnet4[]
  /**
   * The subnet whose prefix contains the address; of several the one with the lowest id. With an
   * owner, only subnets whose guards admit it count; of a shared network any that does stands for
   * the others.
   */
  subnetByAddress(address: Ipv4, classes?: ClassSet): Subnet4 | undefined
  /**
   * Of the subnets whose `relay.ip-addresses`, or its network's, name this relay, the one with the
   * lowest id; the owner counts as in subnetByAddress.
   */
  subnetByRelay(giaddr: Ipv4, classes?: ClassSet): Subnet4 | undefined
  /** The same of those bound to this interface by their own `interface` or their network's. */
  subnetByInterface(name: string, classes?: ClassSet): Subnet4 | undefined
}

/** How many samples of a statistic are kept; an age counts where there is no count. */
export interface SamplesPlan {
  readonly count: number
  readonly age: Seconds
}

/**
 * Addresses in the subnets that somebody has, as the document says: no client is to get them. With
 * who says so.
 */
export interface HostsPlan<A extends Key = Ipv4> {
  /** Of servers of this configuration. */
  readonly own: ReadonlyMap<A, string>
  /** Routers, name servers, boot servers, relays. */
  readonly named: ReadonlyMap<A, string>
}

export interface InterfacesPlan {
  /** `*` stands in the list. */
  readonly all: boolean
  readonly named: readonly { readonly name: string; readonly address: Ipv4 | undefined }[]
}

export interface ExpiryPlan {
  /** Pause between two rounds of reclaiming, seconds; 0 = none. */
  readonly reclaimWait: Seconds
  /** How long an ended lease is kept for its former client. */
  readonly holdReclaimed: Seconds
  /** Leases per round, 0 = no limit. */
  readonly reclaimMax: number
}

export interface CompatibilityPlan {
  readonly optionParsing: OptionParsing4
  readonly ignoreServerIdentifier: boolean
  readonly ignoreRaiLinkSelection: boolean
}

export interface Subnet4 {
  readonly id: number
  readonly prefix: Ipv4Prefix
  /** `192.0.2.0/24`. */
  readonly text: string
  /** The shared network that it belongs to. */
  readonly network: SharedNetwork4 | undefined
  /** Classes of clients that may use the subnet; the network's guard counts besides. */
  readonly guard: ClassMask
  /** Classes that are tested when the address is known: evaluate-additional-classes. */
  readonly additional: readonly number[]
  /** Clients on this local interface use the subnet; '' = no binding. */
  readonly interface: string
  readonly relayAddresses: readonly Ipv4[]
  /** Undefined where the subnet has none, or where they are switched off. */
  readonly ownReservations: ReservationList | undefined
  readonly usesGlobalReservations: boolean
  readonly pools: readonly Pool4[]
  /** The ranges of all pools in order. */
  readonly ranges: readonly Ipv4Range[]
  readonly allocator: Allocator
  readonly authoritative: boolean
  readonly matchClientId: boolean
  readonly lifetime: Lifetime
  readonly leasing: Leasing
  readonly timers: Timers
  readonly bootFields: BootFields
  /** What counts for a client whose address is in no pool. */
  readonly names: PlaceNames
  /** What is asked before an address is offered; undefined: nothing. */
  readonly addressCheck: AddressCheckPlan | undefined
  readonly limits: SubnetLimits | undefined
  /**
   * Options of subnet, shared network and global level, merged; for a client whose address is in no
   * pool.
   */
  readonly options: OptionSet

  /**
   * The ranges of the pools that admit the classes, in order, to search for a free address; the
   * same array at each call. The guards of subnet and network are not looked at.
   */
  rangesFor(classes: ClassSet): readonly Ipv4Range[]
  /**
   * Whether the address lies in one of `rangesFor(classes)`: a client without a reservation may
   * have it.
   */
  isDynamic(address: Ipv4, classes: ClassSet): boolean
  /** Where a client of these classes that the subnet is selected for may get an address. */
  reachFor(classes: ClassSet): Reach
  /**
   * The pool that contains the address, or undefined; also for addresses that `ranges` leave out.
   */
  poolOf(address: Ipv4): Pool4 | undefined
}

/** The lookup of reservations. */
export interface Reservations4 {
  /**
   * The reservation of a client that counts in the subnet: the subnet's own, then the global one
   * where it looks there.
   */
  of(known: Known4, subnet: Subnet4): Reservation4 | undefined
  /** The reservations that name this address there; empty for most addresses. */
  at(address: Ipv4, subnet: Subnet4): readonly Reservation4[]
  /** Databases are looked into, too. */
  readonly joinsDatabases: boolean
  /** Whether a database has to be asked for the client first. */
  isUnknown(known: Known4): boolean
  /** The client's in the global list, before anything is known of its subnet. */
  global(known: Known4): Reservation4 | undefined
}

/** The reservations of one list. */
export interface ReservationList {
  of(known: Known4): Reservation4 | undefined
  /** By which somebody is found. */
  identifiers(): Iterable<Identifier4>
  find(kind: ReservationIdentifier, value: Octets): Reservation4 | undefined
  at(address: Ipv4): readonly Reservation4[]
}

/**
 * Where a client may get an address, once a subnet is selected: there, and in the others of its
 * shared network that admit it.
 */
export interface Reach {
  /** The selected one, then those with higher ids, then those from the lowest id on (as in Kea). */
  readonly subnets: readonly Subnet4[]
  /** What `rangesFor` says of each. */
  readonly ranges: readonly Ipv4Range[]
  /**
   * Of these, what the partner is asked for where nothing is free: a pool of one address that is
   * reserved is not, since only who has the reservation can have it.
   */
  readonly wanted: readonly Ipv4Range[]
}

/** Subnets on one link: a client that one of them is selected for may get an address of any. */
export interface SharedNetwork4 {
  readonly name: string
  /** Classes of clients that may use the network. */
  readonly guard: ClassMask
  /** Behind those of the subnet. */
  readonly additional: readonly number[]
  /** '' = no binding. */
  readonly interface: string
  /** Lowest id first. */
  readonly subnets: readonly Subnet4[]
}

export interface Pool4 {
  readonly id: number
  readonly range: Ipv4Range
  /** Classes of clients that may use the pool. */
  readonly guard: ClassMask
  /** Before those of the subnet. */
  readonly additional: readonly number[]
  /** Options of pool, subnet, shared network and global level, merged. */
  readonly options: OptionSet
  readonly names: PlaceNames
}

/** Before an address is offered, whoever may have it is asked on the wire. */
export interface AddressCheckPlan {
  /** How often, and how long each answer is waited for. */
  readonly requests: number
  readonly replyWait: Millis
  /** So long after its last ACK a client gets its former address back unasked. */
  readonly recent: Seconds
}

/**
 * How a free address is found. flq: of those that were given before, the one that is free for
 * longest.
 */
export type Allocator = 'iterative' | 'random' | 'flq'

export interface Timers {
  /** Option 58 and 59; undefined = not given in the document. */
  readonly renew: Seconds | undefined
  readonly rebind: Seconds | undefined
  /** Compute what is not given from the lifetime. */
  readonly calculate: boolean
  /** Fractions of the lifetime, 0 < t1 < t2 < 1. */
  readonly t1: number
  readonly t2: number
}

export interface Reservation4 {
  /**
   * By each of them its client is known: several are one host. Empty = no client's: nothing but the
   * address of an entry that was left out, which nobody else is to get.
   */
  readonly identifiers: readonly Identifier4[]
  /** 0 = no address reserved. */
  readonly address: Ipv4
  /** Host names are in lower case; a final dot says that the name is whole. */
  readonly hostname: string
  /** Numbers of the classes that the client is in by its reservation, in order. */
  readonly classes: readonly number[]
  /** Only its own options; they win over those of the pool. */
  readonly options: OptionLevel
  /** Only what the reservation itself says; 0 and '' = nothing. */
  readonly bootFields: BootFields
}
