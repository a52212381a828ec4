// DHCIDs (RFC 4701): whose a name in DNS is, without saying who that is to others. A digest of the
// client and its name, with the kind of identifier in front.
//
// The kind is not part of what is digested, so that a client-id which is hardware type and address
// has the digest of that address, in another DHCID.

import { hash } from 'node:crypto'
import { octetsFromUint } from '../bytes/cursor.ts'
import { bytesFromOctets, type Octets, octetsFromBytes } from '../bytes/octets.ts'
import { labelsOfName } from '../names/labels.ts'
import { isLegalName, lowerCase } from '../names/names.ts'

/** RFC 4701 §3.3. */
const IDENTIFIER = { hwAddress: 0, clientId: 1, duid: 2 } as const
/** RFC 4701 §3.4: SHA-256. */
const DIGEST_TYPE = 1
/** Two octets of the identifier's type, one of the digest's. */
const DIGEST_AT = 3
export const DHCID_OCTETS = 35

/** RFC 4361 §6.1: type 255 and an IAID in front of the DUID. */
const NODE_SPECIFIC = 0xff
const DUID_AT = 5
/** RFC 8415 §11.1, with the two octets of its type. */
const DUID_MAX = 130

const ETHERNET = 1

/** Whom a DHCID is made of. */
export interface Identifier {
  /** RFC 4701 §3.3. */
  readonly type: number
  readonly octets: Octets
}

export interface Client4 {
  readonly htype: number
  readonly hwAddress: Octets
  /** Option 61; '' = none. */
  readonly clientId: Octets
}

export function hwAddressIdentifier(htype: number, hwAddress: Octets): Identifier {
  return { type: IDENTIFIER.hwAddress, octets: String.fromCharCode(htype) + hwAddress }
}

export function duidIdentifier(duid: Octets): Identifier {
  return { type: IDENTIFIER.duid, octets: duid }
}

/** Whom the DHCID of a lease of DHCPv4 is made of (RFC 4701 §3.3, RFC 4361 §6.1). */
export function identifierOf4({ htype, hwAddress, clientId }: Client4): Identifier {
  if (clientId === '') return hwAddressIdentifier(htype, hwAddress)
  if (clientId.charCodeAt(0) !== NODE_SPECIFIC)
    return { type: IDENTIFIER.clientId, octets: clientId }
  const duid = clientId.slice(DUID_AT)
  return duid === '' || duid.length > DUID_MAX
    ? hwAddressIdentifier(htype, hwAddress)
    : duidIdentifier(duid)
}

/**
 * Whom else the client of a lease of DHCPv4 may have been taken for, when a name was registered:
 * by another server, by its hardware address, by DHCPv6.
 */
export function otherIdentifiersOf4(client: Client4): readonly Identifier[] {
  const { htype, hwAddress, clientId } = client
  const all = [
    ...(clientId === '' ? [] : [{ type: IDENTIFIER.clientId, octets: clientId }]),
    ...byHwAddress(htype, hwAddress),
  ]
  const own = identifierOf4(client)
  return all.filter(({ type, octets }) => type !== own.type || octets !== own.octets)
}

/** What a client may be taken for of which the hardware address is known. */
export function byHwAddress(htype: number, hwAddress: Octets): readonly Identifier[] {
  if (hwAddress === '') return []
  return [hwAddressIdentifier(htype, hwAddress), ...linkLayerDuid(htype, hwAddress)]
}

/** The DUID-LL of the address (RFC 8415 §11.4), which small clients use. */
function linkLayerDuid(htype: number, hwAddress: Octets): readonly Identifier[] {
  return htype === ETHERNET
    ? [duidIdentifier(`\0\x03\0${String.fromCharCode(htype)}${hwAddress}`)]
    : []
}

/** Of a name without a final dot; undefined where that is none of DNS. */
export function dhcidOf({ type, octets }: Identifier, fqdn: Octets): Octets | undefined {
  if (!isLegalName(fqdn)) return undefined
  const digest = hash('sha256', bytesFromOctets(octets + labelsOfName(lowerCase(fqdn))), 'buffer')
  return octetsFromUint(type, 2) + String.fromCharCode(DIGEST_TYPE) + octetsFromBytes(digest)
}

/**
 * Whether a DHCID that was found at a name is one of these, or has the digest of one: then it is
 * the same machine's.
 */
export function isSameMachine(found: Octets, own: readonly Octets[]): boolean {
  const digest = found.slice(DIGEST_AT)
  return (
    found.length === DHCID_OCTETS &&
    found.charCodeAt(DIGEST_AT - 1) === DIGEST_TYPE &&
    own.some((dhcid) => dhcid.slice(DIGEST_AT) === digest)
  )
}
