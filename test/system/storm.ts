// What a storm of changes consists of, and a load beside it that counts what it loses.

import { createConnection } from 'node:net'
import type { Namespace } from './netns.ts'

/** Of these rounds one reads the files again. */
export const RELOAD_EVERY = 4

interface Reply {
  readonly result: number
  readonly text?: string
  readonly arguments?: Readonly<Record<string, unknown>>
}

function ask(path: string, command: string, given?: unknown): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    let text = ''
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    socket.on('error', reject).on('end', () => {
      if (text === '') reject(new Error(`${command} is not answered`))
      else resolve(JSON.parse(text))
    })
    socket.write(JSON.stringify({ command, arguments: given }))
  })
}

/** Commands at the socket of a server, each of which must be done. */
export class Operator {
  readonly #path: string
  edits = 0

  constructor(path: string) {
    this.#path = path
  }

  async does(command: string, given?: unknown): Promise<Reply> {
    const reply = await ask(this.#path, command, given)
    if (reply.result !== 0) throw new Error(`${command}: ${reply.result} ${reply.text}`)
    return reply
  }

  async edit(command: string, given: unknown): Promise<void> {
    await this.does(command, given)
    this.edits++
  }

  /** Reservations stay, where no client gets; every second subnet goes again. */
  async round(n: number): Promise<void> {
    const [high, low] = [n >> 8, n & 255]
    const hex = [high, low].map((octet) => octet.toString(16).padStart(2, '0')).join(':')
    await this.edit('reservation-add', {
      reservation: {
        'subnet-id': 1,
        'hw-address': `02:99:00:00:${hex}`,
        'ip-address': `10.77.${240 - (n >> 7)}.${1 + (n & 127)}`,
      },
      'operation-target': 'memory',
    })
    await this.edit('subnet4-add', {
      subnet4: [{ id: 1000 + n, subnet: `10.${100 + high}.${low}.0/24` }],
    })
    if (n % 2 === 1) await this.edit('subnet4-del', { id: 1000 + n })
  }

  /** A subnet comes and goes: nothing of it is left. */
  async passing(n: number): Promise<void> {
    const id = 500_000 + n
    await this.edit('subnet4-add', { subnet4: [{ id, subnet: `172.16.${n & 255}.0/24` }] })
    await this.edit('subnet4-del', { id })
    if (n % 20 === 19) await this.reload()
  }

  async reload(): Promise<void> {
    await this.does('config-write')
    await this.does('config-reload')
  }

  async got(): Promise<Readonly<Record<string, unknown>>> {
    return (await this.does('config-get')).arguments!
  }
}

/** Datagrams that the kernel has thrown away, of all sockets in the namespace. */
export function thrownAway(table: string): number {
  const counts = table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => Number(line.trim().split(/\s+/).at(-1)))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** What a run of perfdhcp sent and got no answer to. */
export interface Perf {
  readonly sent: number
  readonly lost: number
}

export interface PerfWish {
  readonly from: Namespace
  readonly device: string
  readonly server: string
  readonly rate: number
  /** Each of another client; the next run has the same, since a pool does not last for ever. */
  readonly exchanges: number
}

/** An answer that is late is none that is lost: the machine may stand still. */
const PATIENCE_S = 30

export interface PerfRun {
  /** perfdhcp has ended. */
  isOver(): boolean
  readonly result: Promise<Perf>
}

/** Exchanges of clients behind a relay. */
export function perfdhcp(wish: PerfWish): PerfRun {
  const { device, exchanges, from, rate, server } = wish
  const child = from.start(
    ...['perfdhcp', '-4', '-l', device, '-r', `${rate}`, '-n', `${exchanges}`],
    ...['-R', `${exchanges}`, '-b', 'mac=02:a0:00:00:00:00'],
    ...['-d', `${PATIENCE_S}`, '-W', '3000000', server],
  )
  let isOver = false
  // Exit code 3 only says that something was lost.
  const result = child.ended.then((): Perf => {
    isOver = true
    const of = (label: string): number => {
      const found = [...child.stdout.matchAll(new RegExp(`${label}: (\\d+)`, 'g'))]
      if (found.length === 0)
        throw new Error(`perfdhcp told nothing:\n${child.stdout}${child.stderr}`)
      return found.reduce((sum, [, count]) => sum + Number(count), 0)
    }
    return { sent: of('sent packets'), lost: of('drops') }
  })
  // It is waited for later.
  result.catch(() => {})
  return { isOver: () => isOver, result }
}
