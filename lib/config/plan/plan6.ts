// The plan of DHCPv6: what its engine runs. Made from the document by compile; readonly, every
// inherited value filled in, every option already encoded, every lookup indexed. A reload makes a
// new one. What is the same in both families is plan4.ts's.
//
// A key is an address (as a /128) or a delegated prefix: pools are ranges of keys of one length.

import type { Ipv6 } from '../../address/ipv6.ts'
import type { Prefix6 } from '../../address/prefix6.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { ClassMask, ClassSet } from '../../classify/class-set.ts'
import type { Range } from '../../leases/keys/key.ts'
import type { Pieces } from '../../leases/store/pieces.ts'
import type { Seconds } from '../../time/units.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { Class6, ClassPlan } from './class-plan.ts'
import type { FlexIdPlan } from './flex-id-plan.ts'
import type { FlexAction } from './flex-plan.ts'
import type { Leasing, Lifetime } from './given.ts'
import type { HostRow, SkippedHost } from './host-rows.ts'
import type { Identifier6, Known6, ReservationIdentifier6 } from './known6.ts'
import type { ClassLimits, SubnetLimits } from './limits-plan.ts'
import type { PlaceNames } from './name-tuning.ts'
import type { NoticesPlan } from './notices-plan.ts'
import type { OptionLevel, OptionSet } from './option-set.ts'
import type { Allocator, ExpiryPlan, HostsPlan, SamplesPlan, Timers } from './plan4.ts'

export type { Identifier6, Known6, ReservationIdentifier6 } from './known6.ts'
export { RESERVATION_IDENTIFIERS6 } from './known6.ts'

export interface Plan6 {
  readonly interfaces: Interfaces6Plan
  readonly serverId: ServerIdPlan
  /** Lowest id first: the order in which they are tried. */
  readonly subnets: readonly Subnet6[]
  /** Some address lies in several of their prefixes. */
  readonly overlaps: boolean
  readonly expiry: ExpiryPlan
  /** How long a declined address stays out of use. */
  readonly declineProbation: Seconds
  readonly samples: SamplesPlan
  /** Order in which identifiers are tried when a reservation is looked up. */
  readonly reservationIdentifiers: readonly ReservationIdentifier6[]
  readonly reservations: Reservations6
  readonly compatibility: Compatibility6Plan
  /** Classes of clients: who is in which, and what is given by them. */
  readonly classes: ClassPlan<Class6>
  /** What options are called and look like, in this document. */
  readonly registry: OptionRegistry
  /** Global options, where no subnet fits. */
  readonly options: OptionSet
  /** Where the hardware address of a client is looked for, in this order. */
  readonly macSources: readonly MacSource[]
  /** Codes of the options that relays may supply for clients (RFC 6422). */
  readonly relaySupplied: ReadonlySet<number>
  /** RFC 9686: hosts may register addresses that they made up. */
  readonly allowsRegistration: boolean
  /** RFC 9915 §20.4: clients that accept RECONFIGURE get a key for it. */
  readonly acceptsReconfigure: boolean
  /** IAs with an address that a client may have at a time, and those with a prefix. */
  readonly leasesPerClient: number
  /** What ends a lease must come from where the lease does. */
  readonly verifiesSource: boolean
  /** Of Kea's, where its server-id is found that this server takes over; undefined = not said. */
  readonly dataDirectory: string | undefined
  /** What subnets take their prefixes from: another one there is another plan. */
  readonly prefixSources: readonly PrefixSource[]
  /** Keys of addresses that somebody has. */
  readonly hosts: HostsPlan<Prefix6>
  readonly notices: NoticesPlan
  /** What is done to options of a reply when it is finished. */
  readonly flexOptions: readonly FlexAction[]
  readonly classLimits: ClassLimits
  /** Undefined: nothing computes a flex-id. */
  readonly flexId: FlexIdPlan | undefined

  /** Rows of databases of reservations that are left out. */
  readonly skippedHosts: readonly SkippedHost[]
  /** What would be wrong with a row; '' where nothing is. */
  hostProblem(row: HostRow): string

