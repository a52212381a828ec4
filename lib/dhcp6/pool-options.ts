// The options of a client that has leases of several pools, of addresses and of prefixes: those of
// the pools in the order of its leases, the first one strongest, over those of the subnet. Each
// combination that occurs is made once, since replies are found by the identity of a set.

import { type OptionSet, overlaid, saysNothing } from '../config/plan/option-set.ts'

export class PoolOptions {
  readonly #known = new WeakMap<OptionSet, Map<OptionSet, OptionSet>>()

  /** `ofSubnet` with what the pools say themselves; `pools` in the order of the leases. */
  over(ofSubnet: OptionSet, pools: readonly OptionSet[]): OptionSet {
    let set = ofSubnet
    for (let at = pools.length - 1; at >= 0; at--) set = this.#overlaid(set, pools[at]!)
    return set
  }

  #overlaid(upper: OptionSet, pool: OptionSet): OptionSet {
    const own = pool.levels.at(-1)
    if (own === undefined || own.scope !== 'pool' || saysNothing(own.level)) return upper
    // Mostly there is one pool, of the subnet itself.
    if (pool.levels.length === upper.levels.length + 1 && startsWith(pool, upper)) return pool
    const known = this.#known.get(upper) ?? new Map<OptionSet, OptionSet>()
    this.#known.set(upper, known)
    const set = known.get(pool) ?? overlaid(upper, 'pool', own.level)
    known.set(pool, set)
    return set
  }
}

function startsWith({ levels }: OptionSet, upper: OptionSet): boolean {
  return upper.levels.every(({ level }, at) => levels[at]!.level === level)
}
