// 4-way exchanges a second of hot-standby pairs, side by side in one run: Whio, Kea, and Whio on
// its own. Everything has two processors: the active server is pinned to one, perfdhcp to the
// other, and the standby takes what either has left. perfdhcp sends to the active server only.
//
//   npm run bench -- pair [--rounds N] [--only NAME]

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
import { whio } from './exchanges.ts'
import { keaPair, loud, quiet, type Stand, statusOf, whioPair } from './stand.ts'

const PREFIXES = [PINNED, ['taskset', '-c', '0,1']] as const

const CONTENDERS: readonly Contender[] = [
  { name: 'Whio, alone', start: 12_000, serve: whio },
  { name: 'Whio, pair', start: 10_000, serve: pairOfWhio },
  { name: 'Kea, pair', start: 1500, serve: pairOfKea },
]

async function pairOfWhio(stand: Stand): Promise<Serving> {
  const [active, standby] = await whioPair(stand, PREFIXES)
  await quiet(active, 0)
  await quiet(standby, 1)
  const check = async () => {
    await loud(active, 0)
    await loud(standby, 1)
    const [here, there] = [await statusOf(active), await statusOf(standby)]
    const isPair = here.ha.state === 'hot-standby' && there.ha.state === 'hot-standby'
    if (!isPair || here.leases !== there.leases || !here.ha.isSharing)
      throw new Error(`this was no pair: ${JSON.stringify([here, there])}`)
  }
  return { pids: [active.running.pid, standby.running.pid], check }
}

async function pairOfKea(stand: Stand): Promise<Serving> {
  const [active, standby] = await keaPair(stand, PREFIXES)
  const check = async () => {
    const left = /(to (?!HOT-STANDBY)[A-Z-]+)/.exec(active.stdout.split('to HOT-STANDBY')[1] ?? '')
    if (left !== null) throw new Error(`this was no pair: Kea went ${left[1]}\n${active.stdout}`)
  }
  return { pids: [active.pid, standby.pid], check }
}

/** Runs every contender `rounds` times, in turn, and keeps the best of each. */
export async function pair(rounds: number, only: readonly string[] = []): Promise<void> {
  const best = await contest(CONTENDERS, rounds, only)
  const alone = best.get('Whio, alone')?.held ?? 0
  const kea = best.get('Kea, pair')?.held ?? 0
  printHeads([
    'hot-standby pair, two cores in all',
    'exchanges/s',
    'of Whio alone',
    'of the Kea pair',
    'CPU each, active',
    'standby',
  ])
  for (const [name, { held, cpuEach, partnerCpuEach }] of best)
    printRow([
      name,
      Math.round(held),
      share(held, alone, percent),
      share(held, kea, times),
      micros(cpuEach),
      micros(partnerCpuEach),
    ])
}
