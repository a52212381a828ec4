// What the parts of a scenario do to its documents: each changes all versions of one network.

import type { HookDocument } from '../../lib/config/keys/common-document.ts'
import type { Dhcp4Document, SubnetDocument } from '../../lib/config/keys/document4.ts'
import type { LabClientSettings } from '../../lib/lab/lab.ts'

/** The versions of a configuration, and the clients of its network. */
export interface Cast<Document extends Partial<Dhcp4Document>> {
  readonly documents: readonly Document[]
  readonly clients: readonly LabClientSettings[]
}

/** Every subnet, those of shared networks too. */
export function subnetsOf(document: Partial<Dhcp4Document>): readonly SubnetDocument[] {
  const networks = document['shared-networks'] ?? []
  return [...(document.subnet4 ?? []), ...networks.flatMap(({ subnet4 = [] }) => subnet4)]
}

/** The document with other subnets in the place of its own; shared networks stay. */
export function withSubnets<Document extends Partial<Dhcp4Document>>(
  document: Document,
  change: (subnet: SubnetDocument) => SubnetDocument,
): Document {
  return { ...document, subnet4: (document.subnet4 ?? []).map(change) }
}

export function withLibrary<Document extends Partial<Dhcp4Document>>(
  document: Document,
  library: HookDocument,
): Document {
  return { ...document, 'hooks-libraries': [...(document['hooks-libraries'] ?? []), library] }
}

/** The first three octets of a subnet /24, as text. */
export function netOf({ subnet }: SubnetDocument): string {
  return subnet.split('.').slice(0, 3).join('.')
}

/** First and last address of a pool, as their last octets. */
export function endsOf(pool: string): readonly [number, number] {
  const [first, last] = pool.split(' - ').map((address) => Number(address.split('.')[3]))
  return [first!, last!]
}

/** The hardware address that the lab gives to its client of this index. */
export function hardwareOf(index: number): string {
  return `02:00:00:00:00:${(index + 1).toString(16).padStart(2, '0')}`
}
