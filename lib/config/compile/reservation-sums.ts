// What the whole plan must know of the reservations of a list, kept beside it: a list that was
// edited passes on what the edit leaves as it was.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Reservation4 } from '../plan/plan4.ts'
import { NO_BOOT_FIELDS } from '../plan/plan4.ts'

type Some = readonly (Reservation4 | undefined)[]

export interface ReservationSums {
  /** That are reserved, lowest first; twice where two may share one. */
  readonly addresses: readonly Ipv4[]
  /** Those with several identifiers. */
  readonly several: readonly Reservation4[]
  /** Those with options or fields of the header, in which hosts may be named. */
  readonly telling: readonly Reservation4[]
  /** Those that give classes. */
  readonly classed: readonly Reservation4[]
}

export const NO_SUMS: ReservationSums = { addresses: [], several: [], telling: [], classed: [] }

export function sumsOf(reservations: Some): ReservationSums {
  const addresses = new Uint32Array(reservations.length)
  const several: Reservation4[] = []
  const telling: Reservation4[] = []
  const classed: Reservation4[] = []
  let count = 0
  for (const one of reservations) {
    if (one === undefined) continue
    if (one.address !== 0) addresses[count++] = one.address
    if (one.identifiers.length > 1) several.push(one)
    if (isTelling(one)) telling.push(one)
    if (one.classes.length > 0) classed.push(one)
  }
  return { addresses: [...addresses.subarray(0, count).sort()], several, telling, classed }
}

function isTelling({ bootFields, options }: Reservation4): boolean {
  return bootFields !== NO_BOOT_FIELDS || options.options.length > 0
}

/** With some reservations less and others more. */
export function editedSums(former: ReservationSums, gone: Some, come: Some): ReservationSums {
  const [less, more] = [sumsOf(gone), sumsOf(come)]
  return {
    addresses: editedAddresses(former.addresses, less.addresses, more.addresses),
    several: editedList(former.several, less.several, more.several),
    telling: editedList(former.telling, less.telling, more.telling),
    classed: editedList(former.classed, less.classed, more.classed),
  }
}

function editedList(
  former: readonly Reservation4[],
  gone: readonly Reservation4[],
  come: readonly Reservation4[],
): readonly Reservation4[] {
  if (gone.length + come.length === 0) return former
  const left = gone.length === 0 ? former : former.filter((one) => !gone.includes(one))
  return [...left, ...come]
}

/** The same array where the addresses are the same. */
function editedAddresses(
  former: readonly Ipv4[],
  gone: readonly Ipv4[],
  come: readonly Ipv4[],
): readonly Ipv4[] {
  if (gone.length === come.length && gone.every((one, index) => one === come[index])) return former
  const addresses = [...former]
  for (const one of gone) addresses.splice(placeOf(addresses, one), 1)
  for (const one of come) addresses.splice(placeOf(addresses, one), 0, one)
  return addresses
}

/** Where the address stands in a sorted list, or is to stand. */
function placeOf(addresses: readonly Ipv4[], address: Ipv4): number {
  let low = 0
  let high = addresses.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (addresses[middle]! < address) low = middle + 1
    else high = middle
  }
  return low
}

/** The addresses of all lists, each once, lowest first. */
export function allAddresses(lists: readonly ReservationSums[]): readonly Ipv4[] {
  const some = lists.filter(({ addresses }) => addresses.length > 0)
  const sorted = some.length === 1 ? some[0]!.addresses : joined(some)
  const isUnique = sorted.every((address, at) => address !== sorted[at - 1])
  return isUnique ? sorted : sorted.filter((address, at) => address !== sorted[at - 1])
}

function joined(lists: readonly ReservationSums[]): readonly Ipv4[] {
  const all = new Uint32Array(lists.reduce((sum, { addresses }) => sum + addresses.length, 0))
  let count = 0
  for (const { addresses } of lists) for (const one of addresses) all[count++] = one
  return [...all.sort()]
}
