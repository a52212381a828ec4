// What an exchange costs where networks live: at rates that leave the processor mostly idle, where
// each datagram tends to come alone. Whio with a durable journal beside Kea with memfile: both run
// all the time, on stands of their own, and one after the other has clients for some seconds. So
// what else the machine does meets both alike, and their ratio means something also where their
// times do not.
//
//   npm run bench -- moderate [--rounds N]

import { micros, printHeads, printRow, times } from './contest.ts'
import { kea, whio } from './exchanges.ts'
import { type Load, run, type Sample } from './perfdhcp.ts'
import { PRIMARY, Stand } from './stand.ts'

/** Exchanges a second. */
const RATES = [1000, 3000]

/**
 * What makes the code hot and, where clients are known, every client known. After one run the
 * compilers still have a third of the processor time; what they cost is measured by `cold`.
 */
const WARM_RATE = 3000
const WARM_RUNS = 3

const LOAD_CPU = 1

/** By rate: what was measured of Whio and of Kea, round by round. */
type Rounds = Map<number, [Sample, Sample][]>

/** Every server serves every rate `rounds` times, in turn; of each the median counts. */
export async function moderate(rounds: number): Promise<void> {
  printHeads([
    'exchanges/s',
    'Whio, durable',
    'Kea',
    'Whio of Kea',
    'OFFER / ACK of Whio',
    'of Kea',
  ])
  for (const areKnown of [false, true])
    for (const [rate, samples] of await besideEachOther(areKnown, rounds))
      print(`${rate}, ${areKnown ? 'known' : 'new'} clients`, samples)
}

async function besideEachOther(areKnown: boolean, rounds: number): Promise<Rounds> {
  const stands = [new Stand(), new Stand()] as const
  try {
    const ours = loadOf(stands[0], (await whio(stands[0])).pids, areKnown)
    const theirs = loadOf(stands[1], (await kea(stands[1], false)).pids, areKnown)
    for (const load of [ours, theirs])
      for (let runs = 0; runs < WARM_RUNS; runs++) await run(load, WARM_RATE)
    const all: Rounds = new Map(RATES.map((rate) => [rate, []]))
    for (let round = 0; round < rounds; round++)
      for (const [rate, samples] of all)
        samples.push([await run(ours, rate), await run(theirs, rate)])
    return all
  } finally {
    for (const stand of stands) await stand.remove()
  }
}

function loadOf(stand: Stand, pids: Load['pids'], areKnown: boolean): Load {
  return { from: stand.clients, device: 'br0', server: PRIMARY, cpu: LOAD_CPU, pids, areKnown }
}

function print(name: string, samples: readonly [Sample, Sample][]): void {
  const ours = samples.map(([our]) => our)
  const theirs = samples.map(([, their]) => their)
  const ratio = median(samples.map(([our, their]) => our.cpuEach / their.cpuEach))
  const each = [ours, theirs].map((list) => micros(median(list.map(({ cpuEach }) => cpuEach))))
  printRow([name, ...each, times(ratio), delays(ours), delays(theirs)])
  for (const [our, their] of samples) process.stderr.write(`  ${note(our)}; Kea: ${note(their)}\n`)
}

function note({ asked, held, cpuEach }: Sample): string {
  return `asked ${asked}, held ${held}, ${cpuEach.toFixed(1)} us each`
}

function delays(samples: readonly Sample[]): string {
  const offer = median(samples.map(({ offerDelay }) => offerDelay))
  const ack = median(samples.map(({ ackDelay }) => ackDelay))
  return `${offer.toFixed(1)} / ${ack.toFixed(1)} ms`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
