// The file of Kea's memfile as a text: leases written as Kea writes them, and the whole of it read.

import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import { hexFromOctets } from '../../lib/bytes/octets.ts'
import { CsvReader } from '../../lib/leases/csv.ts'
import type { Lease } from '../../lib/leases/lease.ts'
import { type Instant, NEVER, type WallTime } from '../../lib/time/units.ts'

export const CSV4_HEADER =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id'

/** One row, without a line feed. The lease-clock and the calendar time are those of one moment. */
export function csv4FromLease(lease: Lease, wallNow: WallTime, now: Instant): string {
  // Kea writes an infinite lease as one of 2^32 - 1 seconds since it was last told.
  const end = lease.end === NEVER ? lease.start + lease.validLifetime * 1000 : lease.end
  return [
    textFromIpv4(lease.address),
    hexFromOctets(lease.hwAddress, ':'),
    hexFromOctets(lease.clientId, ':'),
    lease.validLifetime,
    Math.max(0, Math.ceil((wallNow + (end - now)) / 1000)),
    lease.subnetId,
    lease.fqdnFwd ? 1 : 0,
    lease.fqdnRev ? 1 : 0,
    escaped(lease.hostname),
    lease.state,
    escaped(lease.userContext),
    lease.poolId,
  ].join(',')
}

/**
 * Commas would end the column, line feeds the row; & begins an escape. Other control characters go
 * along.
 */
function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return text.replace(/[\0-\x1f\x7f,&]/g, escapedCharacter)
}

function escapedCharacter(character: string): string {
  return `&#x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}

/** Reads a whole file. */
export function readCsv4(text: string, wallNow: WallTime, now: Instant): CsvReader {
  const reader = new CsvReader(wallNow, now)
  let start = 0
  while (start < text.length) {
    const feed = text.indexOf('\n', start)
    const end = feed < 0 ? text.length : feed
    reader.take(text.slice(start, end))
    start = end + 1
  }
  return reader
}
