// The server: the one loop. Datagrams, the journal's answers and the clock come in; it steps the engine,
// applies changes to the lease table and has outcomes carried out by delivery.ts. It owns the plan, the
// table and the counters, and does no I/O of its own: the ports do.
//
//   starting --journal read--> serving <--> failed --stop--> stopping --> stopped

import type { Ipv4 } from '../address/ipv4.ts'
import type { Plan4 } from '../config/plan4.ts'
import { Engine4 } from '../dhcp4/engine4.ts'
import type { Outcome4 } from '../dhcp4/outcome4.ts'
import { type Change, LEASE_STATE, type Lease } from '../leases/lease.ts'
import { LeaseTable } from '../leases/lease-table.ts'
import type { Clock, Draw } from '../ports/clock.ts'
import type {
  DatagramSink4,
  Datagrams4,
  Interface4,
  InterfaceStatus4,
} from '../ports/datagrams4.ts'
import type { Journal, JournalInfo, JournalSink } from '../ports/journal.ts'
import type { Log } from '../ports/log.ts'
import type { Instant, Millis } from '../time/units.ts'
import { MESSAGE_TYPE4 } from '../wire/message4.ts'
import { decode4, Message4 } from '../wire/message4-reader.ts'
import type { Reason4 } from '../wire/reasons.ts'
import { Counters } from './counters.ts'
import { Delivery, PARKED_MAX, type ParkedReply, REPLY_AGE_MAX } from './delivery.ts'
import type { LeaseAction, ServerEvent, ServerState } from './events.ts'
import { Journalist } from './journalist.ts'
import { Reclaimer } from './reclaimer.ts'
import { StallWatch } from './stall-watch.ts'
import { type ServerStatus, statusOf } from './status.ts'

export interface ServerPorts {
  readonly clock: Clock
  readonly draw: Draw
  readonly datagrams: Datagrams4
  readonly journal: Journal
  readonly log: Log
}

export interface ServerSettings {
  /** UDP port of the server; replies to relays go there too. 67 outside of labs. */
  readonly serverPort: number
  /** UDP port of clients. 68 outside of labs. */
  readonly clientPort: number
  /** Told what happens; must not throw. */
  readonly onEvent?: ((event: ServerEvent) => void) | undefined
}

export class Server implements DatagramSink4, JournalSink {
  #plan: Plan4
  #engine: Engine4
  readonly #ports: ServerPorts
  readonly #settings: ServerSettings
  readonly #table: LeaseTable
  readonly #delivery: Delivery
  readonly #journalist: Journalist
  readonly #counters = new Counters()
  readonly #message = new Message4()
  #ready: ParkedReply[] = []
  #state: ServerState = 'starting'
  #stopped: (() => void) | undefined
  /** Lease clock = monotonic clock + this; undefined before the journal has told. */
  #clockBase: Millis | undefined
  #change = 0
  readonly #watch = new StallWatch()
  readonly #reclaimer: Reclaimer
  #wakeAt: Instant = Number.POSITIVE_INFINITY
  readonly #nextChange = (): number => ++this.#change
  readonly #onWake = (): void => this.#wake()

