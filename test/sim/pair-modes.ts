// Files that name a pair in other ways: the plans of server1 and server2 under each.

import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import type { HaDocument, HaPeerDocument } from '../../lib/config/keys/ha-document.ts'
import type { HaMode } from '../../lib/config/plan/ha-plan.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { type PairConfigSettings, pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import { type Around, planOf, planOfBoth } from './plans.ts'

export const MODES = [
  'load-balancing',
  'hot-standby',
  'passive-backup',
  'no pair',
  'no updates',
  'roles swapped',
  'renamed',
] as const

export type FileOfPair = (typeof MODES)[number]

/** Those in which guards (`HA_server1`, `HA_server2`) name somebody. */
export const GUARDABLE: readonly FileOfPair[] = ['no updates', 'roles swapped']

/** The plans of both hosts when this is the file of both. */
export function plansUnder(
  file: FileOfPair,
  dhcp4: Partial<Dhcp4Document>,
  ha: Partial<HaDocument> = {},
  protection: PairConfigSettings['protection'] = 'none',
  dhcp6?: Dhcp6Document,
  around: Around = {},
): readonly Plan[] {
  const plans = (more: Partial<HaDocument>, mode?: HaMode) =>
    pairPlans({
      ...pairConfig({
        ...(mode && { mode }),
        ha: { ...ha, ...more },
        dhcp4,
        ...(dhcp6 && { dhcp6 }),
        protection,
      }),
      ...around,
    })
  const alone = () =>
    dhcp6 === undefined ? planOf(dhcp4, around) : planOfBoth(dhcp4, dhcp6, around)
  switch (file) {
    case 'no pair':
      return [alone(), alone()]
    case 'no updates':
      return plans({ 'send-lease-updates': false })
    case 'roles swapped':
      return plans({ peers: peers('server1', 'server2', 1) })
    case 'renamed':
      return plans({ peers: peers('east', 'west', 0) })
    default:
      return plans({}, file)
  }
}

/** `primary`: which of the two it is. */
function peers(first: string, second: string, primary: 0 | 1): HaPeerDocument[] {
  return [first, second].map((name, index) => ({
    name,
    url: `http://192.0.2.${index + 1}:8000/`,
    role: index === primary ? 'primary' : 'secondary',
  }))
}
