// How long a packet waits while somebody asks for a million leases, over and over: the longest
// delays of clients at a rate where networks live, without such lists and with each kind of them.
//
//   npm run bench -- lists [--rounds N]

import { mkdirSync } from 'node:fs'
import { createConnection } from 'node:net'
import { dirname, join } from 'node:path'
import { Daemon } from '../system/daemon.ts'
import { printHeads, printRow } from './contest.ts'
import { fillJournal } from './databases.ts'
import { MILLION, millionth } from './engine-bench.ts'
import { PRIMARY, Stand, SUBNET } from './stand.ts'

/** Exchanges a second. */
const RATE = 300
const SECONDS = 8

const LISTS: Readonly<Record<string, object | undefined>> = {
  none: undefined,
  'lease4-get-all': { command: 'lease4-get-all' },
  'lease4-get-page of all': {
    command: 'lease4-get-page',
    arguments: { from: 'start', limit: MILLION },
  },
  'lease4-get-by-hostname': {
    command: 'lease4-get-by-hostname',
    arguments: { hostname: 'nobody' },
  },
}

/** Milliseconds. */
interface Delays {
  readonly longest: number
  readonly mean: number
}

export async function lists(rounds: number): Promise<void> {
  const stand = new Stand()
  const socket = join(stand.folder, 'lists.sock')
  const server = new Daemon(
    stand.hosts[0],
    stand.folderOf(0),
    {
      'interfaces-config': { interfaces: ['eth0'] },
      'valid-lifetime': 3600,
      'control-socket': { 'socket-type': 'unix', 'socket-name': socket },
      subnet4: [{ ...SUBNET, interface: 'eth0' }],
      loggers: [{ name: 'kea-dhcp4', severity: 'INFO', 'output-options': [{ output: 'stdout' }] }],
    },
    ['taskset', '-c', '0'],
    true,
  )
  try {
    mkdirSync(dirname(server.journalFile), { recursive: true })
    await fillJournal(server.journalFile, MILLION, millionth)
    server.restart()
    await server.running.until(/DHCP4_INTERFACE_SERVING/)
    await delaysBeside(stand, socket, undefined)
    printHeads(['asked meanwhile', 'answers', 'longest delay', 'mean'])
    for (const [name, request] of Object.entries(LISTS)) {
      const all: (Delays & { answers: number })[] = []
      for (let round = 0; round < rounds; round++)
        all.push(await delaysBeside(stand, socket, request))
      // What else the machine does makes delays longer, never shorter.
      const best = all.toSorted((one, other) => one.longest - other.longest)[0]!
      printRow([
        name,
        `${best.answers}`,
        `${best.longest.toFixed(1)} ms`,
        `${best.mean.toFixed(2)} ms`,
      ])
    }
  } finally {
    await stand.remove()
  }
}

async function delaysBeside(stand: Stand, socket: string, request: object | undefined) {
  const child = stand.clients.start(
    ...(['nice', '-n', '-5', 'taskset', '-c', '1', 'perfdhcp', '-4', '-g', 'single'] as const),
    ...['-l', 'br0', '-r', `${RATE}`, '-R', '100000', '-p', `${SECONDS}`, '-W', '1000000', PRIMARY],
  )
  let isOver = false
  child.ended.then(() => (isOver = true))
  let answers = 0
  while (!isOver && request !== undefined) {
    await ask(socket, JSON.stringify(request))
    answers++
  }
  await child.ended
  const delays = [...child.stdout.matchAll(/(max|avg) delay: ([\d.]+)/g)]
  const of = (kind: string) =>
    Math.max(...delays.filter(([, one]) => one === kind).map(([, , value]) => Number(value)))
  return { longest: of('max'), mean: of('avg'), answers }
}

function ask(path: string, text: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let length = 0
    createConnection(path)
      .on('data', (data) => {
        length += data.length
      })
      .on('end', () => resolve(length))
      .on('error', reject)
      .write(text)
  })
}
