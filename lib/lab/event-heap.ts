// Events by time, and by the order in which they were scheduled where the time is the same: the one
// order in which a simulated world happens.

import type { Millis } from '../time/units.ts'

export interface ScheduledEvent {
  readonly time: Millis
  readonly sequence: number
  readonly action: () => void
  /** Set to true to take the event back. */
  cancelled: boolean
}

export class EventHeap {
  #events: ScheduledEvent[] = []
  #sequence = 0

  get size(): number {
    return this.#events.length
  }

  push(time: Millis, action: () => void): ScheduledEvent {
    const event = { time, sequence: this.#sequence++, action, cancelled: false }
    const events = this.#events
    let at = events.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(event, events[parent]!)) break
      events[at] = events[parent]!
      at = parent
    }
    events[at] = event
    return event
  }

  /** The next event that was not taken back, left where it is. */
  peek(): ScheduledEvent | undefined {
    while (this.#events[0]?.cancelled === true) this.#removeFirst()
    return this.#events[0]
  }

  pop(): ScheduledEvent | undefined {
    const first = this.peek()
    if (first !== undefined) this.#removeFirst()
    return first
  }

  #removeFirst(): void {
    const events = this.#events
    const last = events.pop()!
    const length = events.length
    if (length === 0) return
    let at = 0
    for (let child = 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && isBefore(events[child + 1]!, events[child]!)) child++
      if (!isBefore(events[child]!, last)) break
      events[at] = events[child]!
      at = child
    }
    events[at] = last
  }
}

function isBefore(one: ScheduledEvent, other: ScheduledEvent): boolean {
  return one.time < other.time || (one.time === other.time && one.sequence < other.sequence)
}
