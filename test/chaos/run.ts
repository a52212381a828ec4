// Faults of real servers under real clients: `npm run chaos -- [--minutes 20] [--seed N] [--world-seconds 120] [--only kill,cut]`. Worlds
// with seeds that count up, until the time is over. Prints each world and what broke a promise in it; exit 1 when
// something did. A seed draws the same faults again; what comes of them is up to the machine. As root, in network
// namespaces of its own.

import { parseArgs } from 'node:util'
import { systemSkip } from '../system/netns.ts'
import type { FaultName } from './faults.ts'
import { ChaosWorld } from './world.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
    'world-seconds': { type: 'string', default: '120' },
    only: { type: 'string', default: '' },
    story: { type: 'boolean', default: false },
  },
})

const skip = systemSkip()
if (skip !== false) throw new Error(skip)
const only = values.only === '' ? [] : (values.only.split(',') as FaultName[])
const until = performance.now() + Number(values.minutes) * 60_000
const sums: Record<string, number> = {}
let [worlds, acks, bad] = [0, 0, 0]

for (let seed = Number(values.seed); performance.now() < until; seed++) {
  const result = await new ChaosWorld(seed, only).run(Number(values['world-seconds']) * 1000)
  worlds++
  acks += result.acks
  for (const [name, count] of Object.entries(result.faults)) sums[name] = (sums[name] ?? 0) + count
  const count = Object.values(result.faults).reduce((sum, one) => sum + one, 0)
  console.log(
    `seed ${seed}: ${result.acks} ACKs, ${count} faults, ${result.violations.length} violations`,
  )
  if (result.violations.length > 0) bad++
  if (values.story || result.violations.length > 0)
    for (const line of result.story) console.log(`    ${line}`)
}
const faults = Object.entries(sums).map(([name, count]) => `${name} ${count}`)
console.log(`${worlds} worlds, ${acks} ACKs, ${bad} with violations; faults: ${faults.join(', ')}`)
process.exitCode = bad === 0 ? 0 : 1
