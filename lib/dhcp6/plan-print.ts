// What a plan has for the client of a lease, as far as the lease tells who that is, in one text:
// two plans with the same text tell the client the same. What depends on its messages (guards of
// pools, what it asks for) is not in it; of classes, which nothing remembers, all that any gives.

import { ADDRESS_BITS, isInside, lengthOf, textFromPrefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import { type OptionLevel, type OptionSet, saysNothing } from '../config/plan/option-set.ts'
import type {
  Known6,
  Plan6,
  Reservation6,
  ReservationIdentifier6,
  Subnet6,
} from '../config/plan/plan6.ts'
import { duidOf } from '../leases/binding.ts'
import type { Lease6 } from '../leases/lease.ts'
import type { StatelessClient6 } from './stateless6.ts'

/** Of what many leases share, made once. */
const prints = new WeakMap<object, string>()

export function planPrint(plan: Plan6, row: Lease6): string {
  const subnet = plan.subnetById(row.subnetId)
  if (subnet === undefined) return ''
  const reservation = plan.reservations.of(new Holder(duidOf(row), row.hwAddress), subnet)
  return [
    placePrint(plan, subnet, reservation, row),
    reservationPrint(plan, reservation, subnet),
    ofShared(subnet, () => [subnet.lifetime, subnet.timers, subnet.network?.name]),
    ofShared(plan.classes, () => classesPrint(plan)),
  ].join('\n')
}

/** The same for a client that has no lease: what it may be told is options. */
export function statelessPrint(plan: Plan6, client: StatelessClient6): string {
  const { duid, hwAddress, subnetId } = client
  const subnet = plan.subnetById(subnetId)
  if (subnet === undefined && subnetId !== 0) return ''
  const reservation = subnet && plan.reservations.of(new Holder(duid, hwAddress), subnet)
  const { options } = subnet ?? plan
  const own = reservation && [
    reservation.classes.map((number) => plan.classes.names[number]),
    levelPrint(reservation.options),
  ]
  return [
    ofShared(options, () => setPrint(options)),
    own === undefined ? '' : JSON.stringify(own),
    ofShared(plan.classes, () => classesPrint(plan)),
  ].join('\n')
}

/** Whether it may have the key, and the options that go with that. */
function placePrint(
  plan: Plan6,
  subnet: Subnet6,
  reservation: Reservation6 | undefined,
  { address: key }: Lease6,
): string {
  const isAddress = lengthOf(key) === ADDRESS_BITS
  const pool = isAddress ? subnet.poolOf(key) : undefined
  const pdPool = isAddress ? undefined : subnet.pdPoolOf(key)
  const place = pool ?? pdPool
  const others = plan.reservations.at(key, subnet).filter((one) => one !== reservation)
  const isReserved =
    reservation !== undefined &&
    (isAddress
      ? reservation.addresses.includes(key) && isInside(key, subnet.prefix)
      : reservation.prefixes.some(({ prefix }) => prefix === key))
  const isAllowed = isReserved || (place !== undefined && others.length === 0)
  const excluded = isReserved ? undefined : pdPool?.excluded
  const { options } = place ?? subnet
  return `${isAllowed} ${textOf(excluded)} ${ofShared(options, () => setPrint(options))}`
}

/** By their names: numbers change with every class that is added. */
function classesPrint({ classes: { given, names } }: Plan6) {
  return given.flatMap((one, number) => {
    if (one === undefined) return []
    const { options, preferred, valid } = one
    const isNothing = saysNothing(options) && preferred === undefined && valid === undefined
    return isNothing ? [] : [[names[number], levelPrint(options), preferred, valid]]
  })
}

function reservationPrint(
  plan: Plan6,
  reservation: Reservation6 | undefined,
  { prefix }: Subnet6,
): string {
  if (reservation === undefined) return ''
  const { addresses, classes, hostname, options, prefixes } = reservation
  return JSON.stringify([
    addresses.filter((address) => isInside(address, prefix)).map(textFromPrefix6),
    prefixes.map((one) => [textFromPrefix6(one.prefix), textOf(one.excluded)]),
    classes.map((number) => plan.classes.names[number]),
    ...[hostname, levelPrint(options)],
  ])
}

function textOf(prefix: Octets | undefined): string {
  return prefix === undefined ? '' : textFromPrefix6(prefix)
}

function setPrint({ levels }: OptionSet) {
  return levels.map(({ scope, level }) => [scope, levelPrint(level)])
}

function levelPrint({ enterprises, options }: OptionLevel) {
  return [options, enterprises]
}

function ofShared(shared: object, parts: () => unknown): string {
  let print = prints.get(shared)
  if (print === undefined) {
    print = JSON.stringify(parts())
    prints.set(shared, print)
  }
  return print
}

/** A client, to reservations. Of a flex-id nothing tells that is remembered of it. */
class Holder implements Known6 {
  readonly #duid: Octets
  readonly #hwAddress: Octets

  constructor(duid: Octets, hwAddress: Octets) {
    this.#duid = duid
    this.#hwAddress = hwAddress
  }

  knownBy(kind: ReservationIdentifier6): Octets {
    if (kind === 'duid') return this.#duid
    return kind === 'hw-address' ? this.#hwAddress : ''
  }
}
