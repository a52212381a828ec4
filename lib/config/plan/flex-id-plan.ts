// By what clients are known beside their own words: libdhcp_flex_id.

import type { Text } from '../../classify/expression.ts'

export interface FlexIdPlan {
  readonly value: Text
  /** The expression, as it was written. */
  readonly text: string
  /** What it says takes the place of the client identifier: leases are of that client. */
  readonly replacesClientId: boolean
  /** Of DHCPv6: the IAID of an IA that is the only one of its kind counts as 0. */
  readonly ignoresIaid: boolean
  /** As a DUID in a client identifier of RFC 4361, with an IAID of 0; else as type 0. */
  readonly isDuid: boolean
}
