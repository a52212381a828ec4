// What a whole configuration costs a large office (5,000 subnets, 50,000 reservations): tried, set
// with one change, set as it was got, read again. How long until it is answered, and how long at
// most the loop was held meanwhile, in time of its own processor: what clients wait for.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonical } from '../../lib/config/canonical/canonical.ts'
import { Compiler } from '../../lib/config/compile/compile.ts'
import { loadConfigFiles } from '../../lib/platform/config-file.ts'
import { fileSource } from '../../lib/platform/config-source.ts'
import type { Configuration } from '../../lib/server/configuration/configuration.ts'
import { ADMIN } from '../server/configuration-world.ts'
import { SmallWorld } from '../server/small-world.ts'

const SUBNETS = 5000
const HOSTS_EACH = 10

export async function wholeRows(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'whio-whole-'))
  try {
    const rows: string[] = []
    for (const [what, cost] of Object.entries(await costs(join(folder, 'whio.json'))))
      rows.push(
        `| ${what} among 5,000 subnets and 50,000 reservations | ${cost.whole.toFixed(0)} ms, held for ${cost.held.toFixed(1)} ms |`,
      )
    return rows
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Cost {
  readonly whole: number
  readonly held: number
}

async function costs(file: string): Promise<Readonly<Record<string, Cost>>> {
  const document = documentWith(600)
  writeFileSync(file, JSON.stringify(document, null, 2))
  const words = { thisServer: undefined }
  const source = fileSource({ files: [file], included: [], words, using: () => {} })
  const compiler = new Compiler()
  const context = { stateDirectory: undefined }
  const loaded = loadConfigFiles([file], context, { compiler })
  const start = { source, compiler, digest: loaded.digest, problems: loaded.problems }
  const world = SmallWorld.configured(
    { ...start, document: loaded.document!, plan: loaded.plan! },
    [],
  )
  world.clock = () => performance.now()
  const configuration = world.server.configuration!
  const stored = setInterval(() => {
    world.advance(5)
    if (world.isCommitting) world.committed()
  }, 1)
  const shown = canonical(configuration.document, 4)
  const set = (members: object) => (done: (result: object) => void) =>
    configuration.replace(members, ADMIN, done)
  try {
    return {
      'config-test': await measured((done) => configuration.test(document, done)),
      'config-set of one change': await measured(set(documentWith(700))),
      'config-set of what was got': await measured(set({ Dhcp4: shown })),
      'a trial of what all subnets inherit': await measured((done) =>
        configuration.try([{ path: ['Dhcp4', 'valid-lifetime'], value: 800 }], done),
      ),
      'config-reload': await reloaded(configuration, file),
    }
  } finally {
    clearInterval(stored)
  }
}

async function reloaded(configuration: Configuration, file: string): Promise<Cost> {
  writeFileSync(file, JSON.stringify(documentWith(800), null, 2))
  return measured((done) => configuration.reload(ADMIN, done))
}

async function measured(ask: (done: (result: object) => void) => void): Promise<Cost> {
  let isDone = false
  let held = 0
  const began = performance.now()
  let last = busy()
  const result = new Promise<object>((resolve) => ask(resolve))
  void result.then(() => {
    isDone = true
  })
  while (!isDone) {
    const now = busy()
    held = Math.max(held, now - last)
    last = now
    await new Promise((resolve) => setImmediate(resolve))
    // The timers of the world have their turn, too.
    if (!isDone) await new Promise((resolve) => setTimeout(resolve, 0))
  }
  const { isServed, allowed } = (await result) as { isServed?: boolean; allowed?: boolean }
  if (isServed !== true && allowed !== true) throw new Error(JSON.stringify(await result))
  return { whole: performance.now() - began, held }
}

/** Milliseconds that this thread has run: what others do on the machine does not count. */
function busy(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function documentWith(lifetime: number): { readonly Dhcp4: object } {
  const subnet4 = Array.from({ length: SUBNETS }, (_, index) => {
    const prefix = `10.${index >> 8}.${index & 255}`
    const reservations = Array.from({ length: HOSTS_EACH }, (__, host) => ({
      'hw-address': `02${(index * 256 + host).toString(16).padStart(10, '0')}`,
      'ip-address': `${prefix}.${10 + host}`,
    }))
    const pools = [{ pool: `${prefix}.100-${prefix}.200` }]
    // One subnet is another one each time.
    const own = index === 17 ? { 'valid-lifetime': lifetime } : {}
    return { id: index + 1, subnet: `${prefix}.0/24`, pools, reservations, ...own }
  })
  return { Dhcp4: { 'interfaces-config': { interfaces: ['eth0'] }, subnet4 } }
}
