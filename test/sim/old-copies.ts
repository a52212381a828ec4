// Copies of disks that are put back, of any age and at any moment: of one server, of both, of a
// backup, again and again, also while the partner is down, paused or cut off. What is promised then
// (lib/ha/README.md, rules 9b to 9f) goes by how the copy comes up:
//
//   waits    started as ever, and no client reaches it before it has met its partner: everything.
//   serves   started as ever, and it serves at once: the addresses that it deals with before it has
//            met its partner may be somebody else's, for as long as those leases run. Everything
//            else, and all of it from the meeting on.
//   told     the operator says that it is a copy (`--after-restore`): everything.
//   noted    only files were put back, and what the host has noted of them says so: everything.
//
// waits and serves need a partner that has heard of what the copy lacks. Of a copy that is older by
// what nobody else knows only `told` promises anything; so of both at once. Keys are more than two
// until the two have met.

import type { Ipv4 } from '../../lib/address/ipv4.ts'
import { isOverlapping, type Prefix6 } from '../../lib/address/prefix6.ts'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import { between, oneOf } from '../../lib/lab/chance.ts'
import type { DiskState } from '../../lib/lab/disk.ts'
import type { PairLab } from '../../lib/lab/pair.ts'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import type { Draw } from '../../lib/time/draw.ts'

type Way = 'waits' | 'serves' | 'told' | 'noted'

/** Whatever a dead host has sent has arrived by then, or never will. */
const DATAGRAM_LIFE = 10_000

const COPIES_MAX = 8

/** How often it is looked whether two servers have met. */
const LOOK_WAIT = 50

export class OldCopies {
  /** How often a copy came up in each way. */
  readonly counts: Record<string, number> = {}
  readonly #lab: PairLab
  readonly #draw: Draw
  readonly #leaseMax: number
  readonly #copies = new Map<VirtualServer, DiskState[]>()
  /** Servers that are to stay down, each until a true time. */
  readonly #held = new Map<VirtualServer, number>()
  /** Copies that have not met their partner yet. */
  readonly #back = new Map<VirtualServer, Way>()
  /** Those of which it is still to be said, once, that they are copies. */
  readonly #untold = new Set<VirtualServer>()
  /** Addresses and prefixes that a copy dealt with before it had met its partner. */
  readonly #tainted = new Set<Ipv4>()
  readonly #tainted6 = new Set<Prefix6>()
  #ended = false

  /** `leaseMax`: no lease is valid for longer, milliseconds. */
  constructor(lab: PairLab, leaseMax: number) {
    this.#lab = lab
    this.#draw = lab.world.draw('old-copies')
    this.#leaseMax = leaseMax
    this.#exempt()
    this.#keepCopies()
  }

  /** Whether every copy has met its partner, and both share again. */
  get isSettled(): boolean {
    return this.#held.size === 0 && this.#back.size === 0
  }

  mayStart(server: VirtualServer): boolean {
    return !this.#held.has(server)
  }

  /** Whether it is to be started as a copy. */
  isTold(server: VirtualServer): boolean {
    return this.#untold.has(server)
  }

  /** Whether it runs with a copy, or will, that has not met its partner. */
  isCopy(server: VirtualServer): boolean {
    return this.#back.has(server)
  }

  putBack(index: number): void {
    const server = this.#lab.server(index)
    if (server.plan.ha?.thisServer.role === 'backup') {
      // An active server whose file says otherwise for a while comes back as one.
      if ((server.disk.pair?.pairId ?? '') === '')
        this.#putBack(server, oneOf(this.#draw, this.#copies.get(server)!))
      return
    }
    // Without a partner nobody could know more.
    const other = this.#lab.server(1 - index)
    if (server.plan.ha?.partner === undefined || other.plan.ha?.partner === undefined) return
    if (this.#back.has(other) || this.#draw(5) === 0) return this.#putBothBack(server, other)
    const copy = this.#copyOf(server, other.disk.pair?.pairId)
    if (copy === undefined) return
    const ways = ['waits', 'serves'] as const
    const isSafe = !isProved(copy, other.disk.pair) || this.#draw(3) === 0
    this.#putBackAs(server, isSafe ? this.#safeWay(server, copy) : oneOf(this.#draw, ways), copy)
  }

  /**
   * The same for one that is down, and is started by somebody else, who keeps clients from it until
   * it has met `other`.
   */
  putBackOf(server: VirtualServer, other: VirtualServer): void {
    const copy = this.#copyOf(server, other.disk.pair?.pairId)
    if (copy === undefined) return
    const isFirst = this.#back.size === 0
    this.#note(server, this.#safeWay(server, copy))
    this.#restore(server, copy, true)
    if (isFirst) this.#awaitMeeting()
  }

  end(): void {
    this.#ended = true
    for (const [server, until] of this.#held)
      this.#lab.world.at(until, () => this.#release(server, until))
  }

  // ---- copies

  #keepCopies(): void {
    for (const server of this.#lab.servers) {
      const copies = this.#copies.get(server) ?? []
      copies.push(server.disk.snapshot())
      if (copies.length > COPIES_MAX) copies.splice(this.#draw(copies.length), 1)
      this.#copies.set(server, copies)
    }
    this.#lab.world.after(between(this.#draw, 1000, 120_000), () => {
      if (!this.#ended) this.#keepCopies()
    })
  }

  #putBothBack(one: VirtualServer, other: VirtualServer): void {
    const copy = oneOf(this.#draw, this.#copies.get(one)!)
    const another = this.#copyOf(other, copy.pair?.pairId)
    if (another === undefined) return
    this.#putBackAs(one, this.#safeWay(one, copy), copy)
    this.#putBackAs(other, this.#safeWay(other, another), another)
  }

  /** `told` where the host has noted nothing that shows it. */
  #safeWay({ disk }: VirtualServer, copy: DiskState): Way {
    return disk.isOlder(copy) && this.#draw(2) === 0 ? 'noted' : 'told'
  }

