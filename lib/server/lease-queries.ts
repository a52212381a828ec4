// Queries about leases of DHCPv4: single ones among the datagrams, and in bulk. They change nothing
// and concern no client, so either server of a pair answers from what it stores.

import { BROADCAST, type Ipv4, ipv4FromOctets } from '../address/ipv4.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import type { LeaseQueryPlan } from '../config/plan/lease-query-plan.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import { configuredServerIds } from '../dhcp4/configured-server-ids.ts'
import type { Settings4 } from '../dhcp4/exchange4.ts'
import type { BulkKnown } from '../leasequery/bulk-query.ts'
import { answerQuery, judgeQuery } from '../leasequery/lease-query.ts'
import type { BulkQueries, BulkSink } from '../ports/bulk-queries.ts'
import type { Clock } from '../ports/clock.ts'
import type { Instant } from '../time/units.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Message4 } from '../wire/v4/reader.ts'
import type { ParkedReply4 } from './parked.ts'
import type { Waiting4 } from './question4.ts'
import type { ServiceDuties } from './service.ts'

/**
 * Look-ups of one batch, a subnet each: half a millisecond. Requesters ask again, so that a flood
 * of queries by client costs nobody else more.
 */
const LOOK_UPS_MAX = 4096

type Duties = Pick<ServiceDuties, 'arena' | 'inSlices' | 'now' | 'pair' | 'refusal' | 'tables'>

/** The world, as far as queries need it. */
interface QueryPorts {
  readonly clock: Pick<Clock, 'wall'>
  readonly bulkQueries?: BulkQueries | undefined
}

export class LeaseQueries implements BulkSink {
  readonly #settings: Pick<Settings4, 'isOwnAddress' | 'serverPort'>
  readonly #duties: Duties
  readonly #ports: QueryPorts
  #isOpen = false
  #plan: Plan4
  #serverIds: ReadonlySet<Ipv4>
  #lookUps = 0

  constructor(
    plan: Plan4,
    settings: Pick<Settings4, 'isOwnAddress' | 'serverPort'>,
    ports: QueryPorts,
    duties: Duties,
  ) {
    this.#settings = settings
    this.#ports = ports
    this.#duties = duties
    this.#plan = plan
    this.#serverIds = configuredServerIds(plan)
  }

  use(plan: Plan4): void {
    this.#plan = plan
    this.#serverIds = configuredServerIds(plan)
    if (this.#isOpen) this.open()
  }

  /** Queries in bulk are taken from now on. */
  open(): void {
    this.#isOpen = true
    this.#ports.bulkQueries?.use(this.#plan.leaseQuery, this)
  }

  close(): void {
    this.#isOpen = false
    this.#ports.bulkQueries?.close()
  }

  known(): BulkKnown | undefined {
    const { pair, tables } = this.#duties
    const now = this.#duties.now()
    if (this.#duties.refusal(4, false, now) !== undefined) return undefined
    const wall = this.#ports.clock.wall()
    return { plan: this.#plan, table: tables.v4, now, wall, isOfPair: pair !== undefined }
  }

  inSlices(slice: () => boolean, lost: () => void): boolean {
    return this.#duties.inSlices(slice, lost)
  }

  /** The batch has ended. */
  turn(): void {
    this.#lookUps = 0
  }

  /** The answer, or why there is none. */
  answer(message: Message4, arrival: Waiting4['arrival'], now: Instant): ParkedReply4 | Reason4 {
    const { leaseQuery } = this.#plan
    if (leaseQuery === undefined) return 'bad-message-type'
    return this.#duties.refusal(4, false, now) ?? this.#answered(message, leaseQuery, arrival, now)
  }

  #answered(
    message: Message4,
    plan: LeaseQueryPlan,
    { address, link, to }: Waiting4['arrival'],
    now: Instant,
  ): ParkedReply4 | Reason4 {
    const own = link.addresses.map((one) => one.address)
    const asked = judgeQuery(message, plan, (id) => own.includes(id) || this.#isOwn(id))
    if (typeof asked === 'string') return asked
    if (asked.kind === 'client') {
      if (this.#lookUps >= LOOK_UPS_MAX) return 'overload'
      this.#lookUps += this.#plan.subnets.length
    }
    const source = own.length > 1 && to !== 0 && to !== BROADCAST ? to : own[0]!
    const { arena, pair, tables } = this.#duties
    const known = {
      plan: this.#plan,
      table: tables.v4,
      now,
      knowsAll: pair === undefined || pair.knowsAll(now),
    }
    const serverId = message.uint(OPTION4.serverIdentifier) || this.#configuredId() || source
    const { bytes, type } = answerQuery(message, asked, serverId, known)
    arena.reserve(bytes.length)
    const start = arena.cursor
    arena.chunk.set(bytes, start)
    arena.cursor += bytes.length
    return {
      ...{ kind: 'reply4', through: link, bytes: arena.chunk, start, end: arena.cursor },
      ...{ address: message.giaddr, port: this.#settings.serverPort, hwAddress: '' },
      ...{ source, lastHop: address, type, arrived: now },
    }
  }

  #isOwn(id: Ipv4): boolean {
    return this.#serverIds.has(id) || this.#settings.isOwnAddress?.(id) === true
  }

  /** The global option 54, 0 = none. */
  #configuredId(): Ipv4 {
    for (const { level } of this.#plan.options.levels)
      for (const { code, data, tag } of level.options)
        if (code === OPTION4.serverIdentifier && tag === undefined) return ipv4FromOctets(data)
    return 0
  }
}
