// A client need not repeat its name at each renewal.

import type { Key } from '../leases/keys/key.ts'
import { LEASE_STATE, type Lease } from '../leases/lease.ts'
import type { NameRules } from '../names/rules.ts'

/**
 * Whether a client that says no name keeps that of its lease, `former`. Where the lease has ended,
 * so has what was registered for it.
 */
export function keepsName<A extends Key>(
  former: Lease<A> | undefined,
  said: { readonly hostname: string },
  rules: NameRules,
): former is Lease<A> {
  return said.hostname === '' && former?.state === LEASE_STATE.assigned && rules.keepsName
}
