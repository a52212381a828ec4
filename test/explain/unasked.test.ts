// A client whose reservation stands in a database that is asked about each client: what it would
// get is not told wrongly where nobody asks.

import t from 'tap'
import { Compiler } from '../../lib/config/compile/compile.ts'
import type { HostMemory, HostTable } from '../../lib/config/plan/host-rows.ts'
import type { Arrival4 } from '../../lib/dhcp4/arrival.ts'
import type { Arrival6 } from '../../lib/dhcp6/asked6.ts'
import { Trial4 } from '../../lib/explain/trial4.ts'
import { Trial6 } from '../../lib/explain/trial6.ts'
import { DatabaseUnasked } from '../../lib/explain/unasked.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { leaseTable6 } from '../../lib/leases/table/lease-table6.ts'
import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'
import { encodeMessage6 } from '../../lib/wire/v6/builder.ts'

const SERVED = { 'interfaces-config': { interfaces: ['*'] } }

/** Of a database in which every client was looked up, or nobody. */
function plan(isAsked: boolean) {
  const memory: HostMemory = {
    rowsOf: () => (isAsked ? [] : undefined),
    isReserved: () => false,
    reserved: [],
  }
  const tables: HostTable[] = [{ kind: 'asked', database: 'hosts', memory }]
  const pools = [{ pool: '192.0.2.10-192.0.2.99' }]
  const subnet6 = { id: 1, subnet: '2001:db8::/64', interface: 'eth0' }
  const document = {
    Dhcp4: { ...SERVED, subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools }] },
    Dhcp6: { ...SERVED, subnet6: [{ ...subnet6, pools: [{ pool: '2001:db8::/80' }] }] },
  }
  const hostTables = { dhcp4: tables, dhcp6: tables }
  return new Compiler().compile(document, { stateDirectory: undefined, hostTables }).plan!
}

const LINK = { name: 'eth0', index: 1 }
const CLIENT = '\x02\0\0\0\0\x01'
const arrival4 = {
  ...{ link: { ...LINK, addresses: [{ address: 0xc0000201, length: 24 }] }, address: 0 },
  ...{ port: 68, to: 0xffffffff },
} satisfies Arrival4
const LOCAL = `${'\xfe\x80'.padEnd(15, '\0')}\x09`
const GROUP = `${'\xff\x02'.padEnd(13, '\0')}\x01\0\x02`
const arrival6 = {
  ...{ link: { ...LINK, linkLocal: LOCAL, addresses: [] }, address: LOCAL, port: 546, to: GROUP },
} satisfies Arrival6

t.test('DHCPv4', async (t) => {
  const step = (isAsked: boolean) => {
    const { dhcp4 } = plan(isAsked)
    const message = encodeMessage4({ hwAddress: CLIENT, xid: 1 }, [[53, '\x01']])
    return new Trial4(dhcp4!, undefined, leaseTable4(), arrival4, 0).step(message)
  }
  t.match(step(true), { kind: 'stepped', outcome: { kind: 'reply' } })
  t.throws(() => step(false), DatabaseUnasked)
})

t.test('DHCPv6', async (t) => {
  const step = (isAsked: boolean) => {
    const { dhcp6 } = plan(isAsked)
    const ia = `\0\0\0\x01${'\0'.repeat(8)}`
    const message = encodeMessage6(1, 7, [
      [1, `\0\x03\0\x01${CLIENT}`],
      [3, ia],
    ])
    return new Trial6(dhcp6!, undefined, leaseTable6(), arrival6, 0, '\0\x03\0\x01s').step(message)
  }
  t.match(step(true), { kind: 'stepped', outcome: { kind: 'reply' } })
  t.throws(() => step(false), DatabaseUnasked)
})
