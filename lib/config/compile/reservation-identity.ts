// By what the client of a reservation is known: one identifier in the words of Kea, or several of
// one host in a list of Whio's own, `identifiers`.

import type { Octets } from '../../bytes/octets.ts'
import { octetsFromBytes, octetsFromHex } from '../../bytes/octets.ts'
import type { IdentityDocument, ReservationDocument } from '../keys/document4.ts'
import type { Identifier4, ReservationIdentifier } from '../plan/plan4.ts'
import { RESERVATION_IDENTIFIERS } from '../plan/plan4.ts'
import type { Site } from '../text/site.ts'

/** What identifiers are judged by. */
export interface IdentityPlace {
  /** The identifiers that are looked up at all. */
  readonly identifiers: readonly ReservationIdentifier[]
  /** Something computes flex-ids. */
  readonly hasFlexId: boolean
  /** Leases tell client identifiers. False where match-client-id is. */
  readonly keepsClientId: boolean
}

/** Longest values: chaddr (RFC 2131 §2), a DUID (RFC 8415 §11.1), an option. */
const LENGTH_MAX: Readonly<Record<ReservationIdentifier, number>> = {
  'hw-address': 16,
  duid: 130,
  'circuit-id': 255,
  'client-id': 255,
  'flex-id': 255,
}

const EXAMPLES: Readonly<Record<ReservationIdentifier, string>> = {
  'hw-address': '02:00:5e:10:00:01',
  duid: '00:01:00:01:2a:b3:c4:d5:02:00:5e:10:00:01',
  'circuit-id': "'eth1/0/7' or 00:04:00:0a",
  'client-id': "01:02:00:5e or 'text'",
  'flex-id': "'text' or 01:02:03",
}

/** As it was written, for problems. */
export interface WrittenIdentifier extends Identifier4 {
  readonly text: string
  readonly site: Site
}

/** What of it can count; of an identifier that is wrong it is told where it stands. */
export function compileIdentity(
  document: ReservationDocument,
  place: IdentityPlace,
  site: Site,
): readonly WrittenIdentifier[] {
  const { identifiers: several } = document
  if (several === undefined) return compileOne(document, place, site)
  const beside = givenIn(document)[0]
  if (beside !== undefined) {
    const message = `both identifiers and ${beside}`
    site.gap('reservation-identifier', message, `put the ${beside} into the list, too`)
    return []
  }
  const at = site.at('identifiers')
  if (several.length === 0) {
    const hint = 'such as [{ "hw-address": "02:00:5e:10:00:01" }]'
    at.error('reservation-identifier', 'no identifier', hint)
  }
  const all = several.flatMap((one, index) => compileOne(one, place, at.at(index)))
  if (all.length > 1) for (const one of all) warnOfUnkept(one, place)
  return all
}

/** The address goes over from who has it by a lease, so that the lease must tell who that is. */
function warnOfUnkept({ kind, site }: WrittenIdentifier, { keepsClientId }: IdentityPlace): void {
  if (kind === 'hw-address' || (kind !== 'circuit-id' && kind !== 'flex-id' && keepsClientId))
    return
  const isClients = kind === 'client-id' || kind === 'duid'
  const message = `leases do not tell the ${kind}, so the address does not go over from this one`
  const why = isClients ? 'match-client-id is false: ' : ''
  site.warning('identifier-unkept', message, `${why}list its hw-address, too`)
}

function givenIn(document: IdentityDocument): readonly ReservationIdentifier[] {
  return RESERVATION_IDENTIFIERS.filter((kind) => document[kind] !== undefined)
}

/** The one of these maps, which name one identifier each; none where it is wrong. */
function compileOne(
  document: IdentityDocument,
  { identifiers, hasFlexId }: IdentityPlace,
  site: Site,
): readonly WrittenIdentifier[] {
  const given = givenIn(document)
  const kind = given[0]
  if (kind === undefined || given.length > 1) {
    const message = kind === undefined ? 'no identifier' : `both ${given.join(' and ')}`
    site.gap('reservation-identifier', message, HINT)
    return []
  }
  const at = site.at(kind)
  const text = document[kind] ?? ''
  const value = identifierFromText(text)
  const lengthMax = LENGTH_MAX[kind]
  if (value === undefined || value.length === 0 || value.length > lengthMax) {
    const hint = `1 to ${lengthMax} bytes, such as ${EXAMPLES[kind]}`
    at.error('reservation-identifier', `'${text}' is not a ${kind}`, hint)
    return []
  }
  if (!identifiers.includes(kind)) {
    const message = `${kind} is not looked up, so it finds nobody`
    at.warning('reservation-unused', message, 'see host-reservation-identifiers')
  } else if (kind === 'flex-id' && !hasFlexId) {
    const message = 'nothing computes a flex-id, so it finds nobody'
    at.warning('reservation-unused', message, 'see identifier-expression of libdhcp_flex_id.so')
  }
  return [{ kind, value, text, site: at }]
}

const HINT =
  'exactly one of hw-address, duid, circuit-id, client-id, flex-id; several of one host go into ' +
  'identifiers'

/**
 * Kea's notations: 'text', 0x02005e, 02005e (an odd first digit stands alone), 02:00:5e, 02 00 5e.
 */
export function identifierFromText(text: string): Octets | undefined {
  const trimmed = text.trim()
  const quoted = /^'(.*)'$/s.exec(trimmed)
  if (quoted !== null) return octetsFromBytes(new TextEncoder().encode(quoted[1]!.trim()))
  const digits = /^0x/i.test(trimmed) ? trimmed.slice(2) : trimmed
  const odd = digits.length % 2 === 1 && /^[0-9a-f]+$/i.test(digits)
  return octetsFromHex(odd ? `0${digits}` : digits)
}
