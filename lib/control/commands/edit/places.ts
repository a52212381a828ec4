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
import { indexing, mayBe, memberName } from '../../../config/list-index.ts'
import type { Steps } from '../../../config/plan/steps.ts'
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
    for (const list of this.#lists()) for (const subnet of list.subnets) yield at(subnet, list)
  }

  find(isIt: (at: SubnetAt) => boolean): SubnetAt | undefined {
    for (const one of this.subnets()) if (isIt(one)) return one
    return undefined
  }

  withId(id: unknown): SubnetAt | undefined {
    return this.#named('id', Number(id), ({ id: own }) => own === Number(id))
  }

  withPrefix(prefix: string): SubnetAt | undefined {
    const wanted = prefix.trim()
    return this.#named('subnet', wanted, ({ subnet }) => String(subnet).trim() === wanted)
  }

  /** What finds a subnet among many: made once for long lists. */
  *indexing(): Steps<void> {
    for (const { subnets } of this.#lists()) yield* indexing(subnets)
  }

  #named(
    key: string,
    value: string | number,
    isIt: (subnet: Members) => boolean,
  ): SubnetAt | undefined {
    const name = memberName(key, value)!
    for (const list of this.#lists()) {
      const subnet = (mayBe(list.subnets, name) as readonly Members[]).find(isIt)
      if (subnet !== undefined) return at(subnet, list)
    }
    return undefined
  }

  *#lists(): Iterable<SubnetList> {
    const { map, subnets } = this.family
    yield { subnets: mapsOf(this.map[subnets]), network: undefined, path: [map, subnets] }
    for (const network of this.networks) {
      const path = [...this.networkPath(String(network.name)), subnets]
      yield { subnets: mapsOf(network[subnets]), network, path }
    }
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

interface SubnetList extends Pick<SubnetAt, 'network' | 'path'> {
  readonly subnets: readonly Members[]
}

function at(subnet: Members, { network, path }: SubnetList): SubnetAt {
  return {
    subnet: subnet as SubnetAt['subnet'],
    network,
    path: [...path, { id: Number(subnet.id) }],
  }
}
