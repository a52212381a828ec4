// Which leases of the journal somebody wants to see.

import { ipv4FromText } from '../address/ipv4.ts'
import { isInside, type Prefix6, prefix6FromText } from '../address/prefix6.ts'
import type { ListedLease, ListedLease6 } from '../platform/journal/list.ts'
import { UsageError } from './usage.ts'

const STATES = ['assigned', 'declined', 'expired', 'released', 'registered'] as const

export type AnyListed = ListedLease | ListedLease6
export type Filter = (lease: AnyListed) => boolean

export interface Wishes {
  readonly address?: string | undefined
  readonly client?: string | undefined
  readonly name?: string | undefined
  readonly subnet?: string | undefined
  readonly state?: string | undefined
}

/** All that are named must fit; of the identifiers of a client any part is enough. */
export function filterOf({ address, client, name, subnet, state }: Wishes): Filter {
  if (state !== undefined && !STATES.some((known) => known === state))
    throw new UsageError(`--state: one of ${STATES.join(', ')}`)
  if (subnet !== undefined && !/^\d+$/.test(subnet))
    throw new UsageError(`--subnet: '${subnet}' is no id of a subnet`)
  if (client !== undefined && !/^[0-9a-f:.-]*[0-9a-f][0-9a-f:.-]*$/i.test(client))
    throw new UsageError(`--client: '${client}' is no hardware address, nor a part of one`)
  const digits = client === undefined ? '' : digitsOf(client)
  const isThere = address === undefined ? undefined : addressFilter(address)
  return (lease) =>
    (isThere === undefined || isThere(lease)) &&
    (digits === '' || identifiersOf(lease).some((id) => digitsOf(id).includes(digits))) &&
    (name === undefined || isLike(lease.hostname.toLowerCase(), name.toLowerCase())) &&
    (subnet === undefined || lease.subnet === Number(subnet)) &&
    (state === undefined || lease.state === state)
}

function identifiersOf(lease: AnyListed): string[] {
  return [lease.hwAddress, 'duid' in lease ? lease.duid : lease.clientId]
}

/**
 * Of DHCPv6 also in whatever notation; the prefix that an address is in; and what is in a prefix.
 */
function addressFilter(wish: string): Filter {
  const key = prefix6FromText(wish)
  if (key === undefined) {
    if (ipv4FromText(wish) === undefined && !/^[0-9a-f.:]+\*$/i.test(wish))
      throw new UsageError(
        `--address: '${wish}' is no address, nor where many begin (192.0.2.*), nor a prefix of IPv6`,
      )
    return ({ address }) => isLike(address, wish.toLowerCase())
  }
  return (lease) => 'duid' in lease && isNear(prefix6FromText(lease.address)!, key)
}

function isNear(key: Prefix6, wish: Prefix6): boolean {
  return isInside(key, wish) || isInside(wish, key)
}

/** `192.0.2.1` is that address and no other; `192.0.2.*` is where many begin. */
function isLike(text: string, wish: string): boolean {
  return wish.endsWith('*') ? text.startsWith(wish.slice(0, -1)) : text === wish
}

/** Hexadecimal digits alone, however they are separated. */
function digitsOf(text: string): string {
  return text.toLowerCase().replace(/[^0-9a-f]/g, '')
}
