// Simulated pairs by the hundred: hosts die, processes are killed, stopped and paused, links break
// in every way, clients come and go. `SEED=17 node test/sim/pair-simulate.test.ts` replays one and
// prints what happened in it; thousands at a time run with `campaign.ts --pairs`.

import t from 'tap'
import { excessOf } from '../../lib/lab/limits.ts'
import { createPair } from '../../lib/lab/pair.ts'
import type { Pair } from '../../lib/server/pair/pair.ts'
import { FAULT_KINDS } from './pair-scenario.ts'
import { simulatePair } from './pair-simulate.ts'
import { S1, S2 } from './pair-stage.ts'
import { freeHand, weakPorts } from './pair-weakness.ts'

const SEEDS = 100

const { SEED } = process.env

if (SEED !== undefined) {
  const { trace, violations } = simulatePair(Number(SEED), { trace: true })
  console.log(trace.replaceAll(/^/gm, '# '))
  t.same(violations, [], `seed ${SEED}`)
} else {
  t.test('two servers keep the promises of one, and two keys for each address', async (t) => {
    const checks: Record<string, number> = {}
    const faults: Record<string, number> = {}
    for (let seed = 1; seed <= SEEDS; seed++) {
      const result = simulatePair(seed)
      if (result.violations.length > 0)
        t.fail(`seed ${seed}: ${result.violations[0]}`, { replay: `SEED=${seed}` })
      add(checks, result.checks)
      add(faults, result.faults)
    }
    t.comment(JSON.stringify(checks))
    t.comment(JSON.stringify(faults))
    t.ok(checks.exclusive! > 40 * SEEDS, 'clients got and extended many addresses')
    t.ok(checks.both! > 30 * SEEDS, 'many ACKs were looked up on both disks')
    t.ok(checks.alone! > 20 * SEEDS, 'many were given while the other server was away')
    for (const kind of ['denied', 'unwanted', 'crowded', 'hurried'])
      t.ok(checks[kind]! > SEEDS / 5, `clients were ${kind}`)
    t.ok(checks.shared! > 500 * SEEDS, 'keys were split often')
    for (const kind of ['late', 'refused', 'failed'])
      t.ok(checks[kind]! > SEEDS, `hooks: messages ${kind}`)
    t.ok(checks.lookUps! > SEEDS, 'a database was asked for reservations')
    t.ok(checks.unknown! > SEEDS / 10, 'also in vain')
    t.ok(checks.exclusive6! > 10 * SEEDS, 'clients got and extended many leases of DHCPv6')
    t.ok(checks.prefixes6! > 3 * SEEDS, 'many of them prefixes')
    t.ok(checks.named! > 2 * SEEDS, 'names stood in DNS in the end')
    t.ok(
      FAULT_KINDS.every((kind) => (faults[kind] ?? 0) > SEEDS),
      'every kind of fault happened',
    )
  })

  t.test('a seed replays byte for byte', async (t) => {
    const [one, other] = [simulatePair(3, { trace: true }), simulatePair(3, { trace: true })]
    t.ok(one.trace.length > 10_000)
    t.ok(one.trace === other.trace)
    t.ok(one.trace !== simulatePair(4, { trace: true }).trace)
  })

  t.test('a backup that does not take rows is found out', async (t) => {
    const hears = (message: string | Uint8Array) =>
      typeof message === 'string' ? message : undefined
    const ports = weakPorts({ servers: ['server3'], hears }, () => true, [])!
    const found: string[] = []
    for (let seed = 1; found.length === 0 && seed <= 20; seed++)
      found.push(...simulatePair(seed, { spoil: { ports } }).violations)
    t.match(found[0], /server3/)
  })

  t.test('what grows beyond its limit is found out', async (t) => {
    const { pair } = createPair().server().server!
    const { services, sessions } = pair!
    t.equal(excessOf(pair!), '')
    for (const delivery of [{ parked: 1e9 }, { gathered: 1e9 }])
      t.match(
        excessOf({ services: { ...services, delivery }, sessions } as unknown as Pair),
        /more than/,
      )
    for (const size of [{ buffered: 1e9 }, { earlyCount: 1e9 }]) {
      const session = { buffered: 0, earlyCount: 0, ...size }
      t.match(excessOf({ services, sessions: [session] } as unknown as Pair), /more than/)
    }
  })

  t.test('servers that give without keys are found out', async (t) => {
    const found: string[] = []
    const isTwice = (one: string) => one.includes('is valid for')
    for (let seed = 1; !found.some(isTwice) && seed <= 20; seed++) {
      const ports = weakPorts(freeHand(S1, S2), () => true, [])!
      found.push(...simulatePair(seed, { spoil: { ports } }).violations)
    }
    t.ok(found.some(isTwice), 'an address for two clients')
  })
}

function add(sums: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + count
}
