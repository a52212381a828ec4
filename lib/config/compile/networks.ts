// Shared networks: subnets on one link. A network hands down to its subnets what the global level would,
// and where its clients come from. The rules are Kea's (json_config_parser.cc).

import type { NetworkDocument } from '../keys/document4.ts'
import { UNGUARDED } from '../plan/ha-plan.ts'
import type { SharedNetwork4, Subnet4 } from '../plan/plan4.ts'
import type { Path, Problems } from '../text/problem.ts'
import { compileOptions } from './options.ts'
import { compileScope } from './scope.ts'
import {
  byId,
  compileInterface,
  compileRelayAddresses,
  compileSubnets,
  type Report,
  type SubnetsSoFar,
  type UpperLevel,
} from './subnets.ts'

/** Adds the subnets of the networks. */
export function compileNetworks(
  documents: readonly NetworkDocument[] | undefined,
  global: UpperLevel,
  path: Path,
  report: Report,
  sum: SubnetsSoFar,
): void {
  const names = new Map<string, number>()
  for (const [index, document] of (documents ?? []).entries()) {
    const at = [...path, index]
    checkName(document.name, index, at, names, report.structure)
    compileNetwork(document, global, at, report, sum)
  }
}

function checkName(
  name: string,
  index: number,
  path: Path,
  names: Map<string, number>,
  problems: Problems,
): void {
  const owner = names.get(name)
  if (name === '')
    problems.error([...path, 'name'], 'network-name', 'a shared network needs a name')
  else if (owner === undefined) names.set(name, index)
  else {
    const hint = `shared-networks[${owner}] is called so`
    problems.error([...path, 'name'], 'duplicate', `'${name}' is taken`, hint)
  }
}

function compileNetwork(
  document: NetworkDocument,
  global: UpperLevel,
  path: Path,
  report: Report,
  sum: SubnetsSoFar,
): void {
  const optionsPath = [...path, 'option-data']
  const options = compileOptions(document['option-data'], optionsPath, report.entries)
  const classes = document['client-classes']
  const members: Subnet4[] = []
  const plan: SharedNetwork4 = {
    name: document.name,
    guard: global.guards.compile(classes, UNGUARDED, [...path, 'client-classes']),
    interface: compileInterface(document, global.interfaces, path, report),
    subnets: members,
  }
  const level: UpperLevel = {
    ...global,
    scope: compileScope(document, global.scope, path, report.structure),
    options: global.merge.over(global.options, options),
    network: { plan, relayAddresses: compileRelayAddresses(document, path, report) ?? [] },
  }
  const subnets = compileSubnets(document.subnet4, level, [...path, 'subnet4'], report, sum)
  members.push(...subnets.toSorted(byId))
  checkMembers(document, plan, level, path, report.structure)
}

/** One link, so one interface; and a NAK that one member would send is the answer of all. */
function checkMembers(
  document: NetworkDocument,
  network: SharedNetwork4,
  level: UpperLevel,
  path: Path,
  problems: Problems,
): void {
  const { authoritative } = level.scope
  let { interface: name } = network
  for (const [index, member] of (document.subnet4 ?? []).entries()) {
    const at = [...path, 'subnet4', index]
    const own = member.interface ?? ''
    if (name === '') name = own
    else if (own !== '' && own !== name) {
      const message = `interface ${own} is not that of the network, ${name}`
      problems.error([...at, 'interface'], 'network-member', message, 'the subnets share one link')
    }
    if ((member.authoritative ?? authoritative) !== authoritative) {
      const message = `${member.authoritative} is not what the network says, ${authoritative}`
      const hint = 'one answer for all subnets of a link'
      problems.error([...at, 'authoritative'], 'network-member', message, hint)
    }
  }
}
