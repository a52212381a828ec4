// What an operator says of leases, in tests.

import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { octetsFromHex } from '../../lib/bytes/octets.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import type { Amended, Amendment, StatedLease } from '../../lib/server/amend/amendment.ts'
import type { Server } from '../../lib/server/server.ts'

/** A lease of DHCPv4 for an hour. */
export function stated(
  address: number | string,
  hwAddress: string,
  more: Partial<StatedLease> = {},
): StatedLease {
  return {
    key: typeof address === 'number' ? address : ipv4FromText(address)!,
    state: LEASE_STATE.assigned,
    client: { htype: 1, hwAddress: octetsFromHex(hwAddress)!, clientId: '' },
    subnetId: 1,
    poolId: 0,
    hostname: '',
    fqdnFwd: false,
    fqdnRev: false,
    validLifetime: 3600,
    preferredLifetime: 0,
    end: undefined,
    userContext: '',
    ...more,
  }
}

/** What a server was told to do, and its answers as they come: undefined before. */
export class Order {
  amended: readonly Amended[] | undefined

  constructor(server: Server | undefined, ...amendments: Amendment[]) {
    if (server === undefined) throw new Error('it is down')
    server.amend(amendments, (amended) => {
      if (this.amended !== undefined) throw new Error('answered twice')
      this.amended = amended
    })
  }

  /** `added`, or `conflict: why`; undefined before there is an answer. */
  get said(): string | undefined {
    return this.amended?.map(({ what, why }) => (why === '' ? what : `${what}: ${why}`)).join('; ')
  }
}

export function add(
  server: Server | undefined,
  address: number | string,
  hwAddress: string,
  more: Partial<StatedLease> = {},
): Order {
  return new Order(server, { kind: 'add', lease: stated(address, hwAddress, more) })
}

export function update(
  server: Server | undefined,
  address: number | string,
  hwAddress: string,
  more: Partial<StatedLease> = {},
): Order {
  return new Order(server, { kind: 'update', lease: stated(address, hwAddress, more) })
}

export function del(server: Server | undefined, ...addresses: (number | string)[]): Order {
  return new Order(
    server,
    ...addresses.map((address) => ({
      kind: 'delete' as const,
      key: typeof address === 'number' ? address : ipv4FromText(address)!,
    })),
  )
}