  /**
   * A copy that can meet a server of this pair, '' = of none yet. Where it is from before the first
   * meeting, too, the two would be two new disks.
   */
  #copyOf(server: VirtualServer, pairId = ''): DiskState | undefined {
    const copies = this.#copies.get(server)!.filter(({ pair }) => {
      const own = pair?.pairId ?? ''
      return own === pairId ? own !== '' : own === '' || pairId === ''
    })
    return copies.length === 0 ? undefined : oneOf(this.#draw, copies)
  }

  #putBackAs(server: VirtualServer, way: Way, copy: DiskState): void {
    const isFirst = this.#back.size === 0
    this.#note(server, way)
    this.#putBack(server, copy, way === 'noted' || way === 'told')
    if (isFirst) this.#awaitMeeting()
  }

  #note(server: VirtualServer, way: Way): void {
    const { pair } = this.#lab.invariants
    this.#back.set(server, way)
    if (way === 'told') this.#untold.add(server)
    else this.#untold.delete(server)
    this.#count(way)
    pair.checksKeys = false
    pair.mayConflict.add('old copy')
  }

  #restore(server: VirtualServer, copy: DiskState, onlyFiles: boolean): void {
    server.restoreDisk(copy, onlyFiles)
    this.#lab.world.note('operator', `puts a copy of ${server.name} back: ${copy.change}`)
  }

  /** It stays down until its last datagrams have arrived at least. */
  #putBack(server: VirtualServer, copy: DiskState, onlyFiles = false): void {
    const { world, network } = this.#lab
    server.crash()
    this.#restore(server, copy, onlyFiles)
    const until = world.now + DATAGRAM_LIFE
    this.#held.set(server, until)
    network.unplug(server.name)
    world.at(until + between(this.#draw, 0, 60_000), () => this.#release(server, until))
  }

  /** `until`: from when on, by which one time away is known from another. */
  #release(server: VirtualServer, until: number): void {
    if (this.#held.get(server) !== until) return
    this.#held.delete(server)
    if (this.#back.get(server) !== 'waits') this.#lab.network.plug(server.name)
    server.start(server.plan, this.isTold(server))
  }

  // ---- the meeting

  #awaitMeeting(): void {
    const { servers, world, network, invariants } = this.#lab
    const isMet = servers.slice(0, 2).every((one) => !this.#held.has(one) && hasMet(one))
    if (!isMet) return void world.after(LOOK_WAIT, () => this.#awaitMeeting())
    world.note('operator', 'copies have met')
    for (const server of this.#back.keys()) network.plug(server.name)
    invariants.pair.checksKeys = true
    this.#cleanLater([...this.#tainted], [...this.#tainted6])
    this.#awaitSharing()
  }

  #awaitSharing(): void {
    const { servers, world, invariants } = this.#lab
    const pair = servers.slice(0, 2)
    // One of them was put back again meanwhile.
    if (!invariants.pair.checksKeys) return this.#awaitMeeting()
    if (!pair.every(isSharing)) return void world.after(LOOK_WAIT, () => this.#awaitSharing())
    invariants.pair.mayConflict.delete('old copy')
    this.#back.clear()
  }

  // ---- what a copy does that serves too early

  #exempt(): void {
    const { invariants, servers } = this.#lab
    const { isExempt, v6 } = invariants
    const isExempt6 = v6.isExempt
    invariants.isExempt = (address) => isExempt(address) || this.#tainted.has(address)
    v6.isExempt = (key) =>
      isExempt6(key) || [...this.#tainted6].some((each) => isOverlapping(each, key))
    for (const server of servers)
      server.onEvent((_, event) => {
        // Whoever said it again later would make it lose what it has given since.
        if (server.disk.pair?.noneBecause === 'lost') this.#untold.delete(server)
        if (event.kind !== 'lease' || !this.#servesEarly(server)) return
        if (event.family === 4) this.#tainted.add(event.lease.address)
        else this.#tainted6.add(event.lease.address)
      })
  }

  #servesEarly(server: VirtualServer): boolean {
    return this.#back.get(server) === 'serves' && !this.#lab.invariants.pair.checksKeys
  }

  /** Clients have them as long as their leases run, and ACKs may be under way. */
  #cleanLater(addresses: readonly Ipv4[], keys: readonly Prefix6[]): void {
    this.#lab.world.after(1.01 * this.#leaseMax + DATAGRAM_LIFE, () => {
      if (!this.isSettled) return this.#cleanLater(addresses, keys)
      for (const address of addresses) this.#tainted.delete(address)
      for (const key of keys) this.#tainted6.delete(key)
    })
  }

  #count(way: Way): void {
    const kind = `copy-${way}`
    this.counts[kind] = (this.counts[kind] ?? 0) + 1
  }
}

/** It has said hello to its partner, and what follows from that is on its disk. */
export function hasMet({ server, disk }: VirtualServer): boolean {
  const pair = server?.pair
  if (pair?.sessions.withPartner === undefined) return false
  const { rights, handOver } = pair.record
  return disk.pair?.rights === rights && disk.pair.handOver === handOver
}

export function isSharing({ server, disk }: VirtualServer): boolean {
  const session = server?.pair?.sessions.withPartner
  return disk.pair?.rights === 'shared' && session?.incoming?.isSynced === true
}

/** Whether the partner has heard of what the copy lacks. */
function isProved({ database, change, pair }: DiskState, known: PairRecord | undefined): boolean {
  const heard = known?.heard[database]
  if (heard === undefined) return false
  return pair?.lives.some(({ id }) => id === heard.life) !== true || heard.position > change
}
