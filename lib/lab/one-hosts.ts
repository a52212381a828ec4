// Which clients are one host, for whom two leases of one address are no breach: those whose
// identifiers a reservation of the address lists, and only those.

import type { Ipv4 } from '../address/ipv4.ts'
import { isOneOfSeveral } from '../config/plan/one-host.ts'
import type { Plan } from '../config/plan/plan.ts'
import { isSameClient } from '../leases/identity.ts'
import type { ClientIdentity } from '../leases/lease.ts'
import type { VirtualClient4 } from './virtual-client4.ts'
import type { VirtualServer } from './virtual-server.ts'

export class OneHosts {
  readonly #servers: VirtualServer[] = []
  readonly #clients: VirtualClient4[] = []

  watch(server: VirtualServer): void {
    this.#servers.push(server)
  }

  watchClient(client: VirtualClient4): void {
    this.#clients.push(client)
  }

  /** Whether some configuration has ever said so: leases outlast it. */
  are(address: Ipv4, one: ClientIdentity, other: ClientIdentity): boolean {
    if (isSameClient(one, other)) return false
    const [a, b] = [this.#whole(one), this.#whole(other)]
    return this.#servers.some(({ plans }) =>
      [...plans].some((plan) => areOneHost(plan, address, a, b)),
    )
  }

  /** Rows do not tell a client identifier that is not matched. */
  #whole(identity: ClientIdentity): ClientIdentity {
    const { hwAddress } = identity
    const client = this.#clients.find(({ machine }) => machine.settings.hwAddress === hwAddress)
    return client === undefined ? identity : identityOf(client)
  }
}

function areOneHost(
  { dhcp4 }: Plan,
  address: Ipv4,
  one: ClientIdentity,
  other: ClientIdentity,
): boolean {
  return dhcp4!
    .subnetsAt(address)
    .some((subnet) =>
      dhcp4!.reservations
        .at(address, subnet)
        .some((host) => isOneOfSeveral(host, one) && isOneOfSeveral(host, other)),
    )
}

export function identityOf({ machine }: VirtualClient4): ClientIdentity {
  const { hwAddress, clientId } = machine.settings
  return { htype: 1, hwAddress, clientId }
}
