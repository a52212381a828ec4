// The classes of a client, step by step, as more becomes known of it:
//
//   message          the class of its server in a pair, ALL, VENDOR_CLASS_, then pass 1
//   accepted         DROP is looked at. With early lookup: the classes of its global reservation,
//                    KNOWN, pass 2, DROP
//   subnet           guards of networks and subnets; reservations there, with their classes
//   reservation      KNOWN or UNKNOWN, pass 2, DROP, REJECT; guards of pools
//   address          classes of a reservation in a shared network, additional classes; then options
//                    and boot fields
//
// What a reservation says goes before what was evaluated: all that has a test is taken away, and
// tested again behind it. Messages that end leases go no further than `accepted`. Where a plan has
// no classes beside those of a pair nothing of this is done. The first line is each family's own.

import { admits, CLASS, type ClassMask, type ClassSet } from '../classify/class-set.ts'
import type { Facts } from '../classify/facts.ts'
import type { ClassProgram, ClassTrouble } from '../classify/program.ts'

/** What this asks of an exchange. */
export interface Classifying {
  readonly plan: { readonly classes: { readonly looksUpEarly: boolean } }
  readonly classes: ClassSet
  /** How the client gets into them; undefined: nothing depends on it. */
  readonly program: ClassProgram | undefined
  readonly facts: Facts
  readonly trouble: ClassTrouble
  /** Its global reservation was found before the subnet. */
  isKnownEarly: boolean
  /** That of the client, before anything is known of its subnet. */
  globalReservation(): Reserved | undefined
}

export interface Reserved {
  /** Numbers of the classes that the client is in by its reservation, in order. */
  readonly classes: readonly number[]
}

/** What is for clients of some classes, with the classes that are tested when it is chosen. */
export interface Guarded {
  readonly guard: ClassMask
  readonly additional: readonly number[]
}

export interface GuardedSubnet extends Guarded {
  readonly network: Guarded | undefined
}

/** Where the client may have a lease. */
export interface ReservedPlace {
  readonly subnet: GuardedSubnet
  readonly reservation: Reserved | undefined
}

/** Whether the message is not to be answered, as far as that is known before the subnet. */
export function isDroppedEarly(exchange: Classifying): boolean {
  const { classes, plan } = exchange
  if (classes.has(CLASS.drop)) return true
  if (!plan.classes.looksUpEarly) return false
  const reservation = exchange.globalReservation()
  if (reservation === undefined) return false
  exchange.isKnownEarly = true
  assignReserved(exchange, reservation.classes)
  assignKnown(exchange, true)
  return classes.has(CLASS.drop)
}

/** What the client is once its reservations are known; none where no subnet fits. */
export function settleClasses(exchange: Classifying, places: readonly ReservedPlace[]): void {
  if (exchange.program === undefined) return
  const selected = places[0]
  if (selected !== undefined) assignReserved(exchange, reservedClasses(exchange, selected))
  let isKnown = exchange.isKnownEarly
  for (const { reservation } of places) if (reservation !== undefined) isKnown = true
  assignKnown(exchange, isKnown)
}

const NONE: readonly number[] = []

/**
 * The classes of the reservation that counts where the subnet is selected. In a shared network
 * those of a global one only: which of its subnets the client gets an address of is not known yet.
 */
function reservedClasses(
  exchange: Classifying,
  { subnet, reservation }: ReservedPlace,
): readonly number[] {
  if (reservation === undefined || reservation.classes.length === 0) return NONE
  const { classes } = reservation
  if (subnet.network === undefined && !exchange.isKnownEarly) return classes
  const isGlobal = exchange.globalReservation()?.classes === classes
  if (isGlobal) return exchange.isKnownEarly ? NONE : classes
  return subnet.network === undefined ? classes : NONE
}

function assignReserved(exchange: Classifying, reserved: readonly number[]): void {
  const { classes, facts, trouble } = exchange
  if (reserved.length > 0) exchange.program!.again(reserved, facts, classes, trouble)
}

function assignKnown(exchange: Classifying, isKnown: boolean): void {
  const { classes, facts, trouble } = exchange
  classes.add(isKnown ? CLASS.known : CLASS.unknown)
  exchange.program!.late(facts, classes, trouble)
}

/** Why the settled classes leave the client no lease. */
export type ClassRefusal = 'dropped-by-class' | 'rejected-by-class' | 'no-subnet'

/**
 * `no-subnet`: the classes are not those any more for which the subnet was selected.
 */
export function refusalByClass(
  { classes, program }: Classifying,
  selected?: GuardedSubnet,
): ClassRefusal | undefined {
  if (program === undefined) return undefined
  if (classes.has(CLASS.drop)) return 'dropped-by-class'
  if (classes.has(CLASS.reject)) return 'rejected-by-class'
  return selected === undefined || isOpen(selected, classes) ? undefined : 'no-subnet'
}

/** Whether the guards of subnet and network admit the client. */
export function isOpen({ guard, network }: GuardedSubnet, classes: ClassSet): boolean {
  return admits(guard, classes) && (network === undefined || admits(network.guard, classes))
}

/**
 * The classes that are assigned when the address is known: too late for guards and lifetimes.
 * `pool` is the one of the address, if it is in any.
 */
export function assignLate(
  exchange: Classifying,
  subnet: GuardedSubnet,
  reservation: Reserved | undefined,
  pool: { readonly additional: readonly number[] } | undefined,
): void {
  if (exchange.program === undefined) return
  const { network } = subnet
  if (network !== undefined && reservation !== undefined)
    for (const number of reservation.classes) exchange.classes.add(number)
  if (pool !== undefined) assignAdditional(exchange, pool.additional)
  assignAdditional(exchange, subnet.additional)
  if (network !== undefined) assignAdditional(exchange, network.additional)
}

function assignAdditional(exchange: Classifying, numbers: readonly number[]): void {
  const { classes, facts, trouble } = exchange
  for (const number of numbers) exchange.program!.additional(number, facts, classes, trouble)
}
