// How long 100,000 reservations in PostgreSQL take: to be read and compiled at the start, to be
// looked at again, and to be changed by one; and for how long the loop, which answers clients, is
// held up meanwhile. `node test/bench/hosts.ts [rows]`.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Compiler } from '../../lib/config/compile/compile.ts'
import type { ConnectionPlan } from '../../lib/config/plan/connection-plan.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { openHosts } from '../../lib/platform/hosts/hosts.ts'
import { HostBook } from '../../lib/server/hosts/host-book.ts'
import { postgresHosts } from '../system/kea-hosts-schema.ts'
import { Postgres } from '../system/postgres.ts'

const rows = Number(process.argv[2] ?? 100_000)
/** As the server's configuration has it. */
const SLICE = 3

const CONNECTION: Omit<ConnectionPlan, 'hosts'> = {
  ...{ type: 'postgresql', name: 'kea', user: 'postgres', password: undefined },
  ...{ connectTimeout: 10, readTimeout: undefined, writeTimeout: undefined },
  tcpUserTimeout: undefined,
  tls: {
    ...{ mode: 'disable', trustAnchor: undefined, certFile: undefined, keyFile: undefined },
    ciphers: undefined,
  },
  reconnect: { onFail: 'stop-retry-exit', tries: 0, wait: 0, onStartup: false },
  isReadOnly: false,
}

const DOCUMENT = {
  Dhcp4: {
    'interfaces-config': { interfaces: ['*'] },
    subnet4: [{ id: 1, subnet: '10.0.0.0/8', pools: [{ pool: '10.128.0.0/16' }] }],
  },
}

const ends: (() => void | Promise<void>)[] = []
const server = await Postgres.start({ after: (end) => ends.push(end) })
await server.query('create database kea')
await server.query(postgresHosts('34.0'), 'kea')
await server.query(
  `insert into hosts (dhcp_identifier, dhcp_identifier_type, dhcp4_subnet_id, ipv4_address, hostname)
     select decode(lpad(to_hex(n), 12, '0'), 'hex'), 0, 1, 167772160 + n, 'host-' || n
       from generate_series(1, ${rows}) n;
   insert into dhcp4_options (code, formatted_value, host_id, scope_id)
     select 6, '10.0.0.1', n, 3 from generate_series(1, ${rows}, 10) n;
   analyze`,
  'kea',
)

const connection = { ...CONNECTION, hosts: [{ host: server.folder, port: 5432 }] }
const plan = { family: 4, index: 0, connection, refresh: 3_600_000 } as const
const hosts = openHosts()
const [database] = hosts.use([{ ...plan, loadMax: 10_000_000, cacheSize: 1000 }])
const compiler = new Compiler()
compiler.compile(DOCUMENT, { stateDirectory: undefined })
let heard: () => void = () => {}
const book = new HostBook(database!, undefined, {
  changed: () => heard(),
  answered: () => {},
  troubled: ({ trouble }) => process.stderr.write(`${trouble}\n`),
  now: () => performance.now(),
})

/** Compiles as the server does: a little at a time. */
async function compiled(): Promise<Plan> {
  const hostTables = { dhcp4: [book.table], dhcp6: [] }
  const steps = compiler.steps(DOCUMENT, { stateDirectory: undefined, hostTables })
  for (;;) {
    const until = performance.now() + SLICE
    while (performance.now() < until) {
      const step = steps.next()
      if (step.done === true) return step.value.plan!
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function measured(what: string, begin: () => void): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const isChanged = new Promise<void>((resolve) => {
    heard = resolve
  })
  delay.enable()
  const start = performance.now()
  begin()
  await isChanged
  const read = performance.now() - start
  const { dhcp4 } = await compiled()
  const all = performance.now() - start
  delay.disable()
  const held = delay.max / 1e6
  const known = dhcp4!.reservedAddresses().length
  process.stdout.write(
    `${what}: read ${read.toFixed(0)} ms, in force ${all.toFixed(0)} ms, loop held for ${held.toFixed(1)} ms at most, ${known} addresses\n`,
  )
}

await measured(`${rows} rows at the start`, () => database!.open(book))
await server.query("update hosts set hostname = 'other' where host_id = 77", 'kea')
await measured('one of them has changed', () => database!.refresh())
await server.query('delete from hosts where host_id % 100 = 0', 'kea')
await measured('one of a hundred is gone', () => database!.refresh())
const { heapUsed } = process.memoryUsage()
process.stdout.write(`heap ${(heapUsed / 2 ** 20).toFixed(0)} MiB\n`)
hosts.close()
for (const end of ends) await end()
