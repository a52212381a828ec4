// What a large file costs: a campus (campus-file.ts) beside a trivial file, for the same clients in
// the same run; and Kea with both. First how long it loads, and what an exchange costs in memory.
//
//   npm run bench -- campus [--rounds N] [--only WORD OF A NAME]

import { fileURLToPath } from 'node:url'
import { Daemon } from '../system/daemon.ts'
import { choiceRow, engineRow, loadRow } from './campus-engine.ts'
import { CLIENTS, campusDocument, trivialDocument } from './campus-file.ts'
import type { CampusLoad } from './campus-load.ts'
import { micros, note, PINNED, printHeads, printRow, share, times } from './contest.ts'
import { climb, cpuSeconds, type Sample } from './perfdhcp.ts'
import { keaAlone, listening, PRIMARY, RELAY, Stand } from './stand.ts'

const LOAD_CPU = '1'
const SECONDS = 4
/** Where the relays and their subnets are. */
const CAMPUS = '10.16.0.0/12'

interface Contender {
  readonly name: string
  /** First rate tried, exchanges a second. */
  readonly start: number
  readonly document: () => object
  readonly isKea: boolean
}

const CONTENDERS: readonly Contender[] = [
  { name: 'Whio, trivial file', start: 8000, document: trivialDocument, isKea: false },
  { name: 'Whio, campus', start: 5000, document: campusDocument, isKea: false },
  { name: 'Kea, trivial file', start: 4000, document: trivialDocument, isKea: true },
  { name: 'Kea, campus', start: 2000, document: campusDocument, isKea: true },
]

export async function campus(rounds: number, only: readonly string[] = []): Promise<void> {
  for (const row of [loadRow(), engineRow(), choiceRow()]) console.log(row)
  const runs = CONTENDERS.filter(
    ({ name }) => only.length === 0 || only.some((word) => name.includes(word)),
  )
  const best = new Map<string, Sample>()
  for (let round = 0; round < rounds; round++)
    for (const contender of runs) {
      const sample = await measure(contender)
      const former = best.get(contender.name)
      if (former === undefined || sample.held > former.held) best.set(contender.name, sample)
    }
  const held = (name: string) => best.get(name)?.held ?? 0
  printHeads(['clients of a campus', 'exchanges/s', 'of the trivial file', 'of Kea', 'CPU each'])
  for (const [name, sample] of best) {
    const [whose] = name.split(',')
    const ofTrivial = share(sample.held, held(`${whose}, trivial file`), times)
    const ofKea = share(sample.held, held(name.replace(whose!, 'Kea')), times)
    printRow([name, Math.round(sample.held), ofTrivial, ofKea, micros(sample.cpuEach)])
  }
}

// ---- servers

async function measure({ name, start, document, isKea }: Contender): Promise<Sample> {
  const stand = new Stand()
  try {
    const { clients, hosts } = stand
    clients.run('ip', 'route', 'add', 'local', CAMPUS, 'dev', 'lo')
    hosts[0].run('ip', 'route', 'add', CAMPUS, 'via', RELAY)
    const pid = await (isKea ? kea(stand, document()) : whio(stand, document()))
    // Nothing is compiled yet; now every client is known.
    await run(stand, pid, CLIENTS / SECONDS)
    return await climb(
      (rate) => run(stand, pid, rate),
      start,
      (sample) => note(name, sample),
    )
  } finally {
    await stand.remove()
  }
}

async function whio(stand: Stand, document: object): Promise<number> {
  const output = { 'output-options': [{ output: 'stdout' }] }
  const loggers = [{ name: 'kea-dhcp4', severity: 'ERROR', ...output }]
  const file = { 'interfaces-config': { interfaces: ['eth0'] }, ...document, loggers }
  const server = new Daemon(stand.hosts[0], stand.folderOf(0), file, PINNED)
  await listening(stand.hosts[0], server.running)
  return server.running.pid
}

async function kea(stand: Stand, document: object): Promise<number> {
  const { pid } = await keaAlone(stand, PINNED, false, { subnet4: [], ...document })
  return pid
}

let asked = 0

async function run({ clients }: Stand, pid: number, rate: number): Promise<Sample> {
  const script = fileURLToPath(new URL('campus-load.ts', import.meta.url))
  const words = [PRIMARY, String(rate), String(SECONDS), String(asked)]
  const before = cpuSeconds(pid)
  const load = clients.start('taskset', '-c', LOAD_CPU, process.execPath, script, ...words)
  const result = await load.ended
  if (result !== 0) throw new Error(`the clients ended (${result}): ${load.stderr}`)
  const { discovers, acks } = JSON.parse(load.stdout) as CampusLoad
  asked = (asked + discovers) % CLIENTS
  const cpuEach = ((cpuSeconds(pid) - before) * 1e6) / Math.max(1, acks)
  const counts = { asked: rate, sent: discovers / SECONDS, held: acks / SECONDS, cpuEach }
  return { ...counts, partnerCpuEach: 0, offerDelay: 0, ackDelay: 0 }
}
