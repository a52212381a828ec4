// One plan, one seed, any number of packets; and when a promise breaks, the shortest history that
// breaks it. Memory is measured with everything collected, behind a warm-up that fills the caches.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import { type Arrival, FuzzWorld, type Tally } from './fuzz-world.ts'
import { Generator } from './generator.ts'
import type { FuzzPlan } from './plans.ts'
import { shortened } from './shorten.ts'
import { Violation } from './violation.ts'

/** Packets until caches, pools and corpora have their size, and between two measurements. */
const WARM_UP = 60_000
const MEASURE_EVERY = 20_000

/** What memory may grow by behind the warm-up, bytes; the history kept here swings by 2.5 MiB. */
export const HEAP_GROWTH_MAX = 4 * 2 ** 20

/** The latest arrivals, from which a failure is played again. */
const HISTORY_MAX = 4096

export interface Campaign {
  readonly tally: Tally
  /** Bytes in use at each measurement. */
  readonly heap: readonly number[]
  readonly failure?: Failure
}

export interface Failure {
  readonly text: string
  /**
   * The shortest history found, a line a packet; only the last packet where it needs no history.
   */
  readonly packets: readonly string[]
}

export function fuzz(fuzzPlan: FuzzPlan, seed: number, packets: number): Campaign {
  const generator = new Generator(seed, fuzzPlan)
  const world = new FuzzWorld(fuzzPlan, (reply, bytes) => generator.hear(reply, bytes))
  const history: Arrival[] = []
  const heap: number[] = []
  try {
    for (let number = 1; number <= packets; number++) {
      const arrival = generator.next()
      history.push(arrival)
      if (history.length === 2 * HISTORY_MAX) history.splice(0, HISTORY_MAX)
      world.take(arrival)
      if (number % MEASURE_EVERY !== 0) continue
      // A reload forgets what is kept of options (SELECTIONS_MAX), so that any other growth shows.
      world.server.reload(fuzzPlan.plan)
      if (number >= WARM_UP) measure(heap)
    }
    world.account()
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const found = shortened(fuzzPlan, history, error)
    return { tally: world.tally, heap, failure: { text, packets: found.map(describe) } }
  }
  return { tally: world.tally, heap }
}

const collect = collector()

/** Bytes in use: the heap and the buffers outside of it. */
export function memoryInUse(): number {
  collect()
  // What a first collection finds to be garbage only through weak references goes with a second
  // one.
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function measure(heap: number[]): void {
  heap.push(memoryInUse())
  const growth = heap.at(-1)! - heap[0]!
  if (growth > HEAP_GROWTH_MAX) throw new Violation(`memory grew by ${growth} bytes`)
}

function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

function describe({ bytes, link, address, port, wait, endsBatch, journal }: Arrival): string {
  const from = `link ${link} from ${textFromIpv4(address)}:${port} after ${wait} ms`
  return `${from}, ends batch ${endsBatch}, journal ${journal}: ${Buffer.from(bytes).toString('hex')}`
}