  /** Every address and prefix that a reservation names: nobody else is offered one. */
  readonly reserved: Pieces<Prefix6>
  /** The same, each once, made anew for each who asks. */
  reservedKeys(): readonly Prefix6[]
  /** Those of the document alone, in order: what both servers of a pair know. */
  readonly written: Pieces<Prefix6>
  writtenKeys(): readonly Prefix6[]
  /** The subnet with this id, or undefined. */
  subnetById(id: number): Subnet6 | undefined
  /** Every subnet whose prefix contains the address, lowest id first: prefixes may overlap. */
  subnetsAt(address: Ipv6): readonly Subnet6[]
  /**
   * The subnet whose prefix contains the address; of several the one with the lowest id. With
   * classes, only subnets whose guards admit them count; of a shared network any that does stands
   * for the others.
   */
  subnetByAddress(address: Ipv6, classes?: ClassSet): Subnet6 | undefined
  /**
   * Of the subnets whose `relay.ip-addresses`, or its network's, name this relay, the one with the
   * lowest id; classes count as in subnetByAddress.
   */
  subnetByRelay(linkAddress: Ipv6, classes?: ClassSet): Subnet6 | undefined
  /** The same of those bound to this interface by their own `interface` or their network's. */
  subnetByInterface(name: string, classes?: ClassSet): Subnet6 | undefined
  /** The same by what a relay calls its interface (option 18). */
  subnetByInterfaceId(interfaceId: Octets, classes?: ClassSet): Subnet6 | undefined
  /** The subnet with a pool or pd-pool that the key is one of; there is at most one. */
  subnetOfPool(key: Prefix6): Subnet6 | undefined
}

/** An interface of this host, and the prefixes that it had when the plan was made. */
export interface PrefixSource {
  readonly interface: string
  /** The one to use first. */
  readonly prefixes: readonly Prefix6[]
}

export interface Interfaces6Plan {
  /** `*` stands in the list. */
  readonly all: boolean
  /** Each once. The addresses are served beside the link-local one: `eth0/2001:db8::1`. */
  readonly named: readonly { readonly name: string; readonly addresses: readonly Ipv6[] }[]
}

/** The DUID of the server (RFC 9915 §11), which is made once and then kept. */
export interface ServerIdPlan {
  /** Undefined: whichever was made before; a new one is an LLT. */
  readonly type: 'LLT' | 'EN' | 'LL' | undefined
  /** Of EN the identifier, of the others the link-layer address; '' = found or drawn. */
  readonly identifier: Octets
  /** 0 = that of an interface. */
  readonly htype: number
  /** Seconds since 2000, 0 = when it is made. */
  readonly time: number
  /** 0 = that of Kea, 2495. */
  readonly enterprise: number
  /** It is written down in a file, too. */
  readonly persists: boolean
}

export interface Compatibility6Plan {
  readonly optionParsing: 'strict' | 'usual' | 'lenient'
}

/** Ways to the hardware address of a client, in Kea's words. */
export const MAC_SOURCES = [
  'client-link-addr-option',
  'ipv6-link-local',
  'duid',
  'remote-id',
  'docsis-cmts',
  'docsis-modem',
] as const

export type MacSource = (typeof MAC_SOURCES)[number]

/** Lifetimes of addresses and prefixes (RFC 9915 §21.6). */
export interface Lifetime6 {
  readonly valid: Lifetime
  /** Undefined: 5/8 of the valid lifetime, whatever that comes to. */
  readonly preferred: Lifetime | undefined
}

export interface Subnet6 {
  readonly id: number
  readonly prefix: Prefix6
  /** `2001:db8::/64`. */
  readonly text: string
  /** The shared network that it belongs to. */
  readonly network: SharedNetwork6 | undefined
  /** Classes of clients that may use the subnet; the network's guard counts besides. */
  readonly guard: ClassMask
  /** Classes that are tested when the address is known: evaluate-additional-classes. */
  readonly additional: readonly number[]
  /** Clients on this local interface use the subnet; '' = no binding. */
  readonly interface: string
  /** Clients behind an interface that a relay calls so use the subnet; '' = no binding. */
  readonly interfaceId: Octets
  readonly relayAddresses: readonly Ipv6[]
  /** Undefined where the subnet has none, or where they are switched off. */
  readonly ownReservations: ReservationList6 | undefined
  readonly usesGlobalReservations: boolean
  readonly pools: readonly Pool6[]
  readonly pdPools: readonly PdPool6[]
  /** The ranges of all pools in order, as addresses to search in. */
  readonly ranges: readonly Range<Prefix6>[]
  /** Those of all pd-pools in order: keys of the delegated length. */
  readonly prefixRanges: readonly Range<Prefix6>[]
  readonly allocator: Allocator
  readonly pdAllocator: Allocator
  /** A SOLICIT that asks for it is answered with leases at once (RFC 9915 §18.3.1). */
  readonly rapidCommit: boolean
  readonly lifetime: Lifetime6
  readonly leasing: Leasing
  readonly timers: Timers
  /** What counts for a client whose address is in no pool. */
  readonly names: PlaceNames
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
  rangesFor(classes: ClassSet): readonly Range<Prefix6>[]
  /** The same of the pd-pools: keys of the delegated length, which is the length of `first`. */
  prefixRangesFor(classes: ClassSet): readonly Range<Prefix6>[]
  /**
   * Whether the address or prefix is in a range of these two: a client without a reservation may
   * have it.
   */
  isDynamic(key: Prefix6, classes: ClassSet): boolean
  /** Where a client of these classes that the subnet is selected for may get something. */
  reachFor(classes: ClassSet): Reach6
  /**
   * The pool that contains the address, or undefined; also for addresses that `ranges` leave out.
   */
  poolOf(address: Prefix6): Pool6 | undefined
  /** The pd-pool that the prefix is one of; undefined for prefixes of another length. */
  pdPoolOf(prefix: Prefix6): PdPool6 | undefined
}

