// What stands in DNS for a name, compared with what leases want there. Whatever has no DHCID was
// put there by somebody else, and is never touched.

import type { Octets } from '../bytes/octets.ts'
import { RR_TYPE } from './codes.ts'
import { isSameMachine } from './dhcid.ts'
import type { DnsRecord } from './message.ts'
import { nameInData } from './reader.ts'
import { addressType } from './update.ts'

/** At one name, of one direction. */
export interface Standing {
  /** Addresses of both families, or names that an address leads to. */
  readonly values: readonly Octets[]
  readonly dhcids: readonly Octets[]
}

/** What a lease wants there. */
export interface WantedRecord {
  /** The address, or the name. */
  readonly value: Octets
  /** Of the client, one of which is to be there; none: names are registered without. */
  readonly dhcids: readonly Octets[]
}

/**
 * missing    it is not there
 * different  it is there otherwise
 * written    it is there otherwise, and somebody has written it, who gave it no DHCID
 */
export interface Difference {
  readonly kind: 'missing' | 'different' | 'written'
  /** Other values that are there instead, or too. */
  readonly others: readonly Octets[]
  readonly dhcid: 'own' | 'none' | 'other'
}

/** The types that an answer may have of a direction. */
export const FORWARD_TYPES = [RR_TYPE.a, RR_TYPE.aaaa, RR_TYPE.dhcid] as const
export const REVERSE_TYPES = [RR_TYPE.ptr, RR_TYPE.dhcid] as const

/** The value of a record, undefined where it has none that is compared. */
export function valueIn({ data, type }: DnsRecord): Octets | undefined {
  if (type === RR_TYPE.a) return data.length === 4 ? data : undefined
  if (type === RR_TYPE.aaaa) return data.length === 16 ? data : undefined
  return type === RR_TYPE.ptr ? nameInData(data) : undefined
}

export function standingOf(records: readonly DnsRecord[]): Standing {
  return {
    values: records.flatMap((record) => valueIn(record) ?? []),
    dhcids: records.filter(({ type }) => type === RR_TYPE.dhcid).map(({ data }) => data),
  }
}

/**
 * Undefined: it is as the lease wants it. `isExtra`: whether another value that is there beside the
 * wanted one should not be. Addresses of the other family are other leases'.
 */
export function differenceOf(
  wanted: WantedRecord,
  { dhcids, values }: Standing,
  direction: 'forward' | 'reverse',
  isExtra: (value: Octets) => boolean,
): Difference | undefined {
  const { value } = wanted
  const isOfFamily = (other: Octets) =>
    direction === 'reverse' || addressType(other) === addressType(value)
  const isThere = values.includes(value)
  const others = values.filter(
    (other) => other !== value && isOfFamily(other) && (!isThere || isExtra(other)),
  )
  const dhcid = dhcidAt(dhcids, wanted)
  if (isThere && others.length === 0 && dhcid === 'own') return undefined
  if (values.length > 0 && dhcid === 'none') return { kind: 'written', others, dhcid }
  return { kind: isThere || others.length > 0 ? 'different' : 'missing', others, dhcid }
}

/** Where names are registered without one, none is missed. */
function dhcidAt(found: readonly Octets[], { dhcids }: WantedRecord): Difference['dhcid'] {
  if (dhcids.length === 0 || found.some((one) => isSameMachine(one, dhcids))) return 'own'
  return found.length === 0 ? 'none' : 'other'
}
