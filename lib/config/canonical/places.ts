// Subnets, shared networks and pools as Kea shows them: what the levels above say is written out in
// them.

import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { Members } from '../text/map.ts'
import { allocatorsOf } from './allocators6.ts'
import { copiesOf, saidBelow } from './handed-down.ts'
import { defaultOf, filled, type Special } from './level.ts'
import { type Draft, isEmptyList, mapsOf } from './members.ts'
import { shownOptions } from './option-entries.ts'

/** The level above a subnet or a shared network. */
export interface Above {
  readonly family: Family
  readonly registry: OptionRegistry
  /** Of the keys that are copied downwards: what is said, there and above. */
  readonly said: Members
  /** The shared network; undefined below the global level. */
  readonly network: Members | undefined
}

/** How the levels and lists of a family are called. */
export interface Family {
  readonly version: 4 | 6
  readonly suffix: '' | '6'
  readonly global: 'global' | 'global6'
  readonly subnets: 'subnet4' | 'subnet6'
}

export const FAMILIES = {
  4: { version: 4, suffix: '', global: 'global', subnets: 'subnet4' },
  6: { version: 6, suffix: '6', global: 'global6', subnets: 'subnet6' },
} as const satisfies Record<4 | 6, Family>

/** The network without its subnets. */
export function shownNetwork(network: Members, above: Above): Draft {
  const { [above.family.subnets]: _, ...shown } = placed('network', network, above)
  return { ...shown, relay: network.relay ?? NO_RELAYS }
}

/** What is above the subnets of a network. */
export function belowNetwork(network: Members, above: Above): Above {
  return { ...above, network, said: saidBelow(network, above.said) }
}

/** The subnet without its reservations. */
export function shownSubnet(subnet: Members, above: Above): Draft {
  const { family, network } = above
  const { reservations: _, ...shown } = placed('subnet', subnet, above)
  shown.subnet = String(subnet.subnet).trim()
  const isNetworks = network !== undefined && hasRelays(network) && !hasRelays(subnet)
  shown.relay = (isNetworks ? undefined : subnet.relay) ?? network?.relay ?? NO_RELAYS
  if (family.version === 6) {
    shown[RAPID] = subnet[RAPID] ?? network?.[RAPID] ?? defaultOf('subnet6', RAPID)
    const allocators = allocatorsOf(subnet)
    shown.allocator ??= allocators.allocator
    shown['pd-allocator'] ??= allocators.pdAllocator
  }
  return shown
}

const RAPID = 'rapid-commit'
const NO_RELAYS = { 'ip-addresses': [] }
const NOBODY: ReadonlySet<unknown> = new Set(['0.0.0.0', '::'])

function hasRelays({ relay }: Members): boolean {
  const addresses = (relay as Members | undefined)?.['ip-addresses'] as readonly string[]
  return addresses?.some((text) => !NOBODY.has(text.trim())) === true
}

function placed(kind: 'network' | 'subnet', map: Members, above: Above): Draft {
  const { family, registry } = above
  const special: Special = (key, value) => {
    if (key === 'option-data') return shownOptions(value, registry)
    if (key === 'pools' || key === 'pd-pools')
      return mapsOf(value).map((pool) => shownPool(key, pool, above))
    return APART.has(key) ? [] : undefined
  }
  const own = filled(`${kind}${family.suffix}`, map, special, inheritsIn(family))
  const copies = copiesOf(saidBelow(map, above.said), family.global)
  const shown = withoutEmptyGuards({ ...own, ...copies })
  for (const key of ['interface', 'interface-id']) if (shown[key] === '') delete shown[key]
  return shown
}

/** Lists that are long, and shown element by element. */
const APART: ReadonlySet<string> = new Set(['reservations', 'subnet4', 'subnet6'])

function shownPool(list: 'pools' | 'pd-pools', pool: Members, { family, registry }: Above): Draft {
  const level = list === 'pools' ? `pool${family.suffix}` : 'pdPool6'
  const special: Special = (key, value) => {
    if (key === 'option-data') return shownOptions(value, registry)
    return key === 'pool' ? String(value).replaceAll(/\s/g, '') : undefined
  }
  return withoutEmptyGuards(filled(level, pool, special, inheritsIn(family)))
}

/** What the global level has a default of, too, but for lists, which are added to. */
function inheritsIn({ global }: Family): (key: string) => boolean {
  return (key) => key !== 'option-data' && defaultOf(global, key) !== undefined
}

const GUARDS = ['client-classes', 'evaluate-additional-classes'] as const

function withoutEmptyGuards(shown: Draft): Draft {
  for (const key of GUARDS) if (isEmptyList(shown[key])) delete shown[key]
  return shown
}
