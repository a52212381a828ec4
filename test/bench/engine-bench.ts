// An engine with its table, stepped through exchanges without a network.

import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { loadPlan } from '../../lib/config/load.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { Engine4 } from '../../lib/dhcp4/engine4.ts'
import { namedIdentity } from '../../lib/dhcp4/identify.ts'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import type { ClientIdentity } from '../../lib/leases/lease.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import { leaseOf } from './databases.ts'

export const MILLION = 1_000_000
export const FIRST = ipv4FromText('10.0.0.16')!

export const millionth = (client: number) => leaseOf(client, FIRST + client)

export const CONFIG = {
  'interfaces-config': { interfaces: ['lo/127.0.0.1'] },
  'valid-lifetime': 86_400,
  subnet4: [{ id: 1, subnet: '10.0.0.0/8', pools: [{ pool: '10.0.0.16 - 10.255.255.250' }] }],
}

export class Bench {
  readonly table = leaseTable4(1)
  readonly #engine: Engine4
  readonly #message = new Message4()
  readonly #out = new Uint8Array(2048)
  readonly #discover: Uint8Array
  readonly #request: Uint8Array
  readonly #asked
  #change = MILLION

  constructor(plan: Plan, giaddr: string) {
    this.#engine = new Engine4(plan.dhcp4!, this.table, {
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
    this.#asked = {
      query,
      client,
      owner: 0,
      arrival,
      now: 1000,
      heard: undefined,
    }
  }

  load(first: number, count: number): void {
    const writer = new ChangeWriter()
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

export function planOf(document: object): Plan {
  const { plan, problems } = loadPlan(
    JSON.stringify({ Dhcp4: document }),
    'bench',
    () => undefined,
    { stateDirectory: undefined },
  )
  if (plan === undefined) throw new Error(JSON.stringify(problems.slice(0, 3)))
  return plan
}
