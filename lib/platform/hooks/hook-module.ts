// What a hook is: a module of the operator that `hooks-libraries` name, with its callouts. These
// are the types of the public API; examples/hooks has hooks to begin with.
//
// A hook has three kinds of callouts. Steps are called while a message is answered, and answer at
// once. Gates may take their time: the message waits, and nothing else does. Observers are told of
// what has happened, and nobody waits for them. Whatever a hook does, no reply leaves before the
// lease that it promises is stored. With "worker": true a hook has a thread of its own, and no
// steps.

import type { LeaseAction } from '../../leases/lease.ts'
import type { LeaseInfo } from '../../leases/lease-info.ts'

/** The default export of a module that `hooks-libraries[].library` names. */
export interface HookModule {
  /** Letters, digits, `-` and `_`: names the hook in the log, in metrics and in reasons. */
  readonly name: string
  /** Of this interface. Another one is refused. */
  readonly apiVersion: 1
  /**
   * Makes the hook ready, with what `parameters` say; for DHCPv4, where the map Dhcp4 names the
   * module. What it throws refuses the configuration: the server goes on with the one before. It
   * has 10 seconds.
   */
  setup4?(parameters: unknown, host: HookHost): Hooks4 | Promise<Hooks4>
  /** The same for DHCPv6, where the map Dhcp6 names the module. */
  setup6?(parameters: unknown, host: HookHost): Hooks6 | Promise<Hooks6>
}

/** What a hook is given of the server. */
export interface HookHost {
  readonly family: 4 | 6
  /** Lines carry the name of the hook. */
  readonly log: HookLog
  readonly metrics: HookMetrics
  /** A whole number from 0 to below `bound`, from the chance of the server, or of its thread. */
  random(bound: number): number
  /** Aborted when the hook is unloaded: hand it to whatever waits. */
  readonly signal: AbortSignal
}

export type HookFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface HookLog {
  debug(text: string, fields?: HookFields): void
  info(text: string, fields?: HookFields): void
  warn(text: string, fields?: HookFields): void
  error(text: string, fields?: HookFields): void
}

export type HookLabels = Readonly<Record<string, string>>

/** On the page of metrics as `whio_hook_<name of the hook>_<name>`. */
export interface HookMetrics {
  /** Only grows; its name ends in `_total` there. */
  counter(name: string, help: string): { add(amount?: number, labels?: HookLabels): void }
  gauge(name: string, help: string): { set(value: number, labels?: HookLabels): void }
}

/**
 * What a callout says: nothing, and the next hook is asked; or the end of it. `drop`: the message
 * is not answered. `nak`: the client is told that it does not get the lease (DHCPNAK, or
 * NoAddrsAvail); whoever asked for something else is not answered. The text is the reason, by which
 * it is counted.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a callout without a return says nothing
export type Verdict = undefined | void | { readonly drop: string } | { readonly nak: string }

/**
 * What a gate says besides. `found` is handed to all later callouts of this hook for this message,
 * as `found`: so an answer from outside becomes an option or a class. `inUse`, of an address of
 * DHCPv4 that is about to be offered: somebody else uses it, and the client is offered another one.
 */
export type GateVerdict = Verdict | { readonly found: unknown } | { readonly inUse: true }

/** What each callout is given; it cannot be changed. */
export interface Callout<Message> {
  readonly query: Message
  /** What the gates of this hook found out about this message; undefined: nothing, or not yet. */
  readonly found: unknown
}

/** Classes of the client. Only those that `client-classes` define can be assigned. */
export interface CalloutClasses {
  has(name: string): boolean
  /** Throws where the configuration defines no such class. */
  add(name: string): void
}

export interface ClassCallout<Message> extends Callout<Message> {
  readonly classes: CalloutClasses
}

/** Options of the message, as the server reads them from now on. */
export interface QueryOptions {
  /**
   * Takes the place of all options of the code, which is below 256. Throws for those by which it is
   * known who asks whom for which lease: of DHCPv4 requested address, overload, message type,
   * server identifier, client identifier, relay agent information and authentication; of DHCPv6
   * identifiers, IAs, elapsed time, rapid commit, reconfigure, status, authentication and what
   * relays say.
   */
  set(code: number, value: Uint8Array): void
  delete(code: number): void
}

