// What subnets of one family must not share, or should not: ids and prefixes (error), relays and
// interfaces (warning: Kea accepts them, and the lowest id wins, of those that are for the client's
// server).

import { hexFromOctets, type Octets } from '../../bytes/octets.ts'
import { type ClassMask, covers, inBoth, inEither, isOfPair } from '../../classify/class-set.ts'
import { formatPath } from '../text/problem.ts'
import type { Site } from '../text/site.ts'

/** Who claims: a subnet, or for relays and interfaces the shared network that it is part of. */
type Claimant = object

interface Claim {
  readonly by: Claimant
  /** Of the subnet that claimed first. */
  readonly site: Site
  /** Classes of the clients that are surely taken, by whomever. */
  guard: ClassMask
}

const SHADOW_HINT = 'the subnet with the lower id has its clients'

/** What of a subnet is claimed; `A` is an address of a relay. */
export interface Claiming<A> {
  readonly id: number
  readonly text: string
  readonly network: { readonly guard: ClassMask } | undefined
  readonly guard: ClassMask
  readonly relayAddresses: readonly A[]
  readonly interface: string
  readonly interfaceId?: Octets
}

interface Accepted<A> {
  readonly subnet: Claiming<A>
  readonly site: Site
}

/** What each subnet has claimed for itself: id, prefix, relays, interface. */
export class SubnetClaims<A> {
  readonly #textOf: (relay: A) => string
  readonly #ids = new Map<number, Claim>()
  readonly #prefixes = new Map<string, Claim>()
  readonly #relays = new Map<A, Claim>()
  readonly #interfaces = new Map<string, Claim>()
  readonly #interfaceIds = new Map<Octets, Claim>()

  constructor(textOf: (relay: A) => string) {
    this.#textOf = textOf
  }

  /**
   * Those that have id and prefix for themselves. What they share otherwise is only warned of: see
   * warn.
   */
  accept<P extends Accepted<A>>(placed: readonly P[]): readonly P[] {
    return placed.filter((one) => this.#isFirst(one))
  }

  #isFirst({ subnet, site }: Accepted<A>): boolean {
    const mine: Claim = { by: subnet, site, guard: undefined }
    const idOwner = claim(this.#ids, subnet.id, mine)
    const prefixOwner = claim(this.#prefixes, subnet.text, mine)
    if (idOwner !== mine) {
      const hint = `${nameOf(idOwner.site)} has it; leases are kept by it, so it must be unique`
      site.at('id').error('duplicate', `id ${subnet.id} is taken`, hint)
    }
    if (prefixOwner !== mine) {
      const message = `${subnet.text} stands here a second time`
      const hint = `first as ${nameOf(prefixOwner.site)}`
      site.at('subnet').error('duplicate', message, hint)
    }
    return idOwner === mine && prefixOwner === mine
  }

  /** What they share that they should not. */
  warn(accepted: readonly Accepted<A>[]): void {
    const claiming = accepted.filter(({ subnet }) => claimsMore(subnet))
    for (const { subnet, site } of claiming.sort((a, b) => a.subnet.id - b.subnet.id)) {
      this.#claimRelays(subnet, site)
      this.#claimInterface(subnet, site)
      this.#claimInterfaceId(subnet, site)
    }
  }

  #claimRelays(subnet: Claiming<A>, site: Site): void {
    for (const relay of subnet.relayAddresses) {
      const owner = shadowOf(this.#relays, relay, subnet, site)
      if (owner === undefined) continue
      const at = site.at('relay').at('ip-addresses')
      const message = `relay ${this.#textOf(relay)} selects ${nameOf(owner.site)} already`
      at.warning('shadowed', message, SHADOW_HINT)
    }
  }

  #claimInterface(subnet: Claiming<A>, site: Site): void {
    if (subnet.interface === '') return
    const owner = shadowOf(this.#interfaces, subnet.interface, subnet, site)
    if (owner === undefined) return
    const message = `interface ${subnet.interface} selects ${nameOf(owner.site)} already`
    site.at('interface').warning('shadowed', message, SHADOW_HINT)
  }

  #claimInterfaceId(subnet: Claiming<A>, site: Site): void {
    const { interfaceId = '' } = subnet
    if (interfaceId === '') return
    const owner = shadowOf(this.#interfaceIds, interfaceId, subnet, site)
    if (owner === undefined) return
    const message = `interface-id ${hexFromOctets(interfaceId)} selects ${nameOf(owner.site)} already`
    site.at('interface-id').warning('shadowed', message, SHADOW_HINT)
  }
}

function claimsMore<A>({ relayAddresses, interface: name, interfaceId }: Claiming<A>): boolean {
  return relayAddresses.length > 0 || name !== '' || (interfaceId ?? '') !== ''
}

/**
 * Notes the claim; returns that of subnets which leave no client to this one, undefined: they do.
 */
function shadowOf<Key>(
  claims: Map<Key, Claim>,
  key: Key,
  subnet: Pick<Claiming<never>, 'network' | 'guard'>,
  site: Site,
): Claim | undefined {
  const by = subnet.network ?? subnet
  const guards = [subnet.network?.guard, subnet.guard]
  // Whose clients surely get here; others may, who are in a class of each.
  const guard = inBoth(guards[0], guards[1])
  const mine: Claim = { by, site, guard }
  const owner = claim(claims, key, mine)
  if (owner === mine) return undefined
  // Who gets here is admitted by both guards, so it is enough to have all that one of them admits.
  const bounds = guards.every(isOfPair) ? [guard] : guards
  const isShadowed = owner.by !== by && bounds.some((bound) => covers(owner.guard, bound))
  owner.guard = inEither(owner.guard, guard)
  return isShadowed ? owner : undefined
}

/** `subnet4[3]`, or `shared-networks[0].subnet4[1]`; the site may be so many steps below it. */
export function nameOf(site: Site, below = 0): string {
  const { path } = site
  return formatPath(path.slice(1, path.length - below))
}

/** Notes the claim for the key unless it is taken; returns whose it is. */
function claim<Key>(claims: Map<Key, Claim>, key: Key, mine: Claim): Claim {
  const owner = claims.get(key)
  if (owner !== undefined) return owner
  claims.set(key, mine)
  return mine
}
