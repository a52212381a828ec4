// Plans for simulations: small documents, compiled as the product compiles them.

import { compile } from '../../lib/config/compile/compile.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'

/** What a file has beside the maps of its families. */
export type Around = Pick<ConfigDocument, 'DhcpDdns' | 'Whio'>

/** The plan of a document that must be faultless; `around`: other maps of its file. */
export function planOf(document: Dhcp4Document, around: Around = {}): Plan {
  return compiled({ ...around, Dhcp4: document })
}

function compiled(document: ConfigDocument): Plan {
  const { plan, problems } = compile(document, { stateDirectory: '/nowhere' })
  const errors = problems.filter((problem) => problem.severity === 'error')
  if (plan === undefined || errors.length > 0) throw new Error(errors.map(formatProblem).join('\n'))
  return plan
}

/** One subnet 192.0.2.0/24 with one pool. */
export function onePool(pool: string, lifetime: number, more: Partial<Dhcp4Document> = {}): Plan {
  return planOf({
    'valid-lifetime': lifetime,
    ...more,
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool }], ...more.subnet4?.[0] }],
  })
}

/** The plan of a document of DHCPv6 that must be faultless. */
export function planOf6(document: Dhcp6Document, more: Pick<ConfigDocument, 'Whio'> = {}): Plan {
  return compiled({ Dhcp6: document, ...more })
}

/** The same of both families. */
export function planOfBoth(dhcp4: Dhcp4Document, dhcp6: Dhcp6Document, around: Around = {}): Plan {
  return compiled({ ...around, Dhcp4: dhcp4, Dhcp6: dhcp6 })
}
