// The RECONFIGUREs of this server on their way: rows to the journal and the partner, then the
// message, as any reply that must not be older than what it tells.

import type { Prefix6 } from '../../address/prefix6.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { Plan6 } from '../../config/plan/plan6.ts'
import {
  hasOwnKey,
  type Reconfigured,
  replayFrom,
  writeReconfigure,
} from '../../dhcp6/reconfigure6.ts'
import type { StatelessClient6, StatelessClients6 } from '../../dhcp6/stateless6.ts'
import { ownerOf } from '../../ha/hash.ts'
import type { Change } from '../../leases/lease.ts'
import type { LeaseTable } from '../../leases/table/lease-table.ts'
import type { Datagrams6 } from '../../ports/datagrams6.ts'
import type { Instant, WallTime } from '../../time/units.ts'
import { MESSAGE_TYPE6 } from '../../wire/v6/codes.ts'
import type { ParkedReply6 } from '../parked.ts'
import { REPLY_ROOM, replyOf6 } from '../reply6.ts'
import type { Reporter6 } from '../reporter6.ts'
import type { ServiceDuties } from '../service.ts'
import { type ReconfigureRound, Reconfigurer6, type Told6 } from './reconfigurer6.ts'
import { type Telling6, tellingFor, tellingStateless } from './telling6.ts'

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
  readonly stateless: StatelessClients6
  /** What need not wait for any change leaves. */
  send(reply: ParkedReply6): void
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
      stateless: this.#service.stateless,
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
    if (pair === undefined || pair.admits(ownerOf(pair.plan, duid, ''), false) === undefined)
      return true
    return this.#stateless(duid) !== undefined
  }

  /** Undefined for a client that has its key with a lease. */
  #stateless(duid: Octets): StatelessClient6 | undefined {
    const { stateless, table } = this.#service
    const client = stateless.of(duid)
    if (client === undefined || hasOwnKey(table.byDuid(duid), this.#loop.now())) return undefined
    return client
  }

  #tell(duid: Octets, asks: Reconfigured, now: Instant): Told6 {
    const client = this.#stateless(duid)
    if (client !== undefined) return this.#tellStateless(client, now)
    const { datagrams, plan, put, table } = this.#service
    const telling = tellingFor(table, plan(), datagrams.interfaces(), duid, this.replayFrom(), now)
    if (typeof telling === 'string') return telling
    const letter = this.#written(telling, duid, asks, now)
    if (letter === undefined) return 'no-way'
    const { nextChange, pair } = this.#loop
    for (const row of telling.rows) {
      const change: Change<Prefix6> = { kind: 'put', lease: { ...row, change: nextChange() } }
      put(pair?.stamp(change) ?? change)
    }
    this.#loop.park(letter)
    return 'told'
  }

  /** Whatever it is asked for otherwise: it has nothing that it could renew. */
  #tellStateless(known: StatelessClient6, now: Instant): Told6 {
    const { datagrams, plan, send, stateless } = this.#service
    const told = tellingStateless(known, plan(), datagrams.interfaces(), this.replayFrom())
    if (typeof told === 'string') return told
    const asks = MESSAGE_TYPE6.informationRequest
    const letter = this.#written(told.telling, known.duid, asks, now)
    if (letter === undefined) return 'no-way'
    stateless.note(told.client)
    send(letter)
    return 'told'
  }

  /** Undefined where it has no room. */
  #written(
    { address, key, relayPort, relays, replay, through }: Telling6,
    duid: Octets,
    asks: Reconfigured,
    now: Instant,
  ): ParkedReply6 | undefined {
    const { arena } = this.#loop
    const { clientPort, lines, serverId } = this.#service
    arena.reserve(REPLY_ROOM)
    const about = { serverId: serverId(), clientId: duid, asks, key, replay }
    const length = writeReconfigure(arena.chunk, arena.cursor, about, relays)
    if (length < 0) return undefined
    const destination = { address, port: relayPort === 0 ? clientPort : relayPort, source: '' }
    lines.reconfigured(duid, asks, address)
    const type = MESSAGE_TYPE6.reconfigure
    return replyOf6({ type, length, destination }, arena, through, now)
  }
}
