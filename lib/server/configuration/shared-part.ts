// What of a document both servers of a pair have alike: edits of it go to the partner, edits of
// anything else stay where they were made.

import type { Edit } from '../../config/edits.ts'
import type { EditScope } from './running-configuration.ts'

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

export interface EditPart {
  readonly scope: EditScope
  readonly edits: readonly Edit[]
}

/** What goes to the partner, and what stays. */
export function partsOf(edits: readonly Edit[], scope: EditScope): readonly EditPart[] {
  const isOfPair = (edit: Edit) => scope === 'pair' && isShared(edit)
  const parts: readonly EditPart[] = [
    { scope: 'pair', edits: edits.filter(isOfPair) },
    { scope: 'here', edits: edits.filter((edit) => !isOfPair(edit)) },
  ]
  return parts.filter((part) => part.edits.length > 0)
}
