// Which roles a mode has: one primary, one server beside it or none, and any number of backups.

import type { HaPeerDocument } from '../keys/ha-document.ts'
import type { HaMode, HaRole } from '../plan/ha-plan.ts'
import type { Site } from '../text/site.ts'

/** The role of the server beside the primary. */
export const SECOND_ROLE: Readonly<Record<HaMode, HaRole | undefined>> = {
  'load-balancing': 'secondary',
  'hot-standby': 'standby',
  'passive-backup': undefined,
}

export function checkRoles(mode: HaMode, peers: readonly HaPeerDocument[], site: Site): void {
  const second = SECOND_ROLE[mode]
  const wanted: readonly HaRole[] = second === undefined ? ['primary'] : ['primary', second]
  const hint = `${mode} has one ${wanted.join(', one ')}, and backups`
  const owners = new Map<HaRole, string>()
  for (const [index, { role, name }] of peers.entries()) {
    const at = site.at(index).at('role')
    if (role === 'backup') continue
    const owner = owners.get(role)
    if (!wanted.includes(role)) at.error('ha-role', `${mode} has no ${role}`, hint)
    else if (owner !== undefined) at.error('ha-role', `'${owner}' is the ${role} already`, hint)
    else owners.set(role, name)
  }
  for (const role of wanted) {
    if (owners.has(role)) continue
    const message = `no peer is the ${role}`
    site.gap('ha-role', message, hint)
  }
}
