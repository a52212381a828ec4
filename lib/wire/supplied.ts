// What the server lets a message say, whatever stands in it on the wire.

import type { Octets } from '../bytes/octets.ts'

export interface Supplied {
  readonly code: number
  /** Undefined: as if the option did not stand there. */
  readonly value: Octets | undefined
}

/** A message that can be made to say something else. */
export interface Suppliable {
  /** In the order in which it was supplied; [] = the message is read as it came. */
  readonly supplied: readonly Supplied[]
  /**
   * Lets an option count as if it stood in the message, in place of all that do; without a value,
   * as if it did not stand there. Of DHCPv6 its code has one octet. Where the message has no room
   * for one more, nothing is supplied.
   */
  supply(code: number, value: Octets | undefined): void
  /** The message is read as it came. */
  unsupply(): void
}

export const NOTHING_SUPPLIED: readonly Supplied[] = []
