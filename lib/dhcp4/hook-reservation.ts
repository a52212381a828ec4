// What a hook reserves for a client, as if it stood in the configuration: an address of the subnet
// and a name. It gives no right: who has the address keeps it, as with any reservation.

import { ipv4FromText, prefixContains } from '../address/ipv4.ts'
import { type Known4, RESERVATION_IDENTIFIERS } from '../config/plan/known4.ts'
import { NO_OPTIONS } from '../config/plan/option-set.ts'
import { NO_BOOT_FIELDS, type Reservation4, type Subnet4 } from '../config/plan/plan4.ts'
import { hostNameOf, identifiersOf } from '../dhcp/hook-host.ts'
import type { Steps } from '../dhcp/steps.ts'

/** `own`: that of the configuration, of which all that the hook leaves out stays. */
export function reservedByHook(
  steps: Steps<never, never>,
  client: Known4,
  { id, prefix }: Subnet4,
  own: Reservation4 | undefined,
): Reservation4 | undefined {
  const said = steps.reserve(id)
  if (said === undefined) return own
  const hostname = hostNameOf(steps, said, own)
  const all = said.addresses.map(
    (text) => ipv4FromText(text) ?? steps.wrong(`'${text}' is no IPv4 address`),
  )
  const [address = 0, ...more] = all.filter((one) => prefixContains(prefix, one))
  if (more.length > 0) steps.wrong(`a client has one address of subnet ${id}`)
  // Nothing that counts here makes nobody known.
  if (address === 0 && said.hostname === undefined) return own
  return {
    identifiers: own?.identifiers ?? identifiersOf(client, RESERVATION_IDENTIFIERS),
    address: address === 0 ? (own?.address ?? 0) : address,
    hostname,
    classes: own?.classes ?? [],
    options: own?.options ?? NO_OPTIONS,
    bootFields: own?.bootFields ?? NO_BOOT_FIELDS,
  }
}
