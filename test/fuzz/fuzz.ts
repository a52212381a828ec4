// The campaign against hostile packets: `npm run fuzz -- --packets 1000000 --seed 1`. Prints what
// it did, and for each broken promise the seed and the packets, shortened, in hexadecimal; exit 1
// when there was one. Expressions of class tests come first: `--expressions 20000`, then
// answers of DNS servers. `--v6` takes DHCPv6 in place of DHCPv4.

import { parseArgs } from 'node:util'
import { fuzzSweeps, fuzzTexts, fuzzValues } from '../classify/expression-fuzz.ts'
import { fuzzAnswers } from '../ddns/answer-fuzz.ts'
import { fuzz } from './campaign.ts'
import { fuzzCodec6 } from './codec6.ts'
import { FUZZ_PLANS } from './plans.ts'
import { fuzzServer6 } from './server6.ts'

const { values } = parseArgs({
  options: {
    packets: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    plan: { type: 'string', default: '' },
    show: { type: 'string', default: '5' },
    expressions: { type: 'string', default: '20000' },
    v6: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
if (values.v6) {
  const { readings, relayed, failure } = fuzzCodec6(seed, Number(values.packets))
  console.log(`${values.packets} packets of DHCPv6 are read, ${relayed} of them from relays`)
  console.log(`  refused: ${JSON.stringify(readings)}`)
  const server = fuzzServer6(seed, Math.ceil(Number(values.packets) / 10))
  console.log(`a server answers: ${JSON.stringify(server.replies)}; ${server.rows} rows`)
  console.log(`  dropped: ${JSON.stringify(server.dropped)}`)
  const failures = [failure, server.failure].filter((one) => one !== undefined)
  for (const one of failures) console.log(`  seed ${seed}: ${one}`)
  process.exit(failures.length === 0 ? 0 : 1)
}
const plans = FUZZ_PLANS.filter(({ name }) => name.includes(values.plan))
const share = Math.ceil(Number(values.packets) / plans.length)
const expressions = Number(values.expressions)
fuzzValues(expressions, seed)
fuzzSweeps(Math.ceil(expressions / 5), seed)
fuzzTexts(expressions, seed)
console.log(`${expressions} expressions have the value that a plain reading gives them`)
const answers = Math.ceil(Number(values.packets) / 10)
fuzzAnswers(answers, seed)
console.log(`${answers} answers of DNS servers are read, or are none`)
const started = performance.now()
let bad = 0

for (const plan of plans) {
  const { tally, heap, failure } = fuzz(plan, seed, share)
  const { arrivals, changes, replies, dropped } = tally
  const [, , offers = 0, , , acks = 0, naks = 0] = replies
  console.log(`${plan.name}: ${arrivals} packets, ${offers} OFFER, ${acks} ACK, ${naks} NAK`)
  console.log(`  ${changes} changes stored; heap ${heap.map((bytes) => mebi(bytes)).join(' ')} MiB`)
  const drops = Object.entries(dropped).sort(([, a], [, b]) => b - a)
  console.log(`  dropped: ${drops.map(([reason, count]) => `${reason} ${count}`).join(', ')}`)
  if (failure === undefined) continue
  bad++
  console.log(`  seed ${seed} plan '${plan.name}': ${failure.text}`)
  console.log(`  shortened to ${failure.packets.length} packets, the last of them:`)
  for (const line of failure.packets.slice(-Number(values.show))) console.log(`    ${line}`)
}
const seconds = (performance.now() - started) / 1000
const rate = Math.round((share * plans.length) / seconds)
console.log(`${bad} plans with broken promises; ${seconds.toFixed(1)} s, ${rate} packets a second`)
process.exitCode = bad === 0 ? 0 : 1

function mebi(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
