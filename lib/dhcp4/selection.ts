// What a client gets of the options that count for it: those that it asks for and those that are
// sent unasked, encoded.

import { type Ipv4, ipv4FromOctets } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import { OWNED_OPTIONS4 } from '../config/compile/owned-options.ts'
import type { OptionValue, OptionValues } from '../config/plan/option-set.ts'
import { isAlwaysSent } from '../dhcp/enterprise-options.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import {
  type EncodedOption4,
  encodeOption4,
  type OptionBlock4,
  optionBlock4,
} from '../wire/v4/option-block.ts'
import { configuredServerId } from './configured-server-ids.ts'
import { vendorClasses, vendorOptions } from './vendor-options.ts'

/** What one kind of client gets from what counts for it. */
export interface Selection {
  readonly block: OptionBlock4
  /** The same without option 12, for a client whose name is reserved. */
  readonly blockWithoutHostName: OptionBlock4
  /** Whether the client asked for option 12. */
  readonly asksHostName: boolean
  /** Whether something is said about option 12 itself. */
  readonly hasHostName: boolean
  /** Whether the client asked for option 1. */
  readonly asksMask: boolean
  /** False: option 1 is never sent. */
  readonly sendsMask: boolean
  /** The configured value of option 1, 0 = the subnet's own mask. */
  readonly mask: Ipv4
  /** The configured value of option 54, 0 = none. */
  readonly serverId: Ipv4
}

/** Sent when configured, asked for or not. */
const MANDATORY: ReadonlySet<number> = new Set([
  OPTION4.routers,
  OPTION4.domainNameServers,
  OPTION4.domainName,
])

/**
 * Codes that the head of a reply holds, that mean something only in queries, or that are no
 * options.
 */
const NOT_FROM_PLAN = new Set<number>([
  0,
  OPTION4.subnetMask,
  OPTION4.serverIdentifier,
  ...OWNED_OPTIONS4.keys(),
  255,
])

/**
 * What a client with this request list (option 55, '' = none) gets that said `heard` of enterprises
 * (vendor-options.ts).
 */
export function selectionOf(
  counting: OptionValues,
  requestList: Octets,
  heard: ReadonlySet<number>,
): Selection {
  const { values } = counting
  const options: EncodedOption4[] = []
  const codes = codesToSend(counting, requestList)
  for (const code of codes) options.push(...encoded(code, counting, heard))
  // Whoever names its enterprise need not ask for the option besides.
  if (!codes.has(OPTION4.vendorIdentifyingInformation))
    options.push(...vendorOptions(counting, false, heard))
  const mask = values.get(OPTION4.subnetMask)
  const block = blockOf(options, values)
  const others = options.filter(({ code }) => code !== OPTION4.hostName)
  return {
    block,
    blockWithoutHostName: others.length === options.length ? block : blockOf(others, values),
    asksHostName: asksFor(requestList, OPTION4.hostName),
    hasHostName: values.has(OPTION4.hostName),
    asksMask: asksFor(requestList, OPTION4.subnetMask) || mask?.alwaysSend === true,
    sendsMask: mask === undefined || !mask.neverSend,
    mask: ipv4FromOctets(mask?.data),
    serverId: configuredServerId(counting),
  }
}

/**
 * RFC 2132 §9.8: the requested options in the client's order as far as possible. Behind them the
 * mandatory ones and those with always-send, in the order of their codes.
 */
export function codesToSend(counting: OptionValues, requestList: Octets): ReadonlySet<number> {
  const codes = new Set<number>()
  for (let at = 0; at < requestList.length; at++) codes.add(requestList.charCodeAt(at))
  for (const code of MANDATORY) codes.add(code)
  const always = [...counting.values.values()].filter(({ alwaysSend }) => alwaysSend)
  for (const { code } of always.sort((a, b) => a.code - b.code)) codes.add(code)
  for (const code of [OPTION4.vendorIdentifyingClass, OPTION4.vendorIdentifyingInformation])
    if (isAlwaysSent(code, counting)) codes.add(code)
  return codes
}

/** Nothing where the code has no value or is not to be sent; of 124 and 125 several, maybe. */
function encoded(
  code: number,
  counting: OptionValues,
  heard: ReadonlySet<number>,
): readonly EncodedOption4[] {
  const options: EncodedOption4[] = []
  const value = counting.values.get(code)
  if (value !== undefined && !value.neverSend && !NOT_FROM_PLAN.has(code))
    options.push(encodeOption4(code, value.data))
  if (code === OPTION4.vendorIdentifyingClass) options.push(...vendorClasses(counting))
  if (code === OPTION4.vendorIdentifyingInformation)
    options.push(...vendorOptions(counting, true, heard))
  return options
}

/** Where not all fit, those are left out that nothing says must be there. */
function blockOf(
  options: readonly EncodedOption4[],
  values: ReadonlyMap<number, OptionValue>,
): OptionBlock4 {
  const isVital = ({ code }: EncodedOption4) =>
    MANDATORY.has(code) || values.get(code)?.alwaysSend === true
  const others = options.filter((option) => !isVital(option))
  return optionBlock4(options, [...options.filter(isVital), ...others])
}

function asksFor(requestList: Octets, code: number): boolean {
  return requestList.includes(String.fromCharCode(code))
}
