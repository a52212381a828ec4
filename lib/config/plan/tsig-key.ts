// The keys that messages to DNS servers are signed with (RFC 8945).

import type { Octets } from '../../bytes/octets.ts'

/** As Kea calls them. */
export type TsigAlgorithm =
  | 'HMAC-MD5'
  | 'HMAC-SHA1'
  | 'HMAC-SHA224'
  | 'HMAC-SHA256'
  | 'HMAC-SHA384'
  | 'HMAC-SHA512'

export interface TsigKey {
  /** Lower case, without a final dot. */
  readonly name: Octets
  readonly algorithm: TsigAlgorithm
  /** Bits of the MAC that are sent, a multiple of 8; 0 = all. */
  readonly digestBits: number
  readonly secret: Octets
}
