// Commands of the server itself, and of the agent: what it is, and what it runs on.

import type { HostInterface } from '../../ports/host-interface.ts'
import type { ConfigResult } from '../../server/configuration/running-configuration.ts'
import { type Command, EVERYWHERE, SERVERS } from '../command.ts'
import { goingOn } from '../refused.ts'

export const BUILT_IN: readonly Command[] = [
  {
    name: 'version-get',
    access: 'read',
    library: 'built-in',
    personas: EVERYWHERE,
    summary: 'Tells the version of the server',
    parameters: undefined,
    run(_asked, { server, host: { version, build } }, answer) {
      const { keaVersion } = server.plan
      const extended = [`${keaVersion} (Whio ${version})`, ...build].join('\n')
      answer({ result: 0, text: keaVersion, arguments: { extended } })
    },
  },
  {
    name: 'build-report',
    access: 'read',
    library: 'built-in',
    personas: EVERYWHERE,
    summary: 'Tells what the server was built of',
    parameters: undefined,
    run(_asked, { host: { version, build } }, answer) {
      answer({ result: 0, text: [`Whio ${version}`, ...build].join('\n') })
    },
  },
  {
    name: 'server-tag-get',
    access: 'read',
    library: 'built-in',
    personas: SERVERS,
    summary: 'Tells the tag of the server, by which it finds its own in a configuration database',
    parameters: undefined,
    run({ persona }, { configuration: { document } }, answer) {
      const map = persona === 'dhcp6' ? document.Dhcp6 : document.Dhcp4
      answer({ result: 0, arguments: { 'server-tag': map?.['server-tag'] ?? '' } })
    },
  },
  {
    name: 'config-backend-pull',
    access: 'write',
    library: 'built-in',
    personas: SERVERS,
    summary: 'Has what a configuration database says by now come into force',
    parameters: undefined,
    run({ persona }, room, answer) {
      const family = persona === 'dhcp6' ? 6 : 4
      const { configuration, server } = room
      if (!server.plan.configDatabases.some((one) => one.family === family))
        return answer({ result: 3, text: 'No config backend.' })
      const tell = ({ allowed, why }: ConfigResult): void =>
        answer(
          allowed
            ? { result: 0, text: 'On demand configuration update successful.' }
            : { result: 1, text: `On demand configuration update failed: ${why}` },
        )
      configuration.pull(goingOn(room, answer, tell))
    },
  },
  {
    name: 'interface-list',
    access: 'read',
    library: 'built-in',
    personas: SERVERS,
    summary: 'Lists the interfaces of this machine, and which of them are served',
    parameters: undefined,
    run({ persona }, { server, host }, answer) {
      const family = persona === 'dhcp6' ? 6 : 4
      const served = new Set(
        server
          .status()
          .interfaces.filter((one) => one.family === family && one.serving)
          .map(({ name }) => name),
      )
      const interfaces = host.interfaces().map((one) => interfaceOf(one, served.has(one.name)))
      const text = `${interfaces.length} interfaces detected.`
      answer({ result: 0, text, arguments: { interfaces } })
    },
  },
]

function interfaceOf(one: HostInterface, isServed: boolean): object {
  return {
    name: one.name,
    index: one.index,
    mac: one.mac,
    type: one.type,
    'flag-loopback': one.isLoopback,
    'flag-up': one.isUp,
    'flag-running': one.isRunning,
    'flag-multicast': one.takesMulticast,
    'flag-broadcast': one.takesBroadcast,
    'in-use': isServed,
    addresses: one.addresses,
  }
}
