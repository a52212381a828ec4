// Two servers that do whatever they may with one address, cut off and joined again, while its
// clients keep the books: schedules that break weaker rules, and any.

import fc from 'fast-check'
import t from 'tap'
import { type Ipv4, ipv4FromText } from '../../lib/address/ipv4.ts'
import { dueChange, isOwed } from '../../lib/leases/due-change.ts'
import { overAt, RELEASE_GUARD_MS } from '../../lib/leases/grace.ts'
import { isSameClient } from '../../lib/leases/identity.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import {
  decline,
  type GrantTerms,
  grant,
  handOn,
  release,
  share,
} from '../../lib/leases/lifecycle.ts'
import { kindOf, merge } from '../../lib/leases/merge.ts'
import {
  homeOf,
  type Keys,
  keysByCounters,
  type Rights,
  type Side,
} from '../../lib/leases/rights.ts'

function addressOf(home: Side): Ipv4 {
  let address = ipv4FromText('192.0.2.1')!
  while (homeOf(address) !== home) address++
  return address
}

const AT_HOME: Rights = { kind: 'keys', side: 0, paired: true, doubtUntil: 0 }

const A = { htype: 1, hwAddress: 'aaaaaa', clientId: '' }

const over = (lease: Lease) => overAt(lease.end, lease.validLifetime)

type Step =
  | { kind: 'request'; side: Side; client: number; lifetime: number; lost: boolean }
  | { kind: 'release'; client: number; late: boolean }
  | { kind: 'decline'; client: number }
  | { kind: 'late-release' }
  | { kind: 'wait'; ms: number }
  | { kind: 'due' | 'share' | 'handOn' | 'pause' | 'again' | 'deliver'; side: Side }
  | { kind: 'settle' }
  | { kind: 'cut' }
  | { kind: 'join' }

interface Server {
  readonly rights: Rights
  row: Lease | undefined
  position: number
  applied: number
  /** Milliseconds that its lease clock is behind. */
  behind: number
  readonly frames: Frame[]
}

/** To the other server. */
interface Frame {
  /**
   * With times counted from when it was sent; of a backlog, what the row says when its turn comes.
   */
  readonly row: Lease | 'backlog'
  /** Of the sender, which the receiver then has. */
  readonly position: number
  /** The client is told when the frame is there. */
  readonly told: (() => void) | undefined
}

const HOLD_MS = 60_000

/** Two servers with one address in common and its clients, who know until when they may use it. */
class Pair {
  readonly address: Ipv4
  readonly servers: readonly [Server, Server] = [server(0), server(1)]
  readonly until = [0, 0]
  readonly gaveUp = [0, 0]
  /** Who acknowledged last, as the client knows. */
  readonly server = [0, 0]
  isJoined = false
  /** Frames were under way so long that leases ended meanwhile. */
  wasSlow = false
  now = 1_000_000
  readonly late: { side: Side; client: number; at: number }[] = []

  constructor(home: Side) {
    this.address = addressOf(home)
  }

  take(step: Step): void {
    if (step.kind === 'request') this.#request(step.side, step.client, step.lifetime, step.lost)
    else if (step.kind === 'release') this.#giveUp(step.client, step.late)
    else if (step.kind === 'decline') this.#decline(step.client)
    else if (step.kind === 'late-release') this.#lateRelease()
    else if (step.kind === 'wait') this.#wait(step.ms)
    else if (step.kind === 'due') this.#due(step.side)
    else if (step.kind === 'share') this.#share(step.side)
    else if (step.kind === 'handOn') this.#handOn(step.side)
    else if (step.kind === 'pause') this.servers[step.side].behind += 100_000
    else if (step.kind === 'again') this.#again(step.side)
    else if (step.kind === 'deliver') this.deliver(step.side, 1)
    else if (step.kind === 'settle') this.settle()
    else if (step.kind === 'cut') this.cut()
    else this.join()
  }

