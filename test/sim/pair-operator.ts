// What humans do at a simulated pair: maintenance, words that no server can find out by itself, and
// copies of disks that are put back. What is promised then (lib/ha/README.md, rules 8 and 9):
//
//   maintenance   everything, all the time: the one that leaves and the one that stays never have
//                 more than two keys.
//   partner-off   said truthfully: the partner is down, no client has a lease that only it knows,
//                 and when it comes back it serves nobody before it has reached the other one. Then
//                 no address is ever valid for two clients. Keys on the two disks may be more than
//                 two until they have met, and rows of two clients may meet (the former lease had
//                 ended, the one that slept does not know) until both share again.
//   serve-alone   said to one of two servers that have never met: everything, all the time.
//   old-disk      a copy of a disk is put back: see old-copies.ts.
//   import        one server has served without a pair, and both begin with its leases, the second
//                 one with an old copy of them (as after an import), cut off from each other:
//                 everything, all the time. (What only the second one knew, nobody could promise:
//                 rule 9a.)
//
// Changes of files are in mode-changes.ts. A false word, two new disks at once and clones are
// outside of what any rule can mend: they do not happen here.

import type { Plan } from '../../lib/config/plan/plan.ts'
import { between } from '../../lib/lab/chance.ts'
import { rowProblem } from '../../lib/lab/invariants.ts'
import { leaseProblem6 } from '../../lib/lab/invariants6.ts'
import type { PairLab } from '../../lib/lab/pair.ts'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import type { OrderAnswer, Orders } from '../../lib/server/pair/orders.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { hasMet, isSharing, OldCopies } from './old-copies.ts'

export const OPERATOR_KINDS = ['maintenance', 'partner-off', 'old-disk', 'mode-change'] as const

export type OperatorKind = (typeof OPERATOR_KINDS)[number]

type Word = 'startMaintenance' | 'cancelMaintenance' | 'confirmPartnerOff' | 'serveAlone'

/** Whatever a dead host has sent has arrived by then, or never will. */
const DATAGRAM_LIFE = 10_000

/** Until a server that has served alone becomes one of a pair. */
const IMPORT_MAX = 300_000

/** How often a human looks whether two servers have met, or whether work on one is to be ended. */
const LOOK_WAIT = 50
const CANCEL_WAIT = 1000

/**
 * So often it is tried at the end: once a second, until long after the pair must be whole again.
 */
const CANCELS_MAX = 120

export class PairOperator {
  /** How often each word was carried out, and each copy put back. */
  readonly counts: Record<string, number> = {}
  readonly #lab: PairLab
  readonly #draw: Draw
  /** Servers that are to stay down, each until a true time. */
  readonly #held = new Map<VirtualServer, number>()
  /** It must not serve before it has reached its partner. */
  #apart: VirtualServer | undefined
  /** Undefined where none are put back. */
  readonly #copies: OldCopies | undefined
  #ended = false
  /** Whether what others than clients have by orders is on the disk of the server. */
  knowsHosts: (server: VirtualServer) => boolean = () => true

  /** `leaseMax`: no lease is valid for longer, milliseconds. */
  constructor(lab: PairLab, keepsCopies: boolean, leaseMax: number) {
    this.#lab = lab
    this.#draw = lab.world.draw('operator')
    this.#copies = keepsCopies ? new OldCopies(lab, leaseMax) : undefined
  }

  /** Whether its disk holds a copy that has not met its partner. */
  isCopy(server: VirtualServer): boolean {
    return this.#copies?.isCopy(server) === true
  }

  /** Whether somebody else may start it. */
  mayStart(server: VirtualServer): boolean {
    return !this.#held.has(server) && this.#copies?.mayStart(server) !== false
  }

