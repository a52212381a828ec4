// A Whio that serves both families, on the stand of two hosts: its table of DHCPv6 is full and warm
// before DHCPv4 is measured.

import { writeFileSync } from 'node:fs'
import { Daemon } from '../system/daemon.ts'
import { PINNED, type Serving } from './contest.ts'
import { cpuSeconds, type Load, run } from './perfdhcp.ts'
import { PRIMARY, type Stand, whioConfig } from './stand.ts'
import { whioConfig6, with6 } from './stand6.ts'

/** Exchanges of DHCPv6 a second, for as long as a run of perfdhcp takes; so often. */
const RATE = 8000
const RUNS = 2

class BothFamilies extends Daemon {
  override configure({ loggers, ...dhcp4 }: { loggers?: object }): void {
    const database = { type: 'memfile', name: this.journalFile }
    const { loggers: _, ...dhcp6 } = whioConfig6('ERROR') as { loggers?: object }
    const both = {
      Dhcp4: { loggers, 'lease-database': database, ...dhcp4 },
      Dhcp6: { loggers, 'lease-database': database, ...dhcp6 },
    }
    writeFileSync(this.configFile, JSON.stringify(both))
  }
}

/** Returns when it serves DHCPv4 and has as many leases of DHCPv6 as were asked for. */
export async function besideSix(stand: Stand): Promise<Serving> {
  await with6(stand)
  const config = whioConfig(0, false, 'INFO')
  const server = new BothFamilies(stand.hosts[0], stand.folderOf(0), config, PINNED)
  await server.serves('eth0')
  await server.line('DHCP6_INTERFACE_SERVING', { interface: 'eth0' })
  server.configure(whioConfig(0, false, 'ERROR'))
  server.running.kill('SIGHUP')
  const { pid } = server.running
  const load: Load = {
    ...{ from: stand.clients, device: 'br0', server: PRIMARY, cpu: 1, pids: [pid, 0] },
    ...{ areKnown: false, wish6: 'address-and-prefix' },
  }
  for (let count = 0; count < RUNS; count++) {
    const { held } = await run(load, RATE)
    if (held < RATE / 2) throw new Error(`DHCPv6 was hardly served: ${held} exchanges a second`)
  }
  if (cpuSeconds(pid) === 0) throw new Error('the server has ended')
  return { pids: [pid, 0] }
}
