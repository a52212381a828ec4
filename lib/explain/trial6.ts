// One message and the real engine of DHCPv6: see trial4.ts.

import type { Prefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Reason6 } from '../catalogue/reasons6.ts'
import type { HaPlan } from '../config/plan/ha-plan.ts'
import type { Plan6 } from '../config/plan/plan6.ts'
import type { Arrival6 } from '../dhcp6/asked6.ts'
import { Engine6 } from '../dhcp6/engine6.ts'
import type { Outcome6 } from '../dhcp6/outcome6.ts'
import { StatelessClients6 } from '../dhcp6/stateless6.ts'
import type { Trace6 } from '../dhcp6/trace6.ts'
import { ownerOf } from '../ha/hash.ts'
import type { Lease6 } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type { Instant } from '../time/units.ts'
import { encodeMessage6, encodeRelayForward, iaEntry6, iaOption6 } from '../wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../wire/v6/codes.ts'
import type { Options6 } from '../wire/v6/message.ts'
import type { OptionPair6 } from '../wire/v6/octets6.ts'
import { decode6, decodeReply6, Message6 } from '../wire/v6/reader.ts'
import { DatabaseUnasked } from './unasked.ts'

/** Room for a reply: more than one fragment is never meant to be sent. */
const REPLY_MAX = 65_536

export type Tried6 =
  /** It never came to the engine. */
  | { readonly kind: 'malformed'; readonly reason: Reason6; readonly query: Message6 }
  | {
      readonly kind: 'stepped'
      readonly query: Message6
      readonly outcome: Outcome6
      /** Rows of what the reply names, as they were before it. */
      readonly rows: ReadonlyMap<Prefix6, Lease6>
      /** Of a reply, decoded. */
      readonly reply: Message6 | undefined
      /** Until the next message. */
      readonly trace: Trace6
    }

export class Trial6 {
  readonly #ha: HaPlan | undefined
  readonly #table: LeaseTable<Prefix6>
  readonly #engine: Engine6
  readonly #arrival: Arrival6
  readonly #now: Instant
  #change = 0

  constructor(
    plan: Plan6,
    ha: HaPlan | undefined,
    table: LeaseTable<Prefix6>,
    arrival: Arrival6,
    now: Instant,
    serverId: Octets,
  ) {
    this.#ha = ha
    this.#table = table
    this.#arrival = arrival
    this.#now = now
    table.classes.follow(plan.classLimits.addresses)
    const { own, named } = plan.hosts
    table.setReserved([...plan.reservedKeys(), ...own.keys(), ...named.keys()])
    this.#engine = new Engine6(plan, table, {
      draw: () => 0,
      nextChange: () => ++this.#change,
      serverIds: { own: serverId, accepted: () => true },
      stateless: new StatelessClients6(),
      keptFrom: (address) => {
        if (own.has(address)) return 'own'
        return named.has(address) ? 'named' : undefined
      },
    })
  }

  /** Which server of the pair is asked to answer: its position among the peers; 0 without one. */
  ownerOf({ clientId }: Message6): number {
    return this.#ha === undefined ? 0 : ownerOf(this.#ha, clientId, '')
  }

  step(message: Uint8Array): Tried6 {
    const query = new Message6()
    const reason = decode6(query, message, 0, message.length)
    if (reason !== undefined) return { kind: 'malformed', reason, query }
    const out = new Uint8Array(REPLY_MAX)
    const asked = {
      query,
      owner: Math.max(0, this.ownerOf(query)),
      arrival: this.#arrival,
      now: this.#now,
    }
    const outcome = this.#engine.step(asked, out, 0)
    // Nobody is asked.
    if (outcome.kind === 'look-up') throw new DatabaseUnasked()
    if (outcome.kind === 'wait') throw new Error('it would wait')
    const reply = outcome.kind === 'reply' ? decoded(out, outcome.length) : undefined
    const rows = this.#rowsOf(outcome)
    if (outcome.kind === 'reply')
      for (const { change } of outcome.changes) this.#table.apply(change)
    return { kind: 'stepped', query, outcome, rows, reply, trace: this.#engine.trace }
  }

  #rowsOf(outcome: Outcome6): ReadonlyMap<Prefix6, Lease6> {
    const rows = new Map<Prefix6, Lease6>()
    if (outcome.kind !== 'reply') return rows
    for (const { key } of outcome.ias.flatMap(({ entries }) => entries)) {
      const row = this.#table.byAddress(key)
      if (row !== undefined) rows.set(key, row)
    }
    return rows
  }
}

function decoded(bytes: Uint8Array, length: number): Message6 {
  const message = new Message6()
  decodeReply6(message, bytes.slice(0, length), 0, length)
  return message
}

/** Not in the REQUEST as they stand in the SOLICIT. */
const OF_SOLICIT: readonly number[] = [OPTION6.iaNa, OPTION6.iaPd, OPTION6.rapidCommit]

/** How the client of a SOLICIT would take what is offered. */
export function requestAfter6(solicit: Message6, offer: Message6): Uint8Array {
  const ias = offer.ias
    .filter(({ entries }) => entries.length > 0)
    .map(({ kind, iaid, entries }) =>
      iaOption6(
        kind,
        iaid,
        entries.map(({ key }) => iaEntry6(kind, key)),
      ),
    )
  const kept = pairsOf(solicit).filter(([code]) => !OF_SOLICIT.includes(code))
  const options: OptionPair6[] = [...kept, [OPTION6.serverId, offer.serverId], ...ias]
  let message = encodeMessage6(MESSAGE_TYPE6.request, solicit.xid, options)
  for (const relay of solicit.relays.toReversed()) {
    const { hopCount, linkAddress, peerAddress } = relay
    const own = pairsOf(relay).filter(([code]) => code !== OPTION6.relayMessage)
    message = encodeRelayForward(message, { hopCount, linkAddress, peerAddress, options: own })
  }
  return message
}

function pairsOf(options: Options6): OptionPair6[] {
  return [...new Set(options.codes())].flatMap((code) =>
    options.all(code).map((data): OptionPair6 => [code, data]),
  )
}
