// Replies on their way out: counted, sent together, and told when they are lost.

import type { Reason4 } from '../catalogue/reasons.ts'
import type { Datagrams4 } from '../ports/datagrams4.ts'
import type { Instant } from '../time/units.ts'
import type { Counters } from './counters.ts'
import { type ParkedReply, REPLY_AGE_MAX } from './delivery.ts'
import type { Reporter } from './reporter.ts'

export class Replies {
  readonly #datagrams: Datagrams4
  readonly #counters: Counters
  readonly #reporter: Reporter
  /** Those that wait for nothing but the end of the batch. */
  #ready: ParkedReply[] = []

  constructor(datagrams: Datagrams4, counters: Counters, reporter: Reporter) {
    this.#datagrams = datagrams
    this.#counters = counters
    this.#reporter = reporter
  }

  /** A reply that leaves with the next `flush`. */
  add(reply: ParkedReply): void {
    this.#ready.push(reply)
  }

  flush(): void {
    if (this.#ready.length === 0) return
    this.#send(this.#ready)
    this.#ready.length = 0
  }

  /** They have waited long enough for disk and partner; those that are too old for their clients are lost. */
  release(replies: readonly ParkedReply[], now: Instant): void {
    if (replies.length === 0) return
    const oldest = now - REPLY_AGE_MAX
    // Replies wait in the order of their arrival, so the first one tells.
    if (replies[0]!.arrived >= oldest) return this.#send(replies)
    const fresh = replies.filter((reply) => reply.arrived >= oldest)
    this.lose('reply-too-late', replies.length - fresh.length)
    this.#send(fresh)
  }

  /** Replies that were made and will not leave. */
  lose(reason: Reason4, replies: number): void {
    if (replies === 0) return
    this.#counters.dropped[reason] += replies
    this.#reporter.say('DHCP4_REPLY_DROP', { reason, replies })
  }

  #send(replies: readonly ParkedReply[]): void {
    for (const reply of replies) this.#counters.countSent(reply.type)
    this.#datagrams.send(replies)
  }
}
