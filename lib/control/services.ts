// Who a request through HTTP is for. The agent's door sends it on to the servers that `service`
// names; that of one server takes its own name only, and several as the agent does.

import type { ConfigDocument } from '../config/keys/document.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { Answer, Persona } from './command.ts'

/** Told to whom the agent does not know the command of. */
export const NO_SERVICE_HINT =
  ' You did not include "service" parameter in the command, which indicates that Kea Control Agent should process this command rather than forward it to one or more Kea servers. If you aimed to send this command to one of the Kea servers you should include the "service" parameter in your request, e.g. "service": [ "dhcp4" ] to forward the command to the DHCPv4 server, or "service": [ "dhcp4", "dhcp6", "d2" ] to forward it to DHCPv4, DHCPv6 and D2 servers etc.'

type Served = Pick<Plan, 'dhcp4' | 'dhcp6' | 'names'>

/** Servers that the agent's own map names, whoever runs them. */
export function namedInAgent({ 'Control-agent': agent }: ConfigDocument): ReadonlySet<string> {
  return new Set(Object.keys(agent?.['control-sockets'] ?? {}))
}

/**
 * Whom to ask, in the order of the answers; an answer stands for who cannot be asked. `named`: in
 * the agent's map.
 */
export function servicesOf(
  service: unknown,
  door: Persona,
  plan: Served,
  named: ReadonlySet<string>,
): readonly (Persona | Answer)[] | Answer {
  if (door !== 'ca' && !isServed(door, plan)) return absent(door, named)
  if (service === undefined) return [door]
  if (!Array.isArray(service)) return wrong('service value must be a list')
  const names: readonly unknown[] = service
  if (names.length === 0) return [door]
  const strings = names.filter((name) => typeof name === 'string')
  if (strings.length < names.length) return wrong('service name must be a string')
  const [first = ''] = strings
  if (door !== 'ca' && strings.length === 1) return own(first, door)
  return strings.map((name) => (isServed(name, plan) ? name : absent(name, named)))
}

/** As of Kea's agent, whose clients look for the last words. */
function absent(name: string, named: ReadonlySet<string>): Answer {
  if (!named.has(name))
    return wrong(`forwarding socket is not configured for the server type ${name}`)
  const trouble = 'No such file or directory. The server is likely to be offline'
  return wrong(`unable to forward command to the ${name} service: ${trouble}`)
}

function own(name: string, door: Persona): readonly Persona[] | Answer {
  if (name === '' || name === door) return [door]
  return wrong(`unsupported service '${name}', expected '${door}'`)
}

function isServed(name: string, { dhcp4, dhcp6, names }: Served): name is Persona {
  if (name === 'd2') return names.isUpdater
  return (name === 'dhcp4' && dhcp4 !== undefined) || (name === 'dhcp6' && dhcp6 !== undefined)
}

function wrong(text: string): Answer {
  return { result: 1, text }
}
