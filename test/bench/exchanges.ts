// 4-way exchanges a second, side by side in one run: a bare node:dgram echo (the limit of the
// sockets), Whio with a durable journal, also beside a full table of DHCPv6, and Kea with memfile,
// single- and multi-threaded; each of them on its own.
//
//   npm run bench -- exchanges [--rounds N] [--only NAME]

import { besideSix } from './beside-six.ts'
import {
  type Contender,
  contest,
  micros,
  PINNED,
  percent,
  printHeads,
  printRow,
  type Serving,
  share,
  times,
} from './contest.ts'
import { keaAlone, listening, PRIMARY, quiet, type Stand } from './stand.ts'

const CONTENDERS: readonly Contender[] = [
  { name: 'node:dgram echo', start: 10_000, serve: echo },
  { name: 'Whio, durable', start: 8000, serve: whio },
  { name: 'Whio, durable, known clients', start: 8000, areKnown: true, serve: whio },
  {
    name: 'Whio, durable, known clients, beside DHCPv6',
    ...{ start: 8000, areKnown: true, serve: besideSix },
  },
  { name: 'Kea, one thread', start: 4000, serve: (stand) => kea(stand, false) },
  {
    name: 'Kea, one thread, known clients',
    start: 4000,
    areKnown: true,
    serve: (stand) => kea(stand, false),
  },
  { name: 'Kea, threads', start: 4000, serve: (stand) => kea(stand, true) },
]

async function echo(stand: Stand): Promise<Serving> {
  const [host] = stand.hosts
  const script = ['test/bench/echo.ts', 'plain', PRIMARY, 'eth0']
  const running = host.start(...PINNED, process.execPath, ...script)
  await listening(host, running)
  return { pids: [running.pid, 0] }
}

/** A Whio on its own. */
export async function whio(stand: Stand): Promise<Serving> {
  const server = stand.whio(0, PINNED, false)
  await server.serves('eth0')
  await quiet(server, 0, false)
  return { pids: [server.running.pid, 0] }
}

/** A Kea on its own. */
export async function kea(stand: Stand, isThreaded: boolean): Promise<Serving> {
  const { pid } = await keaAlone(stand, PINNED, isThreaded)
  return { pids: [pid, 0] }
}

/** Runs every contender `rounds` times, in turn, and keeps the best of each. */
export async function exchanges(rounds: number, only: readonly string[] = []): Promise<void> {
  const best = await contest(CONTENDERS, rounds, only)
  const held = (name: string) => best.get(name)?.held ?? 0
  const better = Math.max(held('Kea, one thread'), held('Kea, threads'))
  const limit = held('node:dgram echo')
  printHeads([
    'server, pinned to one core',
    'exchanges/s',
    'of the limit',
    'of the better Kea',
    'CPU each',
  ])
  for (const [name, sample] of best)
    printRow([
      name,
      Math.round(sample.held),
      share(sample.held, limit, percent),
      share(sample.held, better, times),
      micros(sample.cpuEach),
    ])
}
