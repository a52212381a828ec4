// What `whio pair` puts into the configuration of both hosts.

import t from 'tap'
import { withPair } from '../../lib/cli/pair-files.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'

t.test('leases in a database that both hosts write are not sent', async (t) => {
  const wish = {
    ...({ mode: 'load-balancing', addresses: ['192.0.2.1', '192.0.2.2'], port: 8000 } as const),
    ...{ folder: '/etc/whio', isTls: false },
  }
  const subnet4 = [{ id: 1, subnet: '192.0.2.0/24' }]
  const served = { 'interfaces-config': { interfaces: ['*'] }, subnet4 }
  const where = { type: 'postgresql', name: 'dhcp', host: 'db1' } as const
  const rows: readonly (readonly [document: ConfigDocument, isShared: boolean])[] = [
    [{ Dhcp4: { ...served, 'lease-database': where } }, true],
    [{ Dhcp4: served }, false],
    [{ Dhcp4: served, Dhcp6: { 'lease-database': where } }, true],
  ]
  for (const [document, isShared] of rows) {
    const look = () => ({ kind: 'file', text: 'secret' }) as const
    const context = { stateDirectory: '/nowhere', thisServer: 'server2', look }
    const { plan } = loadPlanFromObject(withPair(document, wish), context)
    t.match(plan?.ha, { sendLeaseUpdates: !isShared, sharesDatabase: isShared })
  }
})
