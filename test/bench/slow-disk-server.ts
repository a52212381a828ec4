// A server on a thread of its own whose journal takes longer than the disk does; tells its UDP
// port.

import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { openHost } from '../../lib/platform/host.ts'

const { folder, commitDelayMs } = workerData as { folder: string; commitDelayMs: number }
const { plan } = loadPlanFromObject(
  {
    Dhcp4: {
      'interfaces-config': { interfaces: ['lo/127.0.0.1'] },
      'lease-database': { type: 'memfile', name: join(folder, 'leases.sqlite') },
      subnet4: [
        {
          id: 1,
          subnet: '198.18.0.0/24',
          relay: { 'ip-addresses': ['127.0.0.1'] },
          pools: [{ pool: '198.18.0.1 - 198.18.0.254' }],
        },
      ],
    },
  },
  { stateDirectory: undefined },
)
const host = await openHost(plan!, {
  serverPort: 0,
  commitDelayMs,
  log: { enabled: () => false, write: () => {} },
  onEvent: (event) => {
    if (event.kind === 'state' && event.state === 'serving')
      setImmediate(() => parentPort?.postMessage(host.boundPorts()[0]?.port))
  },
})
host.server.start()
