// Whom the engine asks before it answers (dhcp/asking.ts), in the words of DHCPv4.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import { type Asker, type Heard, NOTHING_HEARD } from '../dhcp/asking.ts'
import { MESSAGE_TYPE4, type Query4 } from '../wire/v4/message.ts'
import { CANDIDATES_MAX, type Checked4, UNCHECKED } from './checked.ts'

export type { Ticket } from '../dhcp/asking.ts'
export type Asker4<Arrival> = Asker<Query4, Arrival, Reason4>

export interface Heard4 extends Heard {
  /** What was found of addresses that were asked for on the wire; undefined: none was. */
  readonly checked: Checked4 | undefined
}

export const NOTHING_HEARD4: Heard4 = { ...NOTHING_HEARD, checked: undefined }

/** Somebody outside knows that the address is used: the client gets another one. */
export function heardInUse(heard: Heard4, address: Ipv4): Heard4 | Reason4 {
  const { inUse, count, isWaived } = heard.checked ?? UNCHECKED
  if (count >= CANDIDATES_MAX) return 'addresses-in-use'
  const checked = { free: 0, inUse: [...inUse, address], count: count + 1, isWaived }
  return { ...heard, checked }
}

/**
 * What ends a lease is never made to wait: a RELEASE is believed because it cannot be older than it
 * seems (leases/grace.ts).
 */
export function mayWait(type: number): boolean {
  return type !== MESSAGE_TYPE4.release && type !== MESSAGE_TYPE4.decline
}
