// What a file may say of DHCPv6 and can hardly mean: see doubts4.ts.

import { ipv6FromText } from '../../address/ipv6.ts'
import { addressOf, isInside, prefix6FromText, textFromPrefix6 } from '../../address/prefix6.ts'
import { type ClassMask, canMeet, inBoth } from '../../classify/class-set.ts'
import type { SubnetDocument6 } from '../keys/document6.ts'
import type { Subnet6 } from '../plan/plan6.ts'
import { formatPath } from '../text/problem.ts'
import type { Site } from '../text/site.ts'
import { madeAt, tellAgain } from './memory.ts'
import type { PlacedSubnet6 } from './upper-level6.ts'

export function warnOfDoubts6(placed: readonly PlacedSubnet6[]): void {
  for (const { made, document, site: own } of placed) {
    made.doubts ??= madeAt(own, (at) => warnOfSubnet(document, at.entry))
    tellAgain(made.doubts, own)
  }
}

function warnOfSubnet(document: SubnetDocument6, site: Site): undefined {
  warnOfHostBits(document.subnet, site.at('subnet'))
  for (const [index, { pool }] of (document.pools ?? []).entries())
    warnOfHostBits(pool, site.at('pools').at(index).at('pool'))
}

function warnOfHostBits(text: string, site: Site): void {
  if (!text.includes('/')) return
  const prefix = prefix6FromText(text.trim())
  const address = ipv6FromText(text.split('/', 1)[0]!.trim())
  if (prefix === undefined || address === undefined || address === addressOf(prefix)) return
  const message = `${text.trim()} has host bits`
  site.warning('host-bits', message, `taken for ${textFromPrefix6(prefix)}`)
}

/** One warning for each subnet that lies within another one, for clients of the same server. */
export function warnOfOverlaps6(placed: readonly PlacedSubnet6[]): void {
  const around: PlacedSubnet6[] = []
  for (const place of placed.toSorted(byPlace)) {
    const { subnet } = place
    while (around.length > 0 && !isInside(subnet.prefix, around.at(-1)!.subnet.prefix)) around.pop()
    const outer = around.findLast((other) => canMeet(guardOf(other.subnet), guardOf(subnet)))
    around.push(place)
    if (outer === undefined || outer.subnet.text === subnet.text) continue
    const message = `${subnet.text} lies within ${outer.subnet.text}`
    const where = formatPath(outer.site.path.slice(1))
    const hint = `${where}; a client is looked up in the one of the lower id first`
    place.site.entry.at('subnet').warning('subnet-overlap', message, hint)
  }
}

/** By their first addresses, of two that begin together the larger one first. */
function byPlace({ subnet: a }: PlacedSubnet6, { subnet: b }: PlacedSubnet6): number {
  const [first, second] = [addressOf(a.prefix), addressOf(b.prefix)]
  if (first !== second) return first < second ? -1 : 1
  return a.prefix < b.prefix ? -1 : 1
}

function guardOf({ guard, network }: Subnet6): ClassMask {
  return inBoth(network?.guard, guard)
}
