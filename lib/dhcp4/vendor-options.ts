// Options 124 and 125 of a reply (RFC 3925): of which enterprises a client gets options, and which.

import { octetsFromUint } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import type { EnterpriseValues, OptionValues } from '../config/plan/option-set.ts'
import { isForbidden, subOptionsFor } from '../dhcp/enterprise-options.ts'
import type { HearVendor } from '../dhcp/reply-options.ts'
import {
  BLOCK_MAX,
  block,
  CABLE_LABS,
  CABLE_LABS_REQUEST,
  endOfBlock,
  enterpriseAt,
  hasWholeBlocks,
  subOptionAt,
} from '../wire/options/enterprises.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Query4 } from '../wire/v4/message.ts'
import { type EncodedOption4, encodeOption4 } from '../wire/v4/option-block.ts'

const VENDOR_CLASS = OPTION4.vendorIdentifyingClass
const VENDOR_OPTIONS = OPTION4.vendorIdentifyingInformation

/** What of a query's options 124 and 125 makes a difference to what it gets. Allocates nothing. */
export function hearVendors<State>(
  query: Query4,
  enterprises: OptionValues['enterprises'],
  first: State,
  hear: HearVendor<State>,
): State {
  let state = first
  for (const code of CODES) {
    if (!query.has(code)) continue
    const data = query.octets(code)!
    if (!hasWholeBlocks(data)) continue
    for (let at = 0; at < data.length; at = endOfBlock(data, at)) {
      const enterprise = enterpriseAt(data, at)
      const known = enterprises.get(enterprise)
      if (known === undefined) continue
      state = hear(state, enterprise)
      if (code !== VENDOR_OPTIONS || enterprise !== CABLE_LABS) continue
      const start = subOptionAt(data, at, CABLE_LABS_REQUEST)
      const end = start < 0 ? start : start + data.charCodeAt(start - 1)
      for (let each = start; each < end; each++) {
        const wanted = data.charCodeAt(each)
        if (known.subOptions.has(wanted)) state = hear(state, -1 - wanted)
      }
    }
  }
  return state
}

const CODES = [VENDOR_CLASS, VENDOR_OPTIONS] as const

/** Option 124: of every enterprise an instance, since not all clients join them. */
export function vendorClasses(counting: OptionValues): EncodedOption4[] {
  if (isForbidden(VENDOR_CLASS, counting)) return []
  const options: EncodedOption4[] = []
  for (const [enterprise, { carriers }] of counting.enterprises) {
    const carrier = carriers.get(VENDOR_CLASS)
    if (carrier === undefined) continue
    const data = octetsFromUint(enterprise, 4) + carrier.data
    options.push(encodeOption4(VENDOR_CLASS, data))
  }
  return options
}

/**
 * Option 125 for who said this of enterprises. `isWanted`: the option itself is sent where it is
 * configured, be it empty.
 */
export function vendorOptions(
  counting: OptionValues,
  isWanted: boolean,
  heard: ReadonlySet<number>,
): EncodedOption4[] {
  if (isForbidden(VENDOR_OPTIONS, counting)) return []
  const options: EncodedOption4[] = []
  for (const [enterprise, own] of counting.enterprises) {
    const carrier = isWanted ? own.carriers.get(VENDOR_OPTIONS) : undefined
    if (carrier === undefined && !heard.has(enterprise)) continue
    const first = carrier?.data ?? ''
    const blocks = blocksOf(enterprise, first, encodedSubOptions(enterprise, own, first, heard))
    if (blocks === '' && carrier === undefined) continue
    const data = blocks === '' ? block(enterprise, '') : blocks
    options.push(encodeOption4(VENDOR_OPTIONS, data))
  }
  return options
}

/** Without those that the option itself has. */
function encodedSubOptions(
  enterprise: number,
  values: EnterpriseValues,
  configured: Octets,
  heard: ReadonlySet<number>,
): Octets[] {
  const own = block(enterprise, configured)
  return subOptionsFor(enterprise, values, heard)
    .filter(({ code }) => subOptionAt(own, 0, code) < 0)
    .map(({ code, data }) => String.fromCharCode(code, data.length) + data)
}

/** Sub-options stay whole: where they exceed a block, another one of the enterprise follows. */
function blocksOf(enterprise: number, first: Octets, subOptions: readonly Octets[]): Octets {
  let blocks = ''
  let content = first
  for (const subOption of subOptions) {
    if (content.length + subOption.length > BLOCK_MAX) {
      blocks += block(enterprise, content)
      content = ''
    }
    content += subOption
  }
  return content === '' ? blocks : blocks + block(enterprise, content)
}
