// 4-way exchanges a second of hot-standby pairs, side by side in one run: Whio, Kea, and Whio on its own.
// Everything has two processors: the active server is pinned to one, perfdhcp to the other, and the standby
// takes what either has left. perfdhcp is a relay that sends to the active server only. Every client is new.
//
//   npm run bench -- pair [--rounds N] [--only NAME]

import { keaPair, loud, PRIMARY, quiet, Stand, statusOf, whioPair } from './pair-stand.ts'
import { climb, type Load, run, type Sample } from './perfdhcp.ts'

const ACTIVE = ['taskset', '-c', '0'] as const
const STANDBY = ['taskset', '-c', '0,1'] as const
const PREFIXES = [ACTIVE, STANDBY] as const
const LOAD_CPU = 1

/** Its small receive buffer overflows while somebody else has its processor, and no server could help that. */
const LOAD_NICE = -5

/** More than one run can ask for. */
const CLIENTS = 1_000_000

interface Serving {
  /** Processes of the active server and of its partner, 0 = none. */
  readonly pids: readonly [number, number]
  /** What must hold when the load is over. */
  check(): Promise<void>
}

interface Contender {
  readonly name: string
  /** First rate tried. */
  readonly start: number
  run(stand: Stand): Promise<Serving>
}

const CONTENDERS: readonly Contender[] = [
  { name: 'Whio, alone', start: 12_000, run: runAlone },
  { name: 'Whio, pair', start: 10_000, run: runWhio },
  { name: 'Kea, pair', start: 1500, run: runKea },
]

async function runAlone(stand: Stand): Promise<Serving> {
  const server = stand.whio(0, ACTIVE, false)
  await server.serves('eth0')
  await quiet(server, 0, false)
  return { pids: [server.running.pid, 0], check: async () => {} }
}

async function runWhio(stand: Stand): Promise<Serving> {
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

async function runKea(stand: Stand): Promise<Serving> {
  const [active, standby] = await keaPair(stand, PREFIXES)
  const check = async () => {
    const left = /(to (?!HOT-STANDBY)[A-Z-]+)/.exec(active.stdout.split('to HOT-STANDBY')[1] ?? '')
    if (left !== null) throw new Error(`this was no pair: Kea went ${left[1]}\n${active.stdout}`)
  }
  return { pids: [active.pid, standby.pid], check }
}

async function measure(contender: Contender): Promise<Sample> {
  const stand = new Stand()
  try {
    const { pids, check } = await contender.run(stand)
    const load: Load = {
      from: stand.clients,
      device: 'br0',
      server: PRIMARY,
      cpu: LOAD_CPU,
      nice: LOAD_NICE,
      clients: CLIENTS,
      isAllNew: true,
      pid: pids[0],
      partnerPid: pids[1],
    }
    // Nothing is compiled yet.
    await run(load, contender.start)
    const best = await climb(load, contender.start, (sample) => note(contender.name, sample))
    await check()
    return best
  } finally {
    await stand.remove()
  }
}

function note(name: string, { asked, sent, held, cpuEach, partnerCpuEach }: Sample): void {
  const each = `${cpuEach.toFixed(1)} + ${partnerCpuEach.toFixed(1)} us each`
  process.stderr.write(`  ${name}: asked ${asked}, sent ${sent}, held ${held}, ${each}\n`)
}

/** Runs every contender `rounds` times, in turn, and keeps the best of each. */
export async function pair(rounds: number, only: readonly string[] = []): Promise<void> {
  const best = new Map<string, Sample>()
  for (let round = 0; round < rounds; round++) {
    for (const contender of CONTENDERS) {
      if (only.length > 0 && !only.some((word) => contender.name.includes(word))) continue
      const sample = await measure(contender)
      const former = best.get(contender.name)
      if (former === undefined || sample.held > former.held) best.set(contender.name, sample)
    }
  }
  print(best)
}

function print(best: ReadonlyMap<string, Sample>): void {
  const kea = best.get('Kea, pair')?.held ?? 0
  const alone = best.get('Whio, alone')?.held ?? 0
  const share = (held: number, of: number, text: (ratio: number) => string) =>
    of === 0 ? '–' : text(held / of)
  const micros = (value: number) => (value === 0 ? '–' : `${value.toFixed(1)} µs`)
  console.log(
    '| hot-standby pair, two cores in all | exchanges/s | of Whio alone | of the Kea pair | CPU each, active | standby |',
  )
  console.log('|---|---:|---:|---:|---:|---:|')
  for (const [name, { held, cpuEach, partnerCpuEach }] of best) {
    const cells = [
      name,
      Math.round(held),
      share(held, alone, (ratio) => `${Math.round(ratio * 100)} %`),
      share(held, kea, (ratio) => ratio.toFixed(2)),
      micros(cpuEach),
      micros(partnerCpuEach),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}
