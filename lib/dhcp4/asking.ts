// Whom the engine asks before it answers (dhcp/asking.ts), in the words of DHCPv4.

import type { Reason4 } from '../catalogue/reasons.ts'
import type { Asker, Word } from '../dhcp/asking.ts'
import { MESSAGE_TYPE4, type Query4 } from '../wire/v4/message.ts'

export type { Ticket } from '../dhcp/asking.ts'
export type Word4 = Word<Reason4>
export type Asker4 = Asker<Query4, Reason4>

/**
 * What ends a lease is never made to wait: a RELEASE is believed because it cannot be older than it
 * seems (leases/grace.ts).
 */
export function mayWait(type: number): boolean {
  return type !== MESSAGE_TYPE4.release && type !== MESSAGE_TYPE4.decline
}
