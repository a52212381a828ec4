// What must hold for the leases of DHCPv6, as invariants.ts has it for those of DHCPv4: nothing is
// valid for two bindings, neither one key nor prefixes that overlap; what a server says of a lease
// stands on its disk; and no client gets an answer that it must throw away.

import {
  ADDRESS_BITS,
  isOverlapping,
  lengthOf,
  type Prefix6,
  textFromPrefix6,
} from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import { bindingOf } from '../leases/binding.ts'
import { graceOf } from '../leases/grace.ts'
import { LEASE_STATE, type Lease6 } from '../leases/lease.ts'
import type { Reply6 } from '../ports/datagrams6.ts'
import { INFINITE_LIFETIME, type Seconds } from '../time/units.ts'
import { MESSAGE_TYPE6 } from '../wire/v6/codes.ts'
import type { Client6Action, ClientLease6 } from './client6-settings.ts'
import { messageFromBytes6 } from './packet6.ts'
import type { VirtualClient6 } from './virtual-client6.ts'
import type { VirtualServer } from './virtual-server.ts'

/** How often each promise was put to the test. */
export interface InvariantCounters6 {
  /** A client got or extended something, and nobody else held it, or what overlaps it. */
  exclusive: number
  /** The same, and it stood on the disk of a server. */
  durable: number
  /** A server said so of a lease, and it stood on its own disk. */
  told: number
  /** Of them, prefixes. */
  prefixes: number
}

/** Longest time of a datagram on the wire. */
const DATAGRAM_LIFE = 10_000

/** Longest time from a server's answer to its use: on two cables, from a relay on, and a probe. */
export const ANSWER_LIFE = 2 * DATAGRAM_LIFE + 1000

export const OF_ANOTHER6 = 'the row is of another binding'

export class Invariants6 {
  readonly counters: InvariantCounters6 = { exclusive: 0, durable: 0, told: 0, prefixes: 0 }
  /** What two clients may have, since what keeps them apart was switched off. */
  isExempt: (key: Prefix6) => boolean = () => false
  readonly #violate: (sentence: string) => void
  readonly #clients: VirtualClient6[] = []
  readonly #servers: VirtualServer[] = []

  constructor(violate: (sentence: string) => void) {
    this.#violate = violate
  }

  watchClient(client: VirtualClient6): void {
    this.#clients.push(client)
    client.onAction((_, action) => this.#onAction(client, action))
  }

  watchServer(server: VirtualServer): void {
    this.#servers.push(server)
    server.onReply6((reply) => this.#onReply(server, reply))
  }

  #onAction(client: VirtualClient6, action: Client6Action): void {
    if (action.kind === 'refused')
      this.#violate(`${client.name} throws away what it is answered: ${action.why}`)
    if (action.kind !== 'bound' && action.kind !== 'extended') return
    if (this.isExempt(action.lease.key)) return
    this.#checkExclusive(client, action.lease)
    this.#checkDurable(client, action.lease)
  }

  /** A right begins only with a REPLY, so looking at that moment sees every overlap. */
  #checkExclusive(client: VirtualClient6, lease: ClientLease6): void {
    // It may have given it up in the same breath.
    if (!client.leases.some((own) => isSame(own, lease))) return
    this.counters.exclusive++
    for (const other of this.#clients)
      for (const held of other.leases) {
        if (!isOverlapping(held.key, lease.key)) continue
        if (other === client && isSame(held, lease)) continue
        const left = (other.remainingOf(held) / 1000).toFixed(1)
        const text = textFromPrefix6(held.key)
        this.#violate(
          `${textFromPrefix6(lease.key)} is valid for ${client.name} and, as ${text} for ${left} s more, for ${other.name}`,
        )
      }
  }

