// One machine of the simulated world, whether server, client or relay. It runs, is paused (what is
// due meanwhile happens late, in order, when it goes on) or is down (what was due never happens).
// Its clock drifts, and its calendar may be wrong and may jump.

import type { Clock } from '../ports/clock.ts'
import type { HostTimes } from '../time/downtime.ts'
import type { Millis, WallTime } from '../time/units.ts'
import type { ScheduledEvent } from './event-heap.ts'
import type { World } from './world.ts'

export interface NodeSettings {
  /**
   * How much faster its clock runs than true time: 0.0025 is a quarter of a per cent. Default 0.
   */
  readonly drift?: number
  /** How far its calendar is ahead, milliseconds. Default 0. */
  readonly skew?: Millis
}

/** A calendar that is kept from the network is never more wrong than this. */
const WALL_ERROR: Millis = 500

/** Ticks of a steady clock per millisecond. */
const TICKS = 1024

export class Node {
  readonly world: World
  readonly name: string
  readonly drift: number
  /** How far the calendar is ahead; change it to let the calendar jump. */
  skew: Millis
  #state: 'up' | 'paused' | 'down' = 'up'
  /** Counts boots: what was scheduled in a former life does not happen. */
  #life = 0
  #held: (() => void)[] = []
  #cleanups: (() => void)[] = []
  #bootedAt: Millis
  /** Of the host: a process that ends leaves it running, or not. */
  #hostBoots = 1
  #hostBootedAt: Millis
  #origin: Millis
  /** Since when the whole machine stands still, its clocks too. */
  #frozenAt: Millis | undefined

  constructor(world: World, name: string, settings: NodeSettings = {}) {
    this.world = world
    this.name = name
    this.drift = settings.drift ?? 0
    this.skew = settings.skew ?? 0
    this.#bootedAt = world.now
    this.#hostBootedAt = world.now
    this.#origin = this.#newOrigin()
  }

  get state(): 'up' | 'paused' | 'down' {
    return this.#state
  }

  /** Schedules an action of this node at a true time. */
  at(time: Millis, action: () => void): ScheduledEvent {
    const life = this.#life
    const event: ScheduledEvent = this.world.at(time, () => {
      if (life === this.#life) this.run(() => event.cancelled || action())
    })
    return event
  }

  after(delay: Millis, action: () => void): ScheduledEvent {
    return this.at(this.world.now + delay, action)
  }

  /** Lets an action of this node happen now, or when it is no longer paused, or never. */
  run(action: () => void): void {
    if (this.#state === 'up') action()
    else if (this.#state === 'paused') this.#held.push(action)
  }

  /** Something to undo when this life of the node ends. */
  onCrash(cleanup: () => void): void {
    this.#cleanups.push(cleanup)
  }

  /** Ends this life at once: nothing that was due happens. */
  crash(word = 'crash'): void {
    if (this.#state === 'down') return
    this.world.note(this.name, word)
    this.#state = 'down'
    this.#life++
    this.#held = []
    const cleanups = this.#cleanups
    this.#cleanups = []
    for (const cleanup of cleanups) cleanup()
  }

  /**
   * Begins a new life, with a clock of another origin; as often as not the host was started anew,
   * too.
   */
  boot(): void {
    if (this.#state !== 'down') return
    this.world.note(this.name, 'boot')
    this.#state = 'up'
    this.#frozenAt = undefined
    this.#bootedAt = this.world.now
    this.#origin = this.#newOrigin()
    if (this.world.draw(`node/${this.name}/host`)(2) === 1) this.startHost()
  }

  /** The host was off, and has just been started. */
  startHost(): void {
    this.#hostBoots++
    this.#hostBootedAt = this.world.now
  }

  /**
   * What its clocks show. The calendar is kept from the network as long as nobody has put it wrong.
   */
  times(): HostTimes {
    const { now, wallStart } = this.world
    const uptime = (Math.min(now, this.#frozenAt ?? now) - this.#hostBootedAt) * (1 + this.drift)
    const boot = `${this.name}/${this.#hostBoots}`
    if (this.skew !== 0) return { boot, uptime, wall: this.wallAt(now), wallError: undefined }
    const error = this.#hostBoots % 2 === 0 ? WALL_ERROR : -WALL_ERROR
    return { boot, uptime, wall: wallStart + now + error, wallError: WALL_ERROR }
  }

  pause(): void {
    if (this.#state !== 'up') return
    this.world.note(this.name, 'pause')
    this.#state = 'paused'
  }

  /** Pauses it, and its clocks stand still meanwhile, as a virtual machine's may. */
  freeze(): void {
    if (this.#state !== 'up') return
    this.pause()
    this.#frozenAt = this.world.now
  }

  /** Goes on after a pause or a freeze. */
  resume(): void {
    if (this.#state !== 'paused') return
    this.world.note(this.name, 'resume')
    this.#state = 'up'
    this.#thaw()
    const held = this.#held
    this.#held = []
    for (const action of held) this.run(action)
  }

  /**
   * What the node's steady clock shows at a true time. It ticks 1024 times a millisecond, so that
   * sums and differences of its times are exact.
   */
  monotonicAt(time: Millis): Millis {
    const passed = (Math.min(time, this.#frozenAt ?? time) - this.#bootedAt) * (1 + this.drift)
    return this.#origin + Math.floor(passed * TICKS) / TICKS
  }

  /**
   * The first true time, from now on, at which the steady clock shows `local` or more, unless it
   * stands still.
   */
  trueTimeOf(local: Millis): Millis {
    if (this.#frozenAt !== undefined) return this.world.now
    let time = this.#bootedAt + (local - this.#origin) / (1 + this.drift)
    time = Math.max(time, this.world.now)
    while (this.monotonicAt(time) < local) time += 1 / TICKS
    return time
  }

  wallAt(time: Millis): WallTime {
    return this.world.wallStart + time * (1 + this.drift) + this.skew
  }

  /** A clock for this life of the node, with one wish to be woken. */
  clock(): VirtualClock {
    return new VirtualClock(this)
  }

  #thaw(): void {
    if (this.#frozenAt === undefined) return
    const lasted = this.world.now - this.#frozenAt
    this.#bootedAt += lasted
    this.#hostBootedAt += lasted
    this.skew -= lasted
    this.#frozenAt = undefined
  }

  /** Nobody may rely on where a steady clock begins, so each life begins elsewhere. */
  #newOrigin(): Millis {
    return this.world.draw(`node/${this.name}/origin`)(1_000_000_000)
  }
}

/** The clock port of a node. */
export class VirtualClock implements Clock {
  #node: Node
  #wish: ScheduledEvent | undefined

  constructor(node: Node) {
    this.#node = node
  }

  monotonic(): Millis {
    return this.#node.monotonicAt(this.#node.world.now)
  }

  wall(): WallTime {
    return this.#node.wallAt(this.#node.world.now)
  }

  wakeAt(when: Millis, fire: () => void): void {
    this.cancel()
    if (when === Number.POSITIVE_INFINITY) return
    const node = this.#node
    this.#wish = node.at(node.trueTimeOf(when), () => {
      this.#wish = undefined
      // It stood still meanwhile.
      if (this.monotonic() < when) this.wakeAt(when, fire)
      else fire()
    })
  }

  cancel(): void {
    if (this.#wish !== undefined) this.#wish.cancelled = true
    this.#wish = undefined
  }
}
