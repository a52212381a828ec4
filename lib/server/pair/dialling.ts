// When each peer is dialled. Who is missing is dialled every heartbeat, since a dial that is
// refused shows that its process is gone, and whose connection has ended at once. Who does not want
// this server, or is not wanted, or met it and no rows got through, would be the same the next
// time: there the pauses double.

import { type Instant, type Millis, NEVER } from '../../time/units.ts'

/** The longest pause between two dials. A connection or a pause that lasts longer begins anew. */
export const DIAL_PAUSE_MAX: Millis = 30_000

const AT_ONCE: Instant = Number.NEGATIVE_INFINITY

interface Dial {
  at: Instant
  /** The last pause, 0 = none. */
  pause: Millis
  pausedUntil: Instant
  /** The life of the peer that was heard last. */
  instance: string
}

export class Dialling {
  readonly #beat: () => Millis
  readonly #dials = new Map<string, Dial>()

  /** `beat`: between two dials of a peer that is missing. */
  constructor(names: readonly string[], beat: () => Millis) {
    this.#beat = beat
    for (const name of names)
      this.#dials.set(name, { at: AT_ONCE, pause: 0, pausedUntil: 0, instance: '' })
  }

  get names(): Iterable<string> {
    return this.#dials.keys()
  }

  /** NEVER for who is not dialled at all. */
  at(name: string): Instant {
    return this.#dials.get(name)?.at ?? NEVER
  }

  begun(name: string, now: Instant): void {
    const dial = this.#dials.get(name)
    if (dial !== undefined) dial.at = now + this.#beat()
  }

  /** A connection has ended: the other end's process may have gone with it. */
  ended(name: string): void {
    const dial = this.#dials.get(name)
    if (dial !== undefined) dial.at = AT_ONCE
  }

  /** It has turned this server away, or the other way round. */
  turnedAway(name: string, now: Instant): void {
    const dial = this.#dials.get(name)
    if (dial === undefined) return
    const isAgain = dial.pause > 0 && now < dial.pausedUntil + DIAL_PAUSE_MAX
    dial.pause = isAgain ? Math.max(this.#beat(), doubled(dial.pause)) : this.#beat()
    dial.at = now + dial.pause
    dial.pausedUntil = dial.at
  }

  /** It has said hello: another life of it may have another configuration. */
  heard(name: string, instance: string): void {
    const dial = this.#dials.get(name)
    if (dial === undefined || dial.instance === instance) return
    dial.instance = instance
    this.#renew(dial)
  }

  /** The configuration has changed here. */
  renew(): void {
    for (const dial of this.#dials.values()) this.#renew(dial)
  }

  #renew(dial: Dial): void {
    if (dial.pause > 0) dial.at = AT_ONCE
    dial.pause = 0
  }
}

function doubled(pause: Millis): Millis {
  return Math.min(2 * pause, DIAL_PAUSE_MAX)
}