  /** Of a pair either server may have said it, also in the name of the other. */
  #checkDurable(client: VirtualClient6, lease: ClientLease6): void {
    const { now } = client.node.world
    // The REPLY may have been under way when the disk was lost.
    if (this.#servers.some(({ diskReplacedAt }) => now < diskReplacedAt + ANSWER_LIFE)) return
    this.counters.durable++
    const { key } = lease
    const problems = this.#servers.map((server) => leaseProblem6(client, lease, server))
    if (problems.includes('')) return
    this.#violate(
      `${client.name} was given ${textFromPrefix6(key)}, but of all servers: ${problems.join('; ')}`,
    )
  }

  #onReply(server: VirtualServer, { bytes, start, end }: Reply6): void {
    if (messageFromBytes6(bytes, start, end) === undefined)
      this.#violate(`${server.name} sends what cannot be read`)
    // A database that several servers write may have forgotten it, or show another time since.
    const { database, diskReplacedAt, node } = server
    if (database !== undefined && node.world.now < diskReplacedAt + DATAGRAM_LIFE) return
    for (const { key, binding, valid } of leasesInReply6(bytes, start, end)) {
      const row = server.keptRow(key) as Lease6 | undefined
      // Its client has given it back meanwhile, and somebody else may have got it.
      if (this.isExempt(key) || (row !== undefined && row.state !== LEASE_STATE.assigned)) continue
      this.counters.told++
      if (lengthOf(key) < ADDRESS_BITS) this.counters.prefixes++
      const counted = valid === INFINITE_LIFETIME ? 0 : valid * 1000
      const problem = rowProblem6(row, binding) || endProblem(row, server, counted)
      if (problem !== '')
        this.#violate(`${server.name} tells of ${textFromPrefix6(key)}, but ${problem}`)
    }
  }
}

/** What a REPLY gives, and to whom; nothing where the message is another. */
export function leasesInReply6(bytes: Uint8Array, start: number, end: number): ToldLease6[] {
  const message = messageFromBytes6(bytes, start, end)
  if (message?.type !== MESSAGE_TYPE6.reply) return []
  return message.ias.flatMap(({ kind, iaid, entries }) => {
    const binding = bindingOf(kind, iaid, message.clientId)
    return entries
      .filter(({ valid }) => valid > 0)
      .map(({ key, valid }) => ({ key, binding, valid }))
  })
}

interface ToldLease6 {
  readonly key: Prefix6
  readonly binding: Octets
  readonly valid: Seconds
}

function isSame(one: ClientLease6, other: ClientLease6): boolean {
  return one.kind === other.kind && one.iaid === other.iaid && one.key === other.key
}

/** Why the disk of the server does not keep what the client has safe, or ''. */
export function leaseProblem6(
  client: VirtualClient6,
  lease: ClientLease6,
  server: VirtualServer,
): string {
  const { kind, iaid, key } = lease
  const row = server.keptRow(key) as Lease6 | undefined
  const binding = bindingOf(kind, iaid, client.machine.settings.duid)
  return rowProblem6(row, binding) || endProblem(row, server, client.remainingOf(lease))
}

/** Why this row does not keep the right of a binding safe, or ''. */
export function rowProblem6(row: Lease6 | undefined, binding: string): string {
  if (row === undefined) return 'there is no row'
  // A late copy of its own DECLINE: nobody's, and kept out of use as long as its lease would have
  // run.
  if (row.state === LEASE_STATE.declined) return ''
  if (row.clientId !== binding) return OF_ANOTHER6
  return row.state === LEASE_STATE.assigned ? '' : `the row has state ${row.state}`
}

/** Why the row ends before the client may think so, or ''. */
function endProblem(row: Lease6 | undefined, { server }: VirtualServer, remaining: number): string {
  // The lease clock of a server runs from the reading of the journal on.
  if (row === undefined || server === undefined || server.state === 'starting') return ''
  const left = row.end - server.now()
  if (left + graceOf(row.validLifetime) >= remaining) return ''
  return `the row ends in ${left} ms and the client counts on ${remaining} ms`
}
