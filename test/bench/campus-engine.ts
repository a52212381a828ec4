// The campus without a network: how long its file loads, and what an exchange costs in memory.
//
//   node test/bench/campus-engine.ts

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { loadPlan } from '../../lib/config/load.ts'
import type { Plan4 } from '../../lib/config/plan/plan4.ts'
import type { Arrival4 } from '../../lib/dhcp4/arrival.ts'
import { Engine4 } from '../../lib/dhcp4/engine4.ts'
import { namedIdentity } from '../../lib/dhcp4/identify.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import { choiceCost } from './campus-choice.ts'
import { CLIENTS, campusClient, campusDocument, trivialDocument } from './campus-file.ts'
import { PRIMARY, RELAY } from './stand.ts'

/** In a process of its own, where nothing is compiled: as a server starts. */
export function loadRow(): string {
  const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), 'load'], {
    encoding: 'utf8',
  })
  if (stdout === '') throw new Error(stderr)
  const { seconds, cpu } = JSON.parse(stdout) as LoadTime
  const own = `${cpu.toFixed(2)} s of processor`
  return `campus, from text to plan, cold: ${seconds.toFixed(2)} s (${own})`
}

interface LoadTime {
  readonly seconds: number
  readonly cpu: number
}

function loadTime(): LoadTime {
  const text = textOf(campusDocument())
  const began = performance.now()
  const cpuBegan = process.threadCpuUsage()
  planOf(text)
  const { user, system } = process.threadCpuUsage(cpuBegan)
  return { seconds: (performance.now() - began) / 1000, cpu: (user + system) / 1e6 }
}

function textOf(document: object): string {
  const interfaces = { 'interfaces-config': { interfaces: ['eth0'] } }
  return JSON.stringify({ Dhcp4: { ...interfaces, ...document } })
}

function planOf(text: string): Plan4 {
  const context = { stateDirectory: undefined }
  const { plan, problems } = loadPlan(text, 'campus', () => undefined, context)
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (plan === undefined || errors.length > 0) throw new Error(JSON.stringify(problems.slice(0, 3)))
  return plan.dhcp4!
}

/** Exchanges of all clients, one after the other, without a network. */
export function engineRow(): string {
  const plans = [trivialDocument(), campusDocument()].map((document) => planOf(textOf(document)))
  const engines = plans.map((plan) => new Walk(plan))
  const best = engines.map(() => Number.POSITIVE_INFINITY)
  for (let run = 0; run < 5; run++)
    for (const [index, engine] of engines.entries())
      best[index] = Math.min(best[index]!, engine.microseconds())
  const [trivial = 0, own = 0] = best
  const ratio = (own / trivial).toFixed(2)
  const values = `${trivial.toFixed(2)} / ${own.toFixed(2)} µs (x ${ratio})`
  return `exchange in memory, trivial file / campus: ${values}`
}

/** Classes, subnet, places, ranges and options, once all is warm. */
export function choiceRow(): string {
  const { bytes, classes } = choiceCost(planOf(textOf(campusDocument())), ARRIVAL)
  const each = `a client of ${classes.toFixed(1)} classes`
  return `bytes allocated for the choices of ${each}: ${bytes.toFixed(1)}`
}

/** An engine with its table, and everybody's messages. */
class Walk {
  readonly #table = leaseTable4(1)
  readonly #engine: Engine4
  readonly #messages: readonly Uint8Array[]
  readonly #query = new Message4()
  readonly #out = new Uint8Array(2048)
  #change = 0
  #now = 1000

  constructor(plan: Plan4) {
    this.#engine = new Engine4(plan, this.#table, {
      serverPort: 67,
      draw: (bound) => Math.floor(Math.random() * bound),
      nextChange: () => ++this.#change,
    })
    this.#table.setReserved(plan.reservedAddresses())
    this.#messages = Array.from({ length: CLIENTS }, (_, client) => {
      const { options, ...fields } = campusClient(client)
      return encodeMessage4({ ...fields, hops: 1, xid: client }, [[53, '\x01'], ...options])
    })
  }

  /** Of an exchange of a client that is known by then. */
  microseconds(): number {
    this.#now += 1000
    const began = process.threadCpuUsage()
    for (const discover of this.#messages) this.#exchange(discover)
    const { user, system } = process.threadCpuUsage(began)
    return (user + system) / CLIENTS
  }

  /** A DISCOVER, and then the same as a REQUEST to renew what was offered. */
  #exchange(message: Uint8Array): void {
    const reply = this.#step(message)
    if (reply === undefined) throw new Error('no offer')
    message[TYPE_AT] = 3
    new DataView(message.buffer).setUint32(CIADDR_AT, reply)
    this.#step(message)
    message[TYPE_AT] = 1
    new DataView(message.buffer).setUint32(CIADDR_AT, 0)
  }

  /** yiaddr of the reply. */
  #step(message: Uint8Array): number | undefined {
    const query = this.#query
    decode4(query, message, 0, message.length, 'usual')
    const client = namedIdentity(query)
    const now = this.#now
    const asked = {
      query,
      client,
      owner: 0,
      arrival: ARRIVAL,
      now,
      heard: undefined,
    }
    const outcome = this.#engine.step(asked, this.#out, 0)
    if (outcome.kind !== 'reply') throw new Error(`no reply: ${JSON.stringify(outcome)}`)
    for (const change of outcome.changes) this.#table.apply(change)
    return new DataView(this.#out.buffer).getUint32(16)
  }
}

const ARRIVAL: Arrival4 = {
  link: { name: 'eth0', addresses: [{ address: ipv4FromText(PRIMARY)!, length: 8 }] },
  address: ipv4FromText(RELAY)!,
  port: 67,
  to: 0,
}
const TYPE_AT = 242
const CIADDR_AT = 12

if (process.argv[2] === 'load') console.log(JSON.stringify(loadTime()))
else if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const row of [loadRow(), engineRow(), choiceRow()]) console.log(row)
