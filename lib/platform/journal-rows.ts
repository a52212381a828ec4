// A lease between its record (leases/change-codec.ts) and its row. Values are taken from the record's
// bytes one by one: this runs for every lease that is acknowledged, so nothing else is built.

import type { ChangeWriter } from '../leases/change-codec.ts'
import { RECORD } from '../leases/change-codec.ts'
import type { LeaseState } from '../leases/lease.ts'
import { NEVER } from '../time/units.ts'
import { LEASE_COLUMNS } from './journal-schema.ts'

export const ROW_WIDTH = LEASE_COLUMNS.length

/**
 * Fills `values` from `at` with the columns of the put record that begins at `start` of `bytes`, and
 * returns its change number. The record has been checked.
 */
export function fillRow(
  values: unknown[],
  at: number,
  bytes: Buffer,
  view: DataView,
  start: number,
): number {
  const flags = bytes[start + 1]!
  const hw = start + RECORD.putHeader
  const clientId = hw + bytes[start + 3]!
  const hostname = clientId + view.getUint16(start + 44, true)
  const context = hostname + view.getUint16(start + 46, true)
  const contextEnd = context + view.getUint16(start + 48, true)
  const end = view.getFloat64(start + 24, true)
  const change = view.getFloat64(start + 8, true)
  values[at] = view.getUint32(start + 4, true)
  values[at + 1] = flags & 15
  values[at + 2] = view.getUint32(start + 36, true)
  values[at + 3] = view.getUint32(start + 40, true)
  values[at + 4] = bytes[start + 2]
  values[at + 5] = hw === clientId ? null : bytes.subarray(hw, clientId)
  values[at + 6] = clientId === hostname ? null : bytes.subarray(clientId, hostname)
  values[at + 7] = hostname === context ? null : bytes.toString('utf8', hostname, context)
  values[at + 8] = flags & RECORD.fqdnFwd ? 1 : 0
  values[at + 9] = flags & RECORD.fqdnRev ? 1 : 0
  values[at + 10] = view.getUint32(start + 32, true)
  values[at + 11] = view.getFloat64(start + 16, true)
  values[at + 12] = end === NEVER ? null : end
  values[at + 13] = context === contextEnd ? null : bytes.toString('utf8', context, contextEnd)
  values[at + 14] = change
  return change
}

const UINT32_MAX = 0xffffffff

/** Appends a row to `writer`, or returns why it cannot be used ('' when it could). */
export function writeRow(writer: ChangeWriter, row: readonly unknown[]): string {
  const reason = reasonAgainst(row)
  if (reason !== '') return reason
  writer.put({
    kind: 'put',
    lease: {
      address: row[0] as number,
      state: row[1] as LeaseState,
      subnetId: row[2] as number,
      poolId: row[3] as number,
      htype: row[4] as number,
      hwAddress: octetsOf(row[5]),
      clientId: octetsOf(row[6]),
      hostname: (row[7] as string | null) ?? '',
      fqdnFwd: row[8] === 1,
      fqdnRev: row[9] === 1,
      validLifetime: row[10] as number,
      start: row[11] as number,
      end: (row[12] as number | null) ?? NEVER,
      userContext: (row[13] as string | null) ?? '',
      change: row[14] as number,
    },
  })
  return ''
}

function octetsOf(value: unknown): string {
  return value === null ? '' : (value as Buffer).toString('latin1')
}

/** What is wrong with a row, naming the column; '' when it can be used. */
function reasonAgainst(row: readonly unknown[]): string {
  if (!isWhole(row[0], UINT32_MAX) || row[0] === 0) return 'address is not 1 to 4294967295'
  if (!isWhole(row[1], 3)) return 'state is not 0 to 3'
  if (!isWhole(row[2], UINT32_MAX)) return 'subnet_id is not 0 to 4294967295'
  if (!isWhole(row[3], UINT32_MAX)) return 'pool_id is not 0 to 4294967295'
  if (!isWhole(row[4], 255)) return 'htype is not 0 to 255'
  if (!isBlob(row[5], RECORD.hwAddressMax)) return 'hwaddr is not a blob of at most 16 bytes'
  if (!isBlob(row[6], RECORD.textMax)) return 'client_id is not a blob of at most 65535 bytes'
  if (!isText(row[7])) return 'hostname is not a text of at most 65535 bytes'
  if (!isWhole(row[8], 1)) return 'fqdn_fwd is not 0 or 1'
  if (!isWhole(row[9], 1)) return 'fqdn_rev is not 0 or 1'
  if (!isWhole(row[10], UINT32_MAX)) return 'valid_lifetime is not 0 to 4294967295'
  if (!isTime(row[11])) return 'start_ms is not a time'
  if (row[12] !== null && !isTime(row[12])) return 'end_ms is not a time'
  if (!isText(row[13])) return 'user_context is not a text of at most 65535 bytes'
  if (!isWhole(row[14], Number.MAX_SAFE_INTEGER)) return 'change is not a whole number'
  return ''
}

function isWhole(value: unknown, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max
}

function isBlob(value: unknown, max: number): boolean {
  return value === null || (value instanceof Uint8Array && value.length <= max)
}

function isText(value: unknown): boolean {
  if (value === null) return true
  return typeof value === 'string' && Buffer.byteLength(value) <= RECORD.textMax
}

/** Times before zero are possible: leases that were imported into a young database. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER
}
