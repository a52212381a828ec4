// A reply of DHCPv6 in the arena of its batch.

import type { ReplyOutcome6 } from '../dhcp6/outcome6.ts'
import type { Reply6 } from '../ports/datagrams6.ts'
import type { Instant } from '../time/units.ts'
import type { ParkedReply6 } from './parked.ts'
import type { ReplyArena } from './reply-arena.ts'

/**
 * Bytes that a reply has room for at least: more than any link carries unbroken, and enough for
 * 32 IAs beyond several relays.
 */
export const REPLY_ROOM = 8192

/** The reply that the engine has written at the arena's cursor, which moves behind it. */
export function replyOf6(
  { destination, length, type }: Pick<ReplyOutcome6, 'destination' | 'length' | 'type'>,
  arena: ReplyArena,
  through: Reply6['through'],
  arrived: Instant,
): ParkedReply6 {
  const start = arena.cursor
  arena.cursor += length
  const { address, port, source } = destination
  const place = { through, bytes: arena.chunk, start, end: start + length }
  return { kind: 'reply6', ...place, address, port, source, type, arrived }
}
