// Of subnets that a lookup finds, the one that a client may be served from.

import { admits, type ClassMask, type ClassSet } from '../../classify/class-set.ts'

/** A subnet of either family, as its guards see it. */
interface Guarded<Subnet> {
  readonly guard: ClassMask
  readonly network: { readonly guard: ClassMask; readonly subnets: readonly Subnet[] } | undefined
}

/** Without classes the first of all. */
export function firstAdmitted<Subnet extends Guarded<Subnet>>(
  subnets: readonly Subnet[] | undefined,
  classes: ClassSet | undefined,
): Subnet | undefined {
  if (subnets === undefined) return undefined
  for (const subnet of subnets) {
    const admitted = admittedSubnet(subnet, classes)
    if (admitted !== undefined) return admitted
  }
  return undefined
}

/** The subnet itself, if it admits the classes, else the first of its network that does. */
export function admittedSubnet<Subnet extends Guarded<Subnet>>(
  subnet: Subnet,
  classes: ClassSet | undefined,
): Subnet | undefined {
  if (classes === undefined) return subnet
  const { network } = subnet
  if (network === undefined) return admits(subnet.guard, classes) ? subnet : undefined
  if (!admits(network.guard, classes)) return undefined
  if (admits(subnet.guard, classes)) return subnet
  return network.subnets.find(({ guard }) => admits(guard, classes))
}

export function append<Key, One>(map: Map<Key, One[]>, key: Key, one: One): void {
  const ones = map.get(key)
  if (ones === undefined) map.set(key, [one])
  else ones.push(one)
}

/** Fills a map with what another one has, and other subnets in the place of some. */
export function replaceIn<Key, Subnet>(
  from: ReadonlyMap<Key, readonly Subnet[]>,
  to: Map<Key, Subnet[]>,
  others: ReadonlyMap<Subnet, Subnet>,
): void {
  for (const [key, subnets] of from)
    to.set(
      key,
      subnets.map((subnet) => others.get(subnet) ?? subnet),
    )
}
