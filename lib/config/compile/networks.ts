// Shared networks: subnets on one link. A network hands down to its subnets what the global level
// would, and where its clients come from. The rules are Kea's (json_config_parser.cc).

import type { NetworkDocument, SubnetDocument } from '../keys/document4.ts'
import type { SharedNetwork4, Subnet4 } from '../plan/plan4.ts'
import { STEP_ELEMENTS, type Steps } from '../plan/steps.ts'
import type { Site } from '../text/site.ts'
import { compileOptions } from './options.ts'
import { compileInterface, compileRelayAddresses, RELAYS4 } from './places.ts'
import { compileScope } from './scope.ts'
import { inOrder, placeParts } from './standing-subnets.ts'
import { placeSubnet } from './subnets.ts'
import { type MadeNetwork, newMemories, type PlacedSubnet, type UpperLevel } from './upper-level.ts'

/** Adds the subnets of the networks. */
export function* compileNetworks(
  documents: readonly NetworkDocument[] | undefined,
  global: UpperLevel,
  site: Site,
  placed: PlacedSubnet[],
): Steps<void> {
  const names = new Map<string, number>()
  for (const [index, document] of (documents ?? []).entries()) {
    const at = site.at(index)
    checkName(document.name, index, at.at('name'), names)
    const { level, members } = global.made.networks.get(document, at, (own) =>
      compileNetwork(document, global, own),
    )
    const place = (part: SubnetDocument, own: Site) => placeSubnet(part, level, own)
    const own = yield* placeParts(document.subnet4, at.at('subnet4'), place)
    for (const one of own) placed.push(one)
    // Of a network that is as it was, the members are, too.
    if (members.length === 0) members.push(...inOrder(own))
    checkMembers(document, level, at)
    if (index % STEP_ELEMENTS === STEP_ELEMENTS - 1) yield
  }
}

/** Each network has a name of its own. */
export function checkName(
  name: string,
  index: number,
  site: Site,
  names: Map<string, number>,
): void {
  const owner = names.get(name)
  if (name === '') site.error('network-name', 'a shared network needs a name')
  else if (owner === undefined) names.set(name, index)
  else site.error('duplicate', `'${name}' is taken`, `shared-networks[${owner}] is called so`)
}

function compileNetwork(document: NetworkDocument, global: UpperLevel, site: Site): MadeNetwork {
  const options = compileOptions(document['option-data'], site.entry.at('option-data'), global)
  const members: Subnet4[] = []
  const plan: SharedNetwork4 = {
    name: document.name,
    guard: global.classes.guard(document['client-classes'], [], site.at('client-classes')),
    additional: global.classes.numbers(document['evaluate-additional-classes']),
    interface: compileInterface(document, global.interfaces, site),
    subnets: members,
  }
  const level: UpperLevel = {
    ...global,
    scope: compileScope(document, global.scope, site),
    options: global.merge.over(global.options, 'network', options),
    network: { plan, relayAddresses: compileRelayAddresses(document, RELAYS4, site) ?? [] },
    made: newMemories(),
  }
  return { level, members }
}

/** One link, so one interface; and a NAK that one member would send is the answer of all. */
function checkMembers(document: NetworkDocument, level: UpperLevel, site: Site): void {
  const { authoritative } = level.scope
  let { interface: name } = level.network!.plan
  for (const [index, member] of (document.subnet4 ?? []).entries()) {
    const at = site.at('subnet4').at(index)
    const own = member.interface ?? ''
    if (name === '') name = own
    else if (own !== '' && own !== name) {
      const message = `interface ${own} is not that of the network, ${name}`
      at.at('interface').error('network-member', message, 'the subnets share one link')
    }
    if ((member.authoritative ?? authoritative) !== authoritative) {
      const message = `${member.authoritative} is not what the network says, ${authoritative}`
      const hint = 'one answer for all subnets of a link'
      at.at('authoritative').error('network-member', message, hint)
    }
  }
}
