// 4-way exchanges a second with the leases in PostgreSQL, of Whio and of Kea in turns on one and
// the same PostgreSQL, which syncs each commit to the disk.
//
//   npm run bench -- database [--rounds N] [--only NAME]

import { execFileSync } from 'node:child_process'
import { Daemon } from '../system/daemon.ts'
import { withState } from '../system/own-state.ts'
import { Postgres } from '../system/postgres.ts'
import {
  type Contender,
  contest,
  micros,
  PINNED,
  printHeads,
  printRow,
  type Serving,
  share,
  times,
} from './contest.ts'
import { keaAlone, listening, type Stand, whioConfig } from './stand.ts'

export async function database(rounds: number, only: readonly string[] = []): Promise<void> {
  const ends: (() => void | Promise<void>)[] = []
  const postgres = await Postgres.start({ after: (end) => ends.push(end) })
  try {
    await compare(postgres, rounds, only)
  } finally {
    for (const end of ends) await end()
  }
}

async function compare(postgres: Postgres, rounds: number, only: readonly string[]): Promise<void> {
  const places = new Places(postgres)
  const contenders: readonly Contender[] = [
    { name: 'Whio', start: 600, serve: (stand) => places.whio(stand) },
    {
      name: 'Whio, known clients',
      start: 600,
      areKnown: true,
      serve: (stand) => places.whio(stand),
    },
    { name: 'Kea, one thread', start: 200, serve: (stand) => places.kea(stand, false) },
    { name: 'Kea, threads', start: 300, serve: (stand) => places.kea(stand, true) },
    {
      name: 'Kea, threads, known clients',
      start: 300,
      areKnown: true,
      serve: (stand) => places.kea(stand, true),
    },
  ]
  const best = await contest(contenders, rounds, only)
  const held = (name: string) => best.get(name)?.held ?? 0
  const better = Math.max(held('Kea, one thread'), held('Kea, threads'))
  printHeads(['leases in PostgreSQL', 'exchanges/s', 'of the better Kea', 'ACK ms', 'CPU each'])
  for (const [name, sample] of best)
    printRow([
      name,
      Math.round(sample.held),
      share(sample.held, better, times),
      sample.ackDelay.toFixed(1),
      micros(sample.cpuEach),
    ])
}

/** A database of its own for each that serves. */
class Places {
  readonly #postgres: Postgres
  #count = 0

  constructor(postgres: Postgres) {
    this.#postgres = postgres
  }

  async whio(stand: Stand): Promise<Serving> {
    const document = { ...whioConfig(0, false, 'ERROR'), ...(await this.#leases()) }
    const at = stand.folderOf(0)
    const server = new Daemon(stand.hosts[0], at, document, [
      ...withState(`${at}/state`),
      ...PINNED,
    ])
    await listening(stand.hosts[0], server.running)
    return { pids: [server.running.pid, 0] }
  }

  async kea(stand: Stand, isThreaded: boolean): Promise<Serving> {
    const document = await this.#leases()
    const { name } = document['lease-database']
    const how = ['-u', 'postgres', '-p', 'none', '-n', name, '-h', this.#postgres.folder]
    execFileSync('kea-admin', ['db-init', 'pgsql', ...how], { stdio: 'pipe' })
    const { pid } = await keaAlone(stand, PINNED, isThreaded, document)
    return { pids: [pid, 0] }
  }

  async #leases() {
    const name = `leases${++this.#count}`
    await this.#postgres.query(`create database ${name}`)
    const { folder: host } = this.#postgres
    return { 'lease-database': { type: 'postgresql', host, name, user: 'postgres' } }
  }
}
