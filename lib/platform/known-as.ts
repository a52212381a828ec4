// Who this server of a pair was when it last served, in a small file beside its journal
// (`<journal>.server`): an interface that is down or gone must not keep a server from starting
// again. Whoever copies the folder to another host copies this file, too: it counts on the machine
// that wrote it.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { KnownServer } from '../config/plan/compile-context.ts'
import type { HaPeer } from '../config/plan/ha-plan.ts'

const MACHINE_ID = '/etc/machine-id'

/** Undefined where nothing is known of this machine. */
export function knownAs(journal: string): KnownServer | undefined {
  try {
    const { name, host, port, machine } = JSON.parse(readFileSync(fileOf(journal), 'utf8'))
    return machine === machineId() ? { name, host, port } : undefined
  } catch {
    return undefined
  }
}

/** Notes it for the next start. A folder that cannot be written is told by the journal. */
export function noteServer(journal: string, { name, url }: HaPeer): void {
  const { host, port } = url
  try {
    const text = JSON.stringify({ name, host, port, machine: machineId() })
    writeFileSync(`${fileOf(journal)}.new`, `${text}\n`, { mode: 0o640 })
    renameSync(`${fileOf(journal)}.new`, fileOf(journal))
  } catch {
    // The next start asks the addresses alone.
  }
}

function fileOf(journal: string): string {
  return `${journal}.server`
}

/** Throws where this machine has none: then it cannot be told from another. */
function machineId(): string {
  const id = readFileSync(MACHINE_ID, 'utf8').trim()
  if (id === '') throw new Error(`${MACHINE_ID} is empty`)
  return id
}
