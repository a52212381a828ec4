// A digest of what both servers of a pair must agree on: ids and prefixes of subnets, addresses
// that may be given and to whose clients, reserved addresses, hosts of several identifiers. In an
// order of its own, so that the order of the document plays no part. Classes that are not of the
// pair count by their names and what is asked of their clients. 128 bits, against mistakes, not
// against forgers.

import type { Ipv4, Ipv4Range } from '../../address/ipv4.ts'
import { type ClassMask, inBoth, isOfPair, numbersOf } from '../../classify/class-set.ts'
import { scramble } from '../../leases/store/octets-hash.ts'
import type { ClassPlan } from './class-plan.ts'
import type { Plan4, Reservation4, Subnet4 } from './plan4.ts'

interface GuardedRange extends Ipv4Range {
  /** The classes of the pair, the first bits of a mask; all of them where there is none. */
  readonly guard: number
  /** Guards that name other classes, in words; '' where there is none. */
  readonly others: string
}

/** 32 hexadecimal digits. */
export function fingerprintOf(plan: Plan4): string {
  const { classes, hostsOfSeveral, subnets } = plan
  const digest = new Digest()
  const words = new GuardWords(classes)
  digest.add(subnets.length)
  for (const subnet of subnets.toSorted((a, b) => a.id - b.id)) addSubnet(digest, subnet, words)
  addAddresses(digest, plan.reservedAddresses())
  for (const text of hostsOfSeveral.map(textOfHost).sort()) digest.addText(text)
  // Else one client would be two to the leases of the two servers.
  const { flexId } = plan
  if (flexId?.replacesClientId === true) digest.addText(`${flexId.isDuid} ${flexId.text}`)
  return digest.text
}

/** What the addresses of a list make of a digest: an edit of something else leaves them alone. */
const STIRRED = new WeakMap<readonly Ipv4[], { readonly from: string; readonly to: Digest }>()

function addAddresses(digest: Digest, addresses: readonly Ipv4[]): void {
  const from = digest.text
  const known = STIRRED.get(addresses)
  if (known?.from === from) return digest.become(known.to)
  for (const address of addresses) digest.add(address)
  const to = new Digest()
  to.become(digest)
  STIRRED.set(addresses, { from, to })
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

/** Lowest first; neighbours that differ in nothing are one, however the document cuts them. */
function guardedRanges(subnet: Subnet4, words: GuardWords): GuardedRange[] {
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
  return joined
}

function wordOf(guard: ClassMask): number {
  return guard === undefined ? -1 : guard[0]!
}

/** Guards in words that are the same at both servers, whatever the numbers of classes there. */
class GuardWords {
  readonly #classes: ClassPlan

  constructor(classes: ClassPlan) {
    this.#classes = classes
  }

  /** Of guards that must all admit a client. */
  of(guards: readonly ClassMask[]): string {
    const lists = guards.map((guard) => {
      const numbers = this.#withAsked(numbersOf(guard!))
      return numbers.map((number) => this.#wordsOf(number)).sort()
    })
    return lists.length === 0 ? '' : JSON.stringify(lists.map((list) => list.join('\n')).sort())
  }

  /** The classes, and those that their tests ask for. */
  #withAsked(numbers: readonly number[]): number[] {
    const found = new Set(numbers)
    for (const number of found)
      for (const member of this.#expressionOf(number)?.members ?? []) found.add(member)
    return [...found]
  }

  #wordsOf(number: number): string {
    return `${this.#classes.names[number]} ${this.#expressionOf(number)?.text ?? ''}`
  }

  #expressionOf(number: number) {
    const definition = this.#classes.given[number]
    return definition?.test ?? definition?.template
  }
}

const LANES = 4

class Digest {
  /** Each lane begins elsewhere and stirs all its bits at every word, so they go separate ways. */
  readonly #lanes = Array.from({ length: LANES }, (_, lane) => scramble(0x9e3779b9 + lane))

  add(word: number): void {
    for (let lane = 0; lane < LANES; lane++)
      this.#lanes[lane] = scramble(Math.imul(this.#lanes[lane]!, 31) + scramble(word + lane))
  }

  become(other: Digest): void {
    for (let lane = 0; lane < LANES; lane++) this.#lanes[lane] = other.#lanes[lane]!
  }

  addText(text: string): void {
    this.add(text.length)
    for (let index = 0; index < text.length; index++) this.add(text.charCodeAt(index))
  }

  get text(): string {
    return this.#lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
  }
}
