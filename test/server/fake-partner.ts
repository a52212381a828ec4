// A server in the lab whose link is in the hands of the test: no sockets, and the other end says
// whatever the test wants. A partner may be polite: then it answers as a server of a pair would.

import { decodeControl } from '../../lib/ha/control-codec.ts'
import type { ControlMessage, Hello } from '../../lib/ha/link-messages.ts'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import { type Lane, RowFrameWriter, readRowFrame } from '../../lib/ha/row-frames.ts'
import { createLab, type Lab, type LabSettings } from '../../lib/lab/lab.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import { LEASE_STATE, type Lease, type Lease6 } from '../../lib/leases/lease.ts'
import { freeRow } from '../../lib/leases/lifecycle.ts'
import type { Link, LinkConnection, LinkSink } from '../../lib/ports/link.ts'
import type { Pair } from '../../lib/server/pair/pair.ts'
import type { Millis } from '../../lib/time/units.ts'

type Message = string | Uint8Array

/** The port; everything that happens on it is done by the test. */
export class FakeLink implements Link {
  sink: LinkSink | undefined
  readonly dials: string[] = []

  open(sink: LinkSink): void {
    this.sink = sink
    sink.onListener('')
  }

  dial(peer: string): void {
    this.dials.push(peer)
  }

  close(done: () => void): void {
    this.sink = undefined
    done()
  }
}

/** One connection, as the server holds it and as the other end uses it. */
export class FakeConnection implements LinkConnection {
  readonly dialled: string
  readonly remote = '192.0.2.2:40000'
  readonly certificateNames: readonly string[] | undefined = undefined
  /** What the server has said. */
  readonly heard: Message[] = []
  /** Told of each message as it is sent. */
  onHeard: (message: Message) => void = () => {}
  /** Why the server ended it, '' while it is open. */
  closed = ''
  buffered = 0
  /** False: the other end takes nothing from its kernel. */
  isReading = true
  readonly #stage: Stage

  constructor(stage: Stage, dialled: string) {
    this.#stage = stage
    this.dialled = dialled
  }

  send(message: Message): void {
    if (this.closed !== '') return
    if (!this.isReading) {
      this.buffered += message.length
      return
    }
    this.heard.push(message)
    this.onHeard(message)
  }

  confirm(): void {}

  close(reason: string): void {
    if (this.closed !== '') return
    this.closed = reason
    this.#stage.later(() => this.#stage.link.sink?.onLinkClosed(this, reason))
  }

  /** The other end says something. */
  say(message: Message | ControlMessage | Record<string, unknown>): void {
    const isRaw = typeof message === 'string' || message instanceof Uint8Array
    const bytes = isRaw ? message : JSON.stringify(message)
    this.#stage.link.sink?.onLinkMessage(this, bytes)
  }

  /** The other end is gone. */
  end(): void {
    if (this.closed !== '') return
    this.closed = 'the other end is gone'
    this.#stage.link.sink?.onLinkClosed(this, this.closed)
  }

  /** The control messages of this kind that the server has said. */
  said<Type extends ControlMessage['type']>(type: Type): (ControlMessage & { type: Type })[] {
    const found: (ControlMessage & { type: Type })[] = []
    for (const message of this.heard) {
      if (typeof message !== 'string') continue
      const decoded = decodeControl(message)
      if (typeof decoded !== 'string' && decoded.type === type) found.push(decoded as never)
    }
    return found
  }
}

export const PARTNER_DATABASE = 'partner-database'

/** What a backup says of itself that has met nobody yet. */
export const BACKUP = {
  name: 'server3',
  role: 'backup',
  state: 'backup',
  database: 'third',
  pairId: '',
  rights: 'none',
  known: {},
} as const

