// Leases change by an operator's word: each amendment is judged, applied, stored, and at the
// partner before it is answered, in the one order of delivery.ts. Many of them are worked through a
// few a turn, so that no client waits for them; keys that the partner has are asked of it.
//
//   amend ──> queue ──turn, a few──> judge ──> applied ──journal, partner──> answered
//                                      │ ▲
//                                 keys │ │ given
//                                      ▼ │
//                                     partner

import { isSameClient } from '../../leases/identity.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import { type Instant, NEVER } from '../../time/units.ts'
import type { Delivery } from '../delivery.ts'
import type { ServerState } from '../events.ts'
import type { Names } from '../names/names.ts'
import type { PairFace } from '../service.ts'
import type { AmendAnswer, Amended, Amendment } from './amendment.ts'
import { type Done, judge, type Verdict } from './judge.ts'

/** Amendments of one turn: some milliseconds. */
export const TURN_MAX = 128

/** Orders that are not answered yet, and amendments of one. */
export const ORDERS_MAX = 64
export const AMENDMENTS_MAX = 1 << 20

/** Amendments of one order that wait for the partner's keys. */
const ASKING_MAX = 32

export interface AmenderDuties {
  readonly tables: LeaseTables
  readonly delivery: Pick<Delivery, 'add' | 'origin' | 'park' | 'trouble'>
  readonly names: Pick<Names, 'changing' | 'forget'>
  readonly nextChange: () => number
  now(): Instant
  state(): ServerState
  /** Undefined for a server on its own. */
  pair(): PairFace | undefined
  isOwn(key: Key): boolean
  /** What came has been worked through: send, store, go on. */
  proceed(): void
}

interface Order {
  readonly amendments: readonly Amendment[]
  readonly amended: Amended[]
  readonly answer: AmendAnswer
  next: number
  /** Wait for the partner's keys. */
  asking: number
  /** Turns whose changes are not stored everywhere. */
  unstored: number
  isAnswered: boolean
}

export class Amender {
  readonly #duties: AmenderDuties
  /** With amendments that were not looked at yet. */
  readonly #queue: Order[] = []
  readonly #open = new Set<Order>()

  constructor(duties: AmenderDuties) {
    this.#duties = duties
  }

  amend(amendments: readonly Amendment[], answer: AmendAnswer): void {
    const why = this.#whyNone(amendments.length)
    if (why !== '') return answer(amendments.map(() => failed(why)))
    const order = {
      ...{ amendments, amended: new Array<Amended>(amendments.length), answer },
      ...{ next: 0, asking: 0, unstored: 0, isAnswered: false },
    }
    this.#open.add(order)
    this.#queue.push(order)
    this.#duties.proceed()
  }

  /** When there is something to do though nothing comes: at once, or not. */
  get deadline(): Instant {
    return this.#queue.some(({ asking }) => asking < ASKING_MAX) ? 0 : NEVER
  }

  /** Some of what waits; those who give many do not keep others waiting. */
  turn(): void {
    let left = TURN_MAX
    for (let round = this.#queue.length; round > 0 && left > 0; round--) {
      const order = this.#queue.shift()
      // An answer has given another order, which was worked through.
      if (order === undefined) return
      left -= this.#work(order, Math.ceil(left / round))
      if (order.next < order.amendments.length && !order.isAnswered) this.#queue.push(order)
    }
  }

  /** What was changed stays and will be stored when the journal does so again. */
  journalFailed(trouble: string): void {
    this.#queue.length = 0
    const stored = `the journal does not store (${trouble}): it is stored as soon as that does`
    for (const order of this.#open) {
      const { amended, amendments } = order
      const isPending = (one: Amended | undefined) => one === undefined || isDone(one)
      for (let index = 0; index < amendments.length; index++) {
        const one = amended[index]
        const why = one === undefined ? `the journal does not store (${trouble})` : stored
        if (isPending(one)) amended[index] = failed(why)
      }
      this.#say(order)
    }
  }

  /** The server stops: whoever is not waiting for the disk alone is told. */
  stop(): void {
    for (const order of this.#open) {
      if (order.unstored > 0 && order.next === order.amendments.length && order.asking === 0)
        continue
      for (let index = 0; index < order.amendments.length; index++)
        order.amended[index] ??= failed('the server stops')
      order.next = order.amendments.length
      order.asking = 0
      this.#settle(order)
    }
    this.#queue.length = 0
  }

