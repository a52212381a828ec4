// Options 16 and 17 of a reply (RFC 9915 §21.16, §21.17): of which enterprises a client gets
// options, and which. An instance is of one enterprise, and there is one of each.

import { octetsFromUint, uintFromOctets } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import type { EnterpriseValues, OptionValues } from '../config/plan/option-set.ts'
import { isForbidden, subOptionsFor } from '../dhcp/enterprise-options.ts'
import type { HearVendor } from '../dhcp/reply-options.ts'
import { CABLE_LABS, CABLE_LABS_REQUEST } from '../wire/options/enterprises.ts'
import { encodeSubOption } from '../wire/options/sub-options.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Query6 } from '../wire/v6/message.ts'
import { optionAt6 } from '../wire/v6/octets6.ts'
import { type EncodedOption6, encodeOption6 } from '../wire/v6/option-block.ts'

/** Octets of the enterprise number, before the texts or options. */
const ENTERPRISE_HEAD = 4

const { vendorClass: VENDOR_CLASS, vendorOptions: VENDOR_OPTIONS } = OPTION6

/** What of a query's options 16 and 17 makes a difference to what it gets. */
export function hearVendors6<State>(
  query: Query6,
  enterprises: OptionValues['enterprises'],
  first: State,
  hear: HearVendor<State>,
): State {
  let state = first
  for (const code of CODES) {
    if (!query.has(code)) continue
    for (const data of query.all(code)) {
      const known = data.length < ENTERPRISE_HEAD ? undefined : enterprises.get(enterpriseIn(data))
      if (known === undefined) continue
      state = hear(state, enterpriseIn(data))
      if (code === VENDOR_OPTIONS && enterpriseIn(data) === CABLE_LABS)
        state = hearWishes(data, known, state, hear)
    }
  }
  return state
}

const CODES = [VENDOR_CLASS, VENDOR_OPTIONS] as const

function enterpriseIn(data: Octets): number {
  return uintFromOctets(data, 0, ENTERPRISE_HEAD)
}

/** The sub-options that a client of Cable Labs names in one of its own. */
function hearWishes<State>(
  data: Octets,
  { subOptions }: EnterpriseValues,
  first: State,
  hear: HearVendor<State>,
): State {
  let state = first
  const start = optionAt6(data, ENTERPRISE_HEAD, CABLE_LABS_REQUEST)
  const end = start < 0 ? start : start + uintFromOctets(data, start - 2, 2)
  for (let at = start; at + 2 <= end; at += 2) {
    const wanted = uintFromOctets(data, at, 2)
    if (subOptions.has(wanted)) state = hear(state, -1 - wanted)
  }
  return state
}

/** An option 16 of every enterprise. */
export function vendorClasses6(counting: OptionValues): EncodedOption6[] {
  if (isForbidden(VENDOR_CLASS, counting)) return []
  const options: EncodedOption6[] = []
  for (const [enterprise, { carriers }] of counting.enterprises) {
    const carrier = carriers.get(VENDOR_CLASS)
    if (carrier === undefined) continue
    options.push(encodeOption6(VENDOR_CLASS, octetsFromUint(enterprise, 4) + carrier.data))
  }
  return options
}

/**
 * An option 17 of every enterprise that the client named. `isWanted`: it gets the option itself
 * where it is configured, be it empty.
 */
export function vendorOptions6(
  counting: OptionValues,
  isWanted: boolean,
  heard: ReadonlySet<number>,
): EncodedOption6[] {
  if (isForbidden(VENDOR_OPTIONS, counting)) return []
  const options: EncodedOption6[] = []
  for (const [enterprise, own] of counting.enterprises) {
    const carrier = isWanted ? own.carriers.get(VENDOR_OPTIONS) : undefined
    if (carrier === undefined && !heard.has(enterprise)) continue
    const configured = carrier?.data ?? ''
    const added = subOptionsFor(enterprise, own, heard)
      .filter(({ code }) => optionAt6(configured, 0, code) < 0)
      .map(({ code, data }) => encodeSubOption(2, code, data))
    if (carrier === undefined && added.length === 0) continue
    const data = octetsFromUint(enterprise, 4) + configured + added.join('')
    options.push(encodeOption6(VENDOR_OPTIONS, data))
  }
  return options
}
