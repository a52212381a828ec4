// The canonical form of a map Dhcp4 or Dhcp6: what Kea answers to config-get. All that holds stands
// in it, whoever says it; read as a document it means the same, and its canonical form is itself.
// It is made in parts, so that nobody waits for ten thousand subnets.

import { OptionRegistry } from '../../wire/options/registry.ts'
import { compileClassDefinitions, compileRegistry } from '../compile/option-definitions.ts'
import type { OptionDefDocument } from '../keys/common-document.ts'
import type { ConfigDocument } from '../keys/document.ts'
import type { Members } from '../text/map.ts'
import { newReport, Site } from '../text/site.ts'
import { saidBelow } from './handed-down.ts'
import { shownReservation } from './hosts.ts'
import { asWritten, defaultOf, filled, type Special } from './level.ts'
import { type Draft, mapsOf } from './members.ts'
import { shownOptions } from './option-entries.ts'
import { type Above, belowNetwork, FAMILIES, shownNetwork, shownSubnet } from './places.ts'

/** A map that is shown: its own members, and lists in it whose elements are shown apart. */
export interface Shown {
  /** What is shown: its identity tells whether it is as before. */
  readonly of: Members
  /** What it says counts for the elements of its lists, too. */
  readonly isLevel: boolean
  /** Without the lists. */
  head(): Draft
  readonly lists: readonly (readonly [key: string, elements: readonly Members[], Showing])[]
}

export type Showing = (element: Members) => Shown

/** Undefined where the document has no map of the family. */
export function canonical(document: ConfigDocument, version: 4 | 6): Draft | undefined {
  const shown = shownMap(document, version)
  return shown && whole(shown)
}

function whole({ head, lists }: Shown): Draft {
  const map = head()
  for (const [key, elements, showing] of lists)
    map[key] = elements.map((element) => whole(showing(element)))
  return map
}

/** The same, of which nothing is made yet. */
export function shownMap(document: ConfigDocument, version: 4 | 6): Shown | undefined {
  const map = (version === 4 ? document.Dhcp4 : document.Dhcp6) as Members | undefined
  if (map === undefined) return undefined
  const above = globalAbove(map, version)
  const { subnets } = above.family
  return {
    of: map,
    isLevel: true,
    head: () => shownGlobal(map, document, above),
    lists: [
      ...(map.reservations === undefined ? [] : [reservationsIn(map, above)]),
      ['shared-networks', mapsOf(map['shared-networks']), (one) => networkIn(one, above)],
      [subnets, mapsOf(map[subnets]), (one) => subnetIn(one, above)],
    ],
  }
}

function networkIn(network: Members, above: Above): Shown {
  const { subnets } = above.family
  const below = belowNetwork(network, above)
  return {
    of: network,
    isLevel: true,
    head: () => shownNetwork(network, above),
    lists: [[subnets, mapsOf(network[subnets]), (one) => subnetIn(one, below)]],
  }
}

function subnetIn(subnet: Members, above: Above): Shown {
  const head = () => shownSubnet(subnet, above)
  return { of: subnet, isLevel: false, head, lists: [reservationsIn(subnet, above)] }
}

function reservationsIn(map: Members, { registry }: Above): Shown['lists'][number] {
  const showing = (one: Members): Shown => ({
    of: one,
    isLevel: false,
    head: () => shownReservation(one, registry),
    lists: [],
  })
  return ['reservations', mapsOf(map.reservations), showing]
}

export function globalAbove(map: Members, version: 4 | 6): Above {
  const family = FAMILIES[version]
  const registry = registryOf(map['option-def'], version)
  return { family, registry, said: saidBelow(map, {}), network: undefined }
}

const REGISTRIES = new WeakMap<object, OptionRegistry>()

/** What is wrong with a definition was said when it was compiled. */
function registryOf(definitions: unknown, version: 4 | 6): OptionRegistry {
  const standard = version === 4 ? OptionRegistry.standard4 : OptionRegistry.standard6
  if (!Array.isArray(definitions) || definitions.length === 0) return standard
  let registry = REGISTRIES.get(definitions)
  if (registry === undefined) {
    registry = compileRegistry(definitions, standard, unheard())
    REGISTRIES.set(definitions, registry)
  }
  return registry
}

function unheard(): Site {
  return Site.of(newReport(), ['option-def'])
}

/** Maps that are there though nobody says them. */
const ALWAYS: readonly string[] = [
  ...['interfaces-config', 'lease-database', 'dhcp-ddns', 'dhcp-queue-control'],
  ...['expired-leases-processing', 'multi-threading', 'sanity-checks'],
]

/** The global level without its long lists. */
export function shownGlobal(map: Members, document: ConfigDocument, above: Above): Draft {
  const { family, registry } = above
  const lists = [family.subnets, 'shared-networks', 'reservations']
  const special: Special = (key, value) => {
    if (key === 'option-data') return shownOptions(value, registry)
    if (key === 'client-classes') return mapsOf(value).map((one) => shownClass(one, above))
    return undefined
  }
  const said: Draft = { ...map }
  for (const key of lists) delete said[key]
  for (const key of ALWAYS) said[key] ??= {}
  const shown = filled(family.global, said, special)
  shown['lease-database'] = shownDatabase(map, document)
  for (const key of lists) delete shown[key]
  return shown
}

/** The process has one: where a map says nothing of it, what the other says counts. */
function shownDatabase(map: Members, { Dhcp4, Dhcp6 }: ConfigDocument): unknown {
  const own = map['lease-database'] as Members | undefined
  if (own !== undefined) return asWritten(own)
  const other = [Dhcp4, Dhcp6].map((one) => one?.['lease-database']).find(Boolean)
  if (other?.type === 'postgresql') return asWritten(other as unknown as Members)
  return other?.persist === undefined
    ? { type: 'memfile' }
    : { type: 'memfile', persist: other.persist }
}

export function shownClass(definition: Members, { family, registry }: Above): Draft {
  const own = compileClassDefinitions(
    definition['option-def'] as readonly OptionDefDocument[] | undefined,
    registry,
    unheard(),
  )
  const terms = family.version === 4 ? registry.with(own) : registry
  const special: Special = (key, value) =>
    key === 'option-data' ? shownOptions(value, terms) : undefined
  const shown = filled(`class${family.suffix}`, definition, special)
  if (shown['only-in-additional-list'] === false) delete shown['only-in-additional-list']
  if (family.version === 6) return shown
  for (const key of ['next-server', 'server-hostname', 'boot-file-name'])
    shown[key] ??= defaultOf('global', key)
  return shown
}
