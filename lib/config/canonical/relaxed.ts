// A document that means what another one means, in the words of a third: what of it a file says
// already stays as it stands there, and nothing is written that holds without being said. Whoever
// writes back what was got, with one change in it, has said everything; the file gets the change.

import type { ConfigDocument } from '../keys/document.ts'
import { isAlike } from '../text/alike.ts'
import { isMap, type Members } from '../text/map.ts'
import { globalAbove, shownGlobal } from './canonical.ts'
import { ddnsMap } from './ddns.ts'
import { shownReservation } from './hosts.ts'
import { type Draft, isEmptyList, mapsOf } from './members.ts'
import { type Above, belowNetwork, FAMILIES, shownNetwork, shownSubnet } from './places.ts'

/** `wanted` in the words of `written`. */
export function relaxed(written: ConfigDocument, wanted: ConfigDocument): ConfigDocument {
  const result: Draft = { ...wanted }
  const former: Members = { ...written }
  for (const [key, after] of Object.entries(wanted))
    if (isAlike(former[key], after)) result[key] = former[key]
  for (const version of [4, 6] as const) {
    const name = `Dhcp${version}`
    const after: unknown = { ...wanted }[name as 'Dhcp4']
    if (!isMap(after) || result[name] !== after) continue
    const before = (former[name] ?? {}) as Members
    result[name] = relaxedFamily({ before, written }, { after, wanted }, version)
  }
  // Whoever asks for it is shown its defaults, too.
  if (isAlike(ddnsMap(written, true), ddnsMap(wanted, true))) result.DhcpDdns = former.DhcpDdns
  if (result.DhcpDdns === undefined) delete result.DhcpDdns
  const keys = Object.keys(result)
  const isSame =
    keys.length === Object.keys(written).length && keys.every((key) => result[key] === former[key])
  return isSame ? written : (result as unknown as ConfigDocument)
}

function relaxedFamily(
  { before, written }: { before: Members; written: ConfigDocument },
  { after, wanted }: { after: Members; wanted: ConfigDocument },
  version: 4 | 6,
): Members {
  const { subnets } = FAMILIES[version]
  const lists = [subnets, 'shared-networks', 'reservations']
  const own = relaxedMap(without(before, lists), after, {
    wanted: shownGlobal(after, wanted, globalAbove(after, version)),
    show: (map) => shownGlobal(map, { ...written, ...wanted }, globalAbove(map, version)),
  })
  const pair = { now: globalAbove(own, version), wanted: globalAbove(after, version) }
  const networks = relaxedList(
    mapsOf(before['shared-networks']),
    mapsOf(after['shared-networks']),
    (network) => String(network.name),
    (one, other) => relaxedNetwork(one, other, pair, subnets),
  )
  return joined({ before, after }, own, {
    reservations: relaxedHosts(before, after, pair),
    'shared-networks': networks,
    [subnets]: relaxedSubnets(before, after, pair, subnets),
  })
}

/** The levels above: as they are written from now on, and as they are wanted. */
interface Pair {
  readonly now: Above
  readonly wanted: Above
}

function relaxedNetwork(before: Members, after: Members, pair: Pair, subnets: string): Members {
  const own = relaxedMap(without(before, [subnets]), without(after, [subnets]), {
    wanted: shownNetwork(after, pair.wanted),
    show: (map) => shownNetwork(map, pair.now),
  })
  const below = { now: belowNetwork(own, pair.now), wanted: belowNetwork(after, pair.wanted) }
  return joined({ before, after }, own, {
    [subnets]: relaxedSubnets(before, after, below, subnets),
  })
}

function relaxedSubnets(before: Members, after: Members, pair: Pair, subnets: string) {
  return relaxedList(
    mapsOf(before[subnets]),
    mapsOf(after[subnets]),
    (subnet) => String(subnet.id),
    (one, other) => {
      const own = relaxedMap(without(one, ['reservations']), other, {
        wanted: shownSubnet(other, pair.wanted),
        show: (map) => shownSubnet(map, pair.now),
      })
      return joined({ before: one, after: other }, own, {
        reservations: relaxedHosts(one, other, pair),
      })
    },
  )
}

function relaxedHosts(before: Members, after: Members, { now }: Pair) {
  const show = (map: Members) => shownReservation(map, now.registry)
  return relaxedList(
    mapsOf(before.reservations),
    mapsOf(after.reservations),
    (host) => whoOf(show(host)),
    (one, other) => relaxedMap(one, other, { wanted: show(other), show }),
  )
}

const WHO = ['hw-address', 'duid', 'client-id', 'circuit-id', 'flex-id', 'identifiers']

function whoOf(host: Members): string {
  return JSON.stringify(WHO.map((key) => host[key]))
}

/**
 * Elements in the order that is wanted, each in the words of its counterpart; those without one in
 * as few words as will do. The list itself where nothing is another.
 */
