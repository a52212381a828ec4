// Whether the global level that was made for a document stands for the next one, too: subnets that
// were made under it are then not made again.

import type { Guards } from '../ha/guards.ts'
import type { Path } from '../text/problem.ts'
import type { Report, Site } from '../text/site.ts'
import { isSameNaming, type Naming } from './naming.ts'

export interface StandingLevel<Document extends object> {
  readonly parts: {
    readonly document: Document
    readonly guards: Guards
    readonly naming: Naming
  }
  readonly said: Report
  /** How many documents it has stood for. */
  uses: number
}

/** Options of subnets that were edited stay with a level; with this many documents a level ends. */
const USES_MAX = 1000

/** The former level where it stands for this document, too, else a new one, made at `path`. */
export function standingLevel<Document extends object, Level extends StandingLevel<Document>>(
  parts: Level['parts'],
  former: Level | undefined,
  make: () => Level,
  path: Path,
  site: Site,
): Level {
  const level = former !== undefined && standsFor(former, parts) ? former : make()
  level.uses++
  site.tell(level.said, path)
  return level
}

function standsFor<Document extends object>(
  { parts, uses }: StandingLevel<Document>,
  { document, guards, naming }: StandingLevel<Document>['parts'],
): boolean {
  if (uses >= USES_MAX || !isSameNaming(parts.naming, naming)) return false
  return parts.guards.isLike(guards) && hasSameMembers(parts.document, document, LISTS)
}

/** Lists that are not of the level itself. */
const LISTS = ['subnet4', 'subnet6', 'shared-networks', 'reservations']

/** The same objects, but for what these members are. */
export function hasSameMembers<Document extends object>(
  a: Document,
  b: Document,
  without: readonly string[],
): boolean {
  const members = new Set([...Object.keys(a), ...Object.keys(b)])
  for (const member of without) members.delete(member)
  return [...members].every((member) => a[member as keyof Document] === b[member as keyof Document])
}
