// DHCPv4 replies on their way out: counted, sent together, and told when they are lost.

import type { Reason4 } from '../catalogue/reasons.ts'
import type { ReplyOutcome4 } from '../dhcp4/outcome4.ts'
import type { Datagrams4, Reply4 } from '../ports/datagrams4.ts'
import type { Instant, Millis } from '../time/units.ts'
import type { Counters } from './counters.ts'
import type { Parked, ParkedReply4 } from './parked.ts'
import type { ReplyArena } from './reply-arena.ts'
import type { Reporter4 } from './reporter4.ts'

/**
 * A client repeats its message after 4 s at the earliest, then the answer to the repetition counts.
 */
export const REPLY_AGE_MAX: Millis = 5000

export class Replies4 {
  readonly #datagrams: Datagrams4
  readonly #counters: Counters
  readonly #reporter: Reporter4
  /** Those that wait for nothing but the end of the batch. */
  readonly #ready: ParkedReply4[] = []
  /** Those of a batch that may leave; reused. */
  readonly #leaving: ParkedReply4[] = []

  constructor(datagrams: Datagrams4, counters: Counters, reporter: Reporter4) {
    this.#datagrams = datagrams
    this.#counters = counters
    this.#reporter = reporter
  }

  /** A reply that leaves with the next `flush`. */
  add(reply: ParkedReply4): void {
    this.#ready.push(reply)
  }

  flush(): void {
    this.#send(this.#ready)
  }

  /**
   * They have waited long enough for disk and partner; those that are too old for their clients are
   * lost.
   */
  release(parked: readonly Parked[], now: Instant): void {
    const oldest = now - REPLY_AGE_MAX
    let late = 0
    for (const one of parked) {
      if (one.kind !== 'reply4') continue
      if (one.arrived >= oldest) this.#leaving.push(one)
      else late++
    }
    this.lose('reply-too-late', late)
    this.#send(this.#leaving)
  }

  /** Replies that were made and will not leave. */
  lose(reason: Reason4, replies: number): void {
    if (replies === 0) return
    this.#counters.dropped[reason] += replies
    this.#reporter.say('DHCP4_REPLY_DROP', { reason, replies })
  }

  /** The list is empty afterwards. */
  #send(replies: ParkedReply4[]): void {
    if (replies.length === 0) return
    for (const reply of replies) this.#counters.countSent(reply.type)
    this.#datagrams.send(replies)
    replies.length = 0
  }
}

/** The reply that the engine has written at the arena's cursor, which moves behind it. */
export function replyOf(
  { destination, length, type }: ReplyOutcome4,
  arena: ReplyArena,
  through: Reply4['through'],
  arrived: Instant,
): ParkedReply4 {
  const start = arena.cursor
  arena.cursor += length
  const { address, port, hwAddress, source, lastHop } = destination
  return {
    kind: 'reply4',
    through,
    bytes: arena.chunk,
    start,
    end: start + length,
    address,
    port,
    hwAddress,
    source,
    lastHop,
    type,
    arrived,
  }
}
