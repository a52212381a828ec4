// What must hold at every moment for the servers of a pair, beside what holds for each of them
// (invariants.ts): no address has more than two keys, sides differ, and what was acknowledged while
// the servers were connected is on both disks. And what must hold once faults have ended.

import { textFromIpv4 } from '../address/ipv4.ts'
import type { PairRecord } from '../ha/pair-record.ts'
import { graceOf } from '../leases/grace.ts'
import { isSameClient } from '../leases/identity.ts'
import { homeOf6 } from '../leases/keys/family6.ts'
import type { Key } from '../leases/keys/key.ts'
import { textFromKey } from '../leases/keys/key-text.ts'
import { LEASE_STATE, type Lease } from '../leases/lease.ts'
import { homeOf, keysByCounters } from '../leases/rights.ts'
import type { Reply4 } from '../ports/datagrams4.ts'
import type { Reply6 } from '../ports/datagrams6.ts'
import type { Instant } from '../time/units.ts'
import { TYPE } from './client4-messages.ts'
import { leasesInReply6, OF_ANOTHER6, rowProblem6 } from './invariants6.ts'
import type { OneHosts } from './one-hosts.ts'
import { type Packet4, packetFromBytes } from './packet4.ts'
import { isConnected } from './pair-status.ts'
import type { VirtualServer } from './virtual-server.ts'

/** How often each promise was put to the test. */
export interface PairCounters {
  /** The keys of an address that has rows were summed over both disks. */
  keys: number
  /** Of them, those that were split: one here, one there. */
  shared: number
  /** A server acknowledged a lease while it was connected, and both disks had it. */
  both: number
  /** A server acknowledged a lease on its own. */
  alone: number
  /** A server that waits for its backups acknowledged a lease, and their disks had it. */
  backedUp: number
}

/**
 * A partner that died seems to be there for so long: longer than any max-response-delay and
 * max-ack-delay.
 */
const UNNOTICED_MAX = 15_000

const OF_ANOTHER = 'the row is of another client'

export class PairInvariants {
  readonly counters: PairCounters = { keys: 0, shared: 0, both: 0, alone: 0, backedUp: 0 }
  /**
   * False while a human's word or an old disk stands above the keys: until the two servers have
   * met, when one of them has none (lib/ha/README.md, rules 8e and 9b).
   */
  checksKeys = true
  /** Why rows of two clients for one address may meet now; empty = they must not. */
  readonly mayConflict = new Set<string>()
  readonly #servers: VirtualServer[] = []
  readonly #backups: VirtualServer[] = []
  readonly #violate: (sentence: string) => void
  readonly #oneHosts: OneHosts
  #commits = 0
  /** Lease clock of each server, by name, since when no time was lost. */
  #quiet: ReadonlyMap<string, Instant> = new Map()

  constructor(violate: (sentence: string) => void, oneHosts: OneHosts) {
    this.#violate = violate
    this.#oneHosts = oneHosts
  }

