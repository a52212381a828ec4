// `whio leases FILE`: what stands in the journal that a configuration names, also while a server uses it.

import { statSync } from 'node:fs'
import { listLeases } from '../platform/journal-list.ts'
import { counted, loadOrTell } from './load.ts'
import { printable } from './printable.ts'
import { configFileFrom } from './usage.ts'

/** Exit code 1: there is no journal, or it cannot be read. */
export function leases(args: string[]): number {
  const config = configFileFrom(args)
  const plan = loadOrTell(config)
  if (plan === undefined) return 1
  const { persist, path } = plan.leaseDatabase
  if (!persist) return fail(`${config.file} keeps leases in memory only`)
  try {
    let count = 0
    for (const { address, state, hwAddress, clientId, hostname, ends } of listLeases(path)) {
      const columns = [address.padEnd(15), state.padEnd(8), hwAddress.padEnd(17), ends.padEnd(19)]
      process.stdout.write(
        `${[...columns, printable(hostname) || '-', clientId || '-'].join('  ')}\n`,
      )
      count++
    }
    process.stdout.write(`${path}: ${counted(count, 'lease')}\n`)
    return 0
  } catch (error) {
    if (isMissing(path)) return fail(`there is no journal at ${path} (yet)`)
    return fail(`${path}: ${(error as Error).message}`)
  }
}

/** A file that may not be looked at is there all the same. */
function isMissing(path: string): boolean {
  try {
    statSync(path)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

function fail(text: string): number {
  process.stderr.write(`whio leases: ${text}\n`)
  return 1
}
