// What is wrong with a subnet by the leases that it gives: more new ones than clients come in a
// normal minute, or so many addresses declined that it is no chance. Told once an hour of each.

import type { MessageId } from '../catalogue/messages.ts'
import type { Key } from '../leases/keys/key.ts'
import type { Lease } from '../leases/lease.ts'
import type { LogFields } from '../ports/log.ts'
import type { Instant, Millis } from '../time/units.ts'
import type { LeaseAction } from './events.ts'

const WINDOW: Millis = 60_000

/** New leases of a minute that are a flood: a tenth of the addresses, within these bounds. */
const FLOOD_MIN = 100
const FLOOD_MAX = 1000

/** Of larger pools as many declined addresses as of this one are too many. */
const COUNTED_MAX = { 4: 2 ** 32, 6: 1024 } as const

/** Subnets whose new leases are counted at once. */
const SUBNETS_MAX = 4096

/** Writes a line once an hour of each subnet. */
export interface AlarmLines {
  alarm(id: MessageId, subnet: string, fields: LogFields, now: Instant): void
}

/** Where the lease is, and what there is. */
export interface AlarmedSubnet {
  readonly id: number
  readonly text: string
  /** Of all pools. */
  readonly addresses: number
  readonly declined: number
}

interface Window {
  end: Instant
  given: number
}

export class LeaseAlarms {
  readonly #family: 4 | 6
  readonly #lines: AlarmLines
  readonly #windows = new Map<number, Window>()

  constructor(family: 4 | 6, lines: AlarmLines) {
    this.#family = family
    this.#lines = lines
  }

  /** A lease has changed for good; `find`: its subnet, which few changes ask for. */
  note(
    action: LeaseAction,
    lease: Pick<Lease<Key>, 'start' | 'subnetId'>,
    find: () => AlarmedSubnet | undefined,
  ): void {
    if (action === 'granted') this.#granted(lease, find)
    else if (action === 'declined' || action === 'occupied') this.#declined(lease.start, find())
  }

  #granted(
    { start, subnetId }: Pick<Lease<Key>, 'start' | 'subnetId'>,
    find: () => AlarmedSubnet | undefined,
  ): void {
    const window = this.#windows.get(subnetId)
    if (window === undefined || start >= window.end) return this.#open(subnetId, start)
    window.given++
    if (window.given < FLOOD_MIN) return
    const subnet = find()
    if (subnet === undefined) return
    const most = Math.min(FLOOD_MAX, Math.max(FLOOD_MIN, subnet.addresses / 10))
    if (window.given < most) return
    const fields = { subnet: subnet.text, leases: window.given, seconds: WINDOW / 1000 }
    this.#lines.alarm(`DHCP${this.#family}_LEASE_FLOOD`, `${subnetId}`, fields, start)
  }

  #open(subnetId: number, start: Instant): void {
    if (this.#windows.size >= SUBNETS_MAX) this.#windows.clear()
    this.#windows.set(subnetId, { end: start + WINDOW, given: 1 })
  }

  #declined(now: Instant, subnet: AlarmedSubnet | undefined): void {
    if (subnet === undefined) return
    const { addresses, declined, id, text } = subnet
    if (declined * 10 < Math.min(addresses, COUNTED_MAX[this.#family])) return
    const fields = { subnet: text, declined, addresses }
    this.#lines.alarm(`DHCP${this.#family}_DECLINED_MANY`, `${id}`, fields, now)
  }
}
