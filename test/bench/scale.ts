// What size costs: a million leases in memory and at start, an exchange at a thousand and at a
// million leases, in an empty and in a nearly full pool, under ten and under ten thousand subnets,
// with 100,000 reservations, and beside leases of DHCPv6; and the same of DHCPv6 (scale6.ts).
//
//   npm run bench -- scale

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import { loadPlan } from '../../lib/config/load.ts'
import { besideRow } from './beside.ts'
import { fillJournal } from './databases.ts'
import { editRows } from './edits.ts'
import { Bench, CONFIG, FIRST, MILLION, millionth, planOf } from './engine-bench.ts'
import { reservedRows } from './reserved.ts'
import { scale6Rows } from './scale6.ts'
import { wholeRows } from './whole.ts'

const ROUNDS = 40_000

/** Measures in this process, so it has a fresh one to itself: see run.ts. */
export async function scale(): Promise<void> {
  // First, while nothing is compiled or warm: that is how a server starts.
  const plan = planSeconds()
  const lines = [
    '| what | value |',
    '|---|---:|',
    `| 10,000 subnets, from text to plan, cold | ${plan.toFixed(2)} s |`,
    ...(await millionLeases()),
    ...exchangeRows(),
    ...subnetRows(),
    ...reservedRows(microseconds),
    ...editRows(),
    ...(await wholeRows()),
    besideRow(),
    ...(await scale6Rows()),
  ]
  console.log(lines.join('\n'))
}

// ---- a million leases on the disk

async function millionLeases(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'whio-scale-'))
  try {
    const empty = await startServer(folder, 'empty.sqlite')
    await fillJournal(join(folder, 'full.sqlite'), MILLION, millionth)
    const full = await startServer(folder, 'full.sqlite')
    const each = ((full.rssKb - empty.rssKb) * 1024) / MILLION
    return [
      `| memory of a lease, of a million | ${each.toFixed(0)} bytes of RSS |`,
      `| from start to serving, a million leases | ${full.seconds.toFixed(2)} s |`,
      `| from start to serving, no lease | ${empty.seconds.toFixed(2)} s |`,
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Starts the built server, waits until it serves, and ends it. */
async function startServer(folder: string, name: string) {
  const file = join(folder, 'whio.json')
  const database = { type: 'memfile', name: join(folder, name) }
  writeFileSync(file, JSON.stringify({ Dhcp4: { ...CONFIG, 'lease-database': database } }))
  const began = performance.now()
  const child = spawn(process.execPath, ['dist/bin/whio.js', 'serve', '-c', file, '-p', '16767'])
  let output = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text) => {
      output += text
      if (output.includes('DHCP4_INTERFACE_SERVING')) resolve()
    })
    child.stderr.on('data', (text) => {
      output += text
    })
    child.on('exit', () => reject(new Error(output)))
  })
  const seconds = (performance.now() - began) / 1000
  // What was garbage after reading is given back first (spare-memory.ts).
  await new Promise((resolve) => setTimeout(resolve, 12_000))
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  const ended = new Promise((resolve) => child.on('exit', resolve))
  child.kill('SIGTERM')
  await ended
  return { seconds, rssKb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) }
}

// ---- an exchange in memory

/** Microseconds of one exchange: the best of five runs, for whatever else runs on the machine. */
function microseconds(exchange: (round: number) => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < 5; run++) {
    const began = performance.now()
    for (let round = 0; round < ROUNDS; round++) exchange(run * ROUNDS + round)
    best = Math.min(best, ((performance.now() - began) * 1000) / ROUNDS)
  }
  return best
}

function exchangeRows(): string[] {
  const pick = (count: number) => (round: number) => (Math.imul(round, 2654435761) >>> 0) % count
  const rows: string[] = []
  const base: Record<string, number> = {}
  const row = (kind: string, leases: number, cost: number) => {
    base[kind] ??= cost
    const ratio = (cost / base[kind]).toFixed(2)
    rows.push(
      `| ${kind}, ${leases.toLocaleString('en')} leases | ${cost.toFixed(1)} µs (x ${ratio}) |`,
    )
  }
  for (const leases of [1000, 100_000, MILLION]) {
    const bench = new Bench(planOf(CONFIG), '10.0.0.2')
    bench.load(0, leases)
    const known = pick(leases)
    row(
      'exchange of a known client',
      leases,
      microseconds((round) => bench.exchange(known(round))),
    )
    row(
      'exchange of a new client',
      leases,
      microseconds((round) => bench.exchange(0x40000000 + round)),
    )
  }
  return [...rows, ...fullPoolRows()]
}

/** Both pools have a million addresses; one has none taken, the other all but a thousandth. */
function fullPoolRows(): string[] {
  const last = textFromIpv4(FIRST + MILLION - 1)
  const pools = [{ pool: `${textFromIpv4(FIRST)} - ${last}` }]
  const document = { ...CONFIG, subnet4: [{ id: 1, subnet: '10.0.0.0/8', pools }] }
  return (['iterative', 'random'] as const).map((allocator) => {
    const cost = [0, MILLION * 0.999].map((taken) => {
      const bench = new Bench(planOf({ ...document, allocator }), '10.0.0.2')
      bench.load(0, taken)
      // One client first, again and again: the code is warm, and the table has built its indexes.
      for (let round = 0; round < 5000; round++) bench.exchange(0x50000000)
      // Few enough to leave the full pool with free addresses: each client is new once.
      const fresh = 800
      const began = performance.now()
      for (let client = 0; client < fresh; client++) bench.exchange(0x40000000 + client)
      return ((performance.now() - began) * 1000) / fresh
    })
    const [empty = 0, full = 0] = cost
    const values = `${empty.toFixed(1)} / ${full.toFixed(1)} µs (x ${(full / empty).toFixed(2)})`
    return `| new client, ${allocator}, pool empty / 99.9 % full | ${values} |`
  })
}

// ---- subnets

function subnetRows(): string[] {
  const [few = 0, many = 0] = [10, 10_000].map((count) => {
    const bench = new Bench(planOf(subnets(count)), '10.0.0.2')
    return microseconds((round) => bench.exchange(round % 200))
  })
  return [
    `| exchange under 10 / 10,000 subnets | ${few.toFixed(1)} / ${many.toFixed(1)} µs (x ${(many / few).toFixed(2)}) |`,
  ]
}

function planSeconds(): number {
  const text = JSON.stringify({ Dhcp4: subnets(10_000) })
  const began = performance.now()
  loadPlan(text, 'bench', () => undefined, { stateDirectory: undefined })
  return (performance.now() - began) / 1000
}

function subnets(count: number): object {
  return {
    ...CONFIG,
    subnet4: Array.from({ length: count }, (_, index) => {
      const network = `10.${index >> 8}.${index & 255}`
      return {
        id: index + 1,
        subnet: `${network}.0/24`,
        pools: [{ pool: `${network}.10 - ${network}.250` }],
        'option-data': [{ name: 'routers', data: `${network}.1` }],
      }
    }),
  }
}
