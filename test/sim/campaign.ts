// Thousands of seeds: `node test/sim/campaign.ts --seeds 5000 [--first 1] [--v6] [--names]
// [--shared] [--pairs]`. Prints each seed that breaks a promise, and sums at the end; exit 1 when
// there was one.
// `--v6`: DHCPv6 is served, too, in every world; `--names`: names are registered in DNS in every
// world where no hook gives names; with `--shared` in no other. `--shared`: several servers on one
// database instead of one on its disk; with `--pairs` they are a pair. `--pairs`: pairs of servers,
// with `--new-disks`: disks die too; `--operator`: humans do in every world what else they do in
// some; `--impostor`: somebody poses as a server in every world. With one seed, `--trace` prints
// what happened in it.

import { parseArgs } from 'node:util'
import { simulatePair } from './pair-simulate.ts'
import { simulateShared } from './shared-simulate.ts'
import { simulate } from './simulate.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    first: { type: 'string', default: '1' },
    pairs: { type: 'boolean', default: false },
    shared: { type: 'boolean', default: false },
    'new-disks': { type: 'boolean', default: false },
    operator: { type: 'boolean', default: false },
    impostor: { type: 'boolean', default: false },
    v6: { type: 'boolean', default: false },
    names: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
})
const run = values.shared ? simulateShared : values.pairs ? simulatePair : simulate
const first = Number(values.first)
const last = first + Number(values.seeds) - 1
const sums: Record<string, number> = {}
let steps = 0
let bad = 0

for (let seed = first; seed <= last; seed++) {
  const result = simulateSafely(seed)
  if (values.trace) console.log(result.trace)
  if (result.violations.length > 0) {
    bad++
    console.log(`seed ${seed}: ${result.violations.join('\n    ')}`)
  }
  steps += result.steps
  for (const [key, count] of Object.entries({ ...result.checks, ...result.faults }))
    sums[key] = (sums[key] ?? 0) + count
}
console.log(`${last - first + 1} seeds, ${steps} events, ${bad} with violations`)
console.log(
  Object.entries(sums)
    .map(([key, sum]) => `${key} ${sum}`)
    .join(', '),
)
process.exitCode = bad === 0 ? 0 : 1

function simulateSafely(seed: number) {
  try {
    const { trace, operator, impostor, names, pairs } = values
    const options = { trace, operator, impostor, names, pairs, six: values.v6 }
    return run(seed, { ...options, newDisks: values['new-disks'] })
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { violations: [text], steps: 0, checks: {}, faults: {}, trace: '' }
  }
}
