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
// tested again behind it. RELEASE and DECLINE go no further than `accepted`. Where a plan has no
// classes beside those of a pair nothing of this is done.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import { admits, CLASS, type ClassSet } from '../classify/class-set.ts'
import type { Reservation4, Subnet4 } from '../config/plan/plan4.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Exchange4 } from './exchange4.ts'
import type { Place, Places } from './place.ts'

/** What the message alone says. */
export function classify(exchange: Exchange4): void {
  const { arrival, classes, facts, query, trouble } = exchange
  const program = exchange.program!
  facts.begin(query, arrival, classes)
  const { vendorClassIdentifier } = OPTION4
  program.begin(
    classes,
    query.has(vendorClassIdentifier) ? query.octets(vendorClassIdentifier) : undefined,
  )
  program.early(facts, classes, trouble)
  // From here on it is known by which definitions options 43 and 224 to 254 are to be read.
  facts.decode()
}

/** Whether the message is not to be answered, as far as that is known before the subnet. */
export function isDroppedEarly(exchange: Exchange4): boolean {
  const { classes, plan, sender } = exchange
  if (classes.has(CLASS.drop)) return true
  if (!plan.classes.looksUpEarly) return false
  const reservation = plan.reservations.global(sender)
  if (reservation === undefined) return false
  exchange.isKnownEarly = true
  assignReserved(exchange, reservation.classes)
  assignKnown(exchange, true)
  return classes.has(CLASS.drop)
}

/** What the client is once its reservations are known; none where no subnet fits. */
export function settleClasses(exchange: Exchange4, places: Places): void {
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
function reservedClasses(exchange: Exchange4, { subnet, reservation }: Place): readonly number[] {
  if (reservation === undefined || reservation.classes.length === 0) return NONE
  const { plan, sender } = exchange
  const { classes } = reservation
  if (subnet.network === undefined && !exchange.isKnownEarly) return classes
  const isGlobal = plan.reservations.global(sender)?.classes === classes
  if (isGlobal) return exchange.isKnownEarly ? NONE : classes
  return subnet.network === undefined ? classes : NONE
}

function assignReserved(exchange: Exchange4, reserved: readonly number[]): void {
  const { classes, facts, trouble } = exchange
  if (reserved.length > 0) exchange.program!.again(reserved, facts, classes, trouble)
}

function assignKnown(exchange: Exchange4, isKnown: boolean): void {
  const { classes, facts, trouble } = exchange
  classes.add(isKnown ? CLASS.known : CLASS.unknown)
  exchange.program!.late(facts, classes, trouble)
}

/**
 * Why the settled classes leave the client no answer. `no-subnet`: they are not those any more for
 * which the subnet was selected.
 */
export function refusalByClass(exchange: Exchange4, selected?: Subnet4): Reason4 | undefined {
  if (exchange.program === undefined) return undefined
  const { classes } = exchange
  if (classes.has(CLASS.drop)) return 'dropped-by-class'
  if (classes.has(CLASS.reject)) return 'rejected-by-class'
  return selected === undefined || isOpen(selected, classes) ? undefined : 'no-subnet'
}

/** Whether the guards of subnet and network admit the client. */
export function isOpen({ guard, network }: Subnet4, classes: ClassSet): boolean {
  return admits(guard, classes) && (network === undefined || admits(network.guard, classes))
}

/**
 * The classes that are assigned when the address is known: too late for guards and lifetimes.
 * `address` may be in no pool.
 */
export function assignLate(
  exchange: Exchange4,
  subnet: Subnet4,
  reservation: Reservation4 | undefined,
  address: Ipv4,
): void {
  if (exchange.program === undefined) return
  const { network } = subnet
  if (network !== undefined && reservation !== undefined)
    for (const number of reservation.classes) exchange.classes.add(number)
  const pool = subnet.poolOf(address)
  if (pool !== undefined) assignAdditional(exchange, pool.additional)
  assignAdditional(exchange, subnet.additional)
  if (network !== undefined) assignAdditional(exchange, network.additional)
}

function assignAdditional(exchange: Exchange4, numbers: readonly number[]): void {
  const { classes, facts, trouble } = exchange
  for (const number of numbers) exchange.program!.additional(number, facts, classes, trouble)
}
