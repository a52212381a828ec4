// Simulated worlds by the hundred: crashes, lost and late datagrams, failing disks, clients of
// every kind. `SEED=17 node test/sim/simulate.test.ts` replays one and prints what happened in it;
// thousands at a time run with campaign.ts.

import t from 'tap'
import { FAULT_KINDS } from './scenario.ts'
import { simulate } from './simulate.ts'

const SEEDS = 200

const { SEED } = process.env

if (SEED !== undefined) {
  const { trace, violations } = simulate(Number(SEED), { trace: true })
  console.log(trace.replaceAll(/^/gm, '# '))
  t.same(violations, [], `seed ${SEED}`)
} else {
  t.test('no address is valid for two clients, no acknowledged lease is lost', async (t) => {
    const checks: Record<string, number> = {}
    const faults: Record<string, number> = {}
    for (let seed = 1; seed <= SEEDS; seed++) {
      const result = simulate(seed)
      if (result.violations.length > 0)
        t.fail(`seed ${seed}: ${result.violations[0]}`, { replay: `SEED=${seed}` })
      add(checks, result.checks)
      add(faults, result.faults)
    }
    t.comment(JSON.stringify(checks))
    t.comment(JSON.stringify(faults))
    t.ok(checks.exclusive! > 40 * SEEDS, 'clients got and extended many addresses')
    t.ok(checks.durable! > 40 * SEEDS, 'many ACKs were looked up on the disk')
    t.ok(checks.restored! > 2 * SEEDS, 'servers restarted often')
    t.ok(checks.late! > SEEDS, 'many messages were asked about in vain')
    t.ok(checks.refused! > SEEDS, 'or refused')
    t.ok(checks.failed! > SEEDS, 'hooks failed')
    t.ok(checks.lookUps! > 5 * SEEDS, 'a database was asked for reservations')
    t.ok(checks.unknown! > SEEDS, 'also in vain')
    t.ok(checks.reused! > SEEDS, 'leases were reused without a write')
    for (const kind of ['denied', 'unwanted', 'crowded', 'hurried'])
      t.ok(checks[kind]! > SEEDS / 5, `clients were ${kind}`)
    t.ok(checks.exclusive6! > 15 * SEEDS, 'of DHCPv6, too')
    t.ok(checks.told6! > 15 * SEEDS, 'what servers told of leases was looked up on the disk')
    t.ok(checks.prefixes6! > 5 * SEEDS, 'many of them were prefixes')
    t.ok(checks.named! > 2 * SEEDS, 'names stood in DNS in the end')
    t.ok(checks.updates! > 10 * SEEDS, 'and were changed on the way')
    t.ok(checks.occupied! > SEEDS / 10, 'addresses were found in use without a lease')
    t.ok(
      FAULT_KINDS.every((kind) => faults[kind]! > SEEDS),
      'every kind of fault happened',
    )
  })

  t.test('a seed replays byte for byte', async (t) => {
    const [one, other] = [simulate(7, { trace: true }), simulate(7, { trace: true })]
    t.ok(one.trace.length > 10_000)
    t.ok(one.trace === other.trace)
    t.ok(one.trace !== simulate(8, { trace: true }).trace)
  })

  t.test('a disk that lies is found out', async (t) => {
    const disk = { syncDelay: 3000 }
    const found = [1, 2, 3].flatMap((seed) => simulate(seed, { spoil: { disk } }).violations)
    t.match(found[0], /was acknowledged .* but/)
    const six = [1, 2, 3].flatMap(
      (seed) => simulate(seed, { six: true, spoil: { disk } }).violations,
    )
    t.ok(
      six.some((one) => /tells of 2001:db8:.* but/.test(one)),
      'by its leases of DHCPv6, too',
    )
  })
}

function add(sums: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + count
}
