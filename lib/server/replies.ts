// Replies on their way out, of whichever family: counted, sent together, and told when they are
// lost.

import type { CommonReason } from '../catalogue/common-reasons.ts'
import { type Hooks, OBSERVING } from '../ports/hooks.ts'
import type { LogFields } from '../ports/log.ts'
import type { Instant, Millis } from '../time/units.ts'
import type { Histogram } from './histogram.ts'
import type { Parked, ParkedReply } from './parked.ts'

/**
 * A client repeats its message after 4 s at the earliest, then the answer to the repetition counts.
 */
export const REPLY_AGE_MAX: Millis = 5000

/** What of the counters of a family is counted here. */
interface RepliesCounted {
  countSent(type: number): void
  readonly dropped: Record<CommonReason, number>
  readonly answerTime: Histogram
}

/** Replies that were made and will not leave. */
interface Lost {
  readonly reason: CommonReason
  readonly replies: number
}

/** How replies leave, and who is told of it. */
interface Way<Reply> {
  readonly datagrams: { send(replies: readonly Reply[]): void }
  readonly hooks: Pick<Hooks, 'observes' | 'sent'> | undefined
}

export class Replies<Reply extends ParkedReply> {
  readonly #kind: Reply['kind']
  readonly #datagrams: Way<Reply>['datagrams']
  readonly #counters: RepliesCounted
  readonly #tell: (lost: Lost & LogFields) => void
  readonly #hooks: Way<Reply>['hooks']
  /** Those that wait for nothing but the end of the batch. */
  readonly #ready: Reply[] = []
  /** Those of a batch that may leave; reused. */
  readonly #leaving: Reply[] = []

  constructor(
    kind: Reply['kind'],
    { datagrams, hooks }: Way<Reply>,
    counters: RepliesCounted,
    tell: (lost: Lost & LogFields) => void,
  ) {
    this.#kind = kind
    this.#datagrams = datagrams
    this.#counters = counters
    this.#tell = tell
    this.#hooks = hooks
  }

  /** A reply that leaves with the next `flush`. */
  add(reply: Reply): void {
    this.#ready.push(reply)
  }

  /** One that is no answer, and leaves now. */
  leave(reply: Reply, now: Instant): void {
    this.#ready.push(reply)
    this.#send(this.#ready, now)
  }

  flush(now: Instant): void {
    this.#send(this.#ready, now)
  }

  /**
   * They have waited long enough for disk and partner; those that are too old for their clients are
   * lost.
   */
  release(parked: readonly Parked[], now: Instant): void {
    const kind = this.#kind
    const oldest = now - REPLY_AGE_MAX
    let late = 0
    for (const one of parked) {
      if (one.kind !== kind) continue
      if (one.arrived >= oldest) this.#leaving.push(one as Reply)
      else late++
    }
    this.#lose('reply-too-late', late)
    this.#send(this.#leaving, now)
  }

  /** Those whose changes are not durable will never leave. */
  forget(parked: readonly ParkedReply[]): void {
    this.#lose('journal-failed', parked.filter((one) => one.kind === this.#kind).length)
  }

  #lose(reason: CommonReason, replies: number): void {
    if (replies === 0) return
    this.#counters.dropped[reason] += replies
    this.#tell({ reason, replies })
  }

  /** The list is empty afterwards. */
  #send(replies: Reply[], now: Instant): void {
    if (replies.length === 0) return
    const { answerTime } = this.#counters
    for (const { arrived, type } of replies) {
      this.#counters.countSent(type)
      answerTime.observe(now - arrived)
    }
    this.#datagrams.send(replies)
    if (((this.#hooks?.observes ?? 0) & OBSERVING.sent) !== 0)
      this.#hooks!.sent!({ family: this.#kind === 'reply4' ? 4 : 6, replies })
    replies.length = 0
  }
}
