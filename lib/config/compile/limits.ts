// libdhcp_limits: the member `limits` in the user-context of subnets and classes.

import { type Membership, SPAWNED } from '../../classify/program.ts'
import type { GlobalDocument } from '../keys/common-document.ts'
import type { Dhcp4Document } from '../keys/document4.ts'
import type { Dhcp6Document } from '../keys/document6.ts'
import { CONTEXTS4, LIBRARIES4, LIMITS6 } from '../keys/library-rows.ts'
import type { Level } from '../keys/row.ts'
import type {
  ClassAddressLimit,
  ClassLimit,
  ClassLimits,
  RateLimit,
  SubnetLimits,
} from '../plan/limits-plan.ts'
import type { Site } from '../text/site.ts'
import { type Checked, checkedMap, findLibrary } from './library.ts'

const NAME = 'libdhcp_limits'
const CONTEXT = 'limits'

const SECOND = 1000
const DAY = 86_400 * SECOND
const UNITS: Readonly<Record<string, number>> = {
  second: SECOND,
  minute: 60 * SECOND,
  hour: 3600 * SECOND,
  day: DAY,
  week: 7 * DAY,
  month: 30 * DAY,
  year: 365 * DAY,
}

/** Whether the document names the library. `site` is that of the global level. */
export function keepsLimits(document: GlobalDocument, site: Site): boolean {
  return findLibrary(document, NAME, LIBRARIES4[NAME], site) !== undefined
}

/** Undefined: there are none. */
export function compileSubnetLimits(
  { 'user-context': context }: WithContext,
  isKept: boolean,
  site: Site,
): SubnetLimits | undefined {
  const found = limitsIn(context, isKept, site)
  if (found === undefined) return undefined
  const { at, map } = found
  return { rate: rateIn(map, at), ...countsIn(map) }
}

/** Those of classes, in their order. One whose definition is wrong has none. */
export function compileClassLimits(
  document: { readonly 'client-classes'?: readonly (WithContext & { readonly name: string })[] },
  classes: { readonly definitions: readonly Membership[] },
  isKept: boolean,
  site: Site,
): ClassLimits {
  const rates: ClassLimit[] = []
  const addresses: ClassAddressLimit[] = []
  for (const [index, given] of (document['client-classes'] ?? []).entries()) {
    const found = limitsIn(given['user-context'], isKept, site.at('client-classes').at(index))
    if (found === undefined) continue
    const { at, map } = found
    const rate = rateIn(map, at)
    const most = countsIn(map)
    const definition = classes.definitions.find(({ name }) => name === given.name)
    if (definition === undefined) continue
    const { name, number, template } = definition
    if (rate !== undefined) rates.push({ number, rate, value: template?.value })
    if (most.addresses === undefined && most.prefixes === undefined) continue
    const spawns = template === undefined ? '' : `${SPAWNED}${name}_`
    addresses.push({ number, name, spawns, value: template?.value, ...most })
  }
  return { rates, addresses }
}

/** Limits where neither Kea nor Whio looks for them. */
export function warnOfLostLimits(document: Dhcp4Document | Dhcp6Document, site: Site): void {
  warnOfLost(document, site)
  for (const [index, network] of (document['shared-networks'] ?? []).entries()) {
    const at = site.at('shared-networks').at(index)
    warnOfLost(network, at)
    warnOfLostInPools(network, at)
  }
  warnOfLostInPools(document, site)
}

interface WithPools {
  readonly pools?: readonly WithContext[]
  readonly 'pd-pools'?: readonly WithContext[]
}

interface WithSubnets {
  readonly subnet4?: readonly WithPools[]
  readonly subnet6?: readonly WithPools[]
}

function warnOfLostInPools(level: WithSubnets, site: Site): void {
  for (const list of ['subnet4', 'subnet6'] as const)
    for (const [index, subnet] of (level[list] ?? []).entries()) {
      if (WITHOUT.has(subnet)) continue
      for (const kind of POOLS)
        for (const [number, pool] of (subnet[kind] ?? []).entries())
          if (isLost(pool)) warnOfLost(pool, site.at(list).at(index).at(kind).at(number))
      if (!POOLS.some((kind) => subnet[kind]?.some(isLost))) WITHOUT.add(subnet)
    }
}

const POOLS = ['pools', 'pd-pools'] as const

/** Subnets whose pools have no limits: documents are never written to. */
const WITHOUT = new WeakSet<WithPools>()

function isLost({ 'user-context': context }: WithContext): boolean {
  return context?.[CONTEXT] !== undefined
}

function warnOfLost(level: WithContext, site: Site): void {
  if (!isLost(level)) return
  const hint = 'limits are those of subnets and classes'
  site.at('user-context').at(CONTEXT).warning('limits', 'nothing is limited here', hint)
}

interface WithContext {
  readonly 'user-context'?: Readonly<Record<string, unknown>> | undefined
}

interface Found {
  readonly map: Checked
  readonly at: Site
}

function limitsIn(
  context: Readonly<Record<string, unknown>> | undefined,
  isKept: boolean,
  site: Site,
): Found | undefined {
  const own = context?.[CONTEXT]
  if (own === undefined) return undefined
  const at = site.at('user-context').at(CONTEXT)
  const level = site.path[0] === 'Dhcp6' ? LIMITS6 : CONTEXTS4[CONTEXT]
  if (isKept) return { map: servedIn(checkedMap(own, level, at), level), at }
  at.warning('library-missing', 'nothing is limited', `name ${NAME}.so in hooks-libraries`)
  return undefined
}

/** What is refused has been told. */
function servedIn(map: Checked, { keys }: Level): Checked {
  return Object.fromEntries(Object.entries(map).filter(([key]) => keys[key]!.support === 'works'))
}

/** How many leases there may be at a time. */
function countsIn(map: Checked): Pick<SubnetLimits, 'addresses' | 'prefixes'> {
  return {
    addresses: map['address-limit'] as number | undefined,
    prefixes: map['prefix-limit'] as number | undefined,
  }
}

function rateIn(map: Checked, at: Site): RateLimit | undefined {
  const text = map['rate-limit'] as string | undefined
  if (text === undefined) return undefined
  const [, count, unit = ''] = /^\s*(\d{1,10})\s+packets?\s+per\s+(\w+)\s*$/.exec(text) ?? []
  const within = UNITS[unit]
  if (count !== undefined && within !== undefined) return { messages: Number(count), within }
  const hint = `such as "100 packets per second"; or ${Object.keys(UNITS).slice(1).join(', ')}`
  at.at('rate-limit').error('limits', `'${text}' is not a rate`, hint)
  return undefined
}
