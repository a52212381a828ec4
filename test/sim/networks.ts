// In some worlds the first subnet shares its link with a small one that is for some clients only.

import type { Dhcp4Document, SubnetDocument } from '../../lib/config/keys/document4.ts'
import { chance, happens, oneOf } from '../../lib/lab/chance.ts'

const LAN = 'lan'
const NET = '10.0.11'

/**
 * With its own chance: what else a seed decides stays as it is. Not behind a relay, which knows one
 * of them only. After the classes: the small one is for those that they define.
 */
export function withNetworks<Document extends Partial<Dhcp4Document>>(
  seed: number,
  documents: readonly Document[],
): Document[] {
  const draw = chance(seed, 'networks')
  if (!happens(draw, 0.2)) return [...documents]
  const size = 1 + draw(4)
  return documents.map((document) => {
    const [first, ...others] = document.subnet4 ?? []
    if (first === undefined || first.relay !== undefined) return document
    const small: SubnetDocument = {
      id: 11,
      subnet: `${NET}.0/24`,
      interface: LAN,
      pools: [{ pool: `${NET}.100 - ${NET}.${99 + size}` }],
      ...(document['client-classes'] === undefined || happens(draw, 0.3)
        ? {}
        : { 'client-classes': [oneOf(draw, ['phone', 'desk', 'allowed'])] }),
    }
    const shared = {
      name: 'shared',
      interface: LAN,
      subnet4: [{ ...first, interface: LAN }, small],
    }
    return { ...document, subnet4: others, 'shared-networks': [shared] }
  })
}