export interface ReceivedCallout<Message> extends ClassCallout<Message> {
  /** Later callouts see what is edited in `query`, but for `bytes`. */
  readonly options: QueryOptions
}

export interface SubnetCallout<Message> extends Callout<Message> {
  /** The id of the one that is selected; undefined: none is. */
  readonly subnetId: number | undefined
}

export interface ReserveCallout<Message> extends Callout<Message> {
  /** In which subnet; of a shared network each is asked about. */
  readonly subnetId: number
}

/**
 * What is reserved for the client, as a reservation of the configuration would be. It gives no
 * right: an address that somebody else has is given when he has it no more. Let addresses lie
 * outside of the pools: of those in a pool nobody but the hook knows that they are reserved.
 */
export interface HookReserved {
  /**
   * `192.0.2.10`; `2001:db8::10`, and prefixes such as `2001:db8:0:100::/56`. Addresses outside of
   * the subnet do not count there. Without any, those of the configuration stay.
   */
  readonly addresses?: readonly string[]
  readonly hostname?: string
}

export interface LeaseCallout<Message> extends Callout<Message> {
  readonly subnetId: number
  /** `192.0.2.10`, `2001:db8::10`, `2001:db8:0:100::/56`. */
  readonly address: string
  /** Seconds; 4294967295 never ends. */
  readonly lifetime: number
  /** '' = none. */
  readonly hostname: string
}

/** What is different about the lease. */
export interface LeaseChange {
  readonly lifetime?: number
  /** '' = none. */
  readonly hostname?: string
  /** Members of the user-context of the lease; those of ISC and Whio are not a hook's. */
  readonly userContext?: Readonly<Record<string, unknown>>
}

export interface NameCallout<Message> extends Callout<Message> {
  readonly subnetId: number
  readonly address: string
  readonly hostname: string
  /** Whether the server registers the name and the address in DNS. */
  readonly forward: boolean
  readonly reverse: boolean
}

export interface NameChange {
  readonly hostname?: string
  readonly forward?: boolean
  readonly reverse?: boolean
}

export interface ReplyCallout<Message> extends Callout<Message> {
  readonly reply: DraftMessage
}

/** The reply before it is sent. */
export interface DraftMessage {
  /** `OFFER`, `ACK`, `NAK`; `ADVERTISE`, `REPLY`. */
  readonly type: string
  /** Codes in the order in which they are sent. */
  codes(): readonly number[]
  option(code: number): Uint8Array | undefined
  /**
   * Takes the place of all options of the code. Throws for those that the protocol is made of: of
   * DHCPv4 lease time, overload, message type, server identifier, client identifier and relay agent
   * information; of DHCPv6 identifiers, IAs, status, rapid commit, reconfigure, authentication and
   * what relays say.
   */
  setOption(code: number, value: Uint8Array): void
  deleteOption(code: number): void
  /** Of DHCPv4: `next-server` (an address), `server-hostname`, `boot-file-name`. */
  setField(field: 'next-server' | 'server-hostname' | 'boot-file-name', value: string): void
}

/** At the gates offer and grant. */
export interface GateCallout<Message> extends Callout<Message> {
  readonly subnetId: number
  /** What is about to be offered or given. */
  readonly addresses: readonly string[]
}

/** A lease has changed, for good. */
export interface LeaseEvent {
  readonly action: LeaseAction
  readonly lease: LeaseInfo
}

/** A reply that left. */
export interface SentReply {
  readonly family: 4 | 6
  /** `OFFER`, `ACK`, `NAK`; `ADVERTISE`, `REPLY`, `ADDR-REG-REPLY`. */
  readonly type: string
  /** Where to. */
  readonly address: string
  readonly port: number
  readonly interface: string
  /** The message, as it is on the wire; a copy. */
  readonly bytes: Uint8Array
}

