// Changes of DNS under way: each is a course of messages to one server (ddns/transaction.ts), which
// ends with a verdict.

import type { Octets } from '../../bytes/octets.ts'
import type { NameServerPlan, ZonePlan } from '../../config/plan/names-plan.ts'
import type { DnsAnswer } from '../../ddns/message.ts'
import type { Order } from '../../ddns/order.ts'
import type { Flight } from '../../ddns/queue.ts'
import { startTransaction, type Transaction, type Verdict } from '../../ddns/transaction.ts'
import type { Place } from '../../ddns/zones.ts'
import type { Resolver, ResolverSink } from '../../ports/resolver.ts'
import type { Instant, Millis, Seconds } from '../../time/units.ts'
import { FoundZones } from './found-zones.ts'
import { serverName } from './name-zones.ts'

export interface CoursesDuties {
  now(): Instant
  /** The server's clock is so far ahead that it takes no signature by this one's. */
  clockDiffers(server: NameServerPlan, seconds: Seconds): void
  /** Which zone has what the name of an address leads to; undefined: none that is configured. */
  reverseZoneOf(name: Octets): Place<ZonePlan> | undefined
  /** What came of it. */
  ended(flight: Flight, verdict: Exclude<Verdict, { kind: 'moved' }>): void
}

interface Course {
  readonly flight: Flight
  readonly order: Order
  readonly server: NameServerPlan
  readonly transaction: Transaction
}

/** RFC 2136 §2.2: NOTZONE, of an alias that leads where nothing is configured. */
const NOTZONE = 10

export class Courses implements ResolverSink {
  readonly #resolver: Omit<Resolver, 'transfer'>
  readonly #duties: CoursesDuties
  readonly #courses = new Map<number, Course>()
  readonly #zones = new FoundZones()
  #tickets = 0
  /** See NamesPlan.serverTimeout. */
  timeout: Millis = 500

  constructor(resolver: Omit<Resolver, 'transfer'>, duties: CoursesDuties) {
    this.#resolver = resolver
    this.#duties = duties
  }

  open(): void {
    this.#resolver.open(this)
  }

  close(): void {
    this.#courses.clear()
    this.#resolver.close()
  }

  begin(flight: Flight, order: Order, server: NameServerPlan): void {
    const found = this.#zones.find(serverName(server), order.name, this.#duties.now())
    const zone = found ?? order.zone
    this.#send({ flight, order, server, transaction: startTransaction({ ...order, zone }) })
  }

  /** Another plan is in force: what was found by the former one is not. */
  forget(): void {
    this.#zones.forget()
  }

  #send(course: Course): void {
    const ticket = ++this.#tickets
    this.#courses.set(ticket, course)
    this.#resolver.send(ticket, course.server, course.transaction.request, this.timeout)
  }

  onDnsAnswer(ticket: number, answer: DnsAnswer): void {
    const course = this.#courses.get(ticket)
    if (course === undefined) return
    this.#courses.delete(ticket)
    if (answer.kind === 'reply' && answer.clockAhead !== 0)
      this.#duties.clockDiffers(course.server, answer.clockAhead)
    const verdict = course.transaction.take(answer)
    this.#noteZone(course)
    if (verdict === undefined) this.#send(course)
    else if (verdict.kind === 'moved') this.#goOn(course, verdict.name)
    else this.#duties.ended(course.flight, verdict)
  }

  #noteZone({ order, server, transaction }: Course): void {
    const { zone, zoneTtl } = transaction
    if (zone === undefined || zoneTtl === undefined) return
    this.#zones.note(serverName(server), order.name, zone, zoneTtl, this.#duties.now())
  }

  /** RFC 2317: the record belongs where the name of the address leads. */
  #goOn({ flight, order, server }: Course, name: Octets): void {
    const place = this.#duties.reverseZoneOf(name)
    if (place === undefined) return this.#duties.ended(flight, { kind: 'blocked', rcode: NOTZONE })
    const { zone, zoneName } = place
    const next = zone.servers.find((one) => isSame(one, server)) ?? zone.servers[0]!
    this.begin(flight, { ...order, name: place.name, zone: zoneName }, next)
  }
}

function isSame(one: NameServerPlan, other: NameServerPlan): boolean {
  return one.address === other.address && one.port === other.port
}

/** The one that the queue has chosen; the same by name where an alias led to another zone. */
export function serverOf({ server }: Flight, servers: readonly NameServerPlan[]): NameServerPlan {
  return servers[server] ?? servers[0]!
}
