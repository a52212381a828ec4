// By what the client of a reservation is known: one identifier in the words of Kea, or several of
// one host in a list of Whio's own, `identifiers`.

import type { Octets } from '../../bytes/octets.ts'
import { octetsFromBytes, octetsFromHex } from '../../bytes/octets.ts'
import type { Identifier } from '../plan/reservation-index.ts'
import type { Site } from '../text/site.ts'

/** What identifiers are judged by. */
export interface IdentityPlace<Kind extends string> {
  /** The identifiers that are looked up at all. */
  readonly identifiers: readonly Kind[]
  /** Something computes flex-ids. */
  readonly hasFlexId: boolean
}

/** What the identifiers of a family are. */
export interface IdentityForm<Kind extends string, Place> {
  /** In Kea's order. */
  readonly kinds: readonly Kind[]
  /** Octets. */
  readonly lengthMax: Readonly<Record<Kind, number>>
  readonly examples: Readonly<Record<Kind, string>>
  /** Why a lease does not tell this of its client, '' where it does. */
  unkept(kind: Kind, place: Place): string | undefined
}

/** Members of a reservation, or of an entry of `identifiers`. */
export type IdentityDocument<Kind extends string> = { readonly [kind in Kind]?: string }

export type HostDocument<Kind extends string> = IdentityDocument<Kind> & {
  readonly identifiers?: readonly IdentityDocument<Kind>[]
}

/** As it was written, for problems. */
export interface WrittenIdentifier<Kind extends string> extends Identifier<Kind> {
  readonly text: string
  readonly site: Site
}

/** What of it can count; of an identifier that is wrong it is told where it stands. */
export function compileIdentity<Kind extends string, Place extends IdentityPlace<Kind>>(
  document: HostDocument<Kind>,
  place: Place,
  form: IdentityForm<Kind, Place>,
  site: Site,
): readonly WrittenIdentifier<Kind>[] {
  const { identifiers: several } = document
  if (several === undefined) return compileOne(document, place, form, site)
  const beside = givenIn(document, form.kinds)[0]
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
  const all = several.flatMap((one, index) => compileOne(one, place, form, at.at(index)))
  if (all.length > 1) for (const one of all) warnOfUnkept(one, form.unkept(one.kind, place))
  return all
}

/** The address goes over from who has it by a lease, so that the lease must tell who that is. */
function warnOfUnkept<Kind extends string>(
  { kind, site }: WrittenIdentifier<Kind>,
  why: string | undefined,
): void {
  if (why === undefined) return
  const message = `leases do not tell the ${kind}, so the address does not go over from this one`
  const reason = why === '' ? '' : `${why}: `
  site.warning('identifier-unkept', message, `${reason}list its hw-address, too`)
}

function givenIn<Kind extends string>(
  document: IdentityDocument<Kind>,
  kinds: readonly Kind[],
): readonly Kind[] {
  return kinds.filter((kind) => document[kind] !== undefined)
}

/** The one of these maps, which name one identifier each; none where it is wrong. */
function compileOne<Kind extends string, Place extends IdentityPlace<Kind>>(
  document: IdentityDocument<Kind>,
  { identifiers, hasFlexId }: Place,
  { kinds, lengthMax, examples }: IdentityForm<Kind, Place>,
  site: Site,
): readonly WrittenIdentifier<Kind>[] {
  const given = givenIn(document, kinds)
  const kind = given[0]
  if (kind === undefined || given.length > 1) {
    const message = kind === undefined ? 'no identifier' : `both ${given.join(' and ')}`
    const hint = `exactly one of ${kinds.join(', ')}; several of one host go into identifiers`
    site.gap('reservation-identifier', message, hint)
    return []
  }
  const at = site.at(kind)
  const text: string = document[kind] ?? ''
  const value = identifierFromText(text)
  const max = lengthMax[kind]
  if (value === undefined || value.length === 0 || value.length > max) {
    const hint = `1 to ${max} bytes, such as ${examples[kind]}`
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