function relaxedList(
  before: readonly Members[],
  after: readonly Members[],
  nameOf: (element: Members) => string,
  relax: (before: Members, after: Members) => Members,
): readonly Members[] {
  const named = new Map<string, Members>()
  if (before.some((element, index) => !isAlike(element, after[index])))
    for (const element of before) named.set(nameOf(element), element)
  const list = after.map((element, index) => {
    const same = before[index]
    if (same !== undefined && isAlike(same, element)) return same
    return relax(named.get(nameOf(element)) ?? NOTHING, element)
  })
  const isSame = list.length === before.length && list.every((one, index) => one === before[index])
  return isSame ? before : list
}

const NOTHING: Members = {}

/** The map with these lists; itself where all is as before. Lists that are empty stay unsaid. */
function joined(
  { before, after }: { readonly before: Members; readonly after: Members },
  own: Members,
  lists: Readonly<Record<string, readonly Members[]>>,
): Members {
  const result: Draft = { ...own }
  let isSame = own === before || isAlike(own, without(before, Object.keys(lists)))
  for (const [key, list] of Object.entries(lists)) {
    const isSaid =
      isEmptyList(before[key]) || (before[key] !== undefined && after[key] !== undefined)
    if (list.length > 0 || isSaid) result[key] = list
    if (list !== before[key] && (list.length > 0 || mapsOf(before[key]).length > 0)) isSame = false
  }
  return isSame ? before : result
}

function without(map: Members, keys: readonly string[]): Members {
  if (!keys.some((key) => Object.hasOwn(map, key))) return map
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)))
}

interface Showing {
  readonly wanted: Members
  readonly show: (map: Members) => Members
}

/** Others follow these, where they are not said themselves. */
const LEADERS: ReadonlySet<string> = new Set([
  ...['valid-lifetime', 'preferred-lifetime', 'cache-max-age', 'pools', 'pd-pools'],
])
const ROUNDS_MAX = 3

function relaxedMap(before: Members, after: Members, { wanted, show }: Showing): Members {
  let map: Draft = before === NOTHING ? { ...needed(after) } : { ...before }
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const shown = show(map)
    const keys = new Set([...Object.keys(shown), ...Object.keys(wanted)])
    const wrong = [...keys].filter((key) => !isAlike(shown[key], wanted[key]))
    if (wrong.length === 0) return isAlike(map, before) ? before : inOrder(map, before, after)
    map = { ...map }
    const leaders = wrong.filter((key) => LEADERS.has(key))
    for (const key of round === 0 && leaders.length > 0 ? leaders : wrong)
      put(map, key, after, { shown: shown[key], wanted: wanted[key] })
  }
  return { ...after }
}

/** What is new stands in the order in which it was given. */
function inOrder(map: Members, before: Members, after: Members): Members {
  if (before !== NOTHING) return map
  const keys = [...Object.keys(after), ...Object.keys(map)].filter((key) => Object.hasOwn(map, key))
  return Object.fromEntries(keys.map((key) => [key, map[key]]))
}

/** Without these a map is none. */
const NEEDED = [...WHO, 'id', 'subnet', 'name']

function needed(after: Members): Members {
  return Object.fromEntries(Object.entries(after).filter(([key]) => NEEDED.includes(key)))
}

/** Makes the map show what is wanted. */
function put(
  map: Draft,
  key: string,
  after: Members,
  { shown, wanted }: { readonly shown: unknown; readonly wanted: unknown },
): void {
  if (key === 'user-context') {
    for (const name of ['user-context', 'comment'])
      if (after[name] === undefined) delete map[name]
      else map[name] = after[name]
  } else if (wanted === undefined) delete map[key]
  else if (Array.isArray(wanted)) map[key] = elements(map[key], shown, after[key] ?? wanted, wanted)
  else if (isMap(wanted)) map[key] = members(map[key], shown, after[key] ?? wanted, wanted)
  else map[key] = after[key] ?? wanted
}

/** Of a list the elements that are as they were, in their words. */
function elements(
  written: unknown,
  shown: unknown,
  after: unknown,
  wanted: readonly unknown[],
): unknown {
  if (!Array.isArray(written) || !Array.isArray(shown) || !Array.isArray(after)) return after
  if (written.length !== shown.length || after.length !== wanted.length) return after
  return after.map((element, index) => {
    const at = shown.findIndex((one) => isAlike(one, wanted[index]))
    return at < 0 ? element : written[at]
  })
}

/** Of a map the members that are as they were, and those that are not. */
function members(written: unknown, shown: unknown, after: unknown, wanted: Members): unknown {
  if (!isMap(shown) || !isMap(after)) return after
  const result: Draft = isMap(written) ? { ...written } : {}
  for (const key of new Set([...Object.keys(shown), ...Object.keys(wanted)]))
    if (!isAlike(shown[key], wanted[key]))
      put(result, key, after, { shown: shown[key], wanted: wanted[key] })
  return result
}
