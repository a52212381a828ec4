// The first seconds after a start: no code is compiled yet, and everybody asks at once, as after a
// power cut. All clients are known: the server had leased to them before it was stopped. Whio,
// durable, beside Kea with memfile.
//
//   npm run bench -- cold [--rounds N] [--only NAME]

import type { Running } from '../system/netns.ts'
import { PINNED, printHeads, printRow } from './contest.ts'
import type { Crowd } from './crowd.ts'
import { cpuSeconds } from './perfdhcp.ts'
import { keaAlone, listening, PRIMARY, RELAY, Stand } from './stand.ts'

const CROWDS = [2000, 5000]
const CROWD_CPU = '1'

interface Contender {
  readonly name: string
  /** Starts it on the files that are there and returns when it serves. */
  start(stand: Stand): Promise<Running>
}

const CONTENDERS: readonly Contender[] = [
  { name: 'Whio, durable', start: whio },
  { name: 'Kea, one thread', start: (stand) => keaAlone(stand, PINNED, false) },
]

interface Sample {
  /** From the start of the process to the first interface served, seconds. */
  readonly start: number
  readonly answered: readonly number[]
  /** Processor time of the server until it served, and from then on, seconds. */
  readonly startCpu: number
  readonly cpu: number
}

async function whio(stand: Stand): Promise<Running> {
  const server = stand.whio(0, PINNED, false, 'ERROR')
  await listening(stand.hosts[0], server.running)
  return server.running
}

/** Every crowd comes `rounds` times to each; the round with the earliest last answer counts. */
export async function cold(rounds: number, only: readonly string[] = []): Promise<void> {
  const best = new Map<string, Sample>()
  const runs = CONTENDERS.filter(
    ({ name }) => only.length === 0 || only.some((word) => name.includes(word)),
  )
  for (let round = 0; round < rounds; round++)
    for (const clients of CROWDS)
      for (const contender of runs) {
        const key = `${clients} clients, ${contender.name}`
        const sample = await measure(contender, clients)
        const former = best.get(key)
        if (former === undefined || isBetter(sample, former)) best.set(key, sample)
      }
  print(best)
}

async function measure({ start }: Contender, clients: number): Promise<Sample> {
  const stand = new Stand()
  try {
    const former = await start(stand)
    await come(stand, clients)
    former.kill('SIGTERM')
    await former.ended
    const began = performance.now()
    const server = await start(stand)
    const ready = (performance.now() - began) / 1000
    const startCpu = cpuSeconds(server.pid)
    const { answered } = await come(stand, clients)
    return { start: ready, answered, startCpu, cpu: cpuSeconds(server.pid) - startCpu }
  } finally {
    await stand.remove()
  }
}

async function come({ clients: where }: Stand, clients: number): Promise<Crowd> {
  const words = ['test/bench/crowd.ts', String(clients), RELAY, PRIMARY]
  const crowd = where.start('taskset', '-c', CROWD_CPU, process.execPath, ...words)
  const result = await crowd.ended
  if (result !== 0) throw new Error(`the crowd ended (${result}): ${crowd.stderr}`)
  return JSON.parse(crowd.stdout) as Crowd
}

function isBetter(one: Sample, other: Sample): boolean {
  if (one.answered.length !== other.answered.length)
    return one.answered.length > other.answered.length
  return one.answered.at(-1)! < other.answered.at(-1)!
}

function print(best: ReadonlyMap<string, Sample>): void {
  const times = ['answered in 1 s', '2 s', '5 s', 'last after']
  printHeads(['all ask within 1 s', 'start', ...times, 'CPU of the start', 'CPU each'])
  for (const [name, { start, answered, startCpu, cpu }] of best) {
    const within = (ms: number) => answered.filter((at) => at <= ms).length
    const last = `${((answered.at(-1) ?? 0) / 1000).toFixed(2)} s`
    const each = `${((cpu / Math.max(1, answered.length)) * 1e6).toFixed(0)} µs`
    const counts = [1000, 2000, 5000].map(within)
    printRow([name, `${start.toFixed(2)} s`, ...counts, last, `${startCpu.toFixed(2)} s`, each])
  }
}
