// A lease between its record (leases/change-codec.ts) and its row, both ways and without building
// the lease in between: writing runs for every acknowledged lease, reading decides how soon a
// server with a million leases serves again.

import { isPrefix6 } from '../../address/prefix6.ts'
import { octetsFromBytes } from '../../bytes/octets.ts'
import { viewOf } from '../../leases/change-codec.ts'
import type { RecordKeys } from '../../leases/keys/family.ts'
import type { Key } from '../../leases/keys/key.ts'
import { FIELD, RECORD } from '../../leases/record.ts'
import { NEVER } from '../../time/units.ts'
import { COLUMN } from './schema.ts'

/**
 * Fills `values` from `at` with the columns of the put record that begins at `start` of `bytes`,
 * of a family whose keys have so many octets. The record has been checked.
 */
export function fillRow(
  values: unknown[],
  at: number,
  bytes: Buffer,
  view: DataView,
  start: number,
  keyOctets: number,
): void {
  const flags = bytes[start + FIELD.flags]!
  const key = start + RECORD.putHeader
  const hw = key + keyOctets
  const clientId = hw + bytes[start + FIELD.hwLength]!
  const hostname = clientId + view.getUint16(start + FIELD.clientIdLength, true)
  const context = hostname + view.getUint16(start + FIELD.hostnameLength, true)
  const contextEnd = context + view.getUint16(start + FIELD.contextLength, true)
  const end = view.getFloat64(start + FIELD.end, true)
  if (keyOctets === 0) {
    values[at + COLUMN.address] = view.getUint32(start + FIELD.address, true)
  } else {
    values[at + COLUMN.address] = bytes.subarray(key, hw)
    values[at + COLUMN.preferred_lifetime] = view.getUint32(start + FIELD.preferredLifetime, true)
  }
  values[at + COLUMN.state] = flags & RECORD.stateMask
  values[at + COLUMN.subnet_id] = view.getUint32(start + FIELD.subnetId, true)
  values[at + COLUMN.pool_id] = view.getUint32(start + FIELD.poolId, true)
  values[at + COLUMN.htype] = bytes[start + FIELD.htype]
  values[at + COLUMN.hwaddr] = hw === clientId ? null : bytes.subarray(hw, clientId)
  values[at + COLUMN.client_id] = clientId === hostname ? null : bytes.subarray(clientId, hostname)
  values[at + COLUMN.hostname] =
    hostname === context ? null : bytes.toString('utf8', hostname, context)
  values[at + COLUMN.fqdn_fwd] = flags & RECORD.fqdnFwd ? 1 : 0
  values[at + COLUMN.fqdn_rev] = flags & RECORD.fqdnRev ? 1 : 0
  values[at + COLUMN.valid_lifetime] = view.getUint32(start + FIELD.validLifetime, true)
  values[at + COLUMN.start_ms] = view.getFloat64(start + FIELD.start, true)
  values[at + COLUMN.end_ms] = end === NEVER ? null : end
  values[at + COLUMN.user_context] =
    context === contextEnd ? null : bytes.toString('utf8', context, contextEnd)
  values[at + COLUMN.change] = view.getFloat64(start + FIELD.change, true)
  values[at + COLUMN.gave] = view.getUint32(start + FIELD.gave, true)
  values[at + COLUMN.got] = view.getUint32(start + FIELD.got, true)
  values[at + COLUMN.given_by] = flags & RECORD.givenByPartner ? 1 : 0
  values[at + COLUMN.knew] = view.getFloat64(start + FIELD.knew, true)
}

/** Nobody can tell which key was meant. */
export const WHY_NO_KEY = 'key has bits behind its length'

const UINT32_MAX = 0xffffffff

/** Rows become put records, one behind the other, in a page that is given away at the end. */
export class RowPage {
  readonly #keys: RecordKeys<Key>
  #bytes: Buffer<ArrayBuffer>
  #view: DataView
  #length = 0

  constructor(keys: RecordKeys<Key>, sizeBytes: number) {
    this.#keys = keys
    this.#bytes = Buffer.from(new ArrayBuffer(sizeBytes))
    this.#view = viewOf(this.#bytes)
  }