  #wait(ms: number): void {
    this.now += ms
    if (this.servers.some((each) => each.frames.length > 0)) this.wasSlow = true
  }

  clock(side: Side): number {
    return this.now - this.servers[side].behind
  }

  keys(side: Side): Keys {
    const { row } = this.servers[side]
    return keysByCounters(homeOf(this.address), side, row?.gave ?? 0, row?.got ?? 0)
  }

  #isOver(side: Side): boolean {
    const { row } = this.servers[side]
    if (row === undefined || row.state === LEASE_STATE.released) return true
    return over(row) <= this.clock(side)
  }

  #request(side: Side, number: number, lifetime: number, lost: boolean): void {
    const one = this.servers[side]
    const client = clientOf(number)
    const keys = this.keys(side)
    const { row } = one
    const isHeld =
      row !== undefined && row.state !== LEASE_STATE.declined && isSameClient(row, client)
    if (keys === 0 || (!isHeld && (keys < 2 || !this.#isOver(side)))) return
    const terms = { ...TERMS, client, validLifetime: lifetime }
    let lease = grant(this.address, row, isHeld, terms, this.clock(side), ++one.position)
    if (this.isJoined && keys === 2) lease = share(lease, one.position)
    const asked = this.now
    const until = asked + lifetime * 1000 * 1.004
    this.#put(side, lease, () => {
      // Old replies are not sent, and who gave the address up since is not waiting for one.
      if (lost || this.now - asked > 5000 || this.gaveUp[number]! >= asked) return
      this.until[number] = until
      this.server[number] = side
    })
  }

  /** The RELEASE goes to the server of the last ACK, at once or some seconds later. */
  #giveUp(number: number, isLate: boolean): void {
    if (this.until[number]! <= this.now) return
    this.until[number] = 0
    this.gaveUp[number] = this.now
    this.late.push({ side: this.server[number] as Side, client: number, at: this.now })
    if (!isLate) this.#lateRelease()
  }

  #decline(number: number): void {
    if (this.until[number]! <= this.now) return
    this.until[number] = 0
    this.gaveUp[number] = this.now
    const side = this.server[number] as Side
    const one = this.servers[side]
    if (this.#counts(side, number))
      this.#end(side, decline(one.row!, this.clock(side), 900, ++one.position))
  }

  /** A datagram that was on its way for less than ten seconds. */
  #lateRelease(): void {
    const sent = this.late.shift()
    if (sent === undefined || this.now - sent.at >= 10_000) return
    if (!this.#counts(sent.side, sent.client)) return
    const one = this.servers[sent.side]
    this.#end(sent.side, release(one.row!, this.clock(sent.side), ++one.position))
  }

  #counts(side: Side, number: number): boolean {
    const { row } = this.servers[side]
    if (row === undefined || row.state !== LEASE_STATE.assigned || row.givenBy !== 'us')
      return false
    if (!isSameClient(row, clientOf(number))) return false
    return row.fresh || row.start + RELEASE_GUARD_MS <= this.clock(side)
  }

  #end(side: Side, lease: Lease): void {
    this.#put(side, { ...lease, knew: this.servers[side].applied }, undefined)
  }

  #due(side: Side): void {
    const one = this.servers[side]
    const { row, rights } = one
    if (row === undefined || !this.#isOver(side)) return
    const isOwedNow = isOwed(rights, homeOf(this.address), this.keys(side))
    if (row.state === LEASE_STATE.free && !isOwedNow) return
    if (row.state !== LEASE_STATE.assigned && row.end + HOLD_MS > this.clock(side)) return
    if (row.state !== LEASE_STATE.assigned && isOwedNow && !this.isJoined) return
    const { change, streamed } = dueChange(row, homeOf(this.address), rights, () => ++one.position)
    if (change.kind !== 'put') throw new Error('removed')
    if (streamed) this.#put(side, change.lease, undefined)
    else one.row = change.lease
  }

  #share(side: Side): void {
    const one = this.servers[side]
    if (!this.isJoined || this.keys(side) !== 2 || one.row?.state !== LEASE_STATE.assigned) return
    this.#put(side, share(one.row, ++one.position), undefined)
  }

  #handOn(side: Side): void {
    const one = this.servers[side]
    if (!this.isJoined || this.keys(side) !== 2 || !this.#isOver(side)) return
    if (one.row?.state === LEASE_STATE.assigned) return
    this.#put(side, handOn(this.address, one.row, ++one.position), undefined)
  }

  /** The row is sent once more, with nothing new in it. */
  #again(side: Side): void {
    if (this.isJoined) this.#send(side, undefined)
  }

  #put(side: Side, lease: Lease, told: (() => void) | undefined): void {
    const one = this.servers[side]
    one.row = lease
    if (this.isJoined) this.#send(side, told)
    else told?.()
  }

  #send(side: Side, told: (() => void) | undefined): void {
    const { row, position, frames } = this.servers[side]
    if (row !== undefined) frames.push({ row: moved(row, -this.clock(side)), position, told })
  }

  deliver(side: Side, count: number): void {
    const one = this.servers[side]
    const other = this.servers[side === 0 ? 1 : 0]
    const now = this.clock(side === 0 ? 1 : 0)
    for (const frame of one.frames.splice(0, count)) {
      if (frame.row !== 'backlog') this.#merge(other, moved(frame.row, now), now)
      else if (one.row !== undefined && one.row.change <= frame.position)
        this.#merge(other, moved(one.row, now - this.clock(side)), now)
      other.applied = frame.position
      frame.told?.()
    }
  }

  #merge(other: Server, theirs: Lease, now: number): void {
    const former = other.row
    const { lease, conflict, what } = merge(former, theirs, homeOf(this.address), other.rights, now)
    if (conflict !== 'none') throw new Error('a conflict')
    if (lease === undefined) return
    other.row = lease
    if (lease.got < (former?.got ?? 0)) throw new Error('got fell')
    if (former === undefined || what === 'taken' || what === 'shortened') return
    if (former.state === LEASE_STATE.released) return
    if (over(lease) < over(former) - 0.01) throw new Error(`${what} moved the end earlier`)
  }

  /** Everything that is under way arrives. */
  settle(): void {
    this.deliver(0, 999)
    this.deliver(1, 999)
  }

  cut(): void {
    this.isJoined = false
    for (const each of this.servers) for (const frame of each.frames.splice(0)) frame.told?.()
  }

  join(): void {
    if (this.isJoined) return
    this.isJoined = true
    for (const side of [0, 1] as const) {
      const { row, position, frames } = this.servers[side]
      const { applied } = this.servers[side === 0 ? 1 : 0]
      if (row !== undefined && row.change > applied)
        frames.push({ row: 'backlog', position, told: undefined })
    }
  }

  /** What is wrong now, or ''. */
  trouble(): string {
    const users = this.until.filter((until) => until > this.now).length
    if (users > 1) return `${users} clients use the address`
    if (this.keys(0) + this.keys(1) > 2) return `${this.keys(0)} + ${this.keys(1)} keys`
    return ''
  }
}

