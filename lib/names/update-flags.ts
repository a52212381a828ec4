// Who registers a client's name in DNS, as the client wishes and the server decides: flags of
// option 81 of DHCPv4 (RFC 4702 §2.1) and 39 of DHCPv6 (RFC 4704 §4.1).
//
//   the client wants         nothing is registered  else        overridesClient  overridesNone
//   to do it itself          N                      -           S O              -
//   the server to do it      N O                    S           S                S
//   nobody to do it          N                      N           N                S O

import type { UpdateRules } from './rules.ts'

/** The server does (client: should do) the update of the address record. */
export const FLAG_S = 1
/** The server overrides the client's wish about S. */
export const FLAG_O = 2
/** The server does (client: should do) no update at all; in option 39 it is the bit of 4. */
export const FLAG_N = 8

/** N, S and O of the answer to a client's. */
export function answeredFlags(asked: number, updates: UpdateRules | undefined): number {
  // RFC 4702 §2.1: with N, S MUST be clear, so that it says nothing there.
  const wantsNone = (asked & FLAG_N) !== 0
  const wantsServer = !wantsNone && (asked & FLAG_S) !== 0
  if (updates === undefined) return wantsServer ? FLAG_N | FLAG_O : FLAG_N
  if (wantsNone) return updates.overridesNone ? FLAG_S | FLAG_O : FLAG_N
  if (wantsServer) return FLAG_S
  return updates.overridesClient ? FLAG_S | FLAG_O : 0
}
