// kea-dhcp4 and kea-dhcp6 of the machine as witnesses: a server with a unix socket in a namespace
// of its own, which is given one configuration after the other.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Namespace, network, type Owner } from './netns.ts'

export type Members = Record<string, unknown>

export interface Kea {
  readonly socket: string
  readonly folder: string
  /** False where Kea refuses it. */
  set(map: Members): Promise<boolean>
  /** What is wrong with it, without the place in the request; '' where nothing is. */
  faultOf(map: Members): Promise<string>
  get(): Promise<Members>
}

export async function startKea(
  t: Owner & { teardown(end: () => void): void },
  version: 4 | 6,
): Promise<Kea> {
  const folder = mkdtempSync(join(tmpdir(), 'whio-kea-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const net = network(t)
  const host = net.namespace('kea')
  for (const name of ['lan0', 'lan1', 'lan7', 'eth0', 'eth1', 'lan', 'guests'])
    net.veth(host, name, host, `${name}-end`)
  const socket = join(folder, 'kea.sock')
  const name = `Dhcp${version}`
  const file = join(folder, 'kea.json')
  writeFileSync(file, JSON.stringify({ [name]: basedOn({}, { socket, folder }, version) }))
  const running = run(host, version, file, folder)
  // The socket is there a moment after the line that tells of it.
  await running.until(/DHCP[46]_STARTED/)
  return {
    socket,
    folder,
    async set(map) {
      const { result } = await ask(socket, { command: 'config-set', arguments: { [name]: map } })
      return result === 0
    },
    async faultOf(map) {
      const asked = { command: 'config-test', arguments: { [name]: map } }
      const { result, text } = await ask(socket, asked)
      return result === 0 ? '' : String(text).replace(/( \(<wire>[\d:]+\))+$/, '')
    },
    async get() {
      const answer = await ask(socket, { command: 'config-get' })
      return (answer.arguments as Record<string, Members>)[name]!
    },
  }
}

function run(host: Namespace, version: 4 | 6, file: string, folder: string) {
  const env = [
    'KEA_LOCKFILE_DIR=none',
    `KEA_PIDFILE_DIR=${folder}`,
    'KEA_LOGGER_DESTINATION=stdout',
  ]
  return host.start('env', ...env, `kea-dhcp${version}`, '-c', file)
}

function ask(socket: string, command: object): Promise<Members> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(socket)
    let text = ''
    connection.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    connection.on('error', reject).on('end', () => resolve(JSON.parse(text)))
    connection.write(JSON.stringify(command))
  })
}

/** What the server needs in order to answer, and what it must not open, over the map. */
export function basedOn(
  map: Members,
  kea: Pick<Kea, 'socket' | 'folder'>,
  version: 4 | 6,
): Members {
  return {
    ...map,
    ...(version === 6 && { 'data-directory': kea.folder }),
    'hooks-libraries': [],
    'interfaces-config': { ...(map['interfaces-config'] as Members), interfaces: [] },
    'lease-database': { type: 'memfile', persist: false },
    'control-socket': { 'socket-type': 'unix', 'socket-name': kea.socket },
  }
}