  /** Adds a server; backups hold no keys. */
  watch(server: VirtualServer): void {
    if (server.plan.ha?.thisServer.role === 'backup') return void this.#backups.push(server)
    this.#servers.push(server)
    server.onReply((reply) => this.#onReply(server, reply))
    server.onReply6((reply) => this.#onReply6(server, reply))
  }

  afterStep(): void {
    const [one, other] = this.#servers
    if (one === undefined || other === undefined || !this.checksKeys) return
    const commits = one.disk.commits + other.disk.commits
    if (commits === this.#commits) return
    this.#commits = commits
    this.#checkSides(one.disk.pair, other.disk.pair)
    for (const key of keysOf(one, other)) this.#checkKeys(key, one, other)
  }

  /**
   * No server is held up from here on: rows that are written later end at the same time at both. A
   * server that is down or frozen loses time, and what it knew before ends late there.
   */
  markQuiet(): void {
    const all = [...this.#servers, ...this.#backups]
    this.#quiet = new Map(all.map(({ name, server }) => [name, server?.now() ?? 0]))
  }

  /**
   * Sentences about servers that should be whole again: keys complete, rows alike, on backups too.
   */
  differences(): string[] {
    const [one, other] = this.#servers
    const found = this.#backups.flatMap((backup) =>
      this.#servers.flatMap((server) => this.#unlike(server, backup)),
    )
    if (one === undefined || other === undefined) return found
    for (const key of keysOf(one, other)) {
      const keys = diskKeys(one, key) + diskKeys(other, key)
      if (this.checksKeys && keys !== 2) found.push(`${textFromKey(key)} has ${keys} keys`)
    }
    return [...found, ...this.#unlike(one, other)]
  }

  #unlike(one: VirtualServer, other: VirtualServer): string[] {
    const found: string[] = []
    for (const key of keysOf(one, other)) {
      const difference =
        this.#rowDifference(one, other, key) || this.#rowDifference(other, one, key)
      if (difference !== '') found.push(`${textFromKey(key)}: ${difference}`)
    }
    return found
  }

  #checkSides(one: PairRecord | undefined, other: PairRecord | undefined): void {
    if (one?.rights !== 'shared' || other?.rights !== 'shared') return
    if (one.pairId === other.pairId && one.side === other.side)
      this.#violate(`both servers are side ${one.side} of one pair`)
  }

  #checkKeys(key: Key, one: VirtualServer, other: VirtualServer): void {
    const [here, there] = [diskKeys(one, key), diskKeys(other, key)]
    this.counters.keys++
    if (here === 1 && there === 1) this.counters.shared++
    if (here + there > 2)
      this.#violate(
        `${textFromKey(key)} has ${here} keys at ${one.name} and ${there} at ${other.name}`,
      )
  }

