// What a hook reserves for a client of DHCPv6, as if it stood in the configuration: addresses of
// the subnet, prefixes, and a name. It gives no right, as in hook-reservation.ts of DHCPv4.

import { ADDRESS_BITS, isInside, lengthOf, prefix6FromText } from '../address/prefix6.ts'
import { type Known6, RESERVATION_IDENTIFIERS6 } from '../config/plan/known6.ts'
import { NO_OPTIONS } from '../config/plan/option-set.ts'
import type { Reservation6, Subnet6 } from '../config/plan/plan6.ts'
import { hostNameOf, identifiersOf } from '../dhcp/hook-host.ts'
import type { Steps } from '../dhcp/steps.ts'

/** `own`: that of the configuration, of which all that the hook leaves out stays. */
export function reservedByHook6(
  steps: Steps<never, never>,
  client: Known6,
  { id, prefix }: Subnet6,
  own: Reservation6 | undefined,
): Reservation6 | undefined {
  const said = steps.reserve(id)
  if (said === undefined) return own
  const hostname = hostNameOf(steps, said, own)
  const keys = said.addresses.map(
    (text) => prefix6FromText(text) ?? steps.wrong(`'${text}' is no IPv6 address or prefix`),
  )
  const isAddress = (key: (typeof keys)[number]) => lengthOf(key) === ADDRESS_BITS
  const addresses = keys.filter((key) => isAddress(key) && isInside(key, prefix))
  const prefixes = keys.filter((key) => !isAddress(key))
  if (addresses.length + prefixes.length === 0 && said.hostname === undefined) return own
  return {
    identifiers: own?.identifiers ?? identifiersOf(client, RESERVATION_IDENTIFIERS6),
    addresses: addresses.length === 0 ? (own?.addresses ?? []) : addresses,
    prefixes:
      prefixes.length === 0
        ? (own?.prefixes ?? [])
        : prefixes.map((one) => ({ prefix: one, excluded: undefined })),
    hostname,
    classes: own?.classes ?? [],
    options: own?.options ?? NO_OPTIONS,
  }
}
