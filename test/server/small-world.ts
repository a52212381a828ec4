// The least world a server can live in: everything it asks of its ports is written down, and time,
// the disk and the network do only what a test says.

import { type Ipv4, readIpv4 } from '../../lib/address/ipv4.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { forEachChange } from '../../lib/leases/change-codec.ts'
import { type Change, LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import type { DatagramSink4, Interface4, Reply4 } from '../../lib/ports/datagrams4.ts'
import type { Hooks } from '../../lib/ports/hooks.ts'
import type { JournalSink, StoredEdit } from '../../lib/ports/journal.ts'
import type { Outlets } from '../../lib/ports/outlets.ts'
import type { Probe } from '../../lib/ports/probe.ts'
import type { ConfigStart } from '../../lib/server/configuration/in-force.ts'
import type { ServerEvent } from '../../lib/server/events.ts'
import { Server } from '../../lib/server/server.ts'
import type { ServerPorts } from '../../lib/server/settings.ts'
import { encodeMessage4, type MessageFields4 } from '../../lib/wire/v4/builder.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'

export const ETH0: Interface4 = {
  name: 'eth0',
  index: 2,
  addresses: [{ address: 0xc0000201, length: 24 }],
}

export function planWith(subnet: object = {}, global: object = {}): Plan {
  const { plan, problems } = loadPlanFromObject(
    {
      Dhcp4: {
        'interfaces-config': { interfaces: ['eth0'] },
        'valid-lifetime': 600,
        ...global,
        subnet4: [
          { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10-192.0.2.200' }], ...subnet },
        ],
      },
    },
    { stateDirectory: undefined },
  )
  if (plan === undefined) throw new Error(JSON.stringify(problems))
  return plan
}

/** What the calendar shows at the beginning. */
const CALENDAR = 1_700_000_000_000

interface Commit {
  readonly changes: readonly Change[]
  readonly bytes: Uint8Array
  readonly stamp: number
}

export class SmallWorld {
  readonly server: Server
  /** All that happened, in order: `send OFFER 192…`, `commit 1`, `event …`, `closed …`. */
  readonly happenings: string[] = []
  /** yiaddr of each reply. */
  readonly given: Ipv4[] = []
  readonly events: ServerEvent[] = []
  readonly log: { id: string; level: string; fields: Record<string, unknown> }[] = []
  readonly commits: Commit[] = []
  /** Records of edits that the journal was given. */
  readonly edits: StoredEdit[] = []
  isCommitting = false
  #drawn = 0
  /** What goes by whenever somebody looks at the clock. */
  tick = 0
  /** A clock of a world that is not in the test's hand. */
  clock: (() => number) | undefined
  now = 0
  journalSink: JournalSink | undefined
  sink: DatagramSink4 | undefined
  wake: { at: number; fire: () => void } | undefined
  /** Looks at each reply that is sent. */
  onSend: ((reply: Reply4) => void) | undefined

  constructor(
    plan: Plan = planWith(),
    hooks?: Hooks,
    probe?: Probe,
    outlets?: Outlets,
    configuration?: ConfigStart,
    more: Partial<ServerPorts> = {},
  ) {
    // Where edits are made, each has a name of its own.
    const draw = configuration === undefined ? () => 0 : (below: number) => ++this.#drawn % below
    this.server = new Server(
      plan,
      { ...this.#ports(), draw, hooks, probe, outlets, ...more },
      {
        configuration,
        serverPort: 67,
        clientPort: 68,
        onEvent: (event) => this.#onEvent(event),
      },
    )
  }

  /** Started, journal read, serving. */
  static serving(
    plan?: Plan,
    rows: readonly Uint8Array[] = [],
    stamp = 0,
    hooks?: Hooks,
    probe?: Probe,
    outlets?: Outlets,
  ): SmallWorld {
    const world = new SmallWorld(plan, hooks, probe, outlets)
    world.server.start()
    for (const page of rows) world.journalSink!.onRows(page)
    world.journalSink!.onReady({ stamp, change: 0, setAside: 0, database: 'd', pair: undefined })
    return world
  }

  /** The same with a configuration that can be changed, and these edits in the journal. */
  static configured(configuration: ConfigStart, edits: readonly StoredEdit[]): SmallWorld {
    const { plan } = configuration
    const world = new SmallWorld(plan, undefined, undefined, undefined, configuration)
    world.server.start()
    const info = { stamp: 0, change: 0, setAside: 0, database: 'd', pair: undefined, edits }
    world.journalSink!.onReady(info)
    return world
  }

  /** A message of client `number` arrives; type 0 = BOOTP. */
  arrive(type: number, number: number, options: Record<number, string> = {}, ciaddr = 0): void {
    const fields: MessageFields4 = {
      hwAddress: `\x02\x00\x00\x00${String.fromCharCode(number >> 8, number & 255)}`,
      xid: number,
      ciaddr,
    }
    const pairs = Object.entries(options).map(([code, data]) => [Number(code), data] as const)
    const types = type === 0 ? [] : [[53, String.fromCharCode(type)] as const]
    const bytes = encodeMessage4(fields, [...types, ...pairs])
    this.sink!.onDatagram(ETH0, bytes, 0, bytes.length, ciaddr, 68, 0)
  }

  /** A REQUEST in INIT-REBOOT or SELECTING without a server id, for 192.0.2.`last`. */
  request(number: number, last: number): void {
    this.arrive(3, number, {
      50: `\xc0\x00\x02${String.fromCharCode(last)}`,
      54: '\xc0\x00\x02\x01',
    })
  }

  /** The batch ends, and time enough passes for the next one to go to the journal. */
  endBatch(): void {
    this.sink!.onBatchEnd()
    this.advance(5)
  }

  /** The batch at the journal is durable. */
  committed(): void {
    this.isCommitting = false
    this.journalSink!.onCommitted()
    this.advance(5)
  }

  /** Time passes; the server is woken as often as it asked to be. */
  advance(ms: number): void {
    const end = this.now + ms
    while (this.wake !== undefined && this.wake.at <= end) {
      const { at, fire } = this.wake
      this.wake = undefined
      this.now = Math.max(this.now, at)
      fire()
    }
    this.now = end
  }

  get last(): string {
    return this.happenings.at(-1) ?? ''
  }

  #ports() {
    return {
      clock: {
        monotonic: () => {
          this.now = this.clock?.() ?? this.now + this.tick
          return this.now
        },
        wall: () => CALENDAR + this.now,
        wakeAt: (at: number, fire: () => void) => {
          this.wake = { at, fire }
        },
        cancel: () => {
          this.wake = undefined
        },
      },
      draw: () => 0,
      datagrams: {
        open: (sink: DatagramSink4) => {
          this.sink = sink
        },
        send: (replies: readonly Reply4[]) => {
          for (const reply of replies) {
            this.onSend?.(reply)
            this.happenings.push(`send ${textOf(reply)}`)
            this.given.push(readIpv4(reply.bytes, reply.start + 16))
          }
        },
        select: () => {
          this.happenings.push('select')
        },
        status: () => [],
        traffic: () => [],
        close: (done: () => void) => {
          this.happenings.push('sockets closed')
          done()
        },
      },
      journal: {
        open: (sink: JournalSink) => {
          this.journalSink = sink
        },
        commit: (
          bytes: Uint8Array,
          count: number,
          stamp: number,
          _pair?: unknown,
          edits: readonly StoredEdit[] = [],
        ) => {
          this.isCommitting = true
          this.edits.push(...edits)
          const changes: Change[] = []
          forEachChange(bytes, (change) => changes.push(change))
          this.happenings.push(`commit ${count}`)
          this.commits.push({ changes, bytes, stamp })
        },
        close: (done: () => void) => {
          this.happenings.push('journal closed')
          done()
        },
      },
      log: {
        enabled: () => true,
        write: (level: string, id: string, _text: string, fields: object) => {
          this.log.push({ level, id, fields: fields as Record<string, unknown> })
        },
      },
    }
  }

  #onEvent(event: ServerEvent): void {
    this.events.push(event)
    if (event.kind === 'lease') this.happenings.push(`event ${event.action}`)
    if (event.kind === 'drop') this.happenings.push(`drop ${event.reason}`)
    if (event.kind === 'state') this.happenings.push(event.state)
  }
}

const TYPES = ['', '', 'OFFER', '', '', 'ACK', 'NAK']

function textOf(reply: Reply4): string {
  const message = new Message4()
  const trouble = decode4(message, reply.bytes, reply.start, reply.end, 'strict')
  if (trouble !== undefined) return trouble
  return `${TYPES[message.type]} ${message.xid}`
}

/** The lease in a change that puts one. */
export function leaseOf(change: Change | undefined): Lease {
  if (change?.kind !== 'put') throw new Error('no lease in this change')
  return change.lease
}

export { LEASE_STATE }
