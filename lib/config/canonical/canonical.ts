// The canonical form of a map Dhcp4 or Dhcp6: what Kea answers to config-get. All that holds stands
// in it, whoever says it; read as a document it means the same, and its canonical form is itself.
// It is made in parts, so that nobody waits for ten thousand subnets.

import { OptionRegistry } from '../../wire/options/registry.ts'
import { compileClassDefinitions, compileRegistry } from '../compile/option-definitions.ts'
import type { OptionDefDocument } from '../keys/common-document.ts'
import type { ConfigDocument } from '../keys/document.ts'
import { newReport, Site } from '../text/site.ts'
import { saidBelow } from './handed-down.ts'
import { shownReservation } from './hosts.ts'
import { asWritten, defaultOf, filled, type Special } from './level.ts'
import { type Draft, type Members, mapsOf } from './members.ts'
import { shownOptions } from './option-entries.ts'
import { type Above, belowNetwork, FAMILIES, shownNetwork, shownSubnet } from './places.ts'

/** A list of the global level in the order of the document; each element is made when it is due. */
export interface Parts {
  /** All but the lists. */
  readonly head: Draft
  readonly subnets: readonly Members[]
  readonly networks: readonly Members[]
  /** Of the global level; undefined where there is no such list. */
  readonly reservations: readonly Members[] | undefined
  subnet(subnet: Members, network?: Members): Draft
  network(network: Members): Draft
  reservation(reservation: Members): Draft
}

/** Undefined where the document has no map of the family. */
export function canonical(document: ConfigDocument, version: 4 | 6): Draft | undefined {
  const map = version === 4 ? document.Dhcp4 : document.Dhcp6
  if (map === undefined) return undefined
  const key = FAMILIES[version].subnets
  const parts = partsOf(document, version)!
  const networks = parts.networks.map((network) => ({
    ...parts.network(network),
    [key]: mapsOf(network[key]).map((subnet) => parts.subnet(subnet, network)),
  }))
  const { reservations } = parts
  return {
    ...parts.head,
    ...(reservations && { reservations: reservations.map((one) => parts.reservation(one)) }),
    'shared-networks': networks,
    [key]: parts.subnets.map((subnet) => parts.subnet(subnet)),
  }
}

/** The same, of which the long lists are not made yet. */
export function partsOf(document: ConfigDocument, version: 4 | 6): Parts | undefined {
  const map = (version === 4 ? document.Dhcp4 : document.Dhcp6) as Members | undefined
  if (map === undefined) return undefined
  const above = globalAbove(map, version)
  const { family, registry } = above
  return {
    head: shownGlobal(map, document, above),
    subnets: mapsOf(map[family.subnets]),
    networks: mapsOf(map['shared-networks']),
    reservations: map.reservations === undefined ? undefined : mapsOf(map.reservations),
    subnet: (subnet, network) =>
      shownSubnet(subnet, network === undefined ? above : belowNetwork(network, above)),
    network: (network) => shownNetwork(network, above),
    reservation: (reservation) => shownReservation(reservation, registry),
  }
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

function shownGlobal(map: Members, document: ConfigDocument, above: Above): Draft {
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
  return other?.persist === undefined
    ? { type: 'memfile' }
    : { type: 'memfile', persist: other.persist }
}

function shownClass(definition: Members, { family, registry }: Above): Draft {
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
