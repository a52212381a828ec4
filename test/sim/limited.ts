// In some worlds subnets give so many leases at a time only, and take so many messages in a time.
// So may classes, and each value of a template.

import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { chance, happens, oneOf } from '../../lib/lab/chance.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { withLibrary, withSubnets } from './documents.ts'

/** With its own chance: what else a seed decides stays as it is. A reload changes them, too. */
export function withLimits<Document extends Partial<Dhcp4Document>>(
  seed: number,
  documents: readonly Document[],
): Document[] {
  const draw = chance(seed, 'limits')
  const ofClasses = chance(seed, 'class-limits')
  if (!happens(draw, 0.25)) return [...documents]
  return documents.map((document) => {
    const addresses = 1 + draw(6)
    const rate = oneOf(draw, ['2 packets per second', '60 packets per minute', undefined])
    const limits = {
      ...(happens(draw, 0.6) ? { 'address-limit': addresses } : {}),
      ...(rate === undefined ? {} : { 'rate-limit': rate }),
    }
    const limited = withSubnets(document, (subnet) => ({ ...subnet, 'user-context': { limits } }))
    const hurried = withHurriedClasses(ofClasses, limited)
    return withLibrary(hurried, { library: 'libdhcp_limits.so' })
  })
}

/** The class of phones, and each of what `make` spawns, send so many messages at most. */
function withHurriedClasses<Document extends Partial<Dhcp4Document>>(
  draw: Draw,
  document: Document,
): Document {
  const classes = document['client-classes']?.map((one) => {
    if ((one.name !== 'phone' && one.name !== 'make') || !happens(draw, 0.6)) return one
    const rate = oneOf(draw, ['1 packet per second', '3 packets per second'])
    return { ...one, 'user-context': { limits: { 'rate-limit': rate } } }
  })
  return classes === undefined ? document : { ...document, 'client-classes': classes }
}

/** Leases at a time, without an end where it is not limited. */
export function addressLimitOf({
  'user-context': context,
}: {
  readonly 'user-context'?: Readonly<Record<string, unknown>>
}): number {
  const limits = context?.limits as { readonly 'address-limit'?: number } | undefined
  return limits?.['address-limit'] ?? Number.POSITIVE_INFINITY
}
