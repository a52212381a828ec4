// Near the end of a reply: options whose values are computed from the query, and others that are
// taken out, as libdhcp_flex_option says. Whatever the configuration has put into the reply may be
// changed, what the protocol asks for, too: it is the operator's word.

import type { Octets } from '../bytes/octets.ts'
import type { ClassSet } from '../classify/class-set.ts'
import type { FlexAction } from '../config/plan/flex-plan.ts'
import { applyFlexActions, type FlexForm } from '../dhcp/flex-options.ts'
import { BLOCK_MAX, block, contentsIn } from '../wire/options/enterprises.ts'
import type { Query4 } from '../wire/v4/message.ts'
import type { Arrival4 } from './arrival.ts'
import { Facts4 } from './facts4.ts'

/** RFC 2132 §9, as far as BOOTP clients do not know them: libdhcp_bootp takes them out last. */
const DHCP_ONLY = [50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 61]

/** What is known of a query when its reply is made. */
interface Replying {
  readonly query: Query4
  readonly arrival: Arrival4
  readonly classes: ClassSet
  readonly isBootp: boolean
}

const FORM: FlexForm<Map<number, Octets>> = {
  width: 1,
  vendors: {
    read: (options, code) => contentsIn(options.get(code) ?? ''),
    write: (options, code, contents) => {
      const blocks = [...contents]
      if (blocks.some(([, content]) => content.length > BLOCK_MAX)) return false
      options.set(code, blocks.map(([enterprise, content]) => block(enterprise, content)).join(''))
      return true
    },
  },
}

export class FlexOptions {
  readonly #actions: readonly FlexAction[]
  readonly #facts = new Facts4()

  constructor(actions: readonly FlexAction[]) {
    this.#actions = actions
  }

  /** Changes the options of a reply, each code of which stands there once. */
  change({ arrival, classes, isBootp, query }: Replying, options: Map<number, Octets>): void {
    this.#facts.begin(query, arrival, classes)
    this.#facts.decode()
    applyFlexActions(this.#actions, this.#facts, classes, options, FORM)
    if (isBootp) for (const code of DHCP_ONLY) options.delete(code)
  }
}