  /** The records in a buffer of their own. */
  take(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.buffer.transfer(this.#length))
  }

  /**
   * Appends a row of the columns to be read (tables.ts), or returns why it cannot be used ('' when
   * it could).
   */
  put(row: readonly unknown[]): string {
    const reason = reasonAgainst(row, this.#keys)
    if (reason !== '') return reason
    const hwAddress = row[COLUMN.hwaddr] as string
    const clientId = row[COLUMN.client_id] as string
    const hostname = row[COLUMN.hostname] as string | null
    const context = row[COLUMN.user_context] as string | null
    const hostLength = hostname === null ? 0 : Buffer.byteLength(hostname)
    const contextLength = context === null ? 0 : Buffer.byteLength(context)
    const octets = (hwAddress.length + clientId.length) / 2
    const { keyOctets } = this.#keys
    this.#reserve(RECORD.putHeader + keyOctets + octets + hostLength + contextLength)
    this.#writeHeader(row, hostLength, contextLength)
    let at = this.#length + RECORD.putHeader
    if (keyOctets > 0) at = writeHex(row[COLUMN.address] as string, this.#bytes, at)
    at = writeHex(hwAddress, this.#bytes, at)
    at = writeHex(clientId, this.#bytes, at)
    if (hostname !== null) at += this.#bytes.write(hostname, at)
    if (context !== null) at += this.#bytes.write(context, at)
    this.#length = at
    return ''
  }

  #writeHeader(row: readonly unknown[], hostLength: number, contextLength: number): void {
    const view = this.#view
    const at = this.#length
    view.setUint8(at + FIELD.kind, this.#keys.put)
    view.setUint8(at + FIELD.flags, (row[COLUMN.state] as number) | flagsOfRow(row))
    view.setUint8(at + FIELD.htype, row[COLUMN.htype] as number)
    view.setUint8(at + FIELD.hwLength, (row[COLUMN.hwaddr] as string).length / 2)
    const word = this.#keys.keyOctets === 0 ? COLUMN.address : COLUMN.preferred_lifetime
    view.setUint32(at + FIELD.address, row[word] as number, true)
    view.setFloat64(at + FIELD.change, row[COLUMN.change] as number, true)
    view.setFloat64(at + FIELD.start, row[COLUMN.start_ms] as number, true)
    view.setFloat64(at + FIELD.end, (row[COLUMN.end_ms] as number | null) ?? NEVER, true)
    view.setUint32(at + FIELD.validLifetime, row[COLUMN.valid_lifetime] as number, true)
    view.setUint32(at + FIELD.subnetId, row[COLUMN.subnet_id] as number, true)
    view.setUint32(at + FIELD.poolId, row[COLUMN.pool_id] as number, true)
    view.setUint16(at + FIELD.clientIdLength, (row[COLUMN.client_id] as string).length / 2, true)
    view.setUint16(at + FIELD.hostnameLength, hostLength, true)
    view.setUint16(at + FIELD.contextLength, contextLength, true)
    view.setUint32(at + FIELD.gave, row[COLUMN.gave] as number, true)
    view.setUint32(at + FIELD.got, row[COLUMN.got] as number, true)
    view.setFloat64(at + FIELD.knew, row[COLUMN.knew] as number, true)
  }

  #reserve(length: number): void {
    const needed = this.#length + length
    if (needed <= this.#bytes.length) return
    const grown = Buffer.from(new ArrayBuffer(Math.max(needed, this.#bytes.length * 2)))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
    this.#view = viewOf(grown)
  }
}

function flagsOfRow(row: readonly unknown[]): number {
  let flags = 0
  if (row[COLUMN.fqdn_fwd] === 1) flags |= RECORD.fqdnFwd
  if (row[COLUMN.fqdn_rev] === 1) flags |= RECORD.fqdnRev
  if (row[COLUMN.given_by] === 1) flags |= RECORD.givenByPartner
  return flags
}

/** What is wrong with a row, naming the column; '' when it can be used. */
function reasonAgainst(row: readonly unknown[], keys: RecordKeys<Key>): string {
  const reason = keys.keyOctets === 0 ? reasonAgainst4(row) : reasonAgainst6(row, keys)
  if (reason !== '') return reason
  if (!isWhole(row[COLUMN.state], keys.stateMax)) return `state is not 0 to ${keys.stateMax}`
  if (!isWhole(row[COLUMN.subnet_id], UINT32_MAX)) return 'subnet_id is not 0 to 4294967295'
  if (!isWhole(row[COLUMN.pool_id], UINT32_MAX)) return 'pool_id is not 0 to 4294967295'
  if (!isWhole(row[COLUMN.htype], 255)) return 'htype is not 0 to 255'
  if (!isHex(row[COLUMN.hwaddr], RECORD.hwAddressMax))
    return 'hwaddr is not a blob of at most 16 bytes'
  if (!isHex(row[COLUMN.client_id], RECORD.textMax))
    return 'client_id is not a blob of at most 65535 bytes'
  if (!isText(row[COLUMN.hostname])) return 'hostname is not a text of at most 65535 bytes'
  if (!isWhole(row[COLUMN.fqdn_fwd], 1)) return 'fqdn_fwd is not 0 or 1'
  if (!isWhole(row[COLUMN.fqdn_rev], 1)) return 'fqdn_rev is not 0 or 1'
  if (!isWhole(row[COLUMN.valid_lifetime], UINT32_MAX))
    return 'valid_lifetime is not 0 to 4294967295'
  if (!isTime(row[COLUMN.start_ms])) return 'start_ms is not a time'
  if (row[COLUMN.end_ms] !== null && !isTime(row[COLUMN.end_ms])) return 'end_ms is not a time'
  if (!isText(row[COLUMN.user_context])) return 'user_context is not a text of at most 65535 bytes'
  if (!isWhole(row[COLUMN.change], Number.MAX_SAFE_INTEGER)) return 'change is not a whole number'
  if (!isWhole(row[COLUMN.gave], UINT32_MAX)) return 'gave is not 0 to 4294967295'
  if (!isWhole(row[COLUMN.got], UINT32_MAX)) return 'got is not 0 to 4294967295'
  if (!isWhole(row[COLUMN.given_by], 1)) return 'given_by is not 0 or 1'
  if (!isWhole(row[COLUMN.knew], Number.MAX_SAFE_INTEGER)) return 'knew is not a whole number'
  return ''
}

function reasonAgainst4(row: readonly unknown[]): string {
  const isAddress = isWhole(row[COLUMN.address], UINT32_MAX) && row[COLUMN.address] !== 0
  return isAddress ? '' : 'address is not 1 to 4294967295'
}

function reasonAgainst6(row: readonly unknown[], { keyOctets }: RecordKeys<Key>): string {
  const key = row[COLUMN.address]
  if (typeof key !== 'string' || key.length !== 2 * keyOctets)
    return 'key is not a blob of 17 bytes'
  if (!isKey(key)) return WHY_NO_KEY
  if (!isWhole(row[COLUMN.preferred_lifetime], UINT32_MAX))
    return 'preferred_lifetime is not 0 to 4294967295'
  return ''
}

/** Nearly all are addresses. */
function isKey(hex: string): boolean {
  return hex.startsWith('80') || isPrefix6(octetsFromBytes(Buffer.from(hex, 'hex')))
}

function isWhole(value: unknown, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max
}

function isHex(value: unknown, bytesMax: number): boolean {
  return typeof value === 'string' && value.length <= 2 * bytesMax
}

function isText(value: unknown): boolean {
  if (value === null) return true
  return typeof value === 'string' && Buffer.byteLength(value) <= RECORD.textMax
}

/**
 * Whatever a record may hold. Times before zero are possible: leases that were imported into a
 * young database.
 */
function isTime(value: unknown): boolean {
  return Number.isFinite(value)
}

/** Writes what SQLite's hex() made: pairs of 0-9 and A-F. */
export function writeHex(text: string, bytes: Uint8Array, at: number): number {
  let end = at
  for (let index = 0; index < text.length; index += 2)
    bytes[end++] = (nibble(text.charCodeAt(index)) << 4) | nibble(text.charCodeAt(index + 1))
  return end
}

/** `0`-`9` are 0x30-0x39, `A`-`F` are 0x41-0x46. */
function nibble(code: number): number {
  return code < 0x40 ? code - 0x30 : code - 0x37
}
