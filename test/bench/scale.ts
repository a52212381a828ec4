// What size costs: a million leases in memory and at start, an exchange at a thousand and at a million
// leases, in an empty and in a nearly full pool, under ten and under ten thousand subnets.
//
//   npm run bench -- scale

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { loadPlan4 } from '../../lib/config/load4.ts'
import type { Plan4 } from '../../lib/config/plan/plan4.ts'
import { Engine4 } from '../../lib/dhcp4/engine4.ts'
import { namedIdentity } from '../../lib/dhcp4/identify.ts'
import { changeWriter4 } from '../../lib/leases/change-codec.ts'
import type { ClientIdentity } from '../../lib/leases/lease.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import { fillJournal, leaseOf } from './databases.ts'

const MILLION = 1_000_000
const FIRST = ipv4FromText('10.0.0.16')!
const ROUNDS = 40_000

const millionth = (client: number) => leaseOf(client, FIRST + client)

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

const CONFIG = {
  'interfaces-config': { interfaces: ['lo/127.0.0.1'] },
  'valid-lifetime': 86_400,
  subnet4: [{ id: 1, subnet: '10.0.0.0/8', pools: [{ pool: '10.0.0.16 - 10.255.255.250' }] }],
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
  // What was garbage after reading may be given back first.
  await new Promise((resolve) => setTimeout(resolve, 3000))
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  const ended = new Promise((resolve) => child.on('exit', resolve))
  child.kill('SIGTERM')
  await ended
  return { seconds, rssKb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) }
}

// ---- an exchange in memory

class Bench {
  readonly table = leaseTable4(1)
  readonly #engine: Engine4
  readonly #message = new Message4()
  readonly #out = new Uint8Array(2048)
  readonly #discover: Uint8Array
  readonly #request: Uint8Array
  readonly #asked
  #change = MILLION

  constructor(plan: Plan4, giaddr: string) {
    this.#engine = new Engine4(plan, this.table, {
      serverPort: 67,
      draw: (bound) => Math.floor(Math.random() * bound),
      nextChange: () => ++this.#change,
    })
    const relay = ipv4FromText(giaddr)!
    this.#discover = queryOf(1, relay)
    this.#request = queryOf(3, relay)
    const addresses = [{ address: ipv4FromText('10.0.0.1')!, length: 8 }]
    const arrival = { link: { name: 'eth0', addresses }, address: relay, port: 67, to: 0 }
    const client: ClientIdentity = { htype: 1, hwAddress: '', clientId: '' }
    const query = this.#message
    this.#asked = { query, client, owner: 0, arrival, now: 1000, word: undefined }
  }

  load(first: number, count: number): void {
    const writer = changeWriter4()
    for (let index = first; index < first + count; index++) {
      writer.put({ kind: 'put', lease: millionth(index) })
      if (writer.count === 10_000 || index === first + count - 1) {
        this.table.load(writer.copy())
        writer.clear()
      }
    }
  }

  /** DISCOVER and REQUEST of a client; its lease is applied. */
  exchange(client: number): void {
    const offered = this.#step(this.#discover, client, 0)
    this.#step(this.#request, client, offered)
  }

  #step(query: Uint8Array, client: number, address: number): number {
    new DataView(query.buffer).setUint32(30, client)
    if (address !== 0) new DataView(query.buffer).setUint32(REQUESTED_AT, address)
    decode4(this.#message, query, 0, query.length, 'strict')
    this.#asked.client = namedIdentity(this.#message)
    const outcome = this.#engine.step(this.#asked, this.#out, 0)
    if (outcome.kind !== 'reply') throw new Error(`no reply: ${JSON.stringify(outcome)}`)
    for (const change of outcome.changes) this.table.apply(change)
    return new DataView(this.#out.buffer).getUint32(16)
  }
}

/** Position of the address in option 50 of the REQUEST below. */
const REQUESTED_AT = 240 + 3 + 2

function queryOf(type: number, giaddr: number): Uint8Array {
  const requested: [number, string][] =
    type === 3
      ? [
          [50, '\0\0\0\0'],
          [54, '\x0a\x00\x00\x01'],
        ]
      : []
  return encodeMessage4({ hwAddress: '\x02\x00\x00\x00\x00\x00', giaddr, xid: 7 }, [
    [53, String.fromCharCode(type)],
    ...requested,
    [55, '\x01\x03\x06\x0f'],
  ])
}

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

function planOf(document: object): Plan4 {
  const { plan, problems } = loadPlan4(
    JSON.stringify({ Dhcp4: document }),
    'bench',
    () => undefined,
    { stateDirectory: undefined },
  )
  if (plan === undefined) throw new Error(JSON.stringify(problems.slice(0, 3)))
  return plan
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
  loadPlan4(text, 'bench', () => undefined, { stateDirectory: undefined })
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
