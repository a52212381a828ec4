// The reservations that count in a subnet of DHCPv6: its own, and the global ones where it looks
// into them. Of a global one only the addresses inside the asking subnet count there; the rest of
// it, prefixes among that, does.

import { isInside, type Prefix6 } from '../../address/prefix6.ts'
import { type HostSource, JoinedHosts } from './host-source.ts'
import type { Known6, ReservationIdentifier6 } from './known6.ts'
import type { Reservation6, Reservations6, Subnet6 } from './plan6.ts'
import type { ReservationIndex } from './reservation-index.ts'

export type ReservationIndex6 = ReservationIndex<Reservation6, ReservationIdentifier6, Prefix6>

export type HostSource6 = HostSource<Reservation6, ReservationIdentifier6, Prefix6>

/** Databases of reservations, behind the lists of the document. */
export interface HostSources6 {
  readonly order: readonly ReservationIdentifier6[]
  readonly sources: readonly HostSource6[]
}

const NONE: readonly Reservation6[] = []
const GLOBAL = 0

export class PlanReservations6 implements Reservations6 {
  readonly #index: ReservationIndex6
  /** Undefined where there are no databases. */
  readonly #joined: JoinedHosts<Reservation6, ReservationIdentifier6, Prefix6> | undefined
  /**
   * For reservations with addresses that count nowhere in a subnet, the same without these: by the
   * subnet that they were last asked for in.
   */
  readonly #cut = new WeakMap<Reservation6, CutReservation>()

  constructor(index: ReservationIndex6, hosts?: HostSources6) {
    this.#index = index
    if (hosts !== undefined && hosts.sources.length > 0)
      this.#joined = new JoinedHosts(hosts.order, hosts.sources)
  }

  get joinsDatabases(): boolean {
    return this.#joined !== undefined
  }

  isUnknown(known: Known6): boolean {
    return this.#joined?.isUnknown(known) === true
  }

  of(known: Known6, subnet: Subnet6): Reservation6 | undefined {
    const { ownReservations } = subnet
    const own =
      this.#joined === undefined
        ? ownReservations?.of(known)
        : this.#joined.of(known, ownReservations, subnet.id)
    if (own !== undefined || !subnet.usesGlobalReservations) return own
    const found = this.global(known)
    return found === undefined ? undefined : this.#inside(found, subnet.prefix)
  }

  at(key: Prefix6, subnet: Subnet6): readonly Reservation6[] {
    const { ownReservations } = subnet
    const own =
      this.#joined === undefined
        ? (ownReservations?.at(key) ?? NONE)
        : this.#joined.at(key, ownReservations, subnet.id)
    if (!subnet.usesGlobalReservations) return own
    const global =
      this.#joined === undefined ? this.#index.at(key) : this.#joined.at(key, this.#index, GLOBAL)
    if (global.length === 0 || (isAddress(key) && !isInside(key, subnet.prefix))) return own
    return own.length === 0 ? global : [...own, ...global]
  }

  global(known: Known6): Reservation6 | undefined {
    if (this.#joined === undefined) return this.#index.of(known)
    return this.#joined.of(known, this.#index, GLOBAL)
  }

  #inside(reservation: Reservation6, prefix: Prefix6): Reservation6 {
    if (isWholeInside(reservation, prefix)) return reservation
    const known = this.#cut.get(reservation)
    if (known?.prefix === prefix) return known.reservation
    const addresses = reservation.addresses.filter((address) => isInside(address, prefix))
    const cut = { ...reservation, addresses }
    this.#cut.set(reservation, { prefix, reservation: cut })
    return cut
  }
}

interface CutReservation {
  readonly prefix: Prefix6
  readonly reservation: Reservation6
}

function isWholeInside({ addresses }: Reservation6, prefix: Prefix6): boolean {
  for (const address of addresses) if (!isInside(address, prefix)) return false
  return true
}

function isAddress(key: Prefix6): boolean {
  return key.charCodeAt(0) === 128
}

/** What a reservation keeps for its client. */
export function keysOfReservation6({ addresses, prefixes }: Reservation6): readonly Prefix6[] {
  if (prefixes.length === 0) return addresses
  return [...addresses, ...prefixes.map(({ prefix }) => prefix)]
}
