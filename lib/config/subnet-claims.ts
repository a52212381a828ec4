// What subnets must not share, or should not: ids and prefixes (error), relays, interfaces and pools
// (warning: Kea accepts them, and the first subnet wins).

import type { Ipv4 } from '../address/ipv4.ts'
import { textFromIpv4 } from '../address/ipv4.ts'
import { overlaps, textFromRange } from './compile-pools.ts'
import type { Pool4, Subnet4 } from './plan4.ts'
import type { Path, Problems } from './problem.ts'

/** What each subnet has claimed for itself: id, prefix, relays, interface, pools. */
export class SubnetClaims {
  readonly #path: Path
  readonly #problems: Problems
  readonly #ids = new Map<number, number>()
  readonly #prefixes = new Map<string, number>()
  readonly #relays = new Map<Ipv4, number>()
  readonly #interfaces = new Map<string, number>()
  readonly #pools: { readonly pool: Pool4; readonly path: Path }[] = []

  constructor(path: Path, problems: Problems) {
    this.#path = path
    this.#problems = problems
  }

  /** Whether id and prefix are the subnet's alone. A shared relay or interface is only warned of. */
  accept(subnet: Subnet4, index: number): boolean {
    const at = [...this.#path, index]
    const idOwner = claim(this.#ids, subnet.id, index)
    const prefixOwner = claim(this.#prefixes, subnet.text, index)
    if (idOwner !== index) {
      const hint = `subnet4[${idOwner}] has it; leases are kept by it, so it must be unique`
      this.#problems.error([...at, 'id'], 'duplicate', `id ${subnet.id} is taken`, hint)
    }
    if (prefixOwner !== index) {
      const message = `${subnet.text} stands here a second time`
      this.#problems.error(
        [...at, 'subnet'],
        'duplicate',
        message,
        `first as subnet4[${prefixOwner}]`,
      )
    }
    if (idOwner !== index || prefixOwner !== index) return false
    this.#claimRelays(subnet, index)
    this.#claimInterface(subnet, index)
    for (const [pool, entry] of subnet.pools.entries()) {
      this.#pools.push({ pool: entry, path: [...at, 'pools', pool] })
    }
    return true
  }

  #claimRelays(subnet: Subnet4, index: number): void {
    for (const relay of subnet.relayAddresses) {
      const owner = claim(this.#relays, relay, index)
      if (owner === index) continue
      const at = [...this.#path, index, 'relay', 'ip-addresses']
      const message = `relay ${textFromIpv4(relay)} selects subnet4[${owner}] already`
      this.#problems.warning(at, 'shadowed', message, 'the first subnet has its clients')
    }
  }

  #claimInterface(subnet: Subnet4, index: number): void {
    if (subnet.interface === '') return
    const owner = claim(this.#interfaces, subnet.interface, index)
    if (owner === index) return
    const at = [...this.#path, index, 'interface']
    const message = `interface ${subnet.interface} selects subnet4[${owner}] already`
    this.#problems.warning(at, 'shadowed', message, 'the first subnet has its clients')
  }

  /** Pools of different subnets that share addresses (subnets may overlap): one warning a pool. */
  warnOfSharedPools(): void {
    this.#pools.sort((a, b) => a.pool.range.first - b.pool.range.first)
    let reaching = this.#pools[0]
    for (const current of this.#pools.slice(1)) {
      const former = reaching!
      if (overlaps(former.pool.range, current.pool.range)) {
        const message = `${textFromRange(current.pool.range)} overlaps a pool of another subnet`
        const hint = `${textFromRange(former.pool.range)} of subnet4[${former.path.at(-3)}]`
        this.#problems.warning([...current.path, 'pool'], 'pool-overlap', message, hint)
      }
      if (current.pool.range.last > former.pool.range.last) reaching = current
    }
  }
}

/** Notes the index for the key unless it is taken; returns whose it is. */
function claim<Key>(owners: Map<Key, number>, key: Key, index: number): number {
  const owner = owners.get(key)
  if (owner !== undefined) return owner
  owners.set(key, index)
  return index
}
