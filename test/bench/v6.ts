// 4-way exchanges of DHCPv6 a second (SOLICIT, ADVERTISE, REQUEST, REPLY), side by side in one run:
// Whio with a durable journal and Kea with memfile, single- and multi-threaded, each on its own; an
// address for each client, and an address and a prefix. perfdhcp is on the link of the server, and
// its clients are new ones.
//
//   npm run bench -- v6 [--rounds N] [--only NAME]

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Namespace, network, type Running } from '../system/netns.ts'
import { micros, note, PINNED, printHeads, printRow, share, times } from './contest.ts'
import { climb, type Load, run, type Sample } from './perfdhcp.ts'
import { say6, startKea6, whio6 } from './stand6.ts'

const LOAD_CPU = 1

type Wish = NonNullable<Load['wish6']>

interface Contender6 {
  readonly name: string
  readonly wish: Wish
  readonly start: number
  serve(host: Namespace, folder: string): Promise<Running>
}

const CONTENDERS: readonly Contender6[] = (['address-only', 'address-and-prefix'] as const).flatMap(
  (wish): Contender6[] => {
    const words = wish === 'address-only' ? 'IA_NA' : 'IA_NA + IA_PD'
    return [
      { name: `Whio, durable, ${words}`, wish, start: 6000, serve: whio },
      {
        ...{ name: `Kea, one thread, ${words}`, wish, start: 3000 },
        serve: (host, folder) => kea(host, folder, false),
      },
      {
        ...{ name: `Kea, threads, ${words}`, wish, start: 3000 },
        serve: (host, folder) => kea(host, folder, true),
      },
    ]
  },
)

async function whio(host: Namespace, folder: string): Promise<Running> {
  const server = await whio6(host, folder, PINNED)
  await say6(server, 'ERROR')
  return server.running
}

async function kea(host: Namespace, folder: string, isThreaded: boolean): Promise<Running> {
  const running = startKea6(host, folder, PINNED, isThreaded)
  let end: number | string | undefined
  running.ended.then((result) => {
    end = result
  })
  while (!/:547\s/.test(host.run('ss', '-Hlun'))) {
    if (end !== undefined)
      throw new Error(`Kea ended (${end}):\n${running.stdout}${running.stderr}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return running
}

async function measure({ name, wish, start, serve }: Contender6): Promise<Sample> {
  const net = network()
  const folder = mkdtempSync(join(tmpdir(), 'whio-bench6-'))
  try {
    const [host, clients] = [net.namespace('host'), net.namespace('clients')]
    net.veth(clients, 'eth0', host, 'eth0')
    host.addAddress6('eth0', '2001:db8::1/64')
    await Promise.all([host.linkLocal('eth0'), clients.linkLocal('eth0')])
    const { pid } = await serve(host, folder)
    const basis = { from: clients, device: 'eth0', server: '', cpu: LOAD_CPU, areKnown: false }
    const load: Load = { ...basis, pids: [pid, 0], wish6: wish }
    // Nothing is compiled yet.
    await run(load, start)
    return await climb(
      (rate) => run(load, rate),
      start,
      (sample) => note(name, sample),
    )
  } finally {
    await net.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs every contender `rounds` times, in turn, and keeps the best of each. */
export async function v6(rounds: number, only: readonly string[] = []): Promise<void> {
  const runs = CONTENDERS.filter(
    ({ name }) => only.length === 0 || only.some((word) => name.includes(word)),
  )
  const best = new Map<Contender6, Sample>()
  for (let round = 0; round < rounds; round++)
    for (const contender of runs) {
      const sample = await measure(contender)
      if (sample.held > (best.get(contender)?.held ?? -1)) best.set(contender, sample)
    }
  printHeads(['DHCPv6, pinned to one core', 'exchanges/s', 'of the better Kea', 'CPU each'])
  for (const [{ name, wish }, { held, cpuEach }] of best) {
    const rivals = [...best].filter(([one]) => one.wish === wish && one.name.startsWith('Kea'))
    const better = Math.max(0, ...rivals.map(([, sample]) => sample.held))
    printRow([name, Math.round(held), share(held, better, times), micros(cpuEach)])
  }
}
