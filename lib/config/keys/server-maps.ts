// The maps of a document that this process serves: Dhcp4, Dhcp6 or both.

import { newReport, type Report, Site } from '../text/site.ts'
import type { GlobalDocument } from './common-document.ts'
import type { ConfigDocument } from './document.ts'

export interface ServerMap {
  readonly version: 4 | 6
  readonly document: GlobalDocument
  /** Of the map. */
  readonly site: Site
}

/** Dhcp4 goes first: where both say what the process has once, it counts. */
export function serverMapsOf(
  { Dhcp4, Dhcp6 }: ConfigDocument,
  report: Report = newReport(),
): readonly ServerMap[] {
  const maps: ServerMap[] = []
  if (Dhcp4 !== undefined)
    maps.push({ version: 4, document: Dhcp4, site: Site.of(report, ['Dhcp4']) })
  if (Dhcp6 !== undefined)
    maps.push({ version: 6, document: Dhcp6, site: Site.of(report, ['Dhcp6']) })
  return maps
}
