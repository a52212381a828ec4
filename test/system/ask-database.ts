// Run in a namespace: connects to a database in several ways, each a line of its standard input
// ({ name, kind, address, tls } in JSON), and prints what came of each: `name ok`, or `name` and
// why not. `kind`: leases, which are in PostgreSQL, or reservations in either database.

import { createInterface } from 'node:readline'
import type { ConnectionPlan } from '../../lib/config/plan/connection-plan.ts'
import { openHosts } from '../../lib/platform/hosts/hosts.ts'
import { findPrimary } from '../../lib/platform/postgres/primary.ts'
import { postgresPlan } from '../platform/shared-world.ts'

export type AskedKind = 'leases' | 'postgresql' | 'mysql'

for await (const line of createInterface({ input: process.stdin })) {
  const { name, kind, address, tls, user } = JSON.parse(line)
  const silent = {
    trustAnchor: undefined,
    certFile: undefined,
    keyFile: undefined,
    ciphers: undefined,
  }
  const plan: ConnectionPlan = {
    ...postgresPlan([], 'dhcp'),
    type: kind === 'mysql' ? 'mysql' : 'postgresql',
    hosts: [{ host: address, port: kind === 'mysql' ? 3306 : 5432 }],
    user,
    tls: { ...silent, ...tls },
  }
  const answer = kind === 'leases' ? await leases(plan) : await reservations(plan)
  process.stdout.write(`${name} ${answer.replaceAll('\n', ' ')}\n`)
}

async function leases(plan: ConnectionPlan): Promise<string> {
  try {
    const { session } = await findPrimary(plan, { name: 'test', patience: 20_000 })
    const [row] = await session.ask({
      text: 'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
    })
    await session.close()
    return `ok ${row!.ssl}`
  } catch (error) {
    return (error as Error).message
  }
}

async function reservations(connection: ConnectionPlan): Promise<string> {
  const hosts = openHosts()
  const plan = { family: 4, index: 0, connection, refresh: 60_000, loadMax: 10, cacheSize: 10 }
  const [database] = hosts.use([{ ...plan, family: 4 }])
  const found = await new Promise((resolve) => database!.find({ limit: 9 }, resolve))
  hosts.close()
  return Array.isArray(found) ? `ok ${found.length}` : String(found)
}
