// What a client does with a REQUEST (RFC 2131 §4.3.2) shows in three fields:
//
//                  option 54   option 50   ciaddr
//   SELECTING      ours        offered     0
//   INIT-REBOOT    -           remembered  0
//   RENEWING       -           -           its address   (REBINDING looks the same here)
//   UNADDRESSED    any         -           0             (no state of RFC 2131; answered as Kea does)

import type { Query4 } from '../wire/message4.ts'
import { OPTION4 } from './option-codes.ts'

export type RequestState = 'selecting' | 'init-reboot' | 'renewing' | 'unaddressed'

/** Some clients name the server while they renew: option 54 without option 50 means nothing here. */
export function requestStateOf(query: Query4): RequestState {
  const asks = query.uint(OPTION4.requestedAddress) !== undefined
  if (asks && query.has(OPTION4.serverIdentifier)) return 'selecting'
  if (query.ciaddr !== 0) return 'renewing'
  return asks ? 'init-reboot' : 'unaddressed'
}
