// An operator changes what stands at one address (server/amend/), and keys of it are at the
// partner: they are asked for, and answered one by one. Where nobody has the address, it is handed
// on or given back (rules 4b, 4c); where somebody does, and it goes on, the lease is ceded with its
// row as it is (rule 4f). Who is asked answers when the row with the keys is stored at both.

import type { HaPlan } from '../../config/plan/ha-plan.ts'
import { keyOfLink, linkKey } from '../../ha/link-keys.ts'
import type { Ask, Told } from '../../ha/link-messages.ts'
import { type Key, versionOf } from '../../leases/keys/key.ts'
import { LEASE_STATE, type Lease } from '../../leases/lease.ts'
import { cede, giveBack, handOn, reclaim } from '../../leases/lifecycle.ts'
import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import type { PairServices } from './pair-services.ts'
import type { PeerSession } from './peer-session.ts'
import type { RightsBook } from './rights-book.ts'
import type { Sessions } from './sessions.ts'

/** Whoever does not answer for so long is not waited for. */
const ASK_WAIT: Millis = 3000

/** Questions without an answer yet, and those that are answered in a second. */
export const ASKS_MAX = 256
const ANSWERS_MAX = 1000

/** '' when the keys are here by now. */
type Done = (why: string) => void

interface Open {
  readonly done: Done
  readonly until: Instant
}

type Services = Pick<PairServices, 'delivery' | 'nextChange' | 'now' | 'tables'>

export class KeyAsks {
  readonly #plan: HaPlan
  readonly #services: Services
  readonly #rightsBook: RightsBook
  readonly #sessions: Sessions
  readonly #open = new Map<number, Open>()
  #lastId = 0
  #answers = ANSWERS_MAX
  #answersAt: Instant = 0

  constructor(plan: HaPlan, services: Services, rightsBook: RightsBook, sessions: Sessions) {
    this.#plan = plan
    this.#services = services
    this.#rightsBook = rightsBook
    this.#sessions = sessions
  }

  // ---- asking

  /** `running`: also where somebody has the address. `done` is called once, maybe at once. */
  ask(key: Key, running: boolean, done: Done): void {
    const session = this.#sessions.withPartner
    const { name = 'the partner' } = this.#plan.partner ?? {}
    if (session === undefined) return done(`${name} has its keys, and is not connected`)
    if (!this.#rightsBook.shared.includes(versionOf(key)))
      return done(`${name} has its keys, and the two do not share any at present`)
    if (session.met.theirs.asks !== true)
      return done(`${name} has its keys, and is of a version that cannot be asked for them`)
    if (this.#open.size >= ASKS_MAX) return done(`${name} is asked for too many keys already`)
    const id = ++this.#lastId
    this.#open.set(id, { done, until: this.#services.now() + ASK_WAIT })
    session.say({ type: 'ask', id, key: linkKey(key), running })
  }

  onTold({ id, why }: Told): void {
    const { name = '' } = this.#plan.partner ?? {}
    this.#end(id, why === '' ? '' : `${name} keeps its keys: ${why}`)
  }

  /** The connection has ended. */
  lost(): void {
    const { name = '' } = this.#plan.partner ?? {}
    for (const id of [...this.#open.keys()]) this.#end(id, `${name} was lost while it was asked`)
  }

  get deadline(): Instant {
    // The oldest is the first.
    for (const { until } of this.#open.values()) return until
    return NEVER
  }

  turn(now: Instant): void {
    const { name = '' } = this.#plan.partner ?? {}
    for (const [id, { until }] of this.#open) {
      if (until > now) return
      this.#end(id, `${name} was asked for its keys and has not answered`)
    }
  }

  #end(id: number, why: string): void {
    const open = this.#open.get(id)
    this.#open.delete(id)
    open?.done(why)
  }

  // ---- being asked

  onAsk(session: PeerSession, { id, key: asked, running }: Ask): void {
    const key = keyOfLink(asked)
    const given = this.#given(key, running, this.#services.now())
    const why = typeof given === 'string' ? given : ''
    const say = () => {
      if (this.#sessions.isCurrent(session)) session.say({ type: 'told', id, why })
    }
    if (typeof given === 'string') return say()
    const { delivery, now, tables } = this.#services
    const change = { kind: 'put', lease: given } as const
    tables.apply(change)
    delivery.add(change, undefined, true)
    delivery.park({ kind: 'answer', arrived: now(), say })
  }

  /** The row with which the keys go, or why they stay. */
  #given(key: Key, running: boolean, now: Instant): Lease<Key> | string {
    if (!this.#affords(now)) return 'it is asked for too many'
    if (!this.#rightsBook.shared.includes(versionOf(key))) return 'it shares none at present'
    const table = this.#services.tables.of(key)
    const row = table.byAddress(key)
    const keys = table.keysOf(key, row)
    const { nextChange } = this.#services
    if (keys === 0) return 'they are on their way, or something around it has them'
    if (row !== undefined && !table.isOver(row, now))
      return running && isSomebodys(row)
        ? cede(row, keys, nextChange())
        : 'a client has it, or it rests'
    if (keys === 2 && !table.mayGive(key, row, now)) return 'what lies around it is in use'
    if (keys === 2 || row === undefined) return handOn(key, ended(row), nextChange())
    return giveBack(ended(row)!, nextChange())
  }

  /** Whether there is time for one more. */
  #affords(now: Instant): boolean {
    const grown = ((now - this.#answersAt) * ANSWERS_MAX) / 1000
    this.#answers = Math.min(ANSWERS_MAX, this.#answers + grown)
    this.#answersAt = now
    if (this.#answers < 1) return false
    this.#answers--
    return true
  }
}

/** What an operator may end, or go on with, by a word. */
function isSomebodys({ state }: Lease<Key>): boolean {
  return state === LEASE_STATE.assigned || state === LEASE_STATE.declined
}

/** The row of an address that is over, once nothing says any more that it is assigned. */
function ended(row: Lease<Key> | undefined): Lease<Key> | undefined {
  return row?.state === LEASE_STATE.assigned ? reclaim(row, row.change) : row
}
