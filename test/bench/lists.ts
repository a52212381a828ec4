// How long a packet waits while somebody asks for a million leases, over and over: the longest
// delays of clients at a rate where networks live, without such lists and with each kind of them,
// through each door, of both families.
//
//   npm run bench -- lists [--rounds N] [--only WORD OF A NAME]

import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Daemon, Daemon6 } from '../system/daemon.ts'
import { PINNED, printHeads, printRow } from './contest.ts'
import { fillJournal } from './databases.ts'
import { MILLION, millionth } from './engine-bench.ts'
import { cpuSeconds } from './perfdhcp.ts'
import { lease6Of } from './scale6.ts'
import { PRIMARY, Stand, SUBNET } from './stand.ts'
import { SUBNET6, with6 } from './stand6.ts'

/** Exchanges a second. */
const RATE = 300
const SECONDS = 10
const PORT = 8000
/** Of perfdhcp and of who asks; the server has the other. */
const ELSEWHERE = ['taskset', '-c', '1'] as const

type Family = 4 | 6

interface Place {
  readonly stand: Stand
  readonly family: Family
  /** The unix socket. */
  readonly socket: string
}

/** What list-asker.ts is told. */
function listsOf({ family, socket }: Place): Readonly<Record<string, readonly string[]>> {
  const text = (command: string, given?: object) => JSON.stringify({ command, arguments: given })
  const all = text(`lease${family}-get-all`)
  const url = `http://127.0.0.1:${PORT}`
  const page = text(`lease${family}-get-page`, { from: 'start', limit: MILLION })
  const nobody = text(`lease${family}-get-by-hostname`, { hostname: 'nobody' })
  return {
    none: [],
    [`lease${family}-get-all, unix`]: [socket, all],
    [`lease${family}-get-all, http`]: [`${url}/`, all],
    '/api/v1/leases, lines of JSON': [`${url}/api/v1/leases?family=${family}`],
    [`lease${family}-get-page of all, unix`]: [socket, page],
    [`lease${family}-get-by-hostname, unix`]: [socket, nobody],
  }
}

export async function lists(rounds: number, only: readonly string[] = []): Promise<void> {
  const of = (what: string) => `longest to ${what}: best round, median, worst`
  printHeads(['asked meanwhile', 'read', of('the offer'), of('the ACK'), 'means'])
  for (const family of [4, 6] as const) await listsBeside(family, rounds, only)
}

async function listsBeside(family: Family, rounds: number, only: readonly string[]): Promise<void> {
  const stand = new Stand()
  const place = { stand, family, socket: join(stand.folder, 'lists.sock') }
  try {
    await with6(stand)
    const server = serverOf(place)
    mkdirSync(dirname(server.journalFile), { recursive: true })
    await fillJournal(server.journalFile, MILLION, family === 4 ? millionth : lease6Of)
    server.restart()
    await server.serves('eth0')
    // With the first lease it looks through all of them for clients that it knows.
    await delaysBeside(place, [])
    await isQuiet(server.running.pid)
    const isWanted = (name: string) => only.length === 0 || only.some((word) => name.includes(word))
    const asked = Object.entries(listsOf(place)).filter(([name]) => isWanted(name))
    const all = asked.map((): Delays[] => [])
    // In turns, so that whatever else the machine does meets all of them.
    for (let round = 0; round < rounds; round++)
      for (const [index, [, words]] of asked.entries())
        all[index]!.push(await delaysBeside(place, words))
    for (const [index, [name]] of asked.entries())
      printDelays(`DHCPv${family}: ${name}`, all[index]!)
  } finally {
    await stand.remove()
  }
}

function serverOf({ stand, family, socket }: Place): Daemon {
  const shared = {
    'interfaces-config': { interfaces: ['eth0'] },
    'valid-lifetime': 3600,
    'control-sockets': [
      { 'socket-type': 'unix', 'socket-name': socket },
      { 'socket-type': 'http', 'socket-address': '127.0.0.1', 'socket-port': PORT },
    ],
    loggers: [
      { name: `kea-dhcp${family}`, severity: 'INFO', 'output-options': [{ output: 'stdout' }] },
    ],
  }
  const [host, at] = [stand.hosts[0], stand.folderOf(0)] as const
  if (family === 6) return new Daemon6(host, at, { ...shared, subnet6: [SUBNET6] }, PINNED, true)
  return new Daemon(
    host,
    at,
    { ...shared, subnet4: [{ ...SUBNET, interface: 'eth0' }] },
    PINNED,
    true,
  )
}

async function isQuiet(pid: number): Promise<void> {
  for (let before = -1, now = 0; now - before > 0.1; ) {
    before = cpuSeconds(pid)
    await delay(1000)
    now = cpuSeconds(pid)
  }
}

/** Milliseconds: to the OFFER or ADVERTISE, and to the ACK or REPLY, which waits for the disk. */
interface Delays {
  readonly longest: readonly [number, number]
  readonly mean: readonly [number, number]
  /** Of lists, that were read meanwhile. */
  readonly bytes: number
}

async function delaysBeside({ stand, family }: Place, words: readonly string[]): Promise<Delays> {
  const asker =
    words.length === 0
      ? undefined
      : stand.hosts[0].start(
          ...(ELSEWHERE as readonly [string, ...string[]]),
          ...['env', '-u', 'NODE_OPTIONS', process.execPath, 'test/bench/list-asker.ts', ...words],
        )
  const to = family === 4 ? ['-4', '-g', 'single'] : ['-6', '-g', 'single', '-e', 'address-only']
  const child = stand.clients.start(
    ...(['nice', '-n', '-5', ...ELSEWHERE, 'perfdhcp', ...to] as [string, ...string[]]),
    ...['-l', 'br0', '-r', `${RATE}`, '-R', '100000', '-p', `${SECONDS}`, '-W', '1000000'],
    ...(family === 4 ? [PRIMARY] : []),
  )
  await child.ended
  asker?.kill('SIGTERM')
  await asker?.ended
  const bytes = asker === undefined ? 0 : Number(asker.stdout)
  const of = (kind: string): [number, number] => {
    const found = [...child.stdout.matchAll(new RegExp(`${kind} delay: ([\\d.]+)`, 'g'))]
    return [Number(found[0]![1]), Number(found[1]![1])]
  }
  return { longest: of('max'), mean: of('avg'), bytes }
}

/** What else the machine does makes delays longer, never shorter. */
function printDelays(name: string, all: readonly Delays[]): void {
  const longest = ([0, 1] as const).map((which) => {
    const sorted = all.map((one) => one.longest[which]).sort((one, other) => one - other)
    const told = [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!]
    return `${told.map((one) => one.toFixed(1)).join(', ')} ms`
  })
  const mean = ([0, 1] as const).map((which) =>
    (all.reduce((sum, one) => sum + one.mean[which], 0) / all.length).toFixed(1),
  )
  const read = all.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6
  printRow([name, `${Math.round(read)} MB`, ...longest, `${mean.join(', ')} ms`])
}