function server(side: Side): Server {
  const rights = { ...AT_HOME, side }
  return { rights, row: undefined, position: 0, applied: 0, behind: 0, frames: [] }
}

function clientOf(number: number): typeof A {
  return { htype: 1, hwAddress: `client${number}`, clientId: '' }
}

function moved(lease: Lease, by: number): Lease {
  return { ...lease, start: lease.start + by, end: lease.end + by }
}

const TERMS: GrantTerms = {
  client: A,
  subnetId: 1,
  poolId: 0,
  validLifetime: 0,
  hostname: '',
  fqdnFwd: false,
  fqdnRev: false,
  userContext: '',
}

const side = fc.constantFrom<Side>(0, 1)
const number = fc.constantFrom(0, 0, 0, 1)
const sided = <Kind extends string>(kind: Kind) => fc.record({ kind: fc.constant(kind), side })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('request' as const),
      side,
      client: number,
      lifetime: fc.constantFrom(100, 1000, 1000),
      lost: fc.constantFrom(false, false, true),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      client: number,
      late: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('decline' as const), client: number }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('late-release' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(100, 15_000, 15_000, 61_000, 61_000, 111_000, 1_200_000),
    }),
  },
  { weight: 3, arbitrary: sided('due') },
  { weight: 1, arbitrary: sided('share') },
  { weight: 1, arbitrary: sided('handOn') },
  { weight: 1, arbitrary: sided('pause') },
  { weight: 1, arbitrary: sided('again') },
  { weight: 3, arbitrary: sided('deliver') },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('join' as const) }) },
)

