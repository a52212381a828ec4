// A digest of what both servers of a pair must agree on: ids and prefixes of subnets, addresses
// that may be given and to whose clients, reserved addresses. In an order of its own, so that the
// order of the document plays no part. 128 bits, against mistakes, not against forgers.

import type { Ipv4, Ipv4Range } from '../../address/ipv4.ts'
import { type ClassMask, inBoth } from '../../classify/class-set.ts'
import { scramble } from '../../leases/store/octets-hash.ts'
import type { Subnet4 } from './plan4.ts'

interface GuardedRange extends Ipv4Range {
  /** The classes of the pair, the first bits of a mask; all of them where there is none. */
  readonly guard: number
}

/** 32 hexadecimal digits. `reserved`: addresses, lowest first. */
export function fingerprintOf(subnets: readonly Subnet4[], reserved: readonly Ipv4[]): string {
  const digest = new Digest()
  digest.add(subnets.length)
  for (const subnet of subnets.toSorted((a, b) => a.id - b.id)) addSubnet(digest, subnet)
  for (const address of reserved) digest.add(address)
  return digest.text
}

function addSubnet(digest: Digest, subnet: Subnet4): void {
  const ranges = guardedRanges(subnet)
  digest.add(subnet.id)
  digest.add(subnet.prefix.address)
  digest.add(subnet.prefix.length)
  digest.add(ranges.length)
  for (const { first, last, guard } of ranges) {
    digest.add(first)
    digest.add(last)
    digest.add(guard)
  }
}

/** Lowest first; neighbours that differ in nothing are one, however the document cuts them. */
function guardedRanges(subnet: Subnet4): GuardedRange[] {
  const upper = inBoth(subnet.network?.guard, subnet.guard)
  const joined: GuardedRange[] = []
  for (const range of subnet.ranges.toSorted((a, b) => a.first - b.first)) {
    const guard = wordOf(inBoth(upper, subnet.poolOf(range.first)!.guard))
    const former = joined.at(-1)
    if (former !== undefined && former.last + 1 === range.first && former.guard === guard)
      joined[joined.length - 1] = { ...former, last: range.last }
    else joined.push({ ...range, guard })
  }
  return joined
}

function wordOf(guard: ClassMask): number {
  return guard === undefined ? -1 : guard[0]!
}

const LANES = 4

class Digest {
  /** Each lane begins elsewhere and stirs all its bits at every word, so they go separate ways. */
  readonly #lanes = Array.from({ length: LANES }, (_, lane) => scramble(0x9e3779b9 + lane))

  add(word: number): void {
    for (let lane = 0; lane < LANES; lane++)
      this.#lanes[lane] = scramble(Math.imul(this.#lanes[lane]!, 31) + scramble(word + lane))
  }

  get text(): string {
    return this.#lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
  }
}
