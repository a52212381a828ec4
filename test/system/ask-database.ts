// Run in a namespace: connects to a database in several ways, each a line of its standard input
// ({ name, address, tls } in JSON), and prints what came of each: `name ok`, or `name` and why not.

import { createInterface } from 'node:readline'
import { findPrimary } from '../../lib/platform/postgres/primary.ts'
import { postgresPlan } from '../platform/shared-world.ts'

for await (const line of createInterface({ input: process.stdin })) {
  const { name, address, tls } = JSON.parse(line)
  const silent = {
    trustAnchor: undefined,
    certFile: undefined,
    keyFile: undefined,
    ciphers: undefined,
  }
  const plan = {
    ...postgresPlan([]),
    hosts: [{ host: address, port: 5432 }],
    tls: { ...silent, ...tls },
  }
  try {
    const { session } = await findPrimary(plan, { name: 'test', patience: 20_000 })
    const [row] = await session.ask({
      text: 'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
    })
    await session.close()
    process.stdout.write(`${name} ok ${row!.ssl}\n`)
  } catch (error) {
    process.stdout.write(`${name} ${(error as Error).message.replaceAll('\n', ' ')}\n`)
  }
}
