// What a file may say and can hardly mean: Kea takes all of it, or takes it for something else, and
// nobody notices before clients do. Each is a warning; what cannot be served at all is an error
// where it is compiled.

import {
  ipv4FromText,
  prefixFromText,
  rangeContains,
  rangeOfPrefix,
  textFromIpv4,
  textFromPrefix,
} from '../../address/ipv4.ts'
import { uintFromOctets } from '../../bytes/cursor.ts'
import { type ClassMask, canMeet, inBoth } from '../../classify/class-set.ts'
import { OPTION4 } from '../../wire/v4/codes.ts'
import type { SubnetDocument } from '../keys/document4.ts'
import type { Subnet4 } from '../plan/plan4.ts'
import { formatPath } from '../text/problem.ts'
import type { Site } from '../text/site.ts'
import { madeAt, tellAgain } from './memory.ts'
import type { PlacedSubnet } from './upper-level.ts'

export function warnOfDoubts(placed: readonly PlacedSubnet[]): void {
  for (const { subnet, made, document, site: own } of placed) {
    made.doubts ??= madeAt(own, (at) => warnOfSubnet(subnet, document, at.entry))
    tellAgain(made.doubts, own)
  }
}

function warnOfSubnet(subnet: Subnet4, document: SubnetDocument, site: Site): undefined {
  warnOfHostBits(document.subnet, site.at('subnet'))
  for (const [index, { pool }] of (document.pools ?? []).entries())
    warnOfHostBits(pool, site.at('pools').at(index).at('pool'))
  warnOfRouters(subnet, document, site)
}

function warnOfHostBits(text: string, site: Site): void {
  const prefix = prefixFromText(text.trim())
  const address = ipv4FromText(text.split('/', 1)[0]!.trim())
  if (prefix === undefined || address === undefined || address === prefix.address) return
  const message = `${text.trim()} has host bits`
  site.warning('host-bits', message, `taken for ${textFromPrefix(prefix)}`)
}

/** The first one counts: a client uses the others only when that does not answer. */
function warnOfRouters(subnet: Subnet4, written: SubnetDocument, site: Site): void {
  const data = subnet.options.values.get(OPTION4.routers)?.data ?? ''
  if (data.length < 4) return
  const router = uintFromOctets(data, 0, 4)
  const link = subnet.network?.subnets ?? [subnet]
  const isOnLink = [subnet, ...link].some(({ prefix }) =>
    rangeContains(rangeOfPrefix(prefix), router),
  )
  // 0.0.0.0 has a meaning of its own.
  if (isOnLink || router === 0) return
  const own = (written['option-data'] ?? []).findIndex(
    ({ name, code }) => name === 'routers' || code === OPTION4.routers,
  )
  const at = own < 0 ? site.at('subnet') : site.at('option-data').at(own).at('data')
  const message = `clients get the router ${textFromIpv4(router)}, which is not in ${subnet.text}`
  at.warning('router-outside', message, 'they cannot reach it, unless a route says how')
}

/** One warning for each subnet that lies within another one, for clients of the same server. */
export function warnOfOverlaps(placed: readonly PlacedSubnet[]): void {
  const inOrder = placed.toSorted(
    ({ subnet: { prefix: a } }, { subnet: { prefix: b } }) =>
      a.address - b.address || a.length - b.length,
  )
  const around: PlacedSubnet[] = []
  for (const place of inOrder) {
    const { subnet } = place
    while (around.length > 0 && !holds(around.at(-1)!.subnet, subnet)) around.pop()
    const outer = around.findLast((other) => canMeet(guardOf(other.subnet), guardOf(subnet)))
    around.push(place)
    if (outer === undefined || outer.subnet.text === subnet.text) continue
    const message = `${subnet.text} lies within ${outer.subnet.text}`
    const where = formatPath(outer.site.path.slice(1))
    const hint = `${where}; a client is looked up in the one of the lower id first`
    place.site.entry.at('subnet').warning('subnet-overlap', message, hint)
  }
}

function holds({ prefix }: Subnet4, inner: Subnet4): boolean {
  return rangeContains(rangeOfPrefix(prefix), inner.prefix.address)
}

function guardOf({ guard, network }: Subnet4): ClassMask {
  return inBoth(network?.guard, guard)
}
