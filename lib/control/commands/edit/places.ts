// The document as commands look at it that change parts of it: subnets, shared networks and lists
// of reservations, each with the path by which it is edited.

import { globalAbove } from '../../../config/canonical/canonical.ts'
import { shownReservation } from '../../../config/canonical/hosts.ts'
import { mapsOf } from '../../../config/canonical/members.ts'
import {
  type Above,
  belowNetwork,
  shownNetwork,
  shownSubnet,
} from '../../../config/canonical/places.ts'
import type { Step } from '../../../config/edits.ts'
import type { ConfigDocument } from '../../../config/keys/document.ts'
import type { Members } from '../../../config/text/map.ts'

/** What the commands of a family are called after, and their words. */
export interface EditFamily {
  readonly version: 4 | 6
  readonly map: 'Dhcp4' | 'Dhcp6'
  readonly subnets: 'subnet4' | 'subnet6'
  /** `IPv4`. */
  readonly ip: string
  readonly persona: 'dhcp4' | 'dhcp6'
}

export const FAMILY4: EditFamily = {
  ...{ version: 4, map: 'Dhcp4', subnets: 'subnet4', ip: 'IPv4', persona: 'dhcp4' },
}
export const FAMILY6: EditFamily = {
  ...{ version: 6, map: 'Dhcp6', subnets: 'subnet6', ip: 'IPv6', persona: 'dhcp6' },
}

export function familyOf(persona: string): EditFamily {
  return persona === 'dhcp6' ? FAMILY6 : FAMILY4
}

export interface SubnetAt {
  readonly subnet: Members & { readonly id: number; readonly subnet: string }
  readonly network: Members | undefined
  readonly path: readonly Step[]
}

export class Places {
  readonly family: EditFamily
  /** Empty where the family is not served. */
  readonly map: Members

  constructor(document: ConfigDocument, family: EditFamily) {
    this.family = family
    this.map = (document[family.map] ?? {}) as Members
  }

  get networks(): readonly Members[] {
    return mapsOf(this.map['shared-networks'])
  }

  /** Those of shared networks behind the others. */
  *subnets(): Iterable<SubnetAt> {
    const { map, subnets } = this.family
    for (const subnet of mapsOf(this.map[subnets]))
      yield at(subnet, undefined, [map, subnets, { id: Number(subnet.id) }])
    for (const network of this.networks) {
      const path = [...this.networkPath(String(network.name)), subnets]
      for (const subnet of mapsOf(network[subnets]))
        yield at(subnet, network, [...path, { id: Number(subnet.id) }])
    }
  }

  find(isIt: (at: SubnetAt) => boolean): SubnetAt | undefined {
    for (const one of this.subnets()) if (isIt(one)) return one
    return undefined
  }

  withId(id: unknown): SubnetAt | undefined {
    return this.find(({ subnet }) => subnet.id === Number(id))
  }

  withPrefix(prefix: string): SubnetAt | undefined {
    return this.find(({ subnet }) => subnet.subnet.trim() === prefix.trim())
  }

  networkNamed(name: unknown): Members | undefined {
    return this.networks.find((network) => network.name === name)
  }

  networkPath(name: string): readonly Step[] {
    return [this.family.map, 'shared-networks', { name }]
  }

  // ---- as Kea shows them

  shownSubnet({ subnet, network }: SubnetAt): Members {
    const global = this.#above()
    const above = network === undefined ? global : belowNetwork(network, global)
    return { ...shownSubnet(subnet, above), reservations: this.#shownHosts(subnet) }
  }

  shownNetwork(network: Members): Members {
    const above = this.#above()
    const below = belowNetwork(network, above)
    const { subnets } = this.family
    const inside = mapsOf(network[subnets]).map((subnet) => ({
      ...shownSubnet(subnet, below),
      reservations: this.#shownHosts(subnet),
    }))
    return { ...shownNetwork(network, above), [subnets]: inside }
  }

  /** With the id of its subnet, 0 for the global list. */
  shownHost(host: Members, subnetId: number): Members {
    return { ...shownReservation(host, this.#above().registry), 'subnet-id': subnetId }
  }

  #shownHosts(subnet: Members): readonly Members[] {
    const { registry } = this.#above()
    return mapsOf(subnet.reservations).map((host) => shownReservation(host, registry))
  }

  #above(): Above {
    return globalAbove(this.map, this.family.version)
  }
}

function at(subnet: Members, network: Members | undefined, path: readonly Step[]): SubnetAt {
  return { subnet: subnet as SubnetAt['subnet'], network, path }
}
