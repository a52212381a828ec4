// What a client does with a REQUEST (RFC 2131 §4.3.2) shows in three fields:
//
//                  option 54   option 50   ciaddr
//   SELECTING      ours        offered     0
//   INIT-REBOOT    -           remembered  0
//   RENEWING       -           -           its address   (REBINDING looks the same here)
//   UNADDRESSED    any         -           0             (no state of RFC 2131; answered as Kea)
//
// 0.0.0.0 in an option is as if it were absent: small clients copy siaddr into option 54.

import type { Ipv4 } from '../address/ipv4.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Query4 } from '../wire/v4/message.ts'

export type RequestState = 'selecting' | 'init-reboot' | 'renewing' | 'unaddressed'

/**
 * Some clients name the server while they renew: option 54 without option 50 means nothing here.
 */
export function requestStateOf(query: Query4): RequestState {
  const asks = (query.uint(OPTION4.requestedAddress) ?? 0) !== 0
  if (asks && (query.uint(OPTION4.serverIdentifier) ?? 0) !== 0) return 'selecting'
  if (query.ciaddr !== 0) return 'renewing'
  return asks ? 'init-reboot' : 'unaddressed'
}

/** The address that the REQUEST is about, 0 = none. */
export function requestedAddress(query: Query4, state: RequestState): Ipv4 {
  if (state === 'unaddressed') return 0
  return state === 'renewing' ? query.ciaddr : query.uint(OPTION4.requestedAddress)!
}
