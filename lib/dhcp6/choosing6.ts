// What is known around the choice for one IA of a message.

import type { Allotment6 } from './allotment6.ts'
import type { Claim6 } from './claim6.ts'
import type { Exchange6 } from './exchange6.ts'
import type { Places6 } from './place6.ts'

export interface Choosing6 {
  readonly exchange: Exchange6
  /** What IAs before it got. */
  readonly allotment: Allotment6
  readonly places: Places6
  readonly claim: Claim6
}
