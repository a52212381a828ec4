// Whoever asks a server for its status while it still reads its journal: there is no lease clock
// yet, and nothing of what is read may seem to have ended.

import t from 'tap'
import { createPair } from '../../lib/lab/pair.ts'

t.test('a status that is asked for while the journal is read ends no lease', async (t) => {
  for (const [family, key] of [
    [4, 'subnet4'],
    [6, 'subnet6'],
  ] as const) {
    const lab = createPair({
      mode: 'passive-backup',
      dhcp4: { subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10/32' }] }] },
      dhcp6: {
        'valid-lifetime': 600,
        subnet6: [{ id: 1, subnet: '2001:db8::/64', pools: [{ pool: '2001:db8::10/128' }] }],
      },
      [family === 4 ? 'clients' : 'clients6']: 1,
    })
    t.ok(lab.settle(), key)
    lab.restart()
    lab.status()
    lab.advance(10_000)
    const other = family === 4 ? lab.addClient() : lab.addClient6()
    lab.advance(60_000)
    t.equal(other.isBound, false, `${key}: its address is not given to somebody else`)
    t.same(lab.invariants.violations, [])
  }
})
