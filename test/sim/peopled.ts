// What makes the configuration of a world like those that people have, put together: each part in
// some worlds, by a chance of its own.

import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import type { Lab } from '../../lib/lab/lab.ts'
import { Admission } from './admission.ts'
import { withClasses } from './classes.ts'
import type { Cast } from './documents.ts'
import { withDuids } from './duids.ts'
import { withHosts } from './hosts.ts'
import { withLeasing } from './leasing.ts'
import { withLimits } from './limited.ts'
import { withNetworks } from './networks.ts'

export interface Peopled<Document extends Partial<Dhcp4Document>> extends Cast<Document> {
  /** Who may have what by each of the documents. */
  readonly admissions: readonly Admission[]
  /** Every client may have every address that is not another one's by a reservation. */
  readonly isPlain: boolean
}

export function peopled<Document extends Partial<Dhcp4Document>>(
  seed: number,
  cast: Cast<Document>,
): Peopled<Document> {
  const { documents: named, clients } = withDuids(seed, cast)
  const classed = withClasses(seed, { documents: withHosts(seed, named, clients), clients })
  const limited = withLimits(seed, classed.documents)
  const networked = withNetworks(seed, limited)
  const isPlain = networked.every((document, index) => document === cast.documents[index])
  const documents = withLeasing(seed, networked)
  const admissions = documents.map((document) => new Admission(document))
  return { documents, clients: classed.clients, admissions, isPlain }
}

/** How often clients were denied what they asked for, each kind by its reasons. */
const DENIALS: Readonly<Record<string, string>> = {
  'dropped-by-class': 'denied',
  'rejected-by-class': 'denied',
  'no-pool': 'unwanted',
  'address-limit': 'crowded',
  'rate-limit': 'hurried',
  'answer-too-late': 'late',
  'refused-by-hook': 'refused',
  'hook-failed': 'failed',
  'look-up-failed': 'unknown',
}

/** Counts from now on. */
export function countDenials({ servers }: Lab): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const kind of Object.values(DENIALS)) counts[kind] = 0
  for (const server of servers)
    server.onEvent((_, event) => {
      const kind = event.kind === 'drop' ? DENIALS[event.reason] : undefined
      if (kind !== undefined) counts[kind]!++
    })
  return counts
}
