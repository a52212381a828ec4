// Faults of real servers under real clients: `npm run chaos -- [--minutes 20] [--seed N]
// [--world-seconds 180] [--only kill,cut] [--story] [--shared]`. Worlds with seeds that count up,
// until the time is over. Prints each world and what broke a promise in it, how often each fault
// happened, and all of it in a line; exit 1 when something broke. What is needed to look at such a
// world is kept in the folder $CHAOS_KEEP (whio-chaos-kept among temporary files). A seed draws the
// same faults again; what comes of them is up to the machine. With --shared: four servers on one
// database instead of a pair. As root, in network namespaces of its own.

import { parseArgs } from 'node:util'
import { systemSkip } from '../system/netns.ts'
import { FAULT_NAMES, type FaultName } from './faults.ts'
import { SHARED_FAULTS, SharedWorld } from './shared-world.ts'
import { ChaosWorld } from './world.ts'

/** The last world is shorter, but not so short that nothing happens in it. */
const WORLD_MIN_MS = 20_000

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
    'world-seconds': { type: 'string', default: '180' },
    only: { type: 'string', default: '' },
    story: { type: 'boolean', default: false },
    shared: { type: 'boolean', default: false },
  },
})

const skip = systemSkip()
if (skip !== false) throw new Error(skip)
const only = values.only.split(',').filter(Boolean).map(faultNamed)
const first = Number(values.seed)
const began = performance.now()
const until = began + Number(values.minutes) * 60_000
const counts: Record<string, number> = {}
let [seed, acks, violations, healedAfter, servedAfter] = [first, 0, 0, 0, 0]

for (; performance.now() < until; seed++) {
  const left = Math.max(WORLD_MIN_MS, until - performance.now())
  const duration = Math.min(Number(values['world-seconds']) * 1000, left)
  const result = values.shared
    ? await new SharedWorld(seed).run(duration)
    : await new ChaosWorld(seed, only).run(duration)
  acks += result.acks
  violations += result.violations.length
  healedAfter = Math.max(healedAfter, result.healedAfter)
  servedAfter = Math.max(servedAfter, result.servedAfter)
  for (const [name, count] of Object.entries(result.faults))
    counts[name] = (counts[name] ?? 0) + count
  console.log(
    `seed ${seed}: ${result.acks} ACKs, ${sum(result.faults)} faults, ${result.violations.length} violations; healed after ${result.healedAfter.toFixed(1)} s, all served after ${result.servedAfter.toFixed(1)} s`,
  )
  if (values.story || result.violations.length > 0)
    for (const line of result.story) console.log(`    ${line}`)
}

const names = values.shared ? SHARED_FAULTS : FAULT_NAMES
for (const name of names) console.log(`${`${counts[name] ?? 0}`.padStart(5)} ${name}`)
const minutes = ((performance.now() - began) / 60_000).toFixed(1)
console.log(
  `${minutes} minutes, seeds ${first} to ${seed - 1}: ${acks} ACKs, ${sum(counts)} faults, ${violations} violations; healed after ${healedAfter.toFixed(1)} s, all served after ${servedAfter.toFixed(1)} s at most`,
)
process.exitCode = violations === 0 ? 0 : 1

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, one) => sum + one, 0)
}

function faultNamed(text: string): FaultName {
  const name = FAULT_NAMES.find((name) => name === text)
  if (name === undefined) throw new Error(`--only: '${text}' is none of ${FAULT_NAMES.join(', ')}`)
  return name
}
