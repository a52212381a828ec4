// What subnets must not share, or should not: ids and prefixes (error), relays, interfaces and
// pools (warning: Kea accepts them, and the lowest id wins, of those that are for the client's
// server).

import type { Ipv4 } from '../../address/ipv4.ts'
import { textFromIpv4 } from '../../address/ipv4.ts'
import { type ClassMask, covers, inBoth, inEither, isOfPair } from '../../classify/class-set.ts'
import type { Pool4, Subnet4 } from '../plan/plan4.ts'
import { formatPath } from '../text/problem.ts'
import type { Site } from '../text/site.ts'
import { overlaps, textFromRange } from './pools.ts'

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

/** What each subnet has claimed for itself: id, prefix, relays, interface, pools. */
export class SubnetClaims {
  readonly #ids = new Map<number, Claim>()
  readonly #prefixes = new Map<string, Claim>()
  readonly #relays = new Map<Ipv4, Claim>()
  readonly #interfaces = new Map<string, Claim>()
  readonly #accepted: { readonly subnet: Subnet4; readonly site: Site }[] = []
  readonly #pools: { readonly pool: Pool4; readonly site: Site }[] = []

  /**
   * Whether id and prefix are the subnet's alone. What it shares otherwise is only warned of: see
   * warn.
   */
  accept(subnet: Subnet4, site: Site): boolean {
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
    if (idOwner !== mine || prefixOwner !== mine) return false
    this.#accepted.push({ subnet, site })
    for (const [pool, entry] of subnet.pools.entries())
      this.#pools.push({ pool: entry, site: site.at('pools').at(pool) })
    return true
  }

  /** What subnets share that they should not; to be called behind the last one. */
  warn(): void {
    for (const { subnet, site } of this.#accepted.toSorted((a, b) => a.subnet.id - b.subnet.id)) {
      this.#claimRelays(subnet, site)
      this.#claimInterface(subnet, site)
    }
    this.#warnOfSharedPools()
  }

  #claimRelays(subnet: Subnet4, site: Site): void {
    for (const relay of subnet.relayAddresses) {
      const owner = shadowOf(this.#relays, relay, subnet, site)
      if (owner === undefined) continue
      const at = site.at('relay').at('ip-addresses')
      const message = `relay ${textFromIpv4(relay)} selects ${nameOf(owner.site)} already`
      at.warning('shadowed', message, SHADOW_HINT)
    }
  }

  #claimInterface(subnet: Subnet4, site: Site): void {
    if (subnet.interface === '') return
    const owner = shadowOf(this.#interfaces, subnet.interface, subnet, site)
    if (owner === undefined) return
    const message = `interface ${subnet.interface} selects ${nameOf(owner.site)} already`
    site.at('interface').warning('shadowed', message, SHADOW_HINT)
  }

  /** Pools of different subnets that share addresses (subnets may overlap): one warning a pool. */
  #warnOfSharedPools(): void {
    this.#pools.sort((a, b) => a.pool.range.first - b.pool.range.first)
    let reaching = this.#pools[0]
    for (const current of this.#pools.slice(1)) {
      const former = reaching!
      if (overlaps(former.pool.range, current.pool.range)) {
        const message = `${textFromRange(current.pool.range)} overlaps a pool of another subnet`
        const hint = `${textFromRange(former.pool.range)} of ${nameOf(former.site, 2)}`
        current.site.at('pool').warning('pool-overlap', message, hint)
      }
      if (current.pool.range.last > former.pool.range.last) reaching = current
    }
  }
}

/**
 * Notes the claim; returns that of subnets which leave no client to this one, undefined: they do.
 */
function shadowOf<Key>(
  claims: Map<Key, Claim>,
  key: Key,
  subnet: Subnet4,
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
function nameOf(site: Site, below = 0): string {
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
