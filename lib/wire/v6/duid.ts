// DUIDs (RFC 9915 §11): who a client or a server is. They are compared as octets and never taken
// apart to tell anybody from anybody else; what may stand in them is of use beside that.

import { octetsFromUint, uintFromOctets } from '../../bytes/cursor.ts'
import { hexFromOctets, type Octets, octetsFromHex } from '../../bytes/octets.ts'
import { DUID_MAX, DUID_MIN } from './layout.ts'

export const DUID_TYPE = { llt: 1, en: 2, ll: 3, uuid: 4 } as const

/** 2000-01-01T00:00:00Z, from which the time of a DUID-LLT counts, in seconds of Unix. */
export const DUID_TIME_ZERO = 946_684_800

/** Kea's DUID of nobody. */
export const NO_DUID: Octets = '\0\0\0'

export function isDuid(octets: Octets): boolean {
  return octets.length >= DUID_MIN && octets.length <= DUID_MAX && octets !== NO_DUID
}

/** Lower-case hexadecimal with colons: `00:03:00:01:02:00:5e:10:00:01`. */
export function textFromDuid(duid: Octets): string {
  return hexFromOctets(duid, ':')
}

/** Undefined where the text is no DUID; separators may be left out. */
export function duidFromText(text: string): Octets | undefined {
  const octets = octetsFromHex(text)
  return octets !== undefined && isDuid(octets) ? octets : undefined
}

/** `time` counts seconds of Unix; what of it has no room in 32 bits goes. */
export function duidLlt(htype: number, time: number, address: Octets): Octets {
  const seconds = (Math.floor(time) - DUID_TIME_ZERO) % 2 ** 32
  const unsigned = (seconds + 2 ** 32) % 2 ** 32
  return head(DUID_TYPE.llt) + octetsFromUint(htype, 2) + octetsFromUint(unsigned, 4) + address
}

export function duidEn(enterprise: number, identifier: Octets): Octets {
  return head(DUID_TYPE.en) + octetsFromUint(enterprise, 4) + identifier
}

export function duidLl(htype: number, address: Octets): Octets {
  return head(DUID_TYPE.ll) + octetsFromUint(htype, 2) + address
}

/** 16 octets (RFC 6355). */
export function duidUuid(uuid: Octets): Octets {
  return head(DUID_TYPE.uuid) + uuid
}

/** -1 = too short for one. */
export function typeOfDuid(duid: Octets): number {
  return duid.length < 2 ? -1 : uintFromOctets(duid, 0, 2)
}

/** Where a hardware address stands in a DUID of this type; 0 = in none. */
function hardwareAt(type: number): number {
  if (type === DUID_TYPE.llt) return 8
  return type === DUID_TYPE.ll ? 4 : 0
}

/**
 * The hardware address in a DUID-LLT or DUID-LL, '' = none. It may be that of another interface of
 * the host, or of one that it has no more.
 */
export function hardwareOfDuid(duid: Octets): Octets {
  const at = hardwareAt(typeOfDuid(duid))
  return at === 0 ? '' : duid.slice(at)
}

/** The type of that address (1 Ethernet), 0 = there is none. */
export function hardwareTypeOfDuid(duid: Octets): number {
  return hardwareOfDuid(duid) === '' ? 0 : uintFromOctets(duid, 2, 2)
}

function head(type: number): Octets {
  return octetsFromUint(type, 2)
}
