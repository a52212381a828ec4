// Clients are told to renew (RFC 9915 §18.3.11): whom a new plan, or an operator, concerns, so many
// a second, and again until they do or have been told eight times. Each telling has a replay value
// of its own, which is stored like a lease before it leaves, here and at the partner.
//
//   new plan, operator ──> scans ──pace──> asked ──2 s, 4 s … 256 s──> asked again ──> silent
//                                            └── RENEW, REBIND, INFORMATION-REQUEST ──> answered

import type { Prefix6 } from '../../address/prefix6.ts'
import type { Octets } from '../../bytes/octets.ts'
import { ALLOWED, type OrderResult, refused } from '../../catalogue/order-result.ts'
import type { Plan6 } from '../../config/plan/plan6.ts'
import type { Reconfigured } from '../../dhcp6/reconfigure6.ts'
import type { StatelessClients6 } from '../../dhcp6/stateless6.ts'
import type { LeaseTable } from '../../leases/table/lease-table.ts'
import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import { MESSAGE_TYPE6 } from '../../wire/v6/codes.ts'
import { allIn, type Concerned6, newsOf, Scan6 } from './scan6.ts'

/** Between two clients: their messages come back at the same rate. */
const PACE: Millis = 20
/** What was missed is made up for by so much at most. */
const CATCH_UP: Millis = 200
/** RFC 9915 §7.6: REC_TIMEOUT, doubled each time, and REC_MAX_RC. */
const FIRST_WAIT: Millis = 2000
const TRIES_MAX = 8
/** Clients that have not answered yet; more are asked when there is room. */
const ASKED_MAX = 4096
/** Tellings of one turn. */
const TURN_MAX = 32
/** Reloads and orders under way; of reloads the plans before. */
const ORDERS_MAX = 8
const FORMER_MAX = 4
/** Nobody can be told at present: the journal does not store, or the like. */
const REFUSED_WAIT: Millis = 1000

/**
 * no-key: neither has a lease of it one, nor was it heard without leases. no-way: its place is not
 * known, or not served. no-right: keys of its leases are the partner's.
 */
export type Told6 = 'told' | 'no-key' | 'no-way' | 'no-right'

export interface Reconfiguring6 {
  readonly table: LeaseTable<Prefix6>
  readonly stateless: StatelessClients6
  now(): Instant
  /** Whether anybody can be told at present. */
  isServing(now: Instant): boolean
  /** Whether the client is this server's. */
  serves(duid: Octets): boolean
  /** Has a RECONFIGURE leave as soon as what it takes is stored. */
  tell(duid: Octets, asks: Reconfigured, now: Instant): Told6
  /** Something has become of a client. */
  count(what: keyof ReconfigureRound): void
  /** Nobody is asked any more. */
  ended(round: ReconfigureRound): void
}

/** What became of those that were asked since nobody was. */
export interface ReconfigureRound {
  readonly asked: number
  readonly answered: number
  readonly silent: number
  /** Not asked, since the way to them is not known. */
  readonly unreachable: number
}

/** Whom an operator means. */
export interface ReconfigureOrder {
  readonly asks: Reconfigured
  /** '' = not this one alone. */
  readonly client: Octets
  /** 0 = any. */
  readonly subnet: number
}

interface Asked {
  readonly duid: Octets
  readonly asks: Reconfigured
  tries: number
  due: Instant
  isOver: boolean
}

interface Task {
  readonly scan: Scan6
  readonly asks: Reconfigured
}

export class Reconfigurer6 {
  readonly #duties: Reconfiguring6
  #plan: Plan6
  /** Plans that clients may still go by, while a scan for the present one is under way. */
  #former: readonly Plan6[] = []
  #news: Task | undefined
  readonly #orders: Task[] = []
  readonly #asked = new Map<Octets, Asked>()
  /** By tries: those of one list wait equally long. */
  readonly #waiting: Asked[][] = Array.from({ length: TRIES_MAX }, () => [])
  #nextAt: Instant = 0
  #pausedUntil: Instant = 0
  #round = newRound()

  constructor(plan: Plan6, duties: Reconfiguring6) {
    this.#plan = plan
    this.#duties = duties
  }