/**
 * The callouts of a hook; it has those that it listens at. Those that are left out cost nothing.
 */
export interface HookCallouts<Message> {
  // ---- steps: they answer at once, wait for nothing, and go by what they are given
  /** Each message that can be read, before classes are assigned by tests. */
  received?(callout: ReceivedCallout<Message>): Verdict
  /** Classes are assigned as far as the message alone tells them. */
  classified?(callout: ClassCallout<Message>): Verdict
  /** The flex-id of the client, for reservations by it. */
  identify?(callout: Callout<Message>): Uint8Array | undefined
  /** The id of another subnet, or `none`. */
  selectSubnet?(callout: SubnetCallout<Message>): number | 'none' | Verdict
  /**
   * What is reserved for the client. Called for each of its messages, renewals too: a client of
   * whom it says nothing any more loses what it had by it.
   */
  reserve?(callout: ReserveCallout<Message>): HookReserved | Verdict
  /** A lease that is about to be offered or given. */
  lease?(callout: LeaseCallout<Message>): LeaseChange | Verdict
  /** Its name. */
  names?(callout: NameCallout<Message>): NameChange | undefined
  /** The reply before it is sent, as the last step. */
  reply?(callout: ReplyCallout<Message>): Verdict

  // ---- gates: the message waits for what they promise, for `timeout` at most
  /** A message that may be answered; not one that ends a lease. */
  query?(callout: Callout<Message>, signal: AbortSignal): Promise<GateVerdict> | GateVerdict
  /** Addresses that are about to be offered; they are kept for the client meanwhile. */
  offer?(callout: GateCallout<Message>, signal: AbortSignal): Promise<GateVerdict> | GateVerdict
  /** Leases that are about to be given, before they are stored. */
  grant?(callout: GateCallout<Message>, signal: AbortSignal): Promise<GateVerdict> | GateVerdict

  // ---- observers: told in batches of what has happened; nobody waits for them
  /** What leases have become, stored; the next batch comes when a promise is kept. */
  committed?(events: readonly LeaseEvent[]): void | Promise<void>
  sent?(replies: readonly SentReply[]): void | Promise<void>

  /** The hook is unloaded: a reload has put others in its place, or the server stops. */
  dispose?(): void | Promise<void>
}

export type Hooks4 = HookCallouts<HookQuery4>
export type Hooks6 = HookCallouts<HookQuery6>

interface HookQuery {
  /** Where it was received. */
  readonly interface: string
  /** Source address of the datagram. */
  readonly source: string
  /** The whole message as it came, relays' parts included; a copy. */
  readonly bytes: Uint8Array
  /** Codes of the options of the message itself. */
  codes(): readonly number[]
  /** The value of an option; a copy. */
  option(code: number): Uint8Array | undefined
}

export interface HookQuery4 extends HookQuery {
  readonly family: 4
  /** `DISCOVER`, `REQUEST`, `DECLINE`, `RELEASE`, `INFORM`; `BOOTP` where option 53 is missing. */
  readonly type: string
  readonly xid: number
  readonly secs: number
  readonly isBroadcast: boolean
  /** `02:00:00:00:00:01`, '' = none. */
  readonly hwAddress: string
  /** Option 61 in hex with colons, its type byte first; '' = none. */
  readonly clientId: string
  /** `0.0.0.0` = none. */
  readonly ciaddr: string
  readonly giaddr: string
  /** A sub-option, as of option 82. */
  subOption(code: number, subCode: number): Uint8Array | undefined
}

export interface HookQuery6 extends HookQuery {
  readonly family: 6
  /** `SOLICIT`, `REQUEST`, `RENEW` and so on. */
  readonly type: string
  readonly xid: number
  /** The DUID of the client in hex with colons, '' = none. */
  readonly duid: string
  /** Those nearest to this server first. */
  readonly relays: readonly HookRelay6[]
  /** All values of options of the code. */
  all(code: number): readonly Uint8Array[]
}

export interface HookRelay6 {
  readonly hopCount: number
  readonly linkAddress: string
  readonly peerAddress: string
  option(code: number): Uint8Array | undefined
}
