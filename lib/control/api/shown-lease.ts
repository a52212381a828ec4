// A lease as Whio's own API tells it, in lists and in events.

import type { Key } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import { leaseInfoOf } from '../../leases/lease-info.ts'
import { NEVER } from '../../time/units.ts'
import type { Moment } from '../commands/lease/lease-words.ts'

/** Times in seconds since 1970. */
export function shownLease(lease: Lease<Key>, { wall, now }: Moment): object {
  const info = leaseInfoOf(lease)
  const seconds = (instant: number): number => Math.round((wall + instant - now) / 1000)
  const isOf4 = typeof lease.address === 'number'
  return {
    address: info.address,
    family: isOf4 ? 4 : 6,
    state: info.state,
    [isOf4 ? 'client-id' : 'duid']: info.clientId,
    'hw-address': info.hwAddress,
    ...(isOf4 ? {} : { type: info.type, iaid: info.iaid }),
    hostname: info.hostname,
    'subnet-id': info.subnetId,
    'pool-id': info.poolId,
    'valid-lifetime': info.validLifetime,
    ...(isOf4 ? {} : { 'preferred-lifetime': info.preferredLifetime }),
    started: seconds(lease.start),
    expires: lease.end === NEVER ? null : seconds(lease.end),
    'given-by': info.givenBy,
  }
}
