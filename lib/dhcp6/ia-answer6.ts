// What a reply says of one IA of the query (RFC 9915 §21.4, §21.21): steps hand it on as a value,
// and it is written when the whole reply is.

import type { Prefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Seconds } from '../time/units.ts'
import type { IaKind, Status6 } from '../wire/v6/codes.ts'
import type { Place6 } from './place6.ts'

export interface IaAnswer6 {
  readonly kind: IaKind
  readonly iaid: number
  readonly t1: Seconds
  readonly t2: Seconds
  /** STATUS6.success: nothing is said of it. */
  readonly status: Status6
  /** The words that go with another status. */
  readonly text: string
  /** In the order in which they are sent. */
  readonly entries: readonly IaEntryAnswer6[]
}

export interface IaEntryAnswer6 {
  readonly key: Prefix6
  /** Both 0: the client is to stop using it. */
  readonly preferred: Seconds
  readonly valid: Seconds
  /** Option 67 of a prefix (RFC 6603) without code and length; '' = none, or not asked for. */
  readonly excluded: Octets
  /** Where the client has it: the options of its pool count. Undefined: it has it no more. */
  readonly place: Place6 | undefined
}

export const NO_IAS: readonly IaAnswer6[] = []
