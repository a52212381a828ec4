// Writes DHCPv4 replies (RFC 2131 §2 and §4.1). The common reply is a copy: fixed fields, the head
// of this reply, a block encoded once, option 82, END. When that exceeds what the client takes,
// options move into the fields file and sname (option 52), and what still finds no room is left
// out.

import type { Ipv4 } from '../../address/ipv4.ts'
import { writeIpv4 } from '../../address/ipv4.ts'
import { writeUint16, writeUint32 } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import { writeOctets } from '../../bytes/octets.ts'
import { OPTION4 } from './codes.ts'
import {
  CHADDR_AT,
  COOKIE_AT,
  FILE_AT,
  FILE_SIZE,
  HEADER_SIZE,
  MAGIC_COOKIE,
  SNAME_AT,
  SNAME_SIZE,
} from './layout.ts'
import type { EncodedOption4, OptionBlock4 } from './option-block.ts'
import { encodedSize4, optionsOfBlock, writeOption4 } from './option-block.ts'
import { type OptionHead4, optionsOfHead } from './option-head.ts'

/**
 * RFC 1542 §2.1: a BOOTP message has at least 300 bytes; some relays and boot ROMs insist on it.
 */
const REPLY_SIZE_MIN = 300
/** RFC 2131 §2: every client takes 576 bytes with the IP and UDP headers, 548 without. */
const REPLY_SIZE_DEFAULT = 548
/** What fits into one Ethernet frame: larger replies would be fragments. */
export const REPLY_SIZE_MAX = 1472

const IP_UDP_SIZE = 28
const OVERLOAD_SIZE = 3
const END = OPTION4.end
const BOOTREPLY = 2

/** The fixed fields of a reply. `hops` and `secs` are 0 (RFC 2131 table 3). */
export interface ReplyFields4 {
  readonly htype: number
  readonly xid: number
  readonly flags: number
  readonly ciaddr: Ipv4
  readonly yiaddr: Ipv4
  readonly siaddr: Ipv4
  readonly giaddr: Ipv4
  /** 0 to 16 octets. */
  readonly hwAddress: Octets
  /** At most 63 octets. '' leaves the field to options. */
  readonly sname: Octets
  /** At most 127 octets. '' leaves the field to options. */
  readonly file: Octets
  /**
   * Whether options that find no room may stand in file and sname (option 52): BOOTP clients do not
   * look for them there.
   */
  readonly overloads: boolean
}

/**
 * Largest reply in bytes for a client whose option 57 has this value (undefined: absent). The
 * option counts the IP and UDP headers. RFC 2132 §9.10: 576 is the least legal value.
 */
export function replySizeMax(option57: number | undefined): number {
  if (option57 === undefined) return REPLY_SIZE_DEFAULT
  return Math.min(Math.max(option57 - IP_UDP_SIZE, REPLY_SIZE_DEFAULT), REPLY_SIZE_MAX)
}

/**
 * The same for a BOOTP client, whose message had so many bytes: RFC 1542 §2.1 lets it have fields
 * of any length, and what it sends is what it is known to take.
 */
export function bootpSizeMax(size: number): number {
  return Math.min(Math.max(size, REPLY_SIZE_MIN), REPLY_SIZE_MAX)
}

/**
 * Writes a whole reply at `at` and returns the position behind it. The caller guarantees
 * max(sizeMax, 300) bytes of room. Options are sent in the order head, block, option 82.
 */
export function writeReply4(
  out: Uint8Array,
  at: number,
  fields: ReplyFields4,
  head: OptionHead4,
  block: OptionBlock4,
  relayAgent: Octets | undefined,
  sizeMax: number,
): number {
  out.fill(0, at, at + REPLY_SIZE_MIN)
  writeFields(out, at, fields)
  const relayAgentSize = relayAgent === undefined ? 0 : encodedSize4(relayAgent.length)
  const size = HEADER_SIZE + head.length + block.bytes.length + relayAgentSize + 1
  if (size > sizeMax)
    return writeCrowdedOptions(out, at, fields, head, block, relayAgent, at + sizeMax)
  let end = at + HEADER_SIZE
  for (let index = 0; index < head.length; index++) out[end + index] = head.bytes[index]!
  end += head.length
  out.set(block.bytes, end)
  end += block.bytes.length
  // RFC 3046 §2.2: the relay's own option is the last one.
  if (relayAgent !== undefined)
    end = writeOption4(out, end, OPTION4.relayAgentInformation, relayAgent)
  out[end] = END
  return Math.max(end + 1, at + REPLY_SIZE_MIN)
}

