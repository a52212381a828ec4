// A digest of what both servers of a pair must agree on: ids and prefixes of subnets, addresses
// that may be given and to whose clients, reserved addresses, hosts of several identifiers. In an
// order of its own, so that the order of the document plays no part. Classes that are not of the
// pair count by their names and what is asked of their clients. 128 bits, against mistakes, not
// against forgers.

import type { Ipv4Range } from '../../address/ipv4.ts'
import { type ClassMask, inBoth, isOfPair } from '../../classify/class-set.ts'
import { Digest, GuardWords, wordOf } from './digest.ts'
import { addPlan6 } from './fingerprint6.ts'
import type { Plan4, Reservation4, Subnet4 } from './plan4.ts'
import type { Plan6 } from './plan6.ts'
import { STEP_ELEMENTS, type Steps } from './steps.ts'

interface GuardedRange extends Ipv4Range {
  /** The classes of the pair, the first bits of a mask; all of them where there is none. */
  readonly guard: number
  /** Guards that name other classes, in words; '' where there is none. */
  readonly others: string
}

/** 32 hexadecimal digits. That of DHCPv4 alone is what it was before DHCPv6 was served. */
export function* fingerprintOf(dhcp4: Plan4 | undefined, dhcp6: Plan6 | undefined): Steps<string> {
  const digest = new Digest()
  if (dhcp4 !== undefined) yield* addPlan4(digest, dhcp4)
  yield
  if (dhcp6 !== undefined) yield* addPlan6(digest, dhcp6)
  return digest.text
}

function* addPlan4(digest: Digest, plan: Plan4): Steps<void> {
  const { classes, hostsOfSeveral, subnets } = plan
  const words = new GuardWords(classes)
  digest.add(subnets.length)
  const sorted = subnets.toSorted((a, b) => a.id - b.id)
  for (const [index, subnet] of sorted.entries()) {
    if (index % STEP_ELEMENTS === STEP_ELEMENTS - 1) yield
    addSubnet(digest, subnet, words)
  }
  yield* digest.addList(plan.written)
  for (const text of hostsOfSeveral.map(textOfHost).sort()) digest.addText(text)
  // Else one client would be two to the leases of the two servers.
  const { flexId } = plan
  if (flexId?.replacesClientId === true) digest.addText(`${flexId.isDuid} ${flexId.text}`)
}

/** An address goes over from one identifier to another only if both servers think so. */
function textOfHost({ address, identifiers }: Reservation4): string {
  return [address, ...identifiers.map(({ kind, value }) => `${kind} ${value}`).sort()].join()
}

function addSubnet(digest: Digest, subnet: Subnet4, words: GuardWords): void {
  const ranges = guardedRanges(subnet, words)
  digest.add(subnet.id)
  digest.add(subnet.prefix.address)
  digest.add(subnet.prefix.length)
  digest.add(ranges.length)
  for (const { first, last, guard, others } of ranges) {
    digest.add(first)
    digest.add(last)
    digest.add(guard)
    for (let at = 0; at < others.length; at++) digest.add(others.charCodeAt(at))
  }
}

/** Of subnets whose guards are none but the pair's: what they have does not change. */
const KNOWN = new WeakMap<Subnet4, readonly GuardedRange[]>()

/** Lowest first; neighbours that differ in nothing are one, however the document cuts them. */
function guardedRanges(subnet: Subnet4, words: GuardWords): readonly GuardedRange[] {
  const known = KNOWN.get(subnet)
  if (known !== undefined) return known
  const upper = [subnet.network?.guard, subnet.guard]
  const joined: GuardedRange[] = []
  for (const range of subnet.ranges.toSorted((a, b) => a.first - b.first)) {
    const guards = [...upper, subnet.poolOf(range.first)!.guard]
    const guard = wordOf(guards.filter(isOfPair).reduce<ClassMask>(inBoth, undefined))
    const others = words.of(guards.filter((each) => !isOfPair(each)))
    const former = joined.at(-1)
    const isNext = former !== undefined && former.last + 1 === range.first
    if (isNext && former.guard === guard && former.others === others)
      joined[joined.length - 1] = { ...former, last: range.last }
    else joined.push({ ...range, guard, others })
  }
  if (joined.every(({ others }) => others === '')) KNOWN.set(subnet, joined)
  return joined
}
