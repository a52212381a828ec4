// Shared networks of DHCPv6: subnets on one link. The rules are those of networks.ts, and that all
// members answer a SOLICIT alike.

import { defaultsOf } from '../keys/defaults.ts'
import type { NetworkDocument6, SubnetDocument6 } from '../keys/document6.ts'
import type { SharedNetwork6, Subnet6 } from '../plan/plan6.ts'
import { STEP_ELEMENTS, type Steps } from '../plan/steps.ts'
import type { Site } from '../text/site.ts'
import { checkName } from './networks.ts'
import { compileOptions } from './options.ts'
import type { MovingPrefixes } from './prefix-from.ts'
import { compileScope6 } from './scope6.ts'
import { inOrder, placeParts } from './standing-subnets.ts'
import { compilePlace6, placeSubnet6 } from './subnets6.ts'
import {
  type MadeNetwork6,
  newMemories6,
  type PlacedSubnet6,
  type UpperLevel6,
} from './upper-level6.ts'

const { 'rapid-commit': RAPID_COMMIT } = defaultsOf('subnet6', 'rapid-commit')
const { 'leases-per-ia': LEASES_PER_IA } = defaultsOf('network6', 'leases-per-ia')

/** Adds the subnets of the networks. */
export function* compileNetworks6(
  documents: readonly NetworkDocument6[] | undefined,
  global: UpperLevel6,
  site: Site,
  prefixes: MovingPrefixes,
  placed: PlacedSubnet6[],
): Steps<void> {
  const names = new Map<string, number>()
  for (const [index, document] of (documents ?? []).entries()) {
    const at = site.at(index)
    checkName(document.name, index, at.at('name'), names)
    const { level, members } = global.made.networks.get(document, at, (own) =>
      compileNetwork(document, global, own),
    )
    const place = (part: SubnetDocument6, own: Site) => placeSubnet6(part, level, prefixes, own)
    const own = yield* placeParts(document.subnet6, at.at('subnet6'), place)
    for (const one of own) placed.push(one)
    // Of a network that is as it was, the members are, too.
    if (members.length === 0) members.push(...inOrder(own))
    checkMembers(document, level, at)
    if (index % STEP_ELEMENTS === STEP_ELEMENTS - 1) yield
  }
}

function compileNetwork(document: NetworkDocument6, global: UpperLevel6, site: Site): MadeNetwork6 {
  const options = compileOptions(document['option-data'], site.entry.at('option-data'), global)
  const place = compilePlace6(document, global, site)
  const members: Subnet6[] = []
  const plan: SharedNetwork6 = {
    name: document.name,
    guard: global.classes.guard(document['client-classes'], [], site.at('client-classes')),
    additional: global.classes.numbers(document['evaluate-additional-classes']),
    interface: place.interface,
    interfaceId: place.interfaceId,
    leasesPerIa: document['leases-per-ia'] ?? LEASES_PER_IA,
    subnets: members,
  }
  const level: UpperLevel6 = {
    ...global,
    scope: compileScope6(document, global.scope, site),
    options: global.merge.over(global.options, 'network', options),
    network: {
      plan,
      relayAddresses: place.relayAddresses ?? [],
      rapidCommit: document['rapid-commit'] ?? RAPID_COMMIT,
    },
    made: newMemories6(),
  }
  return { level, members }
}

/**
 * One link, so one interface, and one answer to a SOLICIT: what the network says is for members
 * that say nothing.
 */
function checkMembers(document: NetworkDocument6, level: UpperLevel6, site: Site): void {
  const { plan, rapidCommit } = level.network!
  const members = document.subnet6 ?? []
  const first = members[0]?.['rapid-commit'] ?? rapidCommit
  let { interface: name } = plan
  for (const [index, member] of members.entries()) {
    const at = site.at('subnet6').at(index)
    const own = member.interface ?? ''
    if (name === '') name = own
    else if (own !== '' && own !== name) {
      const message = `interface ${own} is not that of the network, ${name}`
      at.at('interface').error('network-member', message, 'the subnets share one link')
    }
    const commits = member['rapid-commit'] ?? rapidCommit
    if (commits !== first) {
      const message = `rapid-commit is ${commits} here and ${first} in subnet6[0]`
      at.at('rapid-commit').error('network-member', message, 'one answer for all of a link')
    }
  }
}
