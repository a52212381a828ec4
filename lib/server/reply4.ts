// A reply of DHCPv4 in the arena of its batch.

import type { ReplyOutcome4 } from '../dhcp4/outcome4.ts'
import type { Reply4 } from '../ports/datagrams4.ts'
import type { Instant } from '../time/units.ts'
import type { ParkedReply4 } from './parked.ts'
import type { ReplyArena } from './reply-arena.ts'

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
