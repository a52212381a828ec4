// What a second table costs the first one: exchanges of known DHCPv4 clients in a process that also
// keeps leases of DHCPv6, beside one that does not. Each measures in processes of
// its own, in turns: what the compiler has seen of a second family it never forgets.
//
//   npm run bench -- scale, or alone: node test/bench/beside.ts

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { grant } from '../../lib/leases/lifecycle.ts'
import { leaseTable6 } from '../../lib/leases/table/lease-table6.ts'
import { address6, client6 } from '../leases/keys6.ts'
import { Bench, CONFIG, planOf } from './engine-bench.ts'

const PAIRS = 7
const ROUNDS = 20_000
const KNOWN = 20_000

/** Leases of the second table. */
const BESIDE = 20_000

const TERMS = {
  subnetId: 1,
  poolId: 0,
  validLifetime: 1000,
  hostname: '',
  fqdnFwd: false,
  fqdnRev: false,
  userContext: '',
}

export function besideRow(): string {
  const alone: number[] = []
  const beside: number[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    alone.push(measured('alone'))
    beside.push(measured('beside'))
  }
  const [one, two] = [Math.min(...alone), Math.min(...beside)]
  const ratio = (median(beside) / median(alone)).toFixed(3)
  const times = `${one.toFixed(2)} / ${two.toFixed(2)} µs`
  return `| exchange of a known client, alone / beside a warm second table | ${times} (x ${(two / one).toFixed(3)}, of medians x ${ratio}) |`
}

function measured(how: 'alone' | 'beside'): number {
  const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), how], {
    encoding: 'utf8',
  })
  if (stdout === '') throw new Error(stderr)
  return Number(stdout)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >>> 1]!
}

/** Processor time of an exchange in microseconds, the best of some runs. */
function exchangeMicros(isBeside: boolean): number {
  const bench = new Bench(planOf(CONFIG), '10.0.0.2')
  bench.load(0, KNOWN)
  const second = isBeside ? secondTable() : () => {}
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < 10; run++) {
    second()
    const began = process.threadCpuUsage()
    for (let round = 0; round < ROUNDS; round++)
      bench.exchange((Math.imul(round, 2654435761) >>> 0) % KNOWN)
    const { user, system } = process.threadCpuUsage(began)
    best = Math.min(best, (user + system) / ROUNDS)
  }
  return best
}

/**
 * Grants, renewals, offers and removals of DHCPv6: all that the first table does, too.
 */
function secondTable(): () => void {
  const table = leaseTable6(1)
  const ranges = [{ first: address6(0), last: address6(2 * BESIDE) }]
  const given: string[] = []
  let now = 0
  return () => {
    for (let round = 0; round < ROUNDS; round++) {
      now += 1000
      const who = client6(round % BESIDE)
      const own = table.byClient(who, 1)
      const address =
        own?.address ?? table.findFree(ranges, { order: 'iterative', draw: () => 0 }, now)
      if (address === undefined) throw new Error('the second table is full')
      if (own === undefined) {
        table.offer(address, who, 1, now + 30_000)
        table.withdrawOffer(who, 1)
        given.push(address)
      }
      // As the engine makes them: leases of another shape would be dear for another reason.
      const renewed = grant(address, own, true, { ...TERMS, client: who }, now, round + 1)
      table.apply({ kind: 'put', lease: renewed })
      if (round % 10 === 0)
        table.apply({ kind: 'remove', address: given.shift()!, change: round + 1 })
    }
  }
}

const how = process.argv[2]
if (how === 'alone' || how === 'beside') console.log(exchangeMicros(how === 'beside'))
else if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(besideRow())
