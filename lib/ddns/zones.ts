// Which zone a name belongs to: the one with the longest name that ends it. A reverse zone that has
// less than a network of 256 addresses (RFC 2317) ends no name of an address: names in it are where
// aliases lead.

import type { Octets } from '../bytes/octets.ts'

/** Of a zone that has all names which no other has: its server is asked for its name. */
const ANY_ZONE = ''

export interface Zone {
  /** Lower case, without a final dot. */
  readonly name: Octets
}

export interface Place<Z extends Zone> {
  readonly zone: Z
  /** Undefined: the server is to be asked, also whether the name is an alias. */
  readonly zoneName: Octets | undefined
  /** Whose records are to be changed there. */
  readonly name: Octets
}

/** The zones of one direction. */
export class Zones<Z extends Zone> {
  readonly #byName: ReadonlyMap<Octets, Z>
  /** Zones of RFC 2317, by the zone that has the aliases into them. */
  readonly #classless = new Map<Octets, Z[]>()

  constructor(zones: readonly Z[]) {
    this.#byName = new Map(zones.map((zone) => [zone.name, zone]))
    for (const zone of zones) {
      const parent = classlessParent(zone.name)
      if (parent === undefined) continue
      const beside = this.#classless.get(parent)
      if (beside === undefined) this.#classless.set(parent, [zone])
      else beside.push(zone)
    }
  }

  find(name: Octets): Place<Z> | undefined {
    const zone = this.#longest(name)
    if (zone !== undefined) return { zone, zoneName: zone.name, name }
    return this.#classlessPlace(name) ?? this.#anyPlace(name)
  }

  #longest(name: Octets): Z | undefined {
    for (let rest = name; rest !== ANY_ZONE; rest = parentOf(rest)) {
      const zone = this.#byName.get(rest)
      if (zone !== undefined) return zone
    }
    return undefined
  }

  /**
   * Names of zones of RFC 2317 mostly say which addresses they have: then nobody needs to be asked,
   * and the server that has the aliases may be a provider's.
   */
  #classlessPlace(name: Octets): Place<Z> | undefined {
    const zones = this.#classless.get(parentOf(name))
    if (zones === undefined) return undefined
    const last = name.slice(0, name.indexOf('.'))
    const zone = zones.find((one) => isWithin(Number(last), one.name))
    if (zone !== undefined) return { zone, zoneName: zone.name, name: `${last}.${zone.name}` }
    const silent = zones.find((one) => rangeOf(one.name) === undefined)
    return silent === undefined ? undefined : { zone: silent, zoneName: undefined, name }
  }

  #anyPlace(name: Octets): Place<Z> | undefined {
    const zone = this.#byName.get(ANY_ZONE)
    return zone === undefined ? undefined : { zone, zoneName: undefined, name }
  }
}

/** Whether the name is the zone's own, or in it. */
export function isIn(name: Octets, zone: Octets): boolean {
  return zone === '' || name === zone || name.endsWith(`.${zone}`)
}

export function parentOf(name: Octets): Octets {
  const dot = name.indexOf('.')
  return dot < 0 ? '' : name.slice(dot + 1)
}

/** `2.0.192.in-addr.arpa` of `0/25.2.0.192.in-addr.arpa`; undefined for all other names. */
function classlessParent(zone: Octets): Octets | undefined {
  const parent = parentOf(zone)
  const isNetwork = /^\d+\.\d+\.\d+\.in-addr\.arpa$/.test(parent)
  return isNetwork && !/^\d+\./.test(zone) ? parent : undefined
}

function isWithin(last: number, zone: Octets): boolean {
  const range = rangeOf(zone)
  return range !== undefined && last >= range.first && last <= range.last
}

interface Range {
  readonly first: number
  readonly last: number
}

/**
 * `0/25` is a network of that length (RFC 2317 §4). Behind a hyphen people write the length, too,
 * or the last address: where that makes a network, it is one.
 */
function rangeOf(zone: Octets): Range | undefined {
  const match = /^(\d{1,3})([/-])(\d{1,3})\./.exec(zone)
  if (match === null) return undefined
  const [first, other] = [Number(match[1]), Number(match[3])]
  const byLength = other <= 32 ? { first, last: first + 2 ** (32 - other) - 1 } : undefined
  const byLast = match[2] === '-' ? { first, last: other } : undefined
  return [byLast, byLength].find((range) => range !== undefined && isNetwork(range))
}

function isNetwork({ first, last }: Range): boolean {
  const size = last - first + 1
  return last <= 255 && size > 0 && Number.isInteger(Math.log2(size)) && first % size === 0
}
