// What an exchange costs where networks live: at rates that leave the processor mostly idle, where
// each datagram tends to come alone. Whio with a durable journal beside Kea with memfile, in turn,
// in one run.
//
//   npm run bench -- moderate [--rounds N] [--only NAME]

import { micros, printHeads, printRow, type Serving, times } from './contest.ts'
import { kea, whio } from './exchanges.ts'
import { type Load, run, type Sample } from './perfdhcp.ts'
import { PRIMARY, Stand } from './stand.ts'

/** Exchanges a second. */
const RATES = [1000, 3000]

/** What makes the code hot and, where clients are known, every client known. */
const WARM_RATE = 3000

interface Contender {
  readonly name: string
  serve(stand: Stand): Promise<Serving>
}

const WHIO = 'Whio, durable'
const KEA = 'Kea, one thread'

const CONTENDERS: readonly Contender[] = [
  { name: WHIO, serve: whio },
  { name: KEA, serve: (stand) => kea(stand, false) },
]

/** The calmest of the rounds, by contender, clients and rate. */
type Calmest = Map<string, Sample>

/**
 * Every contender serves every rate `rounds` times, in turn; of each the calmest counts: whoever is
 * kept from its processor finds more than one datagram at a time, which makes an exchange cheaper.
 */
export async function moderate(rounds: number, only: readonly string[] = []): Promise<void> {
  const calmest: Calmest = new Map()
  const runs = CONTENDERS.filter(
    ({ name }) => only.length === 0 || only.some((word) => name.includes(word)),
  )
  for (let round = 0; round < rounds; round++)
    for (const contender of runs)
      for (const areKnown of [false, true]) await measure(contender, areKnown, calmest)
  print(calmest)
}

async function measure(contender: Contender, areKnown: boolean, calmest: Calmest) {
  const stand = new Stand()
  try {
    const { pids } = await contender.serve(stand)
    const load: Load = {
      from: stand.clients,
      device: 'br0',
      server: PRIMARY,
      cpu: 1,
      pids,
      areKnown,
    }
    await run(load, WARM_RATE)
    for (const rate of RATES)
      keep(calmest, keyOf(contender.name, areKnown, rate), await run(load, rate))
  } finally {
    await stand.remove()
  }
}

/** A sample in which something is missing says nothing. */
function keep(calmest: Calmest, key: string, sample: Sample): void {
  const { asked, held, cpuEach, offerDelay, ackDelay } = sample
  const delays = `OFFER ${offerDelay} ms, ACK ${ackDelay} ms`
  process.stderr.write(`  ${key}: held ${held}, ${cpuEach.toFixed(1)} us each, ${delays}\n`)
  if (held < asked * 0.98) return
  const former = calmest.get(key)
  if (former === undefined || delayOf(sample) < delayOf(former)) calmest.set(key, sample)
}

function delayOf({ offerDelay, ackDelay }: Sample): number {
  return offerDelay + ackDelay
}

function keyOf(name: string, areKnown: boolean, rate: number): string {
  return `${name}, ${areKnown ? 'known' : 'new'} clients, ${rate}/s`
}

function print(calmest: Calmest): void {
  printHeads(['exchanges/s', WHIO, KEA, 'Whio of Kea', 'OFFER / ACK of Whio', 'of Kea'])
  for (const rate of RATES)
    for (const areKnown of [false, true]) {
      const ours = calmest.get(keyOf(WHIO, areKnown, rate))
      const theirs = calmest.get(keyOf(KEA, areKnown, rate))
      const [our, their] = [ours?.cpuEach ?? 0, theirs?.cpuEach ?? 0]
      printRow([
        `${rate}, ${areKnown ? 'known' : 'new'} clients`,
        micros(our),
        micros(their),
        our === 0 || their === 0 ? '–' : times(our / their),
        delays(ours),
        delays(theirs),
      ])
    }
}

function delays(sample: Sample | undefined): string {
  return sample === undefined ? '–' : `${sample.offerDelay} / ${sample.ackDelay} ms`
}
