// Lease caching beside other servers (rule 5f).

import t from 'tap'
import { createPair } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'

for (const mode of ['load-balancing', 'hot-standby', 'passive-backup'] as const)
  t.test(
    `rule 5f: in ${mode} each renewal is written, and known to the other server`,
    async (t) => {
      const dhcp4 = {
        'valid-lifetime': 1000,
        'renew-timer': 60,
        'cache-threshold': 0.5,
        subnet4: [
          { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100 - 192.0.2.110' }] },
        ],
      }
      const lab = createPair({ plans: pairPlans(pairConfig({ mode, dhcp4 })), clients: 1 })
      t.ok(lab.reachNormal())
      const [client] = lab.clients
      client!.start()
      lab.advance(10_000)
      const rows = () => lab.servers.map(({ disk }) => disk.durableRow(client!.ipv4)!.start)
      const before = rows()
      lab.advance(70_000)
      const after = rows()
      t.ok(client!.isBound)
      for (const index of [0, 1]) t.ok(after[index]! > before[index]!, `server ${index + 1}`)
      t.same(lab.invariants.violations, [])
    },
  )