function writeFields(out: Uint8Array, at: number, fields: ReplyFields4): void {
  out[at] = BOOTREPLY
  out[at + 1] = fields.htype
  out[at + 2] = fields.hwAddress.length
  writeUint32(out, at + 4, fields.xid)
  writeUint16(out, at + 10, fields.flags)
  writeIpv4(out, at + 12, fields.ciaddr)
  writeIpv4(out, at + 16, fields.yiaddr)
  writeIpv4(out, at + 20, fields.siaddr)
  writeIpv4(out, at + 24, fields.giaddr)
  writeOctets(fields.hwAddress, out, at + CHADDR_AT)
  if (fields.sname !== '') writeOctets(fields.sname, out, at + SNAME_AT)
  if (fields.file !== '') writeOctets(fields.file, out, at + FILE_AT)
  writeUint32(out, at + COOKIE_AT, MAGIC_COOKIE)
}

/** The most that code, length and value of one part of an option take. */
const OPTION_SIZE_MAX = 257

/** A stretch of the message that takes options; one byte of it is kept for END. */
interface Area {
  at: number
  readonly end: number
  readonly overload: number
}

/** Options that exceed the main field: each goes, in order, to the first area with room for it. */
function writeCrowdedOptions(
  out: Uint8Array,
  at: number,
  fields: ReplyFields4,
  head: OptionHead4,
  block: OptionBlock4,
  relayAgent: Octets | undefined,
  limit: number,
): number {
  // RFC 3046 §2.2: option 82 is never put into file or sname, and is left out where it does not fit
  // behind the head, whose options some clients look for in the main field only.
  const start = at + HEADER_SIZE
  const spare = spareAreas(at, fields)
  const mainMax = limit - 1 - (spare.length > 0 ? OVERLOAD_SIZE : 0)
  const agentSize = relayAgent === undefined ? 0 : encodedSize4(relayAgent.length)
  const agent = start + head.length + agentSize <= mainMax ? relayAgent : undefined
  const mainEnd = mainMax - (agent === undefined ? 0 : agentSize)
  const main: Area = { at: start, end: mainEnd, overload: 0 }
  const options = [...optionsOfHead(head), ...optionsOfBlock(block)]
  const used = placeOptions(out, [main, ...spare], options)
  let end = main.at
  if (used !== 0) {
    out[end] = OPTION4.overload
    out[end + 1] = 1
    out[end + 2] = used
    end += OVERLOAD_SIZE
  }
  for (const area of spare) if (used & area.overload) out[area.at] = END
  if (agent !== undefined) end = writeOption4(out, end, OPTION4.relayAgentInformation, agent)
  out[end] = END
  return Math.max(end + 1, at + REPLY_SIZE_MIN)
}

/** The fields file and sname as far as they are empty, in the order in which clients read them. */
function spareAreas(at: number, fields: ReplyFields4): Area[] {
  const areas: Area[] = []
  if (!fields.overloads) return areas
  const file = at + FILE_AT
  const sname = at + SNAME_AT
  if (fields.file === '') areas.push({ at: file, end: file + FILE_SIZE - 1, overload: 1 })
  if (fields.sname === '') areas.push({ at: sname, end: sname + SNAME_SIZE - 1, overload: 2 })
  return areas
}

/** Copies each option into the first area with room; returns the sum of the areas used. */
function placeOptions(
  out: Uint8Array,
  areas: readonly Area[],
  options: readonly EncodedOption4[],
): number {
  let used = 0
  for (const { bytes } of options) {
    const area = areas.find((candidate) => hasRoom(candidate, bytes.length))
    if (area !== undefined) used |= place(out, area, bytes)
    else if (bytes.length > OPTION_SIZE_MAX) used |= placeParts(out, areas, bytes)
  }
  return used
}

/**
 * A long option of which no area has the whole: its parts go to areas in the order in which these
 * are read (RFC 3396 §5), all of them or none.
 */
function placeParts(out: Uint8Array, areas: readonly Area[], bytes: Uint8Array): number {
  const parts: { readonly area: Area; readonly bytes: Uint8Array }[] = []
  let next = 0
  let taken = 0
  for (let at = 0; at < bytes.length; at += OPTION_SIZE_MAX) {
    const part = bytes.subarray(at, at + OPTION_SIZE_MAX)
    while (next < areas.length && !hasRoom(areas[next]!, taken + part.length)) {
      next++
      taken = 0
    }
    if (next === areas.length) return 0
    parts.push({ area: areas[next]!, bytes: part })
    taken += part.length
  }
  let used = 0
  for (const { area, bytes: part } of parts) used |= place(out, area, part)
  return used
}

function hasRoom(area: Area, length: number): boolean {
  return area.at + length <= area.end
}

function place(out: Uint8Array, area: Area, bytes: Uint8Array): number {
  out.set(bytes, area.at)
  area.at += bytes.length
  return area.overload
}