  constructor(plan: Plan4, ports: ServerPorts, settings: ServerSettings) {
    this.#plan = plan
    this.#ports = ports
    this.#settings = settings
    this.#journalist = new Journalist(ports.log)
    this.#table = new LeaseTable(ports.draw(2 ** 32))
    this.#engine = new Engine4(plan, this.#table, settings)
    this.#table.setReserved(plan.reservedAddresses())
    this.#reclaimer = new Reclaimer(this.#table, this.#nextChange)
    this.#delivery = new Delivery(ports.journal, {
      release: (replies) => this.#release(replies),
      tell: (action, lease) => this.#tell(action, lease),
      forget: (replies) => this.#forget(replies),
    })
  }

  get state(): ServerState {
    return this.#state
  }

  get table(): LeaseTable {
    return this.#table
  }

  /** The lease clock. */
  now(): Instant {
    return this.#ports.clock.monotonic() + (this.#clockBase ?? 0)
  }

  /** Reads the journal; serves once it is read. */
  start(): void {
    this.#journalist.say('DHCP4_STARTING', { subnets: this.#plan.subnets.length })
    this.#ports.journal.open(this)
  }

  /** Takes no new messages, lets the replies under way leave, closes the journal. */
  stop(done: () => void): void {
    if (this.#state === 'stopped') return done()
    this.#stopped = done
    if (this.#state === 'stopping') return
    this.#enter('stopping')
    this.#journalist.say('DHCP4_STOPPING', {})
    this.#ports.clock.cancel()
    this.#delivery.drain(this.now())
    this.#finishStop()
  }

  /**
   * Puts a new plan in force, between two batches. Leases stay as they are, and so does the journal: a
   * change of the lease database needs a restart, which the log says.
   */
  reload(plan: Plan4): void {
    const { path, persist, durability } = this.#plan.leaseDatabase
    const next = plan.leaseDatabase
    if (next.path !== path || next.persist !== persist || next.durability !== durability)
      this.#journalist.say('DHCP4_CONFIG_RESTART', { database: next.path })
    this.#plan = plan
    this.#engine = new Engine4(plan, this.#table, this.#settings)
    this.#table.setReserved(plan.reservedAddresses())
    this.#ports.datagrams.select(plan.interfaces)
    this.#journalist.say('DHCP4_CONFIG_COMPLETE', { subnets: plan.subnets.length })
  }

  status(): ServerStatus {
    const interfaces = this.#ports.datagrams.status()
    return statusOf(
      this.#state,
      this.#plan,
      this.#table,
      this.#delivery,
      this.#counters,
      interfaces,
    )
  }

  // ---- the journal's answers

  onRows(rows: Uint8Array): void {
    this.#table.load(rows)
  }

  onReady(info: JournalInfo): void {
    this.#change = info.change
    this.#clockBase = info.stamp - this.#ports.clock.monotonic()
    this.#watch.begin(info.stamp)
    this.#delivery.begin(info.stamp)
    this.#journalist.say('JOURNAL_READY', { leases: this.#table.size, change: info.change })
    if (info.setAside > 0) this.#journalist.say('JOURNAL_ROWS_SET_ASIDE', { rows: info.setAside })
    if (this.#state !== 'starting') return this.#finishStop()
    this.#enter('serving')
    this.#journalist.say('DHCP4_STARTED', { leases: this.#table.size })
    this.#ports.datagrams.open(this)
    this.#schedule()
  }

  onCommitted(): void {
    this.#counters.commits++
    this.#delivery.onCommitted()
    if (this.#state === 'failed') {
      this.#enter('serving')
      this.#journalist.say('JOURNAL_RECOVERED', {})
    }
    this.#proceed()
  }

  onFailed(trouble: string): void {
    if (this.#clockBase === undefined) return this.#giveUp(trouble)
    this.#counters.commitFailures++
    this.#delivery.onFailed(trouble, this.now())
    if (this.#state === 'serving') {
      this.#enter('failed')
      this.#journalist.say('JOURNAL_FAILED', { trouble })
    }
    if (this.#state === 'stopping') return this.#finishStop()
    this.#schedule()
  }

  // ---- the network

  onDatagram(
    from: Interface4,
    bytes: Uint8Array,
    start: number,
    end: number,
    address: Ipv4,
    port: number,
  ): void {
    const now = this.#turn()
    const message = this.#message
    const lenient = this.#plan.compatibility.lenientOptionParsing
    const malformed = decode4(message, bytes, start, end, lenient)
    this.#counters.countReceived(message.type)
    const reason = malformed ?? this.#refusal(message.type, now)
    if (reason !== undefined) return this.#drop(reason, from, address)
    const arena = this.#delivery.arena
    arena.reserve()
    let outcome: Outcome4
    try {
      const arrival = { link: from, address, port }
      const { draw } = this.#ports
      const { chunk, cursor } = arena
      outcome = this.#engine.step(message, arrival, now, draw, this.#nextChange, chunk, cursor)
    } catch (error) {
      this.#journalist.internal(error, bytes, start, end)
      return this.#drop('internal', from, address)
    }
    this.#carryOut(outcome, from, address, now)
  }

  onBatchEnd(): void {
    this.#proceed()
  }

  onInterface(status: InterfaceStatus4): void {
    this.#journalist.interface(status)
  }

  // ---- carrying out

  /** Why no message is taken at the moment. */
  #refusal(type: number, now: Instant): Reason4 | undefined {
    if (this.#state === 'failed') return 'journal-failed'
    if (this.#state !== 'serving') return 'stopping'
    if (type === MESSAGE_TYPE4.release && this.#watch.isDoubtful(now)) return 'release-too-soon'
    return this.#delivery.parked < PARKED_MAX ? undefined : 'overload'
  }

  #carryOut(outcome: Outcome4, from: Interface4, address: Ipv4, now: Instant): void {
    if (outcome.kind === 'drop') return this.#drop(outcome.reason, from, address)
    for (const change of outcome.changes) this.#apply(change, actionOf(change, this.#table))
    if (outcome.kind === 'changes') return
    const arena = this.#delivery.arena
    const reply: ParkedReply = {
      through: from,
      bytes: arena.chunk,
      start: arena.cursor,
      end: arena.cursor + outcome.length,
      address: outcome.destination.address,
      port: outcome.destination.port,
      hwAddress: outcome.destination.hwAddress,
      type: outcome.type,
      arrived: now,
    }
    arena.cursor += outcome.length
    if (outcome.changes.length > 0) this.#delivery.park(reply)
    else this.#ready.push(reply)
    this.#journalist.replied(outcome.type, this.#message, from.name, now)
  }

  #apply(change: Change, action: LeaseAction | undefined): void {
    this.#table.apply(change)
    this.#delivery.add(change, action)
  }

  /** The end of a batch, and after each answer of the journal: send, store, go on. */
  #proceed(): void {
    const ready = this.#ready
    if (ready.length > 0) {
      this.#send(ready)
      ready.length = 0
    }
    this.#delivery.settle()
    if (this.#state === 'stopping') {
      this.#delivery.drain(this.now())
      return this.#finishStop()
    }
    this.#reclaim()
    this.#delivery.flush(this.now())
    this.#schedule()
  }

  #release(replies: readonly ParkedReply[]): void {
    if (replies.length === 0) return
    const oldest = this.now() - REPLY_AGE_MAX
    // Replies wait in the order of their arrival, so the first one tells.
    if (replies[0]!.arrived >= oldest) return this.#send(replies)
    const fresh = replies.filter((reply) => reply.arrived >= oldest)
    this.#counters.dropped['reply-too-late'] += replies.length - fresh.length
    this.#send(fresh)
  }

  #forget(replies: readonly ParkedReply[]): void {
    this.#counters.dropped['journal-failed'] += replies.length
  }

  #send(replies: readonly ParkedReply[]): void {
    for (const reply of replies) this.#counters.countSent(reply.type)
    this.#ports.datagrams.send(replies)
  }

  #tell(action: LeaseAction, lease: Lease): void {
    this.#journalist.lease(action, lease)
    this.#settings.onEvent?.({ kind: 'lease', action, lease })
  }

  #drop(reason: Reason4, from: Interface4, address: Ipv4): void {
    this.#counters.dropped[reason]++
    const message = this.#message
    this.#journalist.dropped(reason, message, from.name, address, this.now())
    this.#settings.onEvent?.({
      kind: 'drop',
      reason,
      interface: from.name,
      address,
      hwAddress: message.hwAddress,
      type: message.type,
    })
  }

  // ---- time

  #reclaim(): void {
    if (this.#state !== 'serving') return
    for (const change of this.#reclaimer.round(this.now(), this.#plan.expiry)) {
      const isEnd = change.kind === 'put' && change.lease.state === LEASE_STATE.expired
      if (isEnd) this.#counters.reclaimed++
      this.#apply(change, isEnd ? 'expired' : undefined)
    }
  }

  #turn(): Instant {
    const now = this.now()
    this.#watch.turn(now)
    return now
  }

  #wake(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY
    this.#turn()
    this.#proceed()
  }

  #schedule(): void {
    if (this.#state !== 'serving' && this.#state !== 'failed') return
    const work = Math.min(this.#watch.deadline, this.#delivery.deadline)
    const next = this.#state === 'serving' ? Math.min(work, this.#reclaimer.deadline) : work
    // An earlier wish stays: waking for nothing is cheaper than arming a timer for each batch.
    if (next >= this.#wakeAt) return
    this.#wakeAt = next
    this.#ports.clock.wakeAt(next - (this.#clockBase ?? 0), this.#onWake)
  }

  #finishStop(): void {
    const isDrained = this.#delivery.isIdle || this.#delivery.trouble !== ''
    if (!isDrained || this.#state !== 'stopping' || this.#stopped === undefined) return
    const done = this.#stopped
    this.#stopped = undefined
    this.#ports.datagrams.close(() =>
      this.#ports.journal.close(() => {
        this.#enter('stopped')
        this.#journalist.say('DHCP4_STOPPED', {})
        done()
      }),
    )
  }

  /** The journal could not be read: without it nothing may be answered, so the server ends. */
  #giveUp(trouble: string): void {
    this.#journalist.say('JOURNAL_UNREADABLE', { trouble })
    this.#state = 'stopping'
    this.#stopped ??= () => {}
    this.#finishStop()
  }

  #enter(state: ServerState): void {
    this.#state = state
    this.#settings.onEvent?.({ kind: 'state', state })
  }
}

/** What a change means to the outside, asked before it is applied. */
function actionOf(change: Change, table: LeaseTable): LeaseAction | undefined {
  if (change.kind === 'remove') return undefined
  const { lease } = change
  if (lease.state === LEASE_STATE.released) return 'released'
  if (lease.state === LEASE_STATE.declined) return 'declined'
  const former = table.byAddress(lease.address)
  const isHolder = former?.state === LEASE_STATE.assigned && table.belongsTo(former, lease)
  return isHolder ? 'renewed' : 'granted'
}