/** What server1 knows of its pair when the tests begin: they have met, and share. */
const RECORD: PairRecord = {
  pairId: 'pair',
  side: 0,
  partnerDatabase: PARTNER_DATABASE,
  rights: 'shared',
  noneBecause: 'fresh',
  handOver: 4,
  longestLifetime: 600,
  doubtUntil: 0,
  applied: { [PARTNER_DATABASE]: 100 },
  doubtFrom: 0,
  toldLifetime: 0,
  whole: [],
  partnerDuids: [],
  clocks: {},
  lives: [],
  heard: {},
}

export interface StageSettings {
  readonly record?: Partial<PairRecord>
  readonly rows?: readonly Lease[]
  readonly rows6?: readonly Lease6[]
  readonly config?: Parameters<typeof pairConfig>[0]
  readonly lab?: Partial<LabSettings>
  /** Which server of the configuration this one is. Default the first, server1. */
  readonly index?: number
}

/**
 * Server1 of a hot-standby pair, with a disk that knows its partner, and clients that are all its
 * own.
 */
export class Stage {
  readonly lab: Lab
  readonly link = new FakeLink()
  instances = 0
  /** How far the partner's stream is. */
  position = 100

  constructor({ record, rows = [], rows6 = [], config, lab, index = 0 }: StageSettings = {}) {
    const plan = pairPlans(pairConfig({ mode: 'hot-standby', ...config }))[index]!
    this.lab = createLab({ plan, ports: (own) => ({ ...own, link: this.link }), ...lab })
    const { disk } = this.server
    this.server.crash()
    const change = Math.max(50, ...[...rows, ...rows6].map((row) => row.change))
    const byAddress = new Map(rows.map((row) => [row.address, row]))
    const byKey = new Map(rows6.map((row) => [row.address, row]))
    const pair = { ...RECORD, ...record }
    const held = { rows: byAddress, rows6: byKey, change, pair, edits: new Map(), names: new Map() }
    disk.restore({ database: 'own-database', stamp: 1_000_000, ...held })
    this.server.start()
    this.lab.advance(20)
  }

  get server() {
    return this.lab.server(0)
  }

  get pair(): Pair {
    return this.server.server!.pair!
  }

  get ids(): string[] {
    return this.server.log.lines.map(({ id }) => id)
  }

  count(id: string): number {
    return this.ids.filter((one) => one === id).length
  }

  /** What its disk takes for a batch from now on; without a number it is quick. */
  storesIn(time?: Millis): void {
    const duration =
      time === undefined ? { commitMin: 0.2, commitMax: 1 } : { commitMin: time, commitMax: time }
    Object.assign(this.server.disk.behaviour, duration)
  }

  later(action: () => void): void {
    this.server.node.after(0, action)
  }

  /** Somebody connects, or answers a dial. */
  connect(dialled = ''): FakeConnection {
    const connection = new FakeConnection(this, dialled)
    this.link.sink?.onLinkOpened(connection)
    return connection
  }

  /** What the partner of these tests says first. */
  hello(more: Partial<Hello> = {}): Hello {
    return {
      type: 'hello',
      version: 1,
      software: 'test',
      name: 'server2',
      role: 'standby',
      mode: 'hot-standby',
      instance: `life${++this.instances}`,
      turn: 1,
      database: PARTNER_DATABASE,
      position: this.position,
      applied: 50,
      appliedDatabase: 'own-database',
      clock: 1_000_000,
      appliedClock: 0,
      pairId: 'pair',
      candidateId: 'candidate',
      side: 1,
      rights: 'shared',
      noneBecause: 'fresh',
      handOver: 4,
      longestLifetime: 600,
      fingerprint: this.server.plan.fingerprint,
      state: 'hot-standby',
      ...more,
    }
  }

  /** A connection that has said hello. */
  greet(more: Partial<Hello> = {}): FakeConnection {
    const connection = this.connect()
    connection.say({ ...this.hello(more) })
    return connection
  }

  /** A partner that answers as it should, and has been heard out: the two share. */
  partner(more: Partial<Hello> = {}): Partner {
    const partner = new Partner(this, more)
    this.lab.advance(20)
    partner.frame([], { lane: 'backlog', last: true, position: partner.hello.position })
    this.lab.advance(20)
    return partner
  }