  #onReply(server: VirtualServer, { bytes, start, end }: Reply4): void {
    const packet = packetFromBytes(bytes, start, end)
    if (packet === undefined || packet.yiaddr === 0) return
    if (packet.options.get(53)?.charCodeAt(0) !== TYPE.ack) return
    if (server.plan.ha?.waitBackupAck === true) this.#checkBackups(server, packet)
    const partner = this.#servers.find((one) => one !== server)
    const replicates = server.plan.ha?.sendLeaseUpdates !== false
    if (partner === undefined || !replicates || !isConnected(server)) {
      this.counters.alone++
      return
    }
    this.counters.both++
    // What was given without keys may be another client's at its home, which keeps that one's row
    // until it ends.
    const mayConflict = server.plan.ha?.whenSilent === 'available'
    // The client has declined or released it meanwhile.
    if (server.disk.durableRow(packet.yiaddr)?.state !== LEASE_STATE.assigned) return
    for (const { disk, name, diskReplacedAt, node } of [server, partner]) {
      // It had the row on the disk that was taken out, and this server has not noticed that it is
      // gone.
      if (node.world.now < diskReplacedAt + UNNOTICED_MAX) continue
      const problem = rowProblem(disk.durableRow(packet.yiaddr), packet)
      if (mayConflict && problem === OF_ANOTHER) continue
      if (problem === OF_ANOTHER && this.#hasGoneOver(disk.durableRow(packet.yiaddr)!, packet))
        continue
      if (problem !== '')
        this.#violate(
          `${server.name} acknowledges ${textFromIpv4(packet.yiaddr)} in contact, but at ${name} ${problem}`,
        )
    }
  }

  /** The same of DHCPv6, for each lease that a REPLY gives. */
  #onReply6(server: VirtualServer, { bytes, start, end }: Reply6): void {
    const partner = this.#servers.find((one) => one !== server)
    const replicates = server.plan.ha?.sendLeaseUpdates !== false
    const isAlone = partner === undefined || !replicates || !isConnected(server)
    const mayConflict = server.plan.ha?.whenSilent === 'available'
    for (const { key, binding } of leasesInReply6(bytes, start, end)) {
      if (isAlone) {
        this.counters.alone++
        continue
      }
      this.counters.both++
      // The client has declined or released it meanwhile.
      if (server.disk.durableRow6(key)?.state !== LEASE_STATE.assigned) continue
      for (const { disk, name, diskReplacedAt, node } of [server, partner]) {
        if (node.world.now < diskReplacedAt + UNNOTICED_MAX) continue
        const problem = rowProblem6(disk.durableRow6(key), binding)
        if (problem === '' || (mayConflict && problem === OF_ANOTHER6)) continue
        this.#violate(
          `${server.name} acknowledges ${textFromKey(key)} in contact, but at ${name} ${problem}`,
        )
      }
    }
  }

  /** Who waits for backups is answered by all that are there, and have heard what was before. */
  #checkBackups(server: VirtualServer, packet: Packet4): void {
    const sessions = server.server?.pair?.sessions
    for (const { name, disk, diskReplacedAt, node } of this.#backups) {
      if (sessions?.with(name)?.outgoing?.isComplete !== true) continue
      if (node.world.now < diskReplacedAt + UNNOTICED_MAX) continue
      this.counters.backedUp++
      const problem = rowProblem(disk.durableRow(packet.yiaddr), packet)
      if (problem === OF_ANOTHER && this.#hasGoneOver(disk.durableRow(packet.yiaddr)!, packet))
        continue
      if (problem !== '')
        this.#violate(
          `${server.name} acknowledges ${textFromIpv4(packet.yiaddr)}, but at its backup ${name} ${problem}`,
        )
    }
  }

  /** Whether another identifier of its host has got the address before the ACK left. */
  #hasGoneOver(row: Lease, { hwAddress, options }: Packet4): boolean {
    const client = { htype: 1, hwAddress, clientId: options.get(61) ?? '' }
    return this.#oneHosts.are(row.address, client, row)
  }

  /** Why what is live at one server is not the same at the other, or ''. */
  #rowDifference(one: VirtualServer, other: VirtualServer, key: Key): string {
    const [row, copy] = [one.disk.durableRowOf(key), other.disk.durableRowOf(key)]
    if (row === undefined || one.server === undefined || other.server === undefined) return ''
    const left = row.end - one.server.now()
    const grace = graceOf(row.validLifetime)
    if (row.state !== LEASE_STATE.assigned || left <= grace) return ''
    if (row.start < (this.#quiet.get(one.name) ?? 0)) return ''
    if (copy === undefined) return `live at ${one.name}, without a row at ${other.name}`
    // What a quarantine holds is held at the server alone that is in doubt (rule 9e).
    const isHeld = isExtended(row) && row.end <= (one.disk.pair?.doubtUntil ?? 0) + grace
    if (copy.state !== LEASE_STATE.assigned && isHeld) return ''
    if (copy.state !== LEASE_STATE.assigned)
      return `live at ${one.name}, in state ${copy.state} at ${other.name}`
    if (!isSameClient(row, copy)) return `${one.name} and ${other.name} know different clients`
    // An end from before, which no shorter renewal moves, may differ by what a server has lost.
    if (isExtended(row) || isExtended(copy)) return ''
    const copyLeft = copy.end - other.server.now()
    if (left === copyLeft || Math.abs(left - copyLeft) <= grace) return ''
    return `${left} ms are left at ${one.name}, ${copyLeft} ms at ${other.name}`
  }
}

/** The keys that a server would have if it started now from its disk. */
function diskKeys({ disk }: VirtualServer, key: Key): number {
  const record = disk.pair
  if (record === undefined || record.rights === 'none') return 0
  if (record.rights === 'sole') return 2
  const row = disk.durableRowOf(key)
  const home = typeof key === 'number' ? homeOf(key) : homeOf6(key)
  return keysByCounters(home, record.side, row?.gave ?? 0, row?.got ?? 0)
}

function keysOf(one: VirtualServer, other: VirtualServer): Set<Key> {
  return new Set([...one.disk.keys(), ...other.disk.keys()])
}

/** Why the row does not hold what is being acknowledged, or ''. */
function rowProblem(row: Lease | undefined, { hwAddress, options }: Packet4): string {
  if (row === undefined) return 'there is no row'
  // Its own DECLINE has crossed the reply: the address rests as long as the lease would have run.
  if (row.state === LEASE_STATE.declined) return ''
  const clientId = options.get(61) ?? ''
  if (row.hwAddress !== hwAddress && (clientId === '' || row.clientId !== clientId))
    return OF_ANOTHER
  return row.state === LEASE_STATE.assigned ? '' : `the row has state ${row.state}`
}

function isExtended({ start, end, validLifetime }: Lease<Key>): boolean {
  return end > start + validLifetime * 1000 + 1
}
