// 4-way exchanges of DHCPv6 a second of hot-standby pairs, as pair.ts measures those of DHCPv4: an
// address for each client, and an address and a prefix. Both servers hear all clients, since these
// ask a group.
//
//   npm run bench -- pair6 [--rounds N] [--only NAME]

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
import type { Load } from './perfdhcp.ts'
import { type Stand, statusOf } from './stand.ts'
import { keaPair6, say6, sayPair6, whio6, whioPair6, with6 } from './stand6.ts'

const PREFIXES = [PINNED, ['taskset', '-c', '0,1']] as const

type Wish = NonNullable<Load['wish6']>

const WISHES: readonly (readonly [wish: Wish, words: string])[] = [
  ['address-only', 'IA_NA'],
  ['address-and-prefix', 'IA_NA + IA_PD'],
]

const CONTENDERS: readonly Contender[] = WISHES.flatMap(([wish6, words]): Contender[] => [
  { name: `Whio, alone, ${words}`, start: 6000, wish6, serve: whioAlone },
  { name: `Whio, pair, ${words}`, start: 5000, wish6, serve: pairOfWhio },
  { name: `Kea, pair, ${words}`, start: 1500, wish6, serve: pairOfKea },
])

async function whioAlone(stand: Stand): Promise<Serving> {
  await with6(stand)
  const server = await whio6(stand.hosts[0], stand.folderOf(0), PINNED)
  await say6(server, 'ERROR')
  return { pids: [server.running.pid, 0] }
}

async function pairOfWhio(stand: Stand): Promise<Serving> {
  await with6(stand)
  const pair = await whioPair6(stand, PREFIXES)
  await sayPair6(pair, 'ERROR')
  const check = async () => {
    await sayPair6(pair, 'INFO')
    const [here, there] = [await statusOf(pair[0]), await statusOf(pair[1])]
    const isPair = here.ha.state === 'hot-standby' && there.ha.state === 'hot-standby'
    if (!isPair || here.leases !== there.leases || !here.ha.isSharing)
      throw new Error(`this was no pair: ${JSON.stringify([here, there])}`)
  }
  return { pids: [pair[0].running.pid, pair[1].running.pid], check }
}

async function pairOfKea(stand: Stand): Promise<Serving> {
  await with6(stand)
  const [active, standby] = await keaPair6(stand, PREFIXES)
  const check = async () => {
    const left = /(to (?!HOT-STANDBY)[A-Z-]+)/.exec(active.stdout.split('to HOT-STANDBY')[1] ?? '')
    if (left !== null) throw new Error(`this was no pair: Kea went ${left[1]}\n${active.stdout}`)
  }
  return { pids: [active.pid, standby.pid], check }
}

/** Runs every contender `rounds` times, in turn, and keeps the best of each. */
export async function pair6(rounds: number, only: readonly string[] = []): Promise<void> {
  const best = await contest(CONTENDERS, rounds, only)
  printHeads([
    'DHCPv6, hot-standby pair, two cores in all',
    'exchanges/s',
    'of Whio alone',
    'of the Kea pair',
    'CPU each, active',
    'standby',
  ])
  for (const [name, { held, cpuEach, partnerCpuEach }] of best) {
    const words = name.slice(name.lastIndexOf(',') + 2)
    const alone = best.get(`Whio, alone, ${words}`)?.held ?? 0
    const kea = best.get(`Kea, pair, ${words}`)?.held ?? 0
    printRow([
      name,
      Math.round(held),
      share(held, alone, percent),
      share(held, kea, times),
      micros(cpuEach),
      micros(partnerCpuEach),
    ])
  }
}
