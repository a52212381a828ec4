// `whio leases FILE`: what stands in the journal that a configuration names, also while a server uses it.

import { parseArgs } from 'node:util'
import { listLeases } from '../platform/journal-list.ts'
import { loadOrTell } from './load.ts'
import { UsageError } from './usage.ts'

export function leases(args: string[]): number {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { config: { type: 'string', short: 'c' } },
  })
  const file = values.config ?? positionals[0]
  if (file === undefined) throw new UsageError('name the configuration file')
  const plan = loadOrTell(file)
  if (plan === undefined) return 1
  const { persist, path } = plan.leaseDatabase
  if (!persist) throw new UsageError('this configuration keeps leases in memory only')
  try {
    let count = 0
    for (const { address, state, hwAddress, clientId, hostname, ends } of listLeases(path)) {
      const columns = [address.padEnd(15), state.padEnd(8), hwAddress.padEnd(17), ends.padEnd(19)]
      process.stdout.write(`${[...columns, hostname || '-', clientId || '-'].join('  ')}\n`)
      count++
    }
    process.stdout.write(`${path}: ${count} leases\n`)
    return 0
  } catch (error) {
    process.stderr.write(`whio leases: ${path}: ${(error as Error).message}\n`)
    return 1
  }
}
