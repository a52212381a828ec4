// Files that name a pair in other ways: the plans of server1 and server2 under each.

import type { Dhcp4Document } from '../../lib/config/document4.ts'
import type { HaPeerDocument } from '../../lib/config/ha-document.ts'
import type { Plan4 } from '../../lib/config/plan4.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import { planOf } from './plans.ts'

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

/** The plans of both hosts when this is the file of both. */
export function plansUnder(file: FileOfPair, dhcp4: Partial<Dhcp4Document>): readonly Plan4[] {
  switch (file) {
    case 'no pair':
      return [planOf(dhcp4), planOf(dhcp4)]
    case 'no updates':
      return pairPlans(pairConfig({ ha: { 'send-lease-updates': false }, dhcp4 }))
    case 'roles swapped':
      return pairPlans(pairConfig({ ha: { peers: peers('server1', 'server2', 1) }, dhcp4 }))
    case 'renamed':
      return pairPlans(pairConfig({ ha: { peers: peers('east', 'west', 0) }, dhcp4 }))
    default:
      return pairPlans(pairConfig({ mode: file, dhcp4 }))
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
