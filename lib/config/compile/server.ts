// What is said once for all of DHCPv4: interfaces, expiry, by what reservations are looked up.

import { ipv4FromText } from '../../address/ipv4.ts'
import type { ExpiryDocument, InterfacesDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { IdentifierName } from '../keys/document4.ts'
import type { ExpiryPlan, InterfacesPlan, ReservationIdentifier } from '../plan/plan4.ts'
import { RESERVATION_IDENTIFIERS } from '../plan/plan4.ts'
import type { Site } from '../text/site.ts'
import { parseInterfaceName, warnOfNone } from './interface-names.ts'

const { 'host-reservation-identifiers': IDENTIFIERS } = defaultsOf(
  'global',
  'host-reservation-identifiers',
)
const EXPIRY = defaultsOf(
  'expiry',
  'reclaim-timer-wait-time',
  'hold-reclaimed-time',
  'max-reclaim-leases',
)

type NamedInterface = InterfacesPlan['named'][number]

/** `*`, `eth0`, `eth0/192.0.2.1`; an interface is served whole or by addresses, each named once. */
export function compileInterfaces(
  document: InterfacesDocument | undefined,
  site: Site,
): InterfacesPlan {
  const named: NamedInterface[] = []
  let all = false
  const texts = document?.interfaces ?? []
  for (const [index, text] of texts.entries()) {
    const at = site.at('interfaces').at(index)
    if (text.trim() === '*') {
      if (all) at.error('duplicate', "'*' stands here a second time", 'once is enough')
      all = true
    } else {
      const entry = parseInterface(text, at)
      if (entry !== undefined && isNew(entry, named, at)) named.push(entry)
    }
  }
  if (texts.length === 0) warnOfNone(site)
  return { all, named }
}

function parseInterface(text: string, at: Site): NamedInterface | undefined {
  const entry = parseInterfaceName(text, 'eth0/192.0.2.1', at)
  if (entry === undefined) return undefined
  const { name, rest } = entry
  if (rest === undefined) return { name, address: undefined }
  const address = ipv4FromText(rest)
  if (address === undefined || address === 0) {
    const message = `'${rest}' is not an IPv4 address of ${name}`
    at.error('address', message, `such as "${name}/192.0.2.1", without a prefix length`)
    return undefined
  }
  return { name, address }
}

function isNew(entry: NamedInterface, named: readonly NamedInterface[], at: Site): boolean {
  const former = named.find(
    ({ name, address }) =>
      name === entry.name &&
      (address === entry.address || address === undefined || entry.address === undefined),
  )
  if (former === undefined) return true
  const whole = (former.address === undefined) !== (entry.address === undefined)
  const message = whole
    ? `${entry.name} is named whole and by address`
    : `${entry.name} stands here a second time`
  at.error('duplicate', message, 'name an interface once, or each of its addresses once')
  return false
}

export function compileExpiry(document: ExpiryDocument | undefined): ExpiryPlan {
  return {
    reclaimWait: document?.['reclaim-timer-wait-time'] ?? EXPIRY['reclaim-timer-wait-time'],
    holdReclaimed: document?.['hold-reclaimed-time'] ?? EXPIRY['hold-reclaimed-time'],
    reclaimMax: document?.['max-reclaim-leases'] ?? EXPIRY['max-reclaim-leases'],
  }
}

/** The order of the lookup; `auto` is all that there is, in Kea's order. */
export function compileIdentifiers(
  names: readonly IdentifierName[] = IDENTIFIERS,
  site: Site,
): readonly ReservationIdentifier[] {
  if (names.length === 0)
    site.error('identifiers', 'no identifier is looked up', 'leave the key out for the usual ones')
  return names.includes('auto')
    ? RESERVATION_IDENTIFIERS
    : [...new Set(names as readonly ReservationIdentifier[])]
}
