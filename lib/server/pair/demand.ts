// Clients of this server that wait for an address whose keys are at the partner, and where each
// could get one: so many addresses are asked for, and so many of one's own are not handed on
// meanwhile.

import { areOverlapping, type Key, type Range } from '../../leases/keys/key.ts'
import type { Instant, Millis } from '../../time/units.ts'

/**
 * Who was heard for the first time is waited for so long. A client that has waited longer already
 * asks less often.
 */
const FIRST_WAIT: Millis = 12_000

/**
 * One that was heard before waits for up to twice as long as the last time, and no longer than RFC
 * 2131 §4.1 says.
 */
const NEXT_WAIT: Millis = 6000
const CLIENT_WAIT: Millis = 70_000

/**
 * What a client of DHCPv6 lacks beside what it has it asks for as often as it renews: who came back
 * after longer than CLIENT_WAIT is waited for by that. Else two such clients take the last address
 * from each other's server for ever.
 */
const SLOW_WAIT: Millis = 3_600_000
const SLOWER = 1.25

/** Beyond it the client that was heard longest ago is forgotten. */
const CLIENTS_MAX = 4096

interface Waiting {
  readonly ranges: readonly Range<Key>[]
  readonly seenAt: Instant
  readonly until: Instant
}

export interface Wanted extends Range<Key> {
  /** Clients that wait for an address of this range. */
  count: number
}

export class Demand {
  readonly #clients = new Map<string, Waiting>()
  /** When clients were heard last that are not waited for any more, but may only be slow. */
  readonly #slow = new Map<string, Instant>()
  /** By rangeKey. What was asked for longest ago comes first. */
  readonly #wanted = new Map<string, Wanted>()

  get isEmpty(): boolean {
    return this.#clients.size === 0 && this.#slow.size === 0
  }

  /** The client has found no address of these ranges. */
  add(client: string, ranges: readonly Range<Key>[], now: Instant): void {
    const former = this.#clients.get(client)
    const seenAt = former?.seenAt ?? this.#slow.get(client)
    this.remove(client)
    if (this.#clients.size >= CLIENTS_MAX) this.remove(this.#clients.keys().next().value!)
    const wait = seenAt === undefined ? FIRST_WAIT : waitAfter(now - seenAt)
    // What is heard twice, by two relays say, makes nobody ask sooner.
    const until = Math.max(now + wait, former?.until ?? 0)
    this.#clients.set(client, { ranges, seenAt: now, until })
    for (const range of ranges) this.#count(range, 1)
  }

  /** The client has been answered. */
  remove(client: string): void {
    this.#slow.delete(client)
    const waiting = this.#clients.get(client)
    if (waiting === undefined) return
    this.#clients.delete(client)
    for (const range of waiting.ranges) this.#count(range, -1)
  }

  /**
   * Those that have not asked again are not waited for; who comes back within SLOW_WAIT was slow.
   */
  expire(now: Instant): void {
    for (const [client, { until, seenAt }] of this.#clients) {
      if (until > now) continue
      this.remove(client)
      if (seenAt + SLOW_WAIT <= now || this.#slow.size >= CLIENTS_MAX) continue
      this.#slow.set(client, seenAt)
    }
    for (const [client, seenAt] of this.#slow)
      if (seenAt + SLOW_WAIT <= now) this.#slow.delete(client)
  }

  /** How many clients wait for exactly this range, and for none of it alone. */
  of(range: Range<Key>): number {
    return this.#wanted.get(rangeKey(range))?.count ?? 0
  }

  /**
   * How many clients could take any address of this range. Who waits for one alone, since it is
   * reserved for it, has no use for the others.
   */
  within(range: Range<Key>): number {
    let count = 0
    for (const wanted of this.#wanted.values())
      if (!isOneOf(wanted, range) && areOverlapping(wanted, range)) count += wanted.count
    return count
  }

  /** How many clients wait for one address alone, and that is in this range. */
  ofOneWithin(range: Range<Key>): number {
    let count = 0
    for (const wanted of this.#wanted.values()) if (isOneOf(wanted, range)) count += wanted.count
    return count
  }

  /** The ranges that are waited for, at most `max`; others the next time. */
  next(max: number): Wanted[] {
    const some = [...this.#wanted.values()].slice(0, max)
    for (const wanted of some) {
      const key = rangeKey(wanted)
      this.#wanted.delete(key)
      this.#wanted.set(key, wanted)
    }
    return some
  }

  #count({ first, last }: Range<Key>, amount: 1 | -1): void {
    const key = rangeKey({ first, last })
    const wanted = this.#wanted.get(key) ?? { first, last, count: 0 }
    wanted.count += amount
    if (wanted.count > 0) this.#wanted.set(key, wanted)
    else this.#wanted.delete(key)
  }
}

/** How long a client is waited for that has asked again after this pause. */
function waitAfter(pause: Millis): Millis {
  if (pause <= CLIENT_WAIT) return Math.min(NEXT_WAIT + 2 * pause, CLIENT_WAIT)
  return Math.min(NEXT_WAIT + SLOWER * pause, SLOW_WAIT)
}

/** Whether the one is a single address of the other, which has more. */
function isOneOf(one: Range<Key>, range: Range<Key>): boolean {
  return one.first === one.last && range.first !== range.last && areOverlapping(one, range)
}

/** One address is another range than a pool that begins with it. */
export function rangeKey({ first, last }: Range<Key>): string {
  return `${first}-${last}`
}
