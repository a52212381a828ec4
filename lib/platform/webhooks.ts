// What happens, told to who wants to be called: a POST for each event, one after the other. Each
// reads from the ring of events at its own pace, so that one that does not answer holds up nobody,
// and nothing is kept for it beyond what the ring and the history of leases keep. How far it was
// told is remembered, also for the next process.

import { createHash, createHmac } from 'node:crypto'
import type { WebhookPlan } from '../config/plan/control-plan.ts'
import type { EventQueue, TakenEvent, ToldTo } from '../ports/events.ts'
import { type Log, tell } from '../ports/log.ts'
import type { Millis } from '../time/units.ts'
import { wordsOf } from './system-error.ts'
import type { WebhookPlaces } from './webhook-places.ts'

/** For an answer. */
const PATIENCE: Millis = 10_000
/** Before it is tried again; after the last one the event is given up. */
const PAUSES: readonly Millis[] = [1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1000)
/** For what is left when the process ends. */
const LAST_PATIENCE: Millis = 1000

export interface WebhookSettings {
  /**
   * Events by their names: behind what was told before, else from now on; undefined: there will be
   * none any more.
   */
  readonly follow: (events: readonly string[], told: ToldTo | undefined) => EventQueue | undefined
  readonly places: WebhookPlaces
  readonly log: Log
  readonly pauses?: readonly Millis[]
}

export class Webhooks {
  readonly #settings: WebhookSettings
  /** By the address, and which of those with one address it is. */
  readonly #callers = new Map<string, Caller>()

  constructor(settings: WebhookSettings) {
    this.#settings = settings
  }

  /**
   * One that the new plan leaves as it was goes on where it is, and so does one with the same
   * address and something else to be told.
   */
  use(plans: readonly WebhookPlan[]): void {
    const wanted = named(plans)
    for (const [name, caller] of this.#callers) {
      const plan = wanted.get(name)
      if (plan !== undefined && isSame(plan, caller.plan)) continue
      caller.close()
      this.#callers.delete(name)
    }
    this.#settings.places.keep(wanted.keys())
    for (const [name, plan] of wanted)
      if (!this.#callers.has(name)) this.#callers.set(name, new Caller(name, plan, this.#settings))
  }

  /** The process ends: who answers at once is told what is left, the others by the next one. */
  async close(): Promise<void> {
    const callers = [...this.#callers.values()]
    let timer: NodeJS.Timeout | undefined
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_PATIENCE)
    })
    await Promise.race([over, Promise.all(callers.map((caller) => caller.rested()))])
    clearTimeout(timer)
    for (const caller of callers) caller.end()
    this.#callers.clear()
    await this.#settings.places.close()
  }
}

function named(plans: readonly WebhookPlan[]): Map<string, WebhookPlan> {
  const byName = new Map<string, WebhookPlan>()
  for (const plan of plans) {
    let name = nameOf(plan.url, 1)
    for (let nth = 2; byName.has(name); nth++) name = nameOf(plan.url, nth)
    byName.set(name, plan)
  }
  return byName
}

/** Remembered in a file, and an address may have a password in it. */
function nameOf(url: string, nth: number): string {
  return createHash('sha256').update(`${nth} ${url}`).digest('hex').slice(0, 16)
}

function isSame(one: WebhookPlan, other: WebhookPlan): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

class Caller {
  readonly #name: string
  readonly plan: WebhookPlan
  readonly #settings: WebhookSettings
  readonly #queue: EventQueue | undefined
  readonly #end = new AbortController()
  #isCalling = false
  #isPlaced = false
  #timer: NodeJS.Timeout | undefined
  /** Called when nothing is left to be told, or not at once. */
  #onRest: () => void = () => {}

  constructor(name: string, plan: WebhookPlan, settings: WebhookSettings) {
    this.#name = name
    this.plan = plan
    this.#settings = settings
    const { places } = settings
    const told = places.of(name)
    this.#queue = settings.follow(plan.events, told)
    if (this.#queue === undefined) return
    // From now on there may be something that it has not been told.
    places.told(name, told?.id ?? this.#queue.stand)
    this.#queue.onNews = () => this.#soon()
    this.#soon()
  }

  close(): void {
    this.#end.abort()
    clearTimeout(this.#timer)
    this.#queue?.close()
  }

  /** The same, and nothing will happen any more. */
  end(): void {
    if (!this.#isCalling && this.#queue?.isAtEnd === true)
      this.#settings.places.passed(this.#name, this.#queue.stand, true)
    this.close()
  }

  /** Everything is told, or something must be told again later. */
  rested(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRest = resolve
      if (this.#timer === undefined) this.#soon()
      else resolve()
    })
  }

  /** In a turn of its own: whoever notes an event waits for nothing. */
  #soon(): void {
    if (this.#isCalling || this.#end.signal.aborted) return
    this.#isCalling = true
    setImmediate(() => this.#next())
  }

  #next(): void {
    this.#isCalling = false
    if (this.#end.signal.aborted) return
    const taken = this.#queue?.next()
    if (taken === undefined) return this.#rest()
    this.#isCalling = true
    this.#call(taken, 0)
  }

  #rest(): void {
    const queue = this.#queue
    // What comes from the history is on its way.
    if (queue?.isAtEnd === false) return
    if (queue !== undefined) this.#moveOn(queue.stand)
    this.#onRest()
  }

  /** The first time at once: before the journal was read, nobody knew a place that outlives it. */
  #moveOn(stand: string): void {
    const { places } = this.#settings
    if (this.#isPlaced) places.passed(this.#name, stand)
    else places.told(this.#name, stand)
    this.#isPlaced = true
  }

  #call(taken: TakenEvent, attempt: number): void {
    this.#timer = undefined
    this.#post(taken).then((trouble) => {
      if (this.#end.signal.aborted) return
      const { log, pauses = PAUSES, places } = this.#settings
      const pause = pauses[attempt]
      if (trouble !== '' && pause !== undefined) {
        this.#timer = setTimeout(() => this.#call(taken, attempt + 1), pause)
        this.#onRest()
        return
      }
      if (trouble !== '') {
        const { origin, pathname } = new URL(this.plan.url)
        tell(log, 'WEBHOOK_FAILED', { url: origin + pathname, event: taken.name, trouble })
      }
      places.told(this.#name, taken.id)
      this.#next()
    })
  }

  /** '' where it was taken, else why not. */
  async #post({ id, name, text }: TakenEvent): Promise<string> {
    const { secret, url } = this.plan
    const signature = createHmac('sha256', secret).update(text).digest('hex')
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        body: text,
        headers: {
          'Content-Type': 'application/json',
          'X-Whio-Event': name,
          'X-Whio-Id': id,
          ...(secret === '' ? {} : { 'X-Whio-Signature': `sha256=${signature}` }),
        },
        signal: AbortSignal.any([this.#end.signal, AbortSignal.timeout(PATIENCE)]),
      })
      await response.body?.cancel()
      return response.ok ? '' : `it answered ${response.status}`
    } catch (error) {
      return wordsOf((error as Error).cause ?? error)
    }
  }
}
