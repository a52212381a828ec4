// A row of kea-leases6.csv, both ways:
//
//   address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,
//   fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id

import { ipv6FromText, textFromIpv6 } from '../address/ipv6.ts'
import { ADDRESS_BITS, addressOf, lengthOf, type Prefix6, prefix6 } from '../address/prefix6.ts'
import { hexFromOctets, type Octets } from '../bytes/octets.ts'
import { type Instant, NEVER, type Seconds, type WallTime } from '../time/units.ts'
import { BINDING_KIND, bindingOf, duidOf, iaidOf, kindOf } from './binding.ts'
import {
  type CsvFormat,
  type CsvRow,
  escaped,
  expireOf,
  identifier,
  placeFromRow,
  type Trouble,
  textsFromRow,
  timesFrom,
  trouble,
  wholeNumber,
} from './csv-row.ts'
import { LEASE_STATE, type Lease6, type LeaseState } from './lease.ts'
import { RECORD } from './record.ts'

/** Column lease_type; 1 was IA_TA, which is no more (RFC 9915). */
const TYPE = { na: 0, pd: 2 } as const

/** Kea's number of the state; ours is free there. */
const KEA_REGISTERED = 4

/** RFC 9915 §11.1; Kea writes three octets of 0 where there is none. */
const DUID_MIN = 3
const DUID_MAX = 130
const NO_DUID = '\0\0\0'

const HTYPE_ETHERNET = 1

export const CSV6: CsvFormat<Prefix6> = {
  columns: ['address', 'duid', 'iaid', 'valid_lifetime', 'expire', 'subnet_id'],
  keyOf,
  // Kea notes what a client has given back with a lifetime of 0, and forgets it at a restart.
  isRemoval: (row) => row.field('state') !== `${LEASE_STATE.released}`,
  leaseOf,
}

export const CSV6_HEADER =
  'address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,' +
  'fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id'

function keyOf(row: CsvRow): Prefix6 | Trouble {
  const address = ipv6FromText(row.field('address'))
  if (address === undefined) return trouble('address is not an IPv6 address')
  const length = wholeNumber(row.field('prefix_len') || `${ADDRESS_BITS}`, ADDRESS_BITS)
  if (length === undefined || length === 0) return trouble('prefix_len is not 1 to 128')
  const key = prefix6(address, length)
  if (addressOf(key) !== address) return trouble('address has bits behind prefix_len')
  const type = row.field('lease_type') || '0'
  if (type !== `${TYPE.na}` && type !== `${TYPE.pd}`) return trouble('lease_type is none of 0, 2')
  if (type === `${TYPE.na}` && length < ADDRESS_BITS)
    return trouble('prefix_len of an address is not 128')
  return key
}

function leaseOf(row: CsvRow, address: Prefix6, lifetime: Seconds): Lease6 | Trouble {
  const place = placeFromRow(row)
  if ('trouble' in place) return place
  const expire = wholeNumber(row.field('expire'), Number.MAX_SAFE_INTEGER / 1000)
  if (expire === undefined) return trouble('expire is not a time')
  if (expire < lifetime) return trouble('expire is before the lease began')
  const preferred = wholeNumber(row.field('pref_lifetime') || '0', 0xffffffff)
  if (preferred === undefined) return trouble('pref_lifetime is not a number of seconds')
  const state = stateOf(row)
  if (state === undefined) return trouble('state is none of 0, 1, 2, 3, 4')
  if (state === LEASE_STATE.declined && row.field('lease_type') === `${TYPE.pd}`)
    return trouble('state of a prefix is declined')
  const who = clientOf(row, state)
  if ('trouble' in who) return who
  const texts = textsFromRow(row)
  if ('trouble' in texts) return texts
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\0-\x1f\x7f]/.test(texts.hostname)) return trouble('hostname has control characters')
  const times = timesFrom(row, state, lifetime, expire)
  const lifetimes = { preferredLifetime: Math.min(preferred, lifetime) }
  const ours = { fresh: false, change: 0, gave: 0, got: 0, givenBy: 'us', knew: 0 } as const
  return { address, ...who, ...texts, ...times, ...lifetimes, ...place, ...ours }
}

function stateOf(row: CsvRow): LeaseState | undefined {
  const state = wholeNumber(row.field('state') || '0', KEA_REGISTERED)
  return state === KEA_REGISTERED ? LEASE_STATE.registered : (state as LeaseState | undefined)
}

function clientOf(
  row: CsvRow,
  state: LeaseState,
): Pick<Lease6, 'htype' | 'hwAddress' | 'clientId'> | Trouble {
  const hwAddress = identifier(row.field('hwaddr'), RECORD.hwAddressMax)
  if (hwAddress === undefined)
    return trouble('hwaddr is not a hardware address of at most 16 octets')
  const hwtype = wholeNumber(row.field('hwtype') || `${HTYPE_ETHERNET}`, 255)
  if (hwtype === undefined) return trouble('hwtype is not 0 to 255')
  const htype = hwAddress === '' ? 0 : hwtype
  if (state === LEASE_STATE.declined) return { htype, hwAddress, clientId: '' }
  const iaid = wholeNumber(row.field('iaid'), 0xffffffff)
  if (iaid === undefined) return trouble('iaid is not 0 to 4294967295')
  const duid = identifier(row.field('duid'), DUID_MAX)
  if (duid === undefined || duid.length < DUID_MIN || duid === NO_DUID)
    return trouble('duid is not one of 3 to 130 octets')
  if (state === LEASE_STATE.registered)
    return { htype, hwAddress, clientId: bindingOf(BINDING_KIND.registered, 0, duid) }
  const kind = row.field('lease_type') === `${TYPE.pd}` ? BINDING_KIND.pd : BINDING_KIND.na
  return { htype, hwAddress, clientId: bindingOf(kind, iaid, duid) }
}

/**
 * A row of a lease, without a line feed, as Kea reads it; times are those of one moment. What Kea
 * would take for a removal, or has no state for, is no row: ''.
 */
export function csv6FromLease(lease: Lease6, wallNow: WallTime, now: Instant): string {
  if (lease.state === LEASE_STATE.free || lease.validLifetime === 0) return ''
  // Kea writes an infinite lease as one of 2^32 - 1 seconds since it was last told.
  const end = lease.end === NEVER ? lease.start + lease.validLifetime * 1000 : lease.end
  const isPrefix = lengthOf(lease.address) < ADDRESS_BITS || kindOf(lease) === BINDING_KIND.pd
  return [
    textFromIpv6(addressOf(lease.address)),
    hexFromOctets(duidFor(lease), ':'),
    lease.validLifetime,
    Math.max(lease.validLifetime, expireOf(end, wallNow, now)),
    lease.subnetId,
    lease.preferredLifetime,
    isPrefix ? TYPE.pd : TYPE.na,
    iaidOf(lease),
    lengthOf(lease.address),
    lease.fqdnFwd ? 1 : 0,
    lease.fqdnRev ? 1 : 0,
    escaped(lease.hostname),
    hexFromOctets(lease.hwAddress, ':'),
    lease.state === LEASE_STATE.registered ? KEA_REGISTERED : lease.state,
    escaped(lease.userContext),
    lease.hwAddress === '' ? '' : lease.htype,
    lease.hwAddress === '' ? '' : 0,
    lease.poolId,
  ].join(',')
}

function duidFor(lease: Lease6): Octets {
  return duidOf(lease) || NO_DUID
}
