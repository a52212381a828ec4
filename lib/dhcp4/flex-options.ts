// The last step on a reply: options whose values are computed from the query, and others that are
// taken out, as libdhcp_flex_option says. Whatever the configuration has put into the reply may be
// changed, what the protocol asks for, too: it is the operator's word.

import type { Octets } from '../bytes/octets.ts'
import type { FlexAction } from '../config/plan/flex-plan.ts'
import { applyFlexActions } from '../dhcp/flex-options.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import {
  encodeOption4,
  type OptionBlock4,
  optionBlock4,
  optionsOfBlock,
} from '../wire/v4/option-block.ts'
import { type OptionHead4, optionsOfHead } from '../wire/v4/option-head.ts'
import type { Exchange4 } from './exchange4.ts'
import { Facts4 } from './facts4.ts'

/** Options of a reply in the order in which they are sent, each code once. */
type Options = Map<number, Octets>

/** RFC 2132 §9, as far as BOOTP clients do not know them: libdhcp_bootp takes them out last. */
const DHCP_ONLY = [50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 61]

export class FlexOptions {
  readonly #actions: readonly FlexAction[]
  readonly #facts = new Facts4()

  constructor(actions: readonly FlexAction[]) {
    this.#actions = actions
  }

  /** What is sent in place of head, block and option 82. */
  applied(
    { arrival, classes, isBootp, query }: Exchange4,
    head: OptionHead4,
    block: OptionBlock4,
    relayAgent: Octets | undefined,
  ): { readonly block: OptionBlock4; readonly relayAgent: Octets | undefined } {
    const options = optionsOf(head, block)
    if (relayAgent !== undefined) options.set(OPTION4.relayAgentInformation, relayAgent)
    this.#facts.begin(query, arrival, classes)
    this.#facts.decode()
    applyFlexActions(this.#actions, this.#facts, classes, options, 1)
    if (isBootp) for (const code of DHCP_ONLY) options.delete(code)
    const agent = options.get(OPTION4.relayAgentInformation)
    options.delete(OPTION4.relayAgentInformation)
    const encoded = [...options].map(([code, data]) => encodeOption4(code, data))
    return { block: optionBlock4(encoded), relayAgent: agent }
  }
}

function optionsOf(head: OptionHead4, block: OptionBlock4): Options {
  const options: Options = new Map()
  for (const { code, bytes } of [...optionsOfHead(head), ...optionsOfBlock(block)])
    options.set(code, `${options.get(code) ?? ''}${dataOf(bytes)}`)
  return options
}

/** The value of an encoded option, which may be split. */
function dataOf(bytes: Uint8Array): Octets {
  let value = ''
  for (let at = 0; at < bytes.length; at += 2 + bytes[at + 1]!)
    value += String.fromCharCode(...bytes.subarray(at + 2, at + 2 + bytes[at + 1]!))
  return value
}
