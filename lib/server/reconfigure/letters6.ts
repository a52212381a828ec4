// The RECONFIGUREs of this server on their way: rows to the journal and the partner, then the
// message, as any reply that must not be older than what it tells.

import type { Prefix6 } from '../../address/prefix6.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { Plan6 } from '../../config/plan/plan6.ts'
import { type Reconfigured, replayFrom, writeReconfigure } from '../../dhcp6/reconfigure6.ts'
import { ownerOf } from '../../ha/hash.ts'
import type { Change } from '../../leases/lease.ts'
import type { LeaseTable } from '../../leases/table/lease-table.ts'
import type { Datagrams6 } from '../../ports/datagrams6.ts'
import type { Instant, WallTime } from '../../time/units.ts'
import { MESSAGE_TYPE6 } from '../../wire/v6/codes.ts'
import { REPLY_ROOM, replyOf6 } from '../reply6.ts'
import type { Reporter6 } from '../reporter6.ts'
import type { ServiceDuties } from '../service.ts'
import { type ReconfigureRound, Reconfigurer6, type Told6 } from './reconfigurer6.ts'
import { tellingFor } from './telling6.ts'

/** What the service has for it. */
export interface LetterDuties6 {
  readonly table: LeaseTable<Prefix6>
  readonly datagrams: Datagrams6
  readonly lines: Reporter6
  readonly counts: Record<keyof ReconfigureRound, number>
  readonly clientPort: number
  readonly plan: () => Plan6
  readonly serverId: () => Octets
  readonly wall: () => WallTime
  /** Applies a change that must become durable, and that the other servers are told of. */
  put(change: Change<Prefix6>): void
}

export class Letters6 {
  readonly #service: LetterDuties6
  readonly #loop: ServiceDuties

  constructor(service: LetterDuties6, loop: ServiceDuties) {
    this.#service = service
    this.#loop = loop
  }

  /** Who decides to whom they go. */
  reconfigurer(): Reconfigurer6 {
    return new Reconfigurer6(this.#service.plan(), {
      table: this.#service.table,
      now: () => this.#loop.now(),
      isServing: (now) => this.#loop.refusal(6, false, now) === undefined,
      serves: (duid) => this.#serves(duid),
      tell: (duid, asks, now) => this.#tell(duid, asks, now),
      count: (what) => this.#service.counts[what]++,
      ended: (round) => this.#service.lines.say('DHCP6_RECONFIGURED', { ...round }),
    })
  }

  /** The least replay value of now. */
  replayFrom(): number {
    const side = this.#loop.pair?.plan.thisServer.role === 'secondary' ? 1 : 0
    return replayFrom(this.#service.wall(), side)
  }

  #serves(duid: Octets): boolean {
    const { pair } = this.#loop
    return pair === undefined || pair.admits(ownerOf(pair.plan, duid, ''), false) === undefined
  }

  #tell(duid: Octets, asks: Reconfigured, now: Instant): Told6 {
    const { arena, nextChange, pair } = this.#loop
    const { clientPort, datagrams, lines, plan, put, serverId, table } = this.#service
    const telling = tellingFor(table, plan(), datagrams.interfaces(), duid, this.replayFrom(), now)
    if (typeof telling === 'string') return telling
    const { address, key, relayPort, relays, replay, rows, through } = telling
    arena.reserve(REPLY_ROOM)
    const about = { serverId: serverId(), clientId: duid, asks, key, replay }
    const length = writeReconfigure(arena.chunk, arena.cursor, about, relays)
    if (length < 0) return 'no-way'
    for (const row of rows) {
      const change: Change<Prefix6> = { kind: 'put', lease: { ...row, change: nextChange() } }
      put(pair?.stamp(change) ?? change)
    }
    const destination = { address, port: relayPort === 0 ? clientPort : relayPort, source: '' }
    const type = MESSAGE_TYPE6.reconfigure
    this.#loop.park(replyOf6({ type, length, destination }, arena, through, now))
    lines.reconfigured(duid, asks, address)
    return 'told'
  }
}