  #whyNone(count: number): string {
    const { delivery, state } = this.#duties
    if (state() === 'failed') return `the journal does not store (${delivery.trouble})`
    if (state() !== 'serving') return 'the server is starting or stopping'
    if (count > AMENDMENTS_MAX) return `no more than ${AMENDMENTS_MAX} changes at once`
    return this.#open.size < ORDERS_MAX ? '' : 'too many changes are under way'
  }

  /** How many were looked at. */
  #work(order: Order, max: number): number {
    const { amendments } = order
    let count = 0
    let isChanged = false
    while (order.next < amendments.length && count < max && order.asking < ASKING_MAX) {
      if (this.#take(order, order.next++, true)) isChanged = true
      count++
    }
    if (isChanged) this.#park(order)
    this.#settle(order)
    return Math.max(1, count)
  }

  /** Whether a lease was changed. `mayAsk`: the partner was not asked yet. */
  #take(order: Order, index: number, mayAsk: boolean): boolean {
    const amendment = order.amendments[index]!
    const verdict = this.#judged(amendment)
    if (verdict.what === 'keys') {
      if (mayAsk) this.#ask(order, index, verdict.key, verdict.running)
      else order.amended[index] = { what: 'conflict', why: 'the partner has its keys again' }
      return false
    }
    if (!('change' in verdict)) {
      order.amended[index] = verdict
      return false
    }
    const { delivery } = this.#duties
    delivery.origin = {
      again: () => {
        order.amended[index] = FIRST
      },
    }
    this.#carryOut(verdict, amendment)
    delivery.origin = undefined
    order.amended[index] = { what: verdict.what, why: '' }
    return true
  }

  #judged(amendment: Amendment): Verdict {
    const { isOwn, nextChange, now, tables } = this.#duties
    const key = amendment.kind === 'delete' ? amendment.key : amendment.lease.key
    return judge(amendment, { table: tables.of(key), now: now(), nextChange, isOwn })
  }

  #carryOut({ change: made, action }: Done, amendment: Amendment): void {
    const { delivery, names, pair, tables } = this.#duties
    const change = pair()?.stamp(made) ?? made
    if (amendment.kind === 'delete' && amendment.leavesName === true) names.forget(amendment.key)
    else names.changing(change, action)
    delivery.add(change, action, pair() !== undefined)
    tables.apply(change)
  }

  #ask(order: Order, index: number, key: Key, running: boolean): void {
    const pair = this.#duties.pair()
    if (pair === undefined) {
      order.amended[index] = { what: 'conflict', why: 'a former partner has its keys' }
      return
    }
    order.asking++
    const { tables } = this.#duties
    const meant = tables.of(key).byAddress(key)
    pair.askForKeys(key, running, (why) => {
      if (order.isAnswered || order.amended[index] !== undefined) return
      order.asking--
      const row = tables.of(key).byAddress(key)
      if (why !== '') order.amended[index] = { what: 'conflict', why }
      else if (running && !isOfSame(meant, row)) order.amended[index] = OF_ANOTHER
      else if (this.#take(order, index, false)) this.#park(order)
      this.#settle(order)
      this.#duties.proceed()
    })
  }

  #park(order: Order): void {
    order.unstored++
    this.#duties.delivery.park({
      kind: 'answer',
      arrived: this.#duties.now(),
      say: () => {
        order.unstored--
        this.#settle(order)
      },
    })
  }

  #settle(order: Order): void {
    const isOver = order.next === order.amendments.length && order.asking === 0
    if (isOver && order.unstored === 0) this.#say(order)
  }

  #say(order: Order): void {
    if (order.isAnswered) return
    order.isAnswered = true
    this.#open.delete(order)
    order.answer(order.amended)
  }
}

const OF_ANOTHER: Amended = { what: 'conflict', why: 'it is another client’s by now' }

/** Of a database that several servers write, which has refused the change. */
const FIRST: Amended = {
  what: 'conflict',
  why: 'another server has changed it meanwhile: look again',
}

/** Whether the lease that was meant when the partner was asked is the one that it has told of. */
function isOfSame(meant: Lease<Key> | undefined, row: Lease<Key> | undefined): boolean {
  if (meant === undefined || row === undefined) return meant === row
  const isNobodys = (lease: Lease<Key>) => lease.hwAddress === '' && lease.clientId === ''
  return isNobodys(meant) ? isNobodys(row) : isSameClient(meant, row)
}

function failed(why: string): Amended {
  return { what: 'failed', why }
}

function isDone({ what }: Amended): boolean {
  return what === 'added' || what === 'changed' || what === 'deleted'
}