/** What goes wrong, or ''. */
function history(home: Side, steps: readonly Step[]): string {
  const pair = new Pair(home)
  for (const [index, each] of steps.entries()) {
    pair.take(each)
    const trouble = pair.trouble()
    if (trouble !== '') return `step ${index} ${each.kind}: ${trouble}`
  }
  pair.cut()
  pair.join()
  pair.settle()
  if (pair.keys(0) + pair.keys(1) !== 2) return `${pair.keys(0)} + ${pair.keys(1)} keys in the end`
  return pair.trouble() || differenceInTheEnd(pair)
}

/** Where each has a key, both say the same, but for an end: clocks are behind. */
function differenceInTheEnd(pair: Pair): string {
  if (pair.wasSlow || pair.keys(0) !== 1 || pair.keys(1) !== 1) return ''
  const [one, two] = pair.servers.map(({ row }) => row!) as [Lease, Lease]
  const kinds = [kindOf(one, pair.clock(0)), kindOf(two, pair.clock(1))]
  if (!kinds.includes('live') || kinds.includes('ended') || kinds.includes('free')) return ''
  if (kinds[0] !== kinds[1]) return `${kinds} in the end`
  return isSameClient(one, two) ? '' : 'two clients in the end'
}

t.test('schedules that break weaker rules', async (t) => {
  const request = (side: Side, client: number): Step => {
    return { kind: 'request', side, client, lifetime: 1000, lost: false }
  }
  const wait = (ms: number): Step => ({ kind: 'wait', ms })
  const [join, cut, settle]: Step[] = [{ kind: 'join' }, { kind: 'cut' }, { kind: 'settle' }]
  const both = (home: Side): Step[] => {
    const away = home === 0 ? 1 : 0
    return [join!, request(home, 0), settle!, request(away, 0), settle!, wait(15_000), cut!]
  }
  const released: Step = { kind: 'release', client: 0, late: false }
  const declined: Step = { kind: 'decline', client: 0 }

  /**
   * The client leaves its lease at the away server, gets it again at home; then home gives it away.
   */
  for (const leave of [released, declined])
    t.test(`${leave.kind} here, renewed there, and the key comes back`, async (t) => {
      for (const home of [0, 1] as const) {
        const away = home === 0 ? 1 : 0
        const steps = [...both(home), leave, request(home, 0), join!]
        const told: Step[] = [{ kind: 'deliver', side: away }, settle!, settle!]
        const back: Step[] = [
          wait(930_000),
          { kind: 'due', side: away },
          { kind: 'due', side: away },
        ]
        t.equal(history(home, [...steps, ...told, ...back, settle!, request(home, 1)]), '')
      }
    })
})

t.test('whatever two servers do, one client uses the address and no key is made', async () => {
  fc.assert(
    fc.property(
      side,
      fc.array(step, { minLength: 20, maxLength: 150, size: 'max' }),
      (home, steps) => {
        const trouble = history(home, steps)
        if (trouble !== '') throw new Error(trouble)
      },
    ),
    { numRuns: 4000, seed: 6842 },
  )
})
