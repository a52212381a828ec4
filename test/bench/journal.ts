// What the journal costs: batches of 1 to 256 changes at addresses in order and at random among
// `rows` stored leases, closed loop, one batch under way; then the time to read everything again.
//
//   node test/bench/journal.ts [rows=1000000] [folder=a new one under the system's]
//
// CPU is counted per thread: "main" is the server's thread, "rest" is the journal's thread and
// Node's helpers. An artificial commit delay shows that the main thread does not notice a slow
// disk.

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChangeWriter, forEachRecord } from '../../lib/leases/change-codec.ts'
import type { SqliteJournal } from '../../lib/platform/journal/journal.ts'
import { openJournal } from '../../lib/platform/journal/journal.ts'
import { leaseOf } from './databases.ts'

const rows = Number(process.argv[2] ?? 1_000_000)
const given = process.argv[3]
const folder = given ?? mkdtempSync(join(tmpdir(), 'whio-bench-'))
const path = join(folder, 'leases.sqlite')
const BASE = 0x0a000000
const CHANGES_PER_RUN = 20_000

let change = 0
const writer = new ChangeWriter()

function putLease(address: number): void {
  change++
  const lease = leaseOf(address - BASE, address)
  writer.put({ kind: 'put', lease: { ...lease, start: change, end: change + 3_600_000, change } })
}

function takeBatch(size: number, pick: () => number): Uint8Array {
  writer.clear()
  for (let count = 0; count < size; count++) putLease(pick())
  return writer.copy()
}

interface Sample {
  latencies: number[]
  mainUs: number
  restUs: number
  seconds: number
}

function run(
  journal: SqliteJournal,
  size: number,
  total: number,
  pick: () => number,
): Promise<Sample> {
  return new Promise((resolve, reject) => {
    const batches = Array.from({ length: Math.ceil(total / size) }, () => takeBatch(size, pick))
    const latencies: number[] = []
    const mainStart = process.threadCpuUsage()
    const allStart = process.cpuUsage()
    const started = performance.now()
    let next = 0
    let sent = 0
    const send = () => {
      sent = performance.now()
      journal.commit(batches[next++]!, size, change)
    }
    onCommitted = () => {
      latencies.push(performance.now() - sent)
      if (next < batches.length) return send()
      const main = process.threadCpuUsage(mainStart)
      const all = process.cpuUsage(allStart)
      const mainUs = main.user + main.system
      resolve({
        latencies: latencies.sort((a, b) => a - b),
        mainUs: mainUs / batches.length,
        restUs: (all.user + all.system - mainUs) / (size * batches.length),
        seconds: (performance.now() - started) / 1000,
      })
    }
    onFailed = reject
    send()
  })
}

let onCommitted = () => {}
let onFailed: (trouble: string) => void = () => {}

function load(journal: SqliteJournal): Promise<number> {
  return new Promise((resolve) => {
    let loaded = 0
    journal.open({
      onRows: (page) => forEachRecord(page, () => loaded++),
      onReady: () => resolve(loaded),
      onCommitted: () => onCommitted(),
      onFailed: (trouble) => onFailed(trouble),
    })
  })
}

function row(cells: readonly (string | number)[]): void {
  console.log(
    cells.map((cell, index) => String(cell)[index === 0 ? 'padEnd' : 'padStart'](12)).join(' '),
  )
}

const close = (journal: SqliteJournal) => new Promise<void>((done) => journal.close(done))
const us = (ms: number) => Math.round(ms * 1000)

let journal = await openJournal({ path, durability: 'full' })
await load(journal)
let at = BASE
const fill = await run(journal, 5000, rows, () => at++)
console.log(
  `${rows} rows written in ${fill.seconds.toFixed(1)} s, ${fill.restUs.toFixed(1)} us CPU a row`,
)
row(['addresses', 'batch', 'rows/s', 'p50 us', 'p99 us', 'max us', 'main us/b', 'rest us/row'])
for (const kind of ['in order', 'random'])
  for (const size of [1, 8, 64, 256]) {
    at = BASE
    const pick = kind === 'random' ? () => BASE + Math.floor(Math.random() * rows) : () => at++
    const total = size === 1 ? CHANGES_PER_RUN / 10 : CHANGES_PER_RUN
    const sample = await run(journal, size, total, pick)
    const percentile = (share: number) =>
      us(sample.latencies[Math.floor(sample.latencies.length * share)]!)
    row([
      kind,
      size,
      Math.round((sample.latencies.length * size) / sample.seconds),
      percentile(0.5),
      percentile(0.99),
      us(sample.latencies.at(-1)!),
      sample.mainUs.toFixed(1),
      sample.restUs.toFixed(1),
    ])
  }
console.log(`write-ahead log: ${(statSync(`${path}-wal`).size / 1e6).toFixed(1)} MB`)
const closing = performance.now()
await close(journal)
console.log(
  `closed in ${us(performance.now() - closing)} us; database ${(statSync(path).size / 1e6).toFixed(1)} MB`,
)

const opening = performance.now()
journal = await openJournal({ path, durability: 'full' })
const opened = performance.now()
const mainStart = process.threadCpuUsage()
const loaded = await load(journal)
const main = process.threadCpuUsage(mainStart)
console.log(
  `opened in ${us(opened - opening)} us; ${loaded} rows read in ${us(performance.now() - opened)} us, ` +
    `${main.user + main.system} us of them on the main thread`,
)
await close(journal)
if (given === undefined) rmSync(folder, { recursive: true })