/** The lookup of reservations. */
export interface Reservations6 {
  /**
   * The reservation of a client that counts in the subnet: the subnet's own, then the global one
   * where it looks there.
   */
  of(known: Known6, subnet: Subnet6): Reservation6 | undefined
  /** The reservations that name this address or prefix there; empty for most. */
  at(key: Prefix6, subnet: Subnet6): readonly Reservation6[]
  /** Databases are looked into, too. */
  readonly joinsDatabases: boolean
  /** Whether a database has to be asked for the client first. */
  isUnknown(known: Known6): boolean
  /** The client's in the global list, before anything is known of its subnet. */
  global(known: Known6): Reservation6 | undefined
}

/** The reservations of one list. */
export interface ReservationList6 {
  of(known: Known6): Reservation6 | undefined
  /** By which somebody is found. */
  identifiers(): Iterable<Identifier6>
  find(kind: ReservationIdentifier6, value: Octets): Reservation6 | undefined
  at(key: Prefix6): readonly Reservation6[]
}

/**
 * Where a client may get an address or a prefix, once a subnet is selected: there, and in the
 * others of its shared network that admit it.
 */
export interface Reach6 {
  /** The selected one, then those with higher ids, then those from the lowest id on (as in Kea). */
  readonly subnets: readonly Subnet6[]
  /** What `rangesFor` says of each. */
  readonly ranges: readonly Range<Prefix6>[]
  /** Of these, what the partner is asked for: not a pool of one address that is reserved. */
  readonly wanted: readonly Range<Prefix6>[]
  /**
   * Ranges of prefixes to search in, for a client that wishes for this length (0 = none): lists to
   * be searched one after the other, each of one delegated length: that length, then the larger
   * prefixes, the next length first, then the smaller ones. Without a wish all are one list. The
   * same arrays at each call.
   */
  prefixRanges(wished: number): readonly (readonly Range<Prefix6>[])[]
}

/** Subnets on one link: a client that one of them is selected for may get an address of any. */
export interface SharedNetwork6 {
  readonly name: string
  /** Classes of clients that may use the network. */
  readonly guard: ClassMask
  /** Behind those of the subnet. */
  readonly additional: readonly number[]
  /** '' = no binding. */
  readonly interface: string
  readonly interfaceId: Octets
  /** Whether an IA has one lease, or one of each subnet. */
  readonly leasesPerIa: 'one' | 'per-subnet'
  /** Lowest id first. */
  readonly subnets: readonly Subnet6[]
}

export interface Pool6 {
  readonly id: number
  /** Keys of addresses. */
  readonly range: Range<Prefix6>
  /** Classes of clients that may use the pool. */
  readonly guard: ClassMask
  /** Before those of the subnet. */
  readonly additional: readonly number[]
  /** Options of pool, subnet, shared network and global level, merged. */
  readonly options: OptionSet
  readonly names: PlaceNames
}

/** Prefixes to delegate. */
export interface PdPool6 {
  readonly id: number
  /** All of it, `prefix`/`prefix-len`. */
  readonly prefix: Prefix6
  readonly delegatedLength: number
  /** Keys of the delegated length. */
  readonly range: Range<Prefix6>
  /** RFC 6603: what its client leaves out, of each delegated prefix the part at this place. */
  readonly excluded: Prefix6 | undefined
  /** Classes of clients that may use the pool. */
  readonly guard: ClassMask
  /** Before those of the subnet. */
  readonly additional: readonly number[]
  /** Options of pd-pool, subnet, shared network and global level, merged. */
  readonly options: OptionSet
}

export interface Reservation6 {
  /**
   * By each of them its client is known: several are one host. Empty = no client's: nothing but the
   * addresses and prefixes of an entry that was left out, which nobody else is to get.
   */
  readonly identifiers: readonly Identifier6[]
  /** In the order of the document. */
  readonly addresses: readonly Prefix6[]
  readonly prefixes: readonly ReservedPrefix6[]
  /** Host names are in lower case; a final dot says that the name is whole. */
  readonly hostname: string
  /** Numbers of the classes that the client is in by its reservation, in order. */
  readonly classes: readonly number[]
  /** Only its own options; they win over those of the pool. */
  readonly options: OptionLevel
}

export interface ReservedPrefix6 {
  readonly prefix: Prefix6
  /** What the client leaves out of it; nothing comes from the pool. */
  readonly excluded: Prefix6 | undefined
}
