// What waits until its batch is durable, here and where it must be.

import type { Reply4 } from '../ports/datagrams4.ts'
import type { Reply6 } from '../ports/datagrams6.ts'
import type { Instant } from '../time/units.ts'

/** To a client; its bytes are in the arena of the batch. */
export interface ParkedReply4 extends Reply4 {
  readonly kind: 'reply4'
  /** DHCP message type of the reply. */
  readonly type: number
  readonly arrived: Instant
}

/** The same of DHCPv6. */
export interface ParkedReply6 extends Reply6 {
  readonly kind: 'reply6'
  /** Message type of the reply. */
  readonly type: number
  readonly arrived: Instant
}

/**
 * To an order that changed leases: whoever gave it is told once it has been carried out for good.
 */
export interface ParkedAnswer {
  readonly kind: 'answer'
  readonly arrived: Instant
  readonly say: () => void
}

export type ParkedReply = ParkedReply4 | ParkedReply6
export type Parked = ParkedReply | ParkedAnswer

export function isReply(one: Parked): one is ParkedReply {
  return one.kind !== 'answer'
}

/** Says the answers among what may leave; what goes wrong with one costs nobody else his. */
export function sayAnswers(parked: readonly Parked[], onError: (error: unknown) => void): void {
  for (const one of parked) {
    if (one.kind !== 'answer') continue
    try {
      one.say()
    } catch (error) {
      onError(error)
    }
  }
}