  start(server: VirtualServer, plan = server.plan): void {
    server.start(plan, this.#copies?.isTold(server))
  }

  /** Whether the other server's database is no new one: two that are lost at once are lost. */
  isSafeAt(index: number): boolean {
    const { disk, server } = this.#lab.servers[index] ?? {}
    if (server === undefined || disk?.pair === undefined || !this.#isSettled) return false
    return disk.pair.rights === 'shared' && disk.pair.doubtUntil <= server.now()
  }

  /** False when it is nothing that an operator does. */
  happen(kind: string, index: number): boolean {
    switch (kind) {
      case 'maintenance':
        this.#maintain(index % 2)
        return true
      case 'partner-off':
        this.#partnerOff(index % 2)
        return true
      case 'old-disk':
        if (this.#held.size === 0 && this.#apart === undefined) this.#copies?.putBack(index)
        return true
      default:
        return false
    }
  }

  /** One of two servers that cannot meet at the beginning is to serve without the other one. */
  startApart(): void {
    const { links, servers, world } = this.#lab
    const [one, other] = [servers[0]!.name, servers[1]!.name]
    links.cut(one, other)
    const chosen = servers[this.#draw(2)]!
    world.after(between(this.#draw, 0, 60_000), () => this.#serveAlone(chosen))
    world.after(between(this.#draw, 0, 200_000), () => this.#ended || links.heal(one, other))
  }

  /**
   * The first server serves alone with these plans, then both begin as a pair with its rows: the
   * second one with those of a while before.
   */
  startImported(single: readonly Plan[]): void {
    const { links, servers, world, invariants } = this.#lab
    const [one, other] = [servers[0]!, servers[1]!]
    const plan = one.plan
    for (const server of [one, other]) {
      server.crash()
      server.replaceDisk()
    }
    invariants.pair.mayConflict.add('import')
    one.start(single[0])
    const until = between(this.#draw, 0, IMPORT_MAX)
    this.#held.set(other, until)
    let copy = one.disk.snapshot()
    world.at(until * this.#draw(100) * 0.01, () => (copy = one.disk.snapshot()))
    links.cut(one.name, other.name)
    world.at(until, () => {
      const { rows, change, stamp } = copy
      other.disk.restore({ ...other.disk.snapshot(), rows, change, stamp })
      this.#count('import')
      this.#held.delete(other)
      if (one.isRunning) one.stop(() => this.#startIfDown(one, plan))
      else one.reload(plan)
      world.after(between(this.#draw, 0, 20_000), () => this.#startIfDown(other))
      world.after(
        between(this.#draw, 0, 200_000),
        () => this.#ended || links.heal(one.name, other.name),
      )
    })
    this.#awaitUnion()
  }

  /**
   * What the first one gave since the copy was made may be another client's there, until the two
   * have met.
   */
  #awaitUnion(): void {
    const { servers, world, invariants } = this.#lab
    const isUnited = servers.slice(0, 2).every(isSharing)
    if (isUnited) invariants.pair.mayConflict.delete('import')
    else world.after(LOOK_WAIT, () => this.#awaitUnion())
  }

  /** All work ends, and everything that was to stay down comes back. */
  end(): void {
    this.#ended = true
    for (const [server, until] of this.#held)
      this.#lab.world.at(until, () => this.#release(server, until))
    this.#cancelAll(CANCELS_MAX)
    this.#copies?.end()
    Object.assign(this.counts, this.#copies?.counts)
  }

  get #isSettled(): boolean {
    const isApart = this.#held.size > 0 || this.#apart !== undefined
    return !isApart && this.#copies?.isSettled !== false
  }

  // ---- maintenance

  /** Half of the time the server is restarted by whoever works on it. */
  #maintain(index: number): void {
    const { world } = this.#lab
    const survivor = this.#lab.server(index)
    const partner = this.#lab.server(1 - index)
    this.#say(survivor, 'startMaintenance', ({ allowed }) => {
      if (!allowed || this.#draw(2) === 0 || this.#ended) return
      world.after(between(this.#draw, 0, 20_000), () => {
        if (this.#ended || partner.server?.pair?.machine.state !== 'in-maintenance') return
        partner.stop(() => this.#comeBack(partner))
      })
    })
    world.after(between(this.#draw, 0, 60_000), () => this.#ended || this.#cancel(survivor))
  }

  /** Some come back with an old disk: everything they had is with the other one by now. */
  #comeBack(server: VirtualServer): void {
    const isOver = this.#ended || !this.#isSettled
    if (this.#copies === undefined || isOver || this.#draw(3) > 0) this.#startLater(server)
    else this.#copies.putBack(this.#lab.servers.indexOf(server))
  }

  #startIfDown(server: VirtualServer, plan = server.plan): void {
    if (!server.isRunning && this.mayStart(server)) this.start(server, plan)
  }

  #startLater(server: VirtualServer): void {
    const start = () => this.#startIfDown(server)
    if (this.#ended) start()
    else this.#lab.world.after(between(this.#draw, 0, 20_000), start)
  }

  #cancel(survivor: VirtualServer): void {
    if (survivor.server?.pair?.machine.state === 'partner-in-maintenance')
      this.#say(survivor, 'cancelMaintenance')
  }

  #cancelAll(times: number): void {
    for (const server of this.#lab.servers) this.#cancel(server)
    if (times > 0) this.#lab.world.after(CANCEL_WAIT, () => this.#cancelAll(times - 1))
  }

  // ---- words

  #partnerOff(index: number): void {
    const survivor = this.#lab.server(index)
    const partner = this.#lab.server(1 - index)
    if (!this.#isSettled || !survivor.isRunning) return
    const { world } = this.#lab
    partner.crash()
    const until = this.#hold(partner)
    world.at(until + between(this.#draw, 0, 20_000), () =>
      survivor.node.run(
        () => this.#held.get(partner) === until && this.#confirm(survivor, partner),
      ),
    )
    world.at(until + between(this.#draw, 0, 60_000), () => this.#release(partner, until))
  }

  /** The word is said only where it is true. */
  #confirm(survivor: VirtualServer, partner: VirtualServer): void {
    if (this.#ended || this.#apart !== undefined || !this.#knowsEveryLease(survivor)) return
    this.#setApart(partner)
    let isRefused = false
    this.#say(survivor, 'confirmPartnerOff', ({ allowed }) => (isRefused = !allowed))
    if (isRefused) this.#setApart(undefined)
    else if (this.#draw(3) === 0) this.#copies?.putBackOf(partner, survivor)
  }

  #knowsEveryLease(server: VirtualServer): boolean {
    if (server.server?.pair?.isOpen !== true || !this.knowsHosts(server)) return false
    const { clients, clients6 } = this.#lab
    const knows4 = clients.every((client) => {
      const { ipv4: address } = client
      return address === 0 || rowProblem(server.disk.durableRow(address), client, server) === ''
    })
    if (!knows4) return false
    return clients6.every((client) =>
      client.leases.every((lease) => leaseProblem6(client, lease, server) === ''),
    )
  }

  #serveAlone(server: VirtualServer): void {
    const isFresh = this.#lab.servers.every(({ disk: { pair } }) => (pair?.pairId ?? '') === '')
    if (isFresh && !this.#ended) this.#say(server, 'serveAlone')
  }

  #say(server: VirtualServer, word: Word, answer: OrderAnswer = () => {}): void {
    const orders: Orders | undefined = server.server?.pair?.orders
    if (orders === undefined) return answer({ allowed: false, why: 'it is down' })
    this.#lab.world.note('operator', `${word} to ${server.name}`)
    orders[word]((result) => {
      if (result.allowed) this.#count(word)
      this.#lab.world.note('operator', `${word}: ${result.allowed} ${result.why}`)
      answer(result)
    })
  }

  // ---- away and back

  /** It stays down, until its last datagrams have arrived at least. */
  #hold(server: VirtualServer): number {
    const until = this.#lab.world.now + DATAGRAM_LIFE
    this.#held.set(server, until)
    this.#lab.network.unplug(server.name)
    return until
  }

  /** `until`: from when on, by which one time away is known from another. */
  #release(server: VirtualServer, until: number): void {
    if (this.#held.get(server) !== until) return
    this.#held.delete(server)
    if (this.#apart !== server) this.#lab.network.plug(server.name)
    this.#startIfDown(server)
  }

  #setApart(server: VirtualServer | undefined): void {
    const { pair } = this.#lab.invariants
    this.#apart = server
    pair.checksKeys = server === undefined
    if (server === undefined) pair.mayConflict.delete('apart')
    else pair.mayConflict.add('apart')
    if (server !== undefined) this.#awaitMeeting(server)
  }

  #awaitMeeting(server: VirtualServer): void {
    if (this.#apart !== server) return
    if (!this.#held.has(server) && hasMet(server)) {
      this.#lab.world.note('operator', `${server.name} has met its partner`)
      this.#lab.network.plug(server.name)
      this.#awaitSharing()
    } else this.#lab.world.after(LOOK_WAIT, () => this.#awaitMeeting(server))
  }

  #awaitSharing(): void {
    const { servers, world, invariants } = this.#lab
    const pair = servers.slice(0, 2)
    if (pair.every(hasMet)) invariants.pair.checksKeys = true
    if (pair.every(isSharing)) {
      invariants.pair.mayConflict.delete('apart')
      this.#apart = undefined
    } else world.after(LOOK_WAIT, () => this.#awaitSharing())
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1
  }
}
