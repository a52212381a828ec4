// What of DHCPv6 both servers of a pair must agree on: ids and prefixes of subnets, addresses and
// prefixes that may be given and to whose clients, what is reserved.

import type { Prefix6 } from '../../address/prefix6.ts'
import { type ClassMask, inBoth, isOfPair } from '../../classify/class-set.ts'
import type { Range } from '../../leases/keys/key.ts'
import { type Digest, GuardWords, wordOf } from './digest.ts'
import type { Plan6, Subnet6 } from './plan6.ts'
import { STEP_ELEMENTS, type Steps } from './steps.ts'

const DHCP6 = 6

export function* addPlan6(digest: Digest, plan: Plan6): Steps<void> {
  const { classes, subnets } = plan
  const words = new GuardWords(classes)
  digest.add(DHCP6)
  digest.add(subnets.length)
  const sorted = subnets.toSorted((a, b) => a.id - b.id)
  for (const [index, subnet] of sorted.entries()) {
    if (index % STEP_ELEMENTS === STEP_ELEMENTS - 1) yield
    addSubnet(digest, subnet, words)
  }
  yield* digest.addList(plan.written)
}

function addSubnet(digest: Digest, subnet: Subnet6, words: GuardWords): void {
  const guarded = [
    ...subnet.ranges.map((range) => ({ range, guard: subnet.poolOf(range.first)!.guard })),
    ...subnet.pdPools,
  ]
  digest.add(subnet.id)
  digest.addText(subnet.prefix)
  digest.add(guarded.length)
  for (const { range, guard } of guarded.toSorted(byRange)) {
    const guards = [subnet.network?.guard, subnet.guard, guard]
    digest.addText(range.first)
    digest.addText(range.last)
    digest.add(wordOf(guards.filter(isOfPair).reduce<ClassMask>(inBoth, undefined)))
    digest.addText(words.of(guards.filter((each) => !isOfPair(each))))
  }
}

/** However the document has put them. */
function byRange(a: { readonly range: Range<Prefix6> }, b: { readonly range: Range<Prefix6> }) {
  return a.range.first < b.range.first ? -1 : 1
}
