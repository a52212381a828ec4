// Whom the engine asks before it answers (dhcp/asking.ts), in the words of DHCPv6.

import type { Reason6 } from '../catalogue/reasons6.ts'
import type { Asker } from '../dhcp/asking.ts'
import { MESSAGE_TYPE6 } from '../wire/v6/codes.ts'
import type { Query6 } from '../wire/v6/message.ts'

export type Asker6<Arrival> = Asker<Query6, Arrival, Reason6>

/** What ends a lease is never made to wait, as in DHCPv4. */
export function mayWait6(type: number): boolean {
  return type !== MESSAGE_TYPE6.release && type !== MESSAGE_TYPE6.decline
}
