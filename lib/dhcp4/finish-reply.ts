// The last steps on a reply before it is written: libdhcp_flex_option, then hooks.

import type { Octets } from '../bytes/octets.ts'
import { STEP } from '../dhcp/steps.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { MessageType4 } from '../wire/v4/message.ts'
import {
  encodeOption4,
  type OptionBlock4,
  optionBlock4,
  optionsOfBlock,
} from '../wire/v4/option-block.ts'
import { type OptionHead4, optionsOfHead } from '../wire/v4/option-head.ts'
import type { ReplyFields4 } from '../wire/v4/writer.ts'
import type { Exchange4 } from './exchange4.ts'

/** What is sent in place of head, block and option 82. */
export interface Finished4 {
  readonly fields: ReplyFields4
  readonly block: OptionBlock4
  readonly relayAgent: Octets | undefined
}

const { relayAgentInformation: RELAY } = OPTION4

export function finished(
  exchange: Exchange4,
  type: MessageType4,
  fields: ReplyFields4,
  head: OptionHead4,
  block: OptionBlock4,
  relayAgent: Octets | undefined,
): Finished4 {
  const options = optionsOf(head, block)
  if (relayAgent !== undefined) options.set(RELAY, relayAgent)
  exchange.flexOptions?.change(exchange, options)
  const sent =
    (exchange.listens & STEP.reply) === 0 ? fields : hooked(exchange, type, fields, options)
  const agent = options.get(RELAY)
  options.delete(RELAY)
  const encoded = [...options].map(([code, data]) => encodeOption4(code, data))
  return { fields: sent, block: optionBlock4(encoded), relayAgent: agent }
}

function hooked(
  { steps }: Exchange4,
  type: MessageType4,
  given: ReplyFields4,
  options: Map<number, Octets>,
): ReplyFields4 {
  const { siaddr, sname, file } = given
  const fields = { siaddr, sname, file }
  const all = new Map([...options].map(([code, data]) => [code, [data]] as const))
  steps!.reply({ type, options: all, fields })
  options.clear()
  for (const [code, [data]] of all) options.set(code, data!)
  return { ...given, ...fields }
}

/** In the order in which they are sent, each code once. */
function optionsOf(head: OptionHead4, block: OptionBlock4): Map<number, Octets> {
  const options = new Map<number, Octets>()
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
