// Lease caching of a server that other servers follow (rule 5f).

import t from 'tap'
import { createPair } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'

t.test('rule 5f: what was given before a start is written anew', async (t) => {
  const dhcp4 = {
    'valid-lifetime': 1000,
    'renew-timer': 60,
    'cache-threshold': 0.5,
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100 - 192.0.2.110' }] }],
  }
  const plans = pairPlans(pairConfig({ mode: 'passive-backup', dhcp4 }))
  const lab = createPair({ plans, clients: 1 })
  t.ok(lab.reachNormal())
  const [server] = lab.servers
  const reuses = () => server!.server!.status().statistics['v4-lease-reuses'] ?? 0
  lab.clients[0]!.start()
  lab.advance(200_000)
  t.ok(reuses() > 0, 'the backup has the lease, so it is told again as it is')
  lab.kill(0)
  lab.advance(10_000)
  lab.start(0)
  t.ok(lab.reachNormal())
  lab.advance(70_000)
  t.equal(reuses(), 0, 'the first renewal after the start is written')
  lab.advance(100_000)
  t.ok(reuses() > 0, 'and the next one is told again')
  t.same(lab.invariants.violations, [])
})
