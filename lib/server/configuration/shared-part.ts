// What of a document both servers of a pair have alike: edits of it go to the partner, edits of
// anything else stay where they were made.

import type { Edit } from '../../config/edits.ts'

const SHARED: ReadonlySet<unknown> = new Set([
  'subnet4',
  'subnet6',
  'shared-networks',
  'client-classes',
  'option-def',
  'option-data',
  'reservations',
])

export function isShared({ path }: Edit): boolean {
  const [map, key] = path
  return (map === 'Dhcp4' || map === 'Dhcp6') && SHARED.has(key)
}
