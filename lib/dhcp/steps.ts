// Steps of hooks: what code of the operator says while a query is stepped. They are synchronous and
// go by what they are given, so that the same query meets the same answers when it is stepped
// again. What a hook may not change is not in what it is given; whoever runs the hooks sees to
// their order, and to what becomes of one that fails.

import type { Octets } from '../bytes/octets.ts'
import type { CommonReason } from '../catalogue/common-reasons.ts'
import { type ClassSet, FIXED_CLASSES } from '../classify/class-set.ts'
import { contextMembers } from '../leases/json-context.ts'
import { INFINITE_LIFETIME, type Seconds } from '../time/units.ts'

/** Where hooks are called, a bit each: whoever listens nowhere is never called. */
export const STEP = {
  /** The message can be read; no class is assigned yet but those of a pair. */
  received: 1,
  /** Classes are assigned as far as the message alone tells them. */
  classified: 2,
  /** What the client is called by reservations: their flex-id. */
  identify: 4,
  /** The subnet is selected. */
  selectSubnet: 8,
  /** A lease is about to be offered or given. */
  lease: 16,
  /** Its name. */
  names: 32,
  /** The reply is finished. */
  reply: 64,
  /** What is reserved for the client in a subnet. */
  reserve: 128,
} as const

/** Those that have a say in the terms of a lease. */
export const TERM_STEPS = STEP.lease | STEP.names

/** Ends a step: the query is not answered, or, where it can be, its client is told no. */
export class RefusedByHook {
  readonly reason: CommonReason
  readonly isAloud: boolean

  constructor(reason: CommonReason, isAloud = false) {
    this.reason = reason
    this.isAloud = isAloud
  }
}

/** The classes of a client, by their names. */
export interface NamedClasses {
  has(name: string): boolean
  /** False: the configuration defines no such class. */
  add(name: string): boolean
}

/** A lease that is about to be offered or given. */
export interface ProposedLease {
  readonly subnetId: number
  /** `192.0.2.10`, `2001:db8::10`, `2001:db8:0:100::/56`. */
  readonly address: string
  readonly lifetime: Seconds
  /** '' = none. */
  readonly hostname: string
}

/** What is different about it; what is left out stays. */
export interface LeaseEdit {
  readonly lifetime?: Seconds | undefined
  readonly hostname?: string | undefined
  /** JSON text of a map, of which each member takes the place of one of the same name. */
  readonly userContext?: string | undefined
}

/** What a hook reserves for a client. */
export interface HookReservation {
  /** Those of other subnets do not count. */
  readonly addresses: readonly string[]
  readonly hostname?: string | undefined
}

export interface ProposedName {
  readonly subnetId: number
  readonly address: string
  /** '' = none. */
  readonly hostname: string
  /** Whether the server registers it in DNS: the name, and the address. */
  readonly forward: boolean
  readonly reverse: boolean
}

export type NameEdit = Partial<Pick<ProposedName, 'hostname' | 'forward' | 'reverse'>>

export const NO_NAME_EDIT: NameEdit = {}

/** '' = none. */
export function isHostName(hostname: string): boolean {
  return hostname === '' || (hostname.length <= 253 && /^[\w-]+(?:\.[\w-]+)*\.?$/.test(hostname))
}

export function isLifetime(lifetime: Seconds): boolean {
  return Number.isInteger(lifetime) && lifetime > 0 && lifetime <= INFINITE_LIFETIME
}

/** A reply before it is written. What the protocol is made of is not in it. */
export interface DraftReply {
  /** One of MESSAGE_TYPE4 or MESSAGE_TYPE6. */
  readonly type: number
  /** By code, with the values of all options of the code: of DHCPv4 there is one. */
  readonly options: Map<number, readonly Octets[]>
  /** Of DHCPv4. */
  readonly fields: { siaddr: number; sname: Octets; file: Octets } | undefined
}

export interface Steps<Query, Arrival> {
  /** The bits of STEP at which it wants to be called. */
  readonly points: number
  /** What comes is about this query. `found`: what was found out about it outside. */
  begin(query: Query, arrival: Arrival, found: unknown): void
  received(classes: NamedClasses): void
  classified(classes: NamedClasses): void
  /** '' = none. */
  identify(): Octets
  /** `id`: of the subnet that was selected, 0 = none. Returns the one to take. */
  selectSubnet(id: number): number
  /** In the subnet of this id; undefined: what the configuration says. */
  reserve(subnetId: number): HookReservation | undefined
  lease(lease: ProposedLease): LeaseEdit | undefined
  names(name: ProposedName): NameEdit | undefined
  /** Changes the draft. */
  reply(draft: DraftReply): void
  /** What was said last cannot be done: its hook has failed. Throws RefusedByHook. */
  wrong(why: string): never
}

/** What this asks of an exchange. */
interface Classified {
  readonly classes: ClassSet
  readonly plan: {
    readonly classes: { numberOf(name: string): number | undefined }
  }
}

/** Those of the exchange, for its hooks: what Kea and a pair assign themselves is not assigned. */
export function namedClasses(exchange: Classified): NamedClasses {
  const { classes, plan } = exchange
  return {
    has(name) {
      const number = plan.classes.numberOf(name)
      return number !== undefined && classes.has(number)
    },
    add(name) {
      const number = plan.classes.numberOf(name)
      if (number === undefined || number < FIXED_CLASSES) return false
      classes.add(number)
      return true
    },
  }
}

/** The user context of a lease with what a hook says of it; undefined where that cannot be. */
export function mergedContext(context: string, edit: string): string | undefined {
  const own = contextMembers(edit)
  if (own === undefined || OURS.some((name) => Object.hasOwn(own, name))) return undefined
  const former = context === '' ? {} : contextMembers(context)
  const merged = JSON.stringify({ ...former, ...own })
  return merged.length > CONTEXT_MAX ? undefined : merged
}

/** Members by which the server notes what it must not forget. */
const OURS = ['ISC', 'Whio']

/** A row is copied with every change of it. */
const CONTEXT_MAX = 4096
