// What a client gets of the options that count for it: those that it asks for (RFC 9915 §21.7) and
// those that are sent unasked, encoded.

import { uintFromOctets } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import { OWNED_OPTIONS6 } from '../config/compile/owned-options.ts'
import type { OptionValue, OptionValues } from '../config/plan/option-set.ts'
import { isAlwaysSent } from '../dhcp/enterprise-options.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import { type EncodedOption6, encodeOption6, optionBlock6 } from '../wire/v6/option-block.ts'
import { vendorClasses6, vendorOptions6 } from './vendor-options6.ts'

/** What one kind of client gets from what counts for it: options by their codes. */
export interface Selection6 {
  /** In an ADVERTISE. */
  readonly advertise: Uint8Array
  /** In a REPLY about leases or a link. */
  readonly reply: Uint8Array
  /** In the REPLY to an INFORMATION-REQUEST. */
  readonly information: Uint8Array
  /**
   * The client asks whether addresses may be registered (RFC 9686 §4.1), or is to be told unasked:
   * option 148, which is in none of them.
   */
  readonly asksRegistration: boolean
}

/** Options that some replies never have (RFC 9915 appendix B). */
const NOT_IN_ADVERTISE: ReadonlySet<number> = new Set([
  OPTION6.informationRefreshTime,
  OPTION6.infMaxRt,
])
const NOT_IN_REPLY: ReadonlySet<number> = new Set([
  OPTION6.preference,
  OPTION6.informationRefreshTime,
])
const NOT_IN_INFORMATION: ReadonlySet<number> = new Set([OPTION6.preference])

/**
 * What a client with this request list (option 6, '' = none) gets that said `heard` of enterprises
 * (HearVendor).
 */
export function selectionOf6(
  counting: OptionValues,
  requestList: Octets,
  heard: ReadonlySet<number>,
): Selection6 {
  const codes = codesToSend6(counting, requestList)
  const options: EncodedOption6[] = []
  for (const code of codes) options.push(...encoded(code, counting, heard))
  // Whoever names its enterprise need not ask for the option besides.
  if (!codes.has(OPTION6.vendorOptions)) options.push(...vendorOptions6(counting, false, heard))
  const registration = counting.values.get(OPTION6.addressRegistration)
  return {
    advertise: blockWithout(options, NOT_IN_ADVERTISE),
    reply: blockWithout(options, NOT_IN_REPLY),
    information: blockWithout(options, NOT_IN_INFORMATION),
    asksRegistration: codes.has(OPTION6.addressRegistration) && registration?.neverSend !== true,
  }
}

/**
 * RFC 9915 §21.7: what the client asks for, besides what is set to always-send. No client may ask
 * for a preference (§21.8), so that it is sent where it is configured.
 */
export function codesToSend6(counting: OptionValues, requestList: Octets): ReadonlySet<number> {
  const codes = new Set<number>([OPTION6.preference])
  for (let at = 0; at + 2 <= requestList.length; at += 2)
    codes.add(uintFromOctets(requestList, at, 2))
  for (const { code, alwaysSend } of counting.values.values()) if (alwaysSend) codes.add(code)
  for (const code of [OPTION6.vendorClass, OPTION6.vendorOptions])
    if (isAlwaysSent(code, counting)) codes.add(code)
  return codes
}

/** Nothing where the code has no value or is not to be sent; several instances, maybe. */
function encoded(
  code: number,
  counting: OptionValues,
  heard: ReadonlySet<number>,
): readonly EncodedOption6[] {
  if (code === OPTION6.vendorClass) return vendorClasses6(counting)
  if (code === OPTION6.vendorOptions) return vendorOptions6(counting, true, heard)
  const value = counting.values.get(code)
  if (value === undefined || value.neverSend || isOfServer(code)) return []
  return instancesOf(value).map((data) => encodeOption6(code, data))
}

function isOfServer(code: number): boolean {
  return code === OPTION6.addressRegistration || OWNED_OPTIONS6.has(code)
}

/** The values of the options of this code that are sent. */
export function instancesOf({ data, instances }: OptionValue): readonly Octets[] {
  return instances ?? [data]
}

function blockWithout(options: readonly EncodedOption6[], codes: ReadonlySet<number>): Uint8Array {
  return optionBlock6(options.filter(({ code }) => !codes.has(code)))
}