  /** A new plan is in force. */
  use(plan: Plan6): void {
    const former = [this.#plan, ...this.#former].slice(0, FORMER_MAX)
    this.#plan = plan
    if (!plan.acceptsReconfigure) return this.#stop()
    this.#former = former
    const scan = this.#scan(newsOf(former, plan))
    this.#news = { scan, asks: MESSAGE_TYPE6.renew }
  }

  order({ asks, client, subnet }: ReconfigureOrder): OrderResult {
    const now = this.#duties.now()
    if (!this.#plan.acceptsReconfigure)
      return refused('Whio.reconfigure-accept is off: no client has a key')
    if (!this.#duties.isServing(now)) return refused('nobody can be told at present')
    if (client !== '') return this.#orderOne(client, asks, now)
    if (subnet !== 0 && this.#plan.subnetById(subnet) === undefined)
      return refused(`there is no subnet ${subnet} of DHCPv6`)
    if (this.#orders.length >= ORDERS_MAX) return refused('there are orders enough under way')
    const scan = this.#scan(allIn(subnet))
    this.#orders.push({ scan, asks })
    return ALLOWED
  }

  /** The client has sent such a message. */
  heard(duid: Octets, type: number): void {
    if (this.#asked.size === 0 || !ANSWERS.has(type)) return
    if (!this.#forget(duid)) return
    this.#count('answered')
    this.#endRound()
  }

  get deadline(): Instant {
    let deadline = NEVER
    for (const [first] of this.#waiting) if (first) deadline = Math.min(deadline, first.due)
    const isNext = this.#task !== undefined && this.#asked.size < ASKED_MAX
    return Math.max(this.#pausedUntil, isNext ? Math.min(deadline, this.#nextAt) : deadline)
  }

  /** What is due. */
  turn(now: Instant): void {
    if (now < this.deadline) return
    if (!this.#duties.isServing(now)) {
      this.#pausedUntil = now + REFUSED_WAIT
      return
    }
    this.#repeat(now)
    this.#goOn(now)
    this.#endRound()
  }

  get #task(): Task | undefined {
    return this.#orders[0] ?? this.#news
  }

  #scan(concerns: Concerned6): Scan6 {
    const { stateless, table } = this.#duties
    return new Scan6(table, stateless, this.#duties.now(), concerns)
  }

  #stop(): void {
    this.#duties.stateless.clear()
    this.#former = []
    this.#news = undefined
    this.#orders.length = 0
    this.#asked.clear()
    for (const list of this.#waiting) list.length = 0
  }

  #orderOne(client: Octets, asks: Reconfigured, now: Instant): OrderResult {
    if (!this.#duties.serves(client)) return refused('the client is the partner’s at present')
    if (this.#asked.has(client)) return refused('the client has been told and has not answered yet')
    if (this.#asked.size >= ASKED_MAX) return refused('too many have not answered yet')
    const told = this.#ask(client, asks, now)
    return told === 'told' ? ALLOWED : refused(WHY_NOT[told])
  }

  /** The next ones at the pace. */
  #goOn(now: Instant): void {
    this.#nextAt = Math.max(this.#nextAt, now - CATCH_UP)
    for (let count = 0; count < TURN_MAX && this.#nextAt <= now; count++) {
      const task = this.#task
      if (task === undefined || this.#asked.size >= ASKED_MAX) return
      const duid = task.scan.next(now)
      if (duid === undefined) {
        if (task.scan.isOver) this.#finish(task)
        // Clients come before leases that are only looked at.
        else this.#nextAt = now + 1
        continue
      }
      if (this.#asked.has(duid) || !this.#duties.serves(duid)) continue
      if (this.#ask(duid, task.asks, now) === 'told') this.#nextAt += PACE
    }
  }

  #finish(task: Task): void {
    if (this.#orders[0] === task) this.#orders.shift()
    else {
      this.#news = undefined
      this.#former = []
    }
  }

  #ask(duid: Octets, asks: Reconfigured, now: Instant): Told6 {
    const told = this.#duties.tell(duid, asks, now)
    if (told === 'no-way') this.#count('unreachable')
    if (told !== 'told') return told
    this.#count('asked')
    const asked = { duid, asks, tries: 0, due: now, isOver: false }
    this.#asked.set(duid, asked)
    this.#expect(asked, now)
    return told
  }

  #expect(asked: Asked, now: Instant): void {
    asked.due = now + FIRST_WAIT * 2 ** asked.tries
    this.#waiting[asked.tries]!.push(asked)
    asked.tries++
  }

  #repeat(now: Instant): void {
    let left = TURN_MAX
    for (const list of this.#waiting)
      while (list[0] !== undefined && (list[0].isOver || (list[0].due <= now && left > 0))) {
        const asked = list.shift()!
        if (asked.isOver) continue
        left--
        this.#askAgain(asked, now)
      }
  }

  #askAgain(asked: Asked, now: Instant): void {
    const { duid, asks, tries } = asked
    const isLeft = tries < TRIES_MAX
    if (isLeft && this.#duties.serves(duid) && this.#duties.tell(duid, asks, now) === 'told')
      return this.#expect(asked, now)
    this.#forget(duid)
    if (!isLeft) this.#count('silent')
  }

  #forget(duid: Octets): boolean {
    const asked = this.#asked.get(duid)
    if (asked !== undefined) asked.isOver = true
    return this.#asked.delete(duid)
  }

  #endRound(): void {
    if (this.#asked.size > 0 || this.#task !== undefined) return
    const round = this.#round
    if (round.asked + round.unreachable === 0) return
    this.#round = newRound()
    this.#duties.ended(round)
  }

  #count(what: keyof ReconfigureRound): void {
    this.#round[what]++
    this.#duties.count(what)
  }
}

const ANSWERS: ReadonlySet<number> = new Set([
  MESSAGE_TYPE6.renew,
  MESSAGE_TYPE6.rebind,
  MESSAGE_TYPE6.informationRequest,
])

const WHY_NOT = {
  'no-key': 'the client has no key: it is not known here, or does not accept RECONFIGURE',
  'no-way':
    'the way to the client is not known: its relay is remembered with store-extended-info only, or its interface is not served',
  'no-right': 'the partner has the keys of the leases of the client',
} as const satisfies Record<Exclude<Told6, 'told'>, string>

function newRound(): Record<keyof ReconfigureRound, number> {
  return { asked: 0, answered: 0, silent: 0, unreachable: 0 }
}
