// Where in the document a key of a subnet stands: the plan has the value alone.

import type { Dhcp4Document, ScopeDocument } from '../config/keys/document4.ts'
import type { Subnet4 } from '../config/plan/plan4.ts'

/** `subnet 10`, `network floor`, `global`, or 'default' where nothing says it. */
export function levelOfKey(
  document: Dhcp4Document,
  { id }: Subnet4,
  keys: readonly (keyof ScopeDocument)[],
): string {
  const says = (scope: ScopeDocument) =>
    keys.some((key) => scope[key] !== undefined && scope[key] !== '')
  const networks = document['shared-networks'] ?? []
  const network = networks.find(({ subnet4 }) => subnet4?.some((subnet) => subnet.id === id))
  const subnet = [...(document.subnet4 ?? []), ...(network?.subnet4 ?? [])].find(
    (each) => each.id === id,
  )
  if (subnet !== undefined && says(subnet)) return `subnet ${id}`
  if (network !== undefined && says(network)) return `network ${network.name}`
  return says(document) ? 'global' : 'default'
}
