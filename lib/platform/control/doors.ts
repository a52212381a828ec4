// All doors of the management side, as the configuration has them: what a new one leaves as it is
// stays open, with everybody who is in it. A door that cannot be opened is told and tried again for
// ever: clients are served all the same.

import { setTimeout } from 'node:timers/promises'
import type { DoorPlan, HttpDoorPlan, RolePlan } from '../../config/plan/control-plan.ts'
import { type Log, tell } from '../../ports/log.ts'
import type { Millis } from '../../time/units.ts'
import { RareLine } from '../rare-line.ts'
import { wordsOf } from '../system-error.ts'
import type { House } from './desk.ts'
import type { Door, DoorEvents } from './door.ts'
import { HttpDoor } from './http-door.ts'
import { RETRY } from './settings.ts'
import { Slices } from './slices.ts'
import { UnixDoor } from './unix-door.ts'

/** How long the last answers may take at the end, and how often it is looked. */
const LAST_ANSWERS: Millis = 1000
const LOOK: Millis = 10

export interface DoorsPlan {
  readonly doors: readonly DoorPlan[]
  readonly roles: readonly RolePlan[]
}

interface Kept {
  plan: DoorPlan
  readonly door: Door
  /** '' where it is open; undefined before it was tried. */
  trouble: string | undefined
  timer: NodeJS.Timeout | undefined
}

export class Doors {
  readonly #log: Log
  readonly #slices: Slices
  readonly #retry: Millis
  readonly #logins = new RareLine()
  readonly #kept = new Map<string, Kept>()
  #house: House

  constructor(house: Omit<House, 'roles'>, log: Log, retry: Millis = RETRY) {
    this.#log = log
    this.#slices = new Slices(({ stack = '' }) => tell(log, 'INTERNAL_ERROR', { error: stack }))
    this.#retry = retry
    this.#house = { ...house, roles: [] }
  }

  /** Doors that are not open, with why. */
  get closed(): readonly { readonly name: string; readonly trouble: string }[] {
    return [...this.#kept.values()].flatMap(({ door: { name }, trouble }) =>
      trouble === '' ? [] : [{ name, trouble: trouble ?? 'not yet open' }],
    )
  }

  /** Opens and closes what differs. */
  use({ doors, roles }: DoorsPlan): void {
    this.#house = { ...this.#house, roles }
    const plans = new Map(doors.map((plan) => [placeOf(plan), plan]))
    for (const [place, kept] of this.#kept) if (!plans.has(place)) this.#close(place, kept)
    for (const [place, plan] of plans) {
      const kept = this.#kept.get(place)
      if (kept === undefined) this.#add(place, plan)
      else {
        kept.plan = plan
        kept.door.use(plan)
      }
    }
  }

  /** Who has asked is answered yet, within a moment. */
  async close(): Promise<void> {
    const doors = [...this.#kept.values()].map(({ door }) => door)
    for (const [place, kept] of this.#kept) this.#close(place, kept)
    const until = performance.now() + LAST_ANSWERS
    while (doors.some(({ isAnswering }) => isAnswering) && performance.now() < until)
      await setTimeout(LOOK)
  }

  #add(place: string, plan: DoorPlan): void {
    const kept: Kept = { plan, door: this.#made(plan), trouble: undefined, timer: undefined }
    this.#kept.set(place, kept)
    this.#try(kept)
  }

  #made(plan: DoorPlan): Door {
    const house = (): House => this.#house
    const events: DoorEvents = {
      onTrouble: (trouble) => this.#tellTrouble(placeOf(plan), trouble),
      onRefusedLogin: (from) =>
        this.#logins.count((count) => tell(this.#log, 'CONTROL_LOGIN_REFUSED', { from, count })),
    }
    return plan.kind === 'unix'
      ? new UnixDoor(plan, house, this.#slices, events)
      : new HttpDoor(plan, house, this.#slices, events)
  }

  #try(kept: Kept): void {
    const { door } = kept
    const { name } = door
    door.open().then(
      () => {
        kept.trouble = ''
        if (this.#isKept(kept)) tell(this.#log, 'CONTROL_SOCKET_OPEN', { socket: name })
      },
      (error: unknown) => {
        if (!this.#isKept(kept)) return
        const trouble = wordsOf(error)
        if (trouble !== kept.trouble) this.#tellTrouble(name, trouble)
        kept.trouble = trouble
        kept.timer = globalThis.setTimeout(() => this.#try(kept), this.#retry)
      },
    )
  }

  #close(place: string, kept: Kept): void {
    this.#kept.delete(place)
    clearTimeout(kept.timer)
    kept.door.close()
    if (kept.trouble === '') tell(this.#log, 'CONTROL_SOCKET_CLOSED', { socket: kept.door.name })
  }

  #isKept(kept: Kept): boolean {
    return [...this.#kept.values()].includes(kept)
  }

  #tellTrouble(socket: string, trouble: string): void {
    tell(this.#log, 'CONTROL_SOCKET_TROUBLE', { socket, trouble })
  }
}

/** What cannot be another without a door being opened. */
function placeOf(plan: DoorPlan): string {
  if (plan.kind === 'unix') return `${plan.persona} ${plan.path}`
  return endpointOf(plan)
}

function endpointOf({ address, port }: HttpDoorPlan): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
