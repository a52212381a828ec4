// Which zone of the plan has a name, or the name of an address, and which line of the queue its
// jobs wait in.

import type { Octets } from '../../bytes/octets.ts'
import type { NameServerPlan, NamesPlan, ZonePlan } from '../../config/plan/names-plan.ts'
import { BOTH, FORWARD, type NameEntry, REVERSE } from '../../ddns/name-record.ts'
import type { Line, QueueZone, UpdateQueue } from '../../ddns/queue.ts'
import { reverseNameOf } from '../../ddns/reverse-name.ts'
import { type Place, Zones } from '../../ddns/zones.ts'
import { type Key, versionOf } from '../../leases/keys/key.ts'
import type { Instant } from '../../time/units.ts'
import { addressOctets } from './wishes.ts'

/** The usual port is not told. */
const DNS_PORT = 53

export class NameZones {
  readonly plan: NamesPlan
  readonly #forward: Zones<ZonePlan>
  readonly #reverse: Zones<ZonePlan>
  readonly #lines = new Map<ZonePlan, Line>()
  /** Of D2, which has all names. */
  readonly #allNames: Readonly<Record<4 | 6, Line>> | undefined
  readonly lines: readonly { readonly direction: 'forward' | 'reverse'; readonly line: Line }[]

  /** The queue has these zones from now on. */
  constructor(plan: NamesPlan, queue: UpdateQueue, now: Instant) {
    this.plan = plan
    const isSelf = plan.via === 'self'
    const forward = isSelf ? plan.forward : []
    const reverse = isSelf ? plan.reverse : []
    this.#forward = new Zones(forward)
    this.#reverse = new Zones(reverse)
    const zones = [...forward, ...reverse]
    const d2 = ([4, 6] as const).map((of) => ({ name: '', servers: [serverName(plan.d2[of])] }))
    const lines = queue.use(plan.via === 'd2' ? d2 : zones.map(queueZone), now)
    for (const [at, zone] of zones.entries()) this.#lines.set(zone, lines[at]!)
    this.#allNames = plan.via === 'd2' ? { 4: lines[0]!, 6: lines[1]! } : undefined
    const directionOf = (at: number) => (at < forward.length ? 'forward' : 'reverse')
    this.lines = lines.map((line, at) => ({ direction: directionOf(at), line }))
  }

  /** Directions of an entry that somebody updates. */
  served(key: Key, entry: NameEntry): number {
    if (this.#allNames !== undefined) return BOTH
    return (
      (this.placeOf(key, entry.fqdn, FORWARD) === undefined ? 0 : FORWARD) |
      (this.placeOf(key, entry.fqdn, REVERSE) === undefined ? 0 : REVERSE)
    )
  }

  /** What stands at the top of a zone is not a client's. */
  placeOf(key: Key, fqdn: Octets, bit: number): Place<ZonePlan> | undefined {
    if (bit === REVERSE) return this.reverseZoneOf(reverseNameOf(addressOctets(key)))
    const place = this.#forward.find(fqdn)
    return place?.zoneName === fqdn ? undefined : place
  }

  reverseZoneOf(name: Octets): Place<ZonePlan> | undefined {
    return this.#reverse.find(name)
  }

  lineOf(key: Key, fqdn: Octets, bits: number): Line | undefined {
    if (this.#allNames !== undefined) return this.#allNames[versionOf(key)]
    const place = this.placeOf(key, fqdn, bits)
    return place && this.#lines.get(place.zone)
  }
}

function queueZone({ name, servers }: ZonePlan): QueueZone {
  return { name, servers: servers.map(serverName) }
}

export function serverName({ address, port }: Pick<NameServerPlan, 'address' | 'port'>): string {
  return port === DNS_PORT ? address : `${address}#${port}`
}

export function isSamePlan(one: NamesPlan, other: NamesPlan): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