  /** A client gets an address within ten seconds, and no promise is broken. */
  isWell(): boolean {
    const client = this.lab.addClient()
    const isBound = this.lab.world.advanceUntil(() => client.isBound, 10_000)
    return (
      isBound && this.lab.invariants.violations.length === 0 && this.count('INTERNAL_ERROR') === 0
    )
  }
}

export interface Frame {
  readonly lane?: Lane
  readonly last?: boolean
  readonly position?: number
  readonly clock?: number
}

export function frameOf(
  rows: readonly Lease[],
  { lane = 'live', last = false, position = 0, clock = 0 }: Frame = {},
): Uint8Array {
  const writer = new RowFrameWriter()
  writer.begin(lane)
  for (const row of rows) writer.put(row, 0)
  return writer.finish(position, last, clock)
}

/** The other end of an agreed connection. */
export class Partner {
  readonly connection: FakeConnection
  readonly hello: Hello
  /** Rows that were sent here, the youngest last. */
  readonly rows: Lease[] = []
  /** What it does by itself. */
  acks = true
  beats = true
  seen = 0
  live = 0
  backlog = 0
  readonly #stage: Stage

  constructor(stage: Stage, more: Partial<Hello> = {}) {
    this.#stage = stage
    this.hello = stage.hello(more)
    this.connection = stage.connect()
    this.connection.onHeard = (message) => this.#hear(message)
    this.say({ ...this.hello })
    this.#beat()
  }

  get closed(): string {
    return this.connection.closed
  }

  say(message: Message | ControlMessage | Record<string, unknown>): void {
    this.connection.say(message)
  }

  /** Rows, whose times are from now. */
  frame(rows: readonly Lease[], frame: Frame = {}): void {
    this.say(this.bytes(rows, frame))
  }

  bytes(rows: readonly Lease[], { position, ...frame }: Frame = {}): Uint8Array {
    const reached = position ?? ++this.#stage.position
    this.#stage.position = Math.max(this.#stage.position, reached)
    return frameOf(rows, { position: reached, ...frame })
  }

  ack(): void {
    this.say({ type: 'ack', seen: this.seen, live: this.live, backlog: this.backlog })
  }

  heartbeat(): void {
    this.say({ type: 'heartbeat', seen: this.seen, state: 'hot-standby', scopes: [] })
  }

  #hear(message: Message): void {
    if (typeof message === 'string' && message.startsWith('{"type":"hello"')) return
    this.seen++
    if (typeof message === 'string') return
    const frame = readRowFrame(message, 0, (row) => this.rows.push(row as Lease))
    if (typeof frame === 'string') throw new Error(frame)
    if (frame.lane === 'live') this.live = frame.mark
    else this.backlog = frame.mark
    // A disk takes its time.
    this.#stage.lab.world.after(1, () => this.acks && this.ack())
  }

  #beat(): void {
    if (this.closed !== '') return
    if (this.beats) this.heartbeat()
    this.#stage.lab.world.after(400, () => this.#beat())
  }
}

/** 192.0.2.`last` as a lease of the partner's client `number` for ten minutes. */
export function leaseOf(last: number, number: number, more: Partial<Lease> = {}): Lease {
  return leaseAt(0xc0000200 + last, number, more)
}

export function leaseAt(address: number, number: number, more: Partial<Lease> = {}): Lease {
  return {
    ...freeRow(address),
    htype: 1,
    hwAddress: `\x06\x00\x00${String.fromCharCode((number >> 16) & 255, (number >> 8) & 255, number & 255)}`,
    state: LEASE_STATE.assigned,
    subnetId: 1,
    validLifetime: 600,
    start: 0,
    end: 600_000,
    change: 1000 + number,
    gave: 1,
    got: 0,
    ...more,
  }
}
