// A row of kea-leases4.csv, both ways:
//
//   address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,
//   user_context,pool_id

import { type Ipv4, ipv4FromText, textFromIpv4 } from '../address/ipv4.ts'
import { hexFromOctets } from '../bytes/octets.ts'
import { type Instant, NEVER, type Seconds, type WallTime } from '../time/units.ts'
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
import { LEASE_STATE, type Lease, type LeaseState } from './lease.ts'
import { RECORD } from './record.ts'

/** Kea keeps no hardware type in the file; its own reader assumes Ethernet. */
const HTYPE_ETHERNET = 1

export const CSV4_HEADER =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id'

export const CSV4: CsvFormat<Ipv4> = {
  columns: ['address', 'valid_lifetime', 'expire', 'subnet_id'],
  keyOf: (row) => ipv4FromText(row.field('address')) ?? trouble('address is not an IPv4 address'),
  isRemoval: () => true,
  leaseOf,
}

function leaseOf(row: CsvRow, address: Ipv4, lifetime: Seconds): Lease | Trouble {
  const place = placeFromRow(row)
  if ('trouble' in place) return place
  const expire = wholeNumber(row.field('expire'), Number.MAX_SAFE_INTEGER / 1000)
  const state = wholeNumber(row.field('state') || '0', LEASE_STATE.released)
  const hwAddress = identifier(row.field('hwaddr'), RECORD.hwAddressMax)
  const clientId = identifier(row.field('client_id'), 255)
  if (expire === undefined) return trouble('expire is not a time')
  if (state === undefined) return trouble('state is none of 0, 1, 2, 3')
  if (hwAddress === undefined)
    return trouble('hwaddr is not a hardware address of at most 16 octets')
  if (clientId === undefined) return trouble('client_id is not a client-id of at most 255 octets')
  if (state !== LEASE_STATE.declined && hwAddress === '' && clientId === '')
    return trouble('neither hwaddr nor client_id: nobody could ever renew this lease')
  const texts = textsFromRow(row)
  if ('trouble' in texts) return texts
  const times = timesFrom(row, state as LeaseState, lifetime, expire)
  const who = { htype: HTYPE_ETHERNET, hwAddress, clientId }
  const ours = { change: 0, gave: 0, got: 0, givenBy: 'us', knew: 0 } as const
  return {
    address,
    ...who,
    ...texts,
    ...times,
    ...place,
    preferredLifetime: 0,
    fresh: false,
    ...ours,
  }
}

/**
 * A row of a lease, without a line feed, as Kea reads it; times are those of one moment. What Kea
 * would take for a removal, or has no state for, is no row: ''.
 */
export function csv4FromLease(lease: Lease, wallNow: WallTime, now: Instant): string {
  if (lease.state === LEASE_STATE.free || lease.validLifetime === 0) return ''
  // Kea writes an infinite lease as one of 2^32 - 1 seconds since it was last told.
  const end = lease.end === NEVER ? lease.start + lease.validLifetime * 1000 : lease.end
  return [
    textFromIpv4(lease.address),
    hexFromOctets(lease.hwAddress, ':'),
    hexFromOctets(lease.clientId, ':'),
    lease.validLifetime,
    Math.max(0, expireOf(end, wallNow, now)),
    lease.subnetId,
    lease.fqdnFwd ? 1 : 0,
    lease.fqdnRev ? 1 : 0,
    escaped(lease.hostname),
    lease.state,
    escaped(lease.userContext),
    lease.poolId,
  ].join(',')
}
