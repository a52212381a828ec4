// Who a client of DHCPv6 is to a lease: its binding (RFC 9915 §12), the kind of identity
// association, the IAID and the DUID of the client. It stands where DHCPv4 has the client-id, which
// RFC 4361 puts together in the same way, so that everything that is asked of a client-id holds:
//
//   kind (1 octet)   IAID (4)   DUID (3 to 130)

import { octetsFromUint, uintFromOctets } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import type { ClientIdentity } from './lease.ts'

/**
 * The option in which a client names the lease: IA_NA, IA_PD, or an IA Address of its own outside
 * of any, which is how it registers an address that it has made itself (RFC 9686), with IAID 0.
 */
export const BINDING_KIND = { na: 3, pd: 25, registered: 5 } as const

export type BindingKind = (typeof BINDING_KIND)[keyof typeof BINDING_KIND]

/** Octets in front of the DUID. */
export const DUID_AT = 5

export function bindingOf(kind: BindingKind, iaid: number, duid: Octets): Octets {
  return String.fromCharCode(kind) + octetsFromUint(iaid, 4) + duid
}

type Bound = Pick<ClientIdentity, 'clientId'>

/** 0: the row is nobody's. */
export function kindOf({ clientId }: Bound): BindingKind | 0 {
  return clientId === '' ? 0 : (clientId.charCodeAt(0) as BindingKind)
}

/** 0 where the row is nobody's. */
export function iaidOf({ clientId }: Bound): number {
  return clientId === '' ? 0 : uintFromOctets(clientId, 1, 4)
}

/** '' where the row is nobody's. */
export function duidOf({ clientId }: Bound): Octets {
  return clientId.slice(DUID_AT)
}

/** Whether the octets are a binding. */
export function isBinding(octets: Octets): boolean {
  const { na, pd, registered } = BINDING_KIND
  const kind = octets.charCodeAt(0)
  return octets.length > DUID_AT && (kind === na || kind === pd || kind === registered)
}
