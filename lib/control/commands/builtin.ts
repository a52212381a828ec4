// Commands of the server itself, and of the agent: what it is, and what it runs on.

import type { HostInterface } from '../../ports/host-interface.ts'
import { type Command, EVERYWHERE, SERVERS } from '../command.ts'

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
    summary: 'Tells the tag of the server in a configuration database, of which there is none',
    parameters: undefined,
    run: (_asked, _room, answer) => answer({ result: 0, arguments: { 'server-tag': '' } }),
  },
  {
    name: 'config-backend-pull',
    access: 'write',
    library: 'built-in',
    personas: SERVERS,
    summary: 'Would fetch changes from a configuration database, of which there is none',
    parameters: undefined,
    run: (_asked, _room, answer) => answer({ result: 3, text: 'No config backend.' }),
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
