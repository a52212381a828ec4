// In some worlds clients are in classes: pools for some of them only, beside those for all, and
// shorter leases. The members of classes change with a reload.

import type { Ipv4Range } from '../../lib/address/ipv4.ts'
import { isOfPair } from '../../lib/classify/class-set.ts'
import type { Dhcp4Document, SubnetDocument } from '../../lib/config/keys/document4.ts'
import type { Subnet4 } from '../../lib/config/plan/plan4.ts'
import { chance, happens } from '../../lib/lab/chance.ts'

/** No world has shorter leases than those of a class. */
const LIFETIME = 40

/** With its own chance: what else a seed decides stays as it is. */
export function withClasses<Document extends Partial<Dhcp4Document>>(
  seed: number,
  documents: readonly Document[],
): Document[] {
  const draw = chance(seed, 'classes')
  if (!happens(draw, 0.3)) return [...documents]
  return documents.map((document) => {
    const last = 1 + draw(6)
    const lifetime = happens(draw, 0.5) ? { 'valid-lifetime': LIFETIME } : {}
    const definitions = [
      { name: 'some', test: `substring(pkt4.mac, 5, 1) == 0x0${last}`, ...lifetime },
      { name: 'ours', test: "member('HA_server1') and not member('some')" },
      { name: 'strangers', test: "member('UNKNOWN') and not member('some')" },
    ]
    return {
      ...document,
      'client-classes': definitions,
      subnet4: document.subnet4?.map((subnet) => (subnet.id === 1 ? withPools(subnet) : subnet)),
    }
  })
}

/** Of pools that are for clients of all classes, but those of a pair. */
export function rangesForAll(subnet: Subnet4): readonly Ipv4Range[] {
  return subnet.ranges.filter(({ first }) => isOfPair(subnet.poolOf(first)?.guard))
}

function withPools(subnet: SubnetDocument): SubnetDocument {
  const net = subnet.subnet.replace(/\.0\/24$/, '')
  const pool = (first: number, last: number, ...guard: string[]) => ({
    pool: `${net}.${first} - ${net}.${last}`,
    'client-classes': guard,
  })
  return {
    ...subnet,
    pools: [
      pool(221, 222, 'some', 'KNOWN'),
      pool(225, 225, 'ours'),
      ...(subnet.pools ?? []),
      pool(229, 230, 'strangers'),
    ],
  }
}
