// Whether the value of an option can be what its RFC says. One that cannot counts as absent, so
// that whoever asks for it later need not look again; the rest of the message stands.

import { readUint16 } from '../../bytes/cursor.ts'
import { OPTION6 } from './codes.ts'
import { IA_ADDRESS_SIZE, IA_PREFIX_SIZE, IA_SIZE, OPTION_HEAD } from './layout.ts'

const ANY = 0xffff

const {
  iaNa,
  iaPd,
  iaAddress,
  iaPrefix,
  userClass,
  vendorClass,
  vendorOptions,
  fqdn,
  bootfileParam,
  dhcpv4Message,
} = OPTION6

/** By code: least and most octets. What is not here has any length. */
const LENGTHS: readonly (readonly [code: number, min: number, max: number])[] = [
  [iaNa, IA_SIZE, ANY],
  [iaPd, IA_SIZE, ANY],
  [iaAddress, IA_ADDRESS_SIZE, ANY],
  [iaPrefix, IA_PREFIX_SIZE, ANY],
  [OPTION6.preference, 1, 1],
  [OPTION6.elapsedTime, 2, 2],
  [OPTION6.unicast, 16, 16],
  [OPTION6.statusCode, 2, ANY],
  [userClass, 1, ANY],
  [vendorClass, 4, ANY],
  [vendorOptions, 4, ANY],
  [OPTION6.interfaceId, 1, ANY],
  [OPTION6.reconfigureMessage, 1, 1],
  [OPTION6.informationRefreshTime, 4, 4],
  [OPTION6.remoteId, 4, ANY],
  [OPTION6.subscriberId, 1, ANY],
  [fqdn, 1, ANY],
  [OPTION6.clientLinkLayerAddress, 2, ANY],
  [OPTION6.solMaxRt, 4, 4],
  [OPTION6.infMaxRt, 4, 4],
  // The fixed fields of a DHCPv4 message.
  [dhcpv4Message, 236, ANY],
  [OPTION6.relaySourcePort, 2, 2],
]

const lengthMin = new Uint16Array(256)
const lengthMax = new Uint16Array(256).fill(ANY)
for (const [code, min, max] of LENGTHS) {
  lengthMin[code] = min
  lengthMax[code] = max
}

const PREFIX_LENGTH_AT = 8
const PREFIX_LENGTH_MAX = 128

export function isWellFormed(code: number, bytes: Uint8Array, at: number, length: number): boolean {
  if (code > 255) return true
  if (length < lengthMin[code]! || length > lengthMax[code]!) return false
  switch (code) {
    case iaPrefix:
      return bytes[at + PREFIX_LENGTH_AT]! <= PREFIX_LENGTH_MAX
    case userClass:
    case bootfileParam:
      return areItems(bytes, at, at + length)
    case vendorClass:
      return areItems(bytes, at + 4, at + length)
    case vendorOptions:
      return areOptions(bytes, at + 4, at + length)
    case fqdn:
      return isName(bytes, at + 1, at + length)
    default:
      return true
  }
}

/** Lengths of two octets, each followed by so much. */
function areItems(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at + 2 <= end) at += 2 + readUint16(bytes, at)
  return at === end
}

function areOptions(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at + OPTION_HEAD <= end) at += OPTION_HEAD + readUint16(bytes, at + 2)
  return at === end
}

const LABEL_MAX = 63
const NAME_MAX = 255

/**
 * RFC 9915 §10: labels without pointers. Without the root at its end a name is a part of one (RFC
 * 4704 §4.2), and an empty one leaves the choice to the server.
 */
function isName(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > NAME_MAX) return false
  let at = start
  while (at < end) {
    const length = bytes[at]!
    if (length === 0) return at + 1 === end
    if (length > LABEL_MAX) return false
    at += 1 + length
  }
  return at === end
}
