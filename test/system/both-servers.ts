// Kea of the system and Whio with one document, in a namespace without interfaces, each behind its
// unix socket: whatever one is asked the other can be asked, too.

import { writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { folder } from './daemon.ts'
import { type Namespace, network, type Owner } from './netns.ts'

/** The documents that random-requests.ts knows the addresses of. */
export const SUBNETS = {
  4: {
    'valid-lifetime': 3600,
    subnet4: [
      {
        id: 7,
        subnet: '192.0.2.0/24',
        pools: [{ pool: '192.0.2.10-192.0.2.19' }, { pool: '192.0.2.100/30' }],
      },
    ],
    'shared-networks': [
      {
        name: 'floor',
        subnet4: [
          {
            id: 8,
            subnet: '198.51.100.0/24',
            pools: [{ pool: '198.51.100.10-198.51.100.12' }],
          },
        ],
      },
    ],
  },
  6: {
    'valid-lifetime': 3600,
    'preferred-lifetime': 1800,
    subnet6: [
      {
        id: 11,
        subnet: '2001:db8:1::/64',
        pools: [{ pool: '2001:db8:1::/120' }],
        'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 40, 'delegated-len': 56 }],
      },
    ],
  },
} as const

const HOOKS = '/usr/lib/x86_64-linux-gnu/kea/hooks'
const LIBRARIES = ['lease_cmds', 'stat_cmds'].map((name) => ({ library: libraryOf(name) }))

export interface Library {
  readonly library: string
  readonly parameters?: object
}

export function libraryOf(name: string): string {
  return `${HOOKS}/libdhcp_${name}.so`
}

export interface Replies {
  readonly kea: unknown
  readonly whio: unknown
}

/** Kea 2.2 closes some connections without a word. */
export const SILENCE = 'no reply'

export class BothServers {
  readonly #kea: string
  readonly #whio: string

  private constructor(kea: string, whio: string) {
    this.#kea = kea
    this.#whio = whio
  }

  /** Returns when both answer. `more`: what both have beside commands on leases. */
  static async start(
    owner: Owner,
    family: 4 | 6,
    more: readonly Library[] = [],
  ): Promise<BothServers> {
    const at = folder(owner)
    const where = network(owner).namespace('both')
    const [kea, whio] = [join(at, 'kea.sock'), join(at, 'whio.sock')] as const
    await Promise.all([
      startKea(where, at, family, kea, more),
      startWhio(where, at, family, whio, more),
    ])
    return new BothServers(kea, whio)
  }

  async ask(request: unknown): Promise<Replies> {
    const text = JSON.stringify(request)
    const reply = await asked(this.#kea, text)
    const kea: unknown = reply === '' ? SILENCE : JSON.parse(reply)
    return { kea, whio: JSON.parse(await asked(this.#whio, text)) }
  }
}

/** What a unix socket answers until it closes. */
export function asked(path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let reply = ''
    const socket = createConnection(path)
    socket.write(text)
    socket
      .setEncoding('utf8')
      .on('data', (part: string) => {
        reply += part
      })
      .on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNRESET') resolve(reply)
        else reject(error)
      })
      .on('end', () => resolve(reply))
  })
}

const SERVER_ID = { type: 'EN', 'enterprise-id': 1, identifier: '01', persist: false }

async function startKea(
  where: Namespace,
  at: string,
  family: 4 | 6,
  socket: string,
  more: readonly Library[],
) {
  const file = join(at, 'kea.json')
  const name = `kea-dhcp${family}`
  const leases = { type: 'memfile', persist: true, name: join(at, 'kea.csv') }
  const document = {
    [`Dhcp${family}`]: {
      ...SUBNETS[family],
      // Else it is made of an interface, of which there is none.
      ...(family === 6 ? { 'server-id': SERVER_ID } : {}),
      'interfaces-config': { interfaces: [] },
      'lease-database': leases,
      'control-socket': { 'socket-type': 'unix', 'socket-name': socket },
      'hooks-libraries': [...LIBRARIES, ...more],
      loggers: [{ name, output_options: [{ output: 'stdout' }], severity: 'INFO' }],
    },
  }
  writeFileSync(file, JSON.stringify(document))
  const folders = [`KEA_PIDFILE_DIR=${at}`, `KEA_LOCKFILE_DIR=${at}`]
  await where.start('env', ...folders, name, '-c', file).until(/STARTED/)
}

async function startWhio(
  where: Namespace,
  at: string,
  family: 4 | 6,
  socket: string,
  more: readonly Library[],
) {
  const file = join(at, 'whio.json')
  const document = {
    [`Dhcp${family}`]: {
      ...SUBNETS[family],
      'interfaces-config': { interfaces: [] },
      'lease-database': { type: 'memfile', persist: true, name: join(at, 'whio') },
      'control-socket': { 'socket-type': 'unix', 'socket-name': socket },
      'hooks-libraries': more,
    },
  }
  writeFileSync(file, JSON.stringify(document))
  await where.node('bin/whio.ts', 'serve', '-c', file).until(/CONTROL_SOCKET_OPEN/)
}
