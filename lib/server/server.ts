// The server: the one loop. Datagrams, the journal's answers and the clock come in; it steps the engine,
// applies changes to the lease table and has outcomes carried out by delivery.ts. It owns the plan, the
// table and the counters, and does no I/O of its own: the ports do.
//
//   starting --journal read--> serving <--> failed --stop--> stopping --> stopped

import type { Ipv4 } from '../address/ipv4.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import { Engine4 } from '../dhcp4/engine4.ts'
import type { Settings4 } from '../dhcp4/exchange4.ts'
import type { Outcome4 } from '../dhcp4/outcome4.ts'
import type { Change, Lease } from '../leases/lease.ts'
import { LeaseTable } from '../leases/table/lease-table.ts'
import type { DatagramSink4, Interface4, InterfaceStatus4 } from '../ports/datagrams4.ts'
import type { JournalInfo, JournalSink } from '../ports/journal.ts'
import { type Instant, NEVER } from '../time/units.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import { decode4, Message4 } from '../wire/v4/reader.ts'
import { Counters } from './counters.ts'
import { Delivery, PARKED_MAX } from './delivery.ts'
import type { LeaseAction, ServerEvent, ServerState } from './events.ts'
import { misfitOf } from './interface-fit.ts'
import { KeptAddresses } from './kept-addresses.ts'
import { LeaseActions } from './lease-action.ts'
import { LeaseClock } from './lease-clock.ts'
import type { Pair } from './pair/pair.ts'
import { isSameDatabase, Pairing } from './pair/pairing.ts'
import { sayAnswers } from './parked.ts'
import { Reclaimer } from './reclaimer.ts'
import { Replies4, replyOf } from './replies4.ts'
import { Reporter } from './reporter.ts'
import { engineSettings, type ServerPorts, type ServerSettings } from './settings.ts'
import { StallWatch } from './stall-watch.ts'
import { type ServerStatus, statusOf } from './status.ts'

export class Server implements DatagramSink4, JournalSink {
  #plan: Plan4
  #engine: Engine4
  readonly #ports: ServerPorts
  readonly #settings: ServerSettings
  readonly #table: LeaseTable
  readonly #delivery: Delivery
  readonly #reporter: Reporter
  readonly #counters = new Counters()
  readonly #message = new Message4()
  readonly #replies: Replies4
  readonly pairing: Pairing
  /** Undefined for a server on its own. */
  readonly #pair: Pair | undefined
  #state: ServerState = 'starting'
  /** Who waits for the end; nobody before a stop. */
  #waiting: (() => void)[] = []
  #isClosing = false
  readonly #clock: LeaseClock
  #change = 0
  readonly #kept: KeptAddresses
  readonly #engineSettings: Settings4
  readonly #watch = new StallWatch()
  readonly #reclaimer: Reclaimer
  readonly #actions = new LeaseActions()
  readonly #nextChange = (): number => ++this.#change
  readonly #onWake = (): void => this.#wake()

  constructor(plan: Plan4, ports: ServerPorts, settings: ServerSettings) {
    this.#plan = plan
    this.#ports = ports
    this.#settings = settings
    this.#reporter = new Reporter(ports.log, () => this.#plan.logsRenewals)
    this.#clock = new LeaseClock(ports.clock)
    this.#table = new LeaseTable(ports.draw(2 ** 32))
    this.#kept = new KeptAddresses(plan, this.#table, (lease) => this.#reporter.leasedOwn(lease))
    const isKnown = () => this.#pair?.isPartnerConfigKnown ?? true
    this.#engineSettings = engineSettings(settings, this.#kept, isKnown)
    this.#replies = new Replies4(ports.datagrams, this.#counters, this.#reporter)
    this.#engine = new Engine4(plan, this.#table, this.#engineSettings)
    this.#reclaimer = new Reclaimer(this.#table, this.#nextChange)
    this.#delivery = new Delivery(ports.journal, {
      durable: (rows, record) => this.#pair?.durable(rows, record) ?? 0,
      release: (parked) => {
        this.#replies.release(parked, this.now())
        sayAnswers(parked)
      },
      tell: (action, lease) => this.#tell(action, this.#actions.told(lease)),
      forget: (replies) => this.#replies.lose('journal-failed', replies.length),
    })
    this.pairing = new Pairing(plan, ports.link, this.#pairServices())
    this.#pair = this.pairing.pair
  }

  get state(): ServerState {
    return this.#state
  }

  get table(): LeaseTable {
    return this.#table
  }

  /** High availability; undefined for a server on its own. */
  get pair(): Pair | undefined {
    return this.#pair
  }

  /** The lease clock. */
  now(): Instant {
    return this.#clock.now()
  }

  /** Reads the journal; serves once it is read. */
  start(): void {
    this.#reporter.say('DHCP4_STARTING', { subnets: this.#plan.subnets.length })
    this.#ports.journal.open(this)
  }

  /** Takes no new messages, lets the replies under way leave, closes the journal. */
  stop(done: () => void): void {
    if (this.#state === 'stopped') return done()
    this.#waiting.push(done)
    if (this.#state === 'stopping') return
    this.#enter('stopping')
    this.#reporter.say('DHCP4_STOPPING', {})
    this.#clock.cancel()
    this.pairing.stopTaking()
    this.#goOnStopping()
  }

  /**
   * Puts a new plan in force, between two batches. Leases stay as they are, and so does the journal: a
   * change of the lease database needs a restart, which the log says.
   */
  reload(plan: Plan4): void {
    const next = plan.leaseDatabase
    if (!isSameDatabase(next, this.#plan.leaseDatabase))
      this.#reporter.say('DHCP4_CONFIG_RESTART', { database: next.path })
    const former = this.#plan
    this.#plan = plan
    this.#engine = new Engine4(plan, this.#table, this.#engineSettings)
    this.#kept.follow(plan)
    this.pairing.planChanged(former)
    this.#ports.datagrams.select(plan.interfaces)
    this.#reporter.say('DHCP4_CONFIG_COMPLETE', { subnets: plan.subnets.length })
  }

  status(): ServerStatus {
    const parts = [this.#plan, this.#table, this.#delivery, this.#counters, this.#reporter] as const
    return statusOf(this.#state, ...parts, this.#ports.datagrams, this.pairing.status(), this.now())
  }

  // ---- the journal's answers

  onRows(rows: Uint8Array): void {
    this.#table.load(rows)
  }

  onReady(info: JournalInfo): void {
    this.#change = info.change
    this.#clock.set(info.stamp, info.counted)
    this.#watch.begin(info.stamp)
    this.#delivery.begin(info.stamp)
    // Else the first clients wait for it, and those of a partner whose replies wait for this server.
    this.#table.completeIndexes()
    this.#reporter.journalRead(info, this.#table.size)
    if (this.#state !== 'starting') return this.#finishStop()
    this.pairing.begin(info)
    this.#enter('serving')
    this.#reporter.say('DHCP4_STARTED', { leases: this.#table.size })
    this.#ports.datagrams.open(this)
    this.#schedule()
  }

  onCommitted(): void {
    this.#counters.commits++
    this.#delivery.onCommitted(this.now())
    if (this.#state === 'failed') {
      this.#enter('serving')
      this.#reporter.say('JOURNAL_RECOVERED', {})
      this.#pair?.resume()
    }
    this.#proceed()
  }

  onFailed(trouble: string): void {
    if (!this.#clock.isSet) return this.#giveUp(trouble)
    this.#counters.commitFailures++
    this.#delivery.onFailed(trouble, this.now())
    if (this.#state === 'serving') {
      this.#enter('failed')
      this.#reporter.say('JOURNAL_FAILED', { trouble })
      this.#pair?.suspend()
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
    to: Ipv4,
  ): void {
    const now = this.#turn()
    this.#kept.learn(from)
    const message = this.#message
    const { optionParsing } = this.#plan.compatibility
    const malformed = decode4(message, bytes, start, end, optionParsing)
    this.#counters.countReceived(message)
    const reason = malformed ?? this.#refusal(message.type, now) ?? this.#pair?.admits(message, now)
    if (reason !== undefined) return this.#drop(reason, from, address)
    const arena = this.#delivery.arena
    arena.reserve()
    let outcome: Outcome4
    try {
      const arrival = { link: from, address, port, to }
      const { draw } = this.#ports
      const { chunk, cursor } = arena
      const owner = this.#pair?.owner ?? 0
      const next = this.#nextChange
      outcome = this.#engine.step(message, arrival, owner, now, draw, next, chunk, cursor)
    } catch (error) {
      this.#reporter.internal(error, bytes, start, end)
      return this.#drop('internal', from, address)
    }
    this.#carryOut(outcome, from, address, now)
  }

  onOversized(from: Interface4, address: Ipv4): void {
    this.#message.reset(new Uint8Array(0), 0, 0)
    this.#counters.countReceived(this.#message)
    this.#drop('too-long', from, address)
  }

  onUndelivered(through: Interface4, address: Ipv4, why: string): void {
    this.#reporter.undelivered(through.name, address, why, this.now())
  }

  onBatchEnd(): void {
    this.#proceed()
  }

  onAddresses(addresses: readonly Ipv4[]): void {
    this.#kept.see(addresses)
  }

  onInterface(status: InterfaceStatus4): void {
    this.#reporter.interface(status, misfitOf(this.#plan, status))
  }

  // ---- carrying out

  /** Why no message is taken at the moment. */
  #refusal(type: number, now: Instant): Reason4 | undefined {
    if (this.#state === 'failed') return 'journal-failed'
    if (this.#state !== 'serving') return 'stopping'
    if (this.#table.rights.kind === 'none') return 'no-rights'
    if (type === MESSAGE_TYPE4.release && this.#watch.isDoubtful(now)) return 'release-too-soon'
    return this.#delivery.parked < PARKED_MAX ? undefined : 'overload'
  }

  #carryOut(outcome: Outcome4, from: Interface4, address: Ipv4, now: Instant): void {
    if (outcome.kind !== 'drop')
      for (const made of outcome.changes) {
        const change = this.#pair?.rightsBook.stamp(made) ?? made
        this.#apply(change, this.#actions.of(change, this.#table), true)
      }
    if (outcome.kind === 'changes') return
    this.#pair?.noteNeed(this.#message, outcome.wanted, now)
    if (outcome.kind === 'drop') return this.#drop(outcome.reason, from, address)
    const reply = replyOf(outcome, this.#delivery.arena, from, now)
    if (outcome.changes.length > 0) this.#delivery.park(reply)
    else this.#replies.add(reply)
    this.#reporter.replied(outcome, this.#message, from.name, now)
  }

  #apply(change: Change, action: LeaseAction | undefined, isStreamed: boolean): void {
    this.#table.apply(change)
    this.#delivery.add(change, action, isStreamed && this.#pair !== undefined)
  }

  /** The end of a batch, and after each answer of the journal: send, store, go on. */
  #proceed(): void {
    this.#replies.flush()
    this.#delivery.settle()
    this.#pair?.turn()
    if (this.#state === 'stopping') return this.#goOnStopping()
    this.#reclaim()
    this.#delivery.flush(this.now())
    this.#schedule()
  }

  #tell(action: LeaseAction, lease: Lease): void {
    this.#reporter.lease(action, lease)
    this.#settings.onEvent?.({ kind: 'lease', action, lease })
  }

  #drop(reason: Reason4, from: Interface4, address: Ipv4): void {
    const [message, now] = [this.#message, this.now()]
    this.#counters.countDropped(reason, now)
    this.#reporter.dropped(reason, message, from.name, address, now)
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
    for (const { change, streamed } of this.#reclaimer.round(this.now(), this.#plan.expiry)) {
      const action = this.#actions.of(change, this.#table)
      if (action === 'expired') this.#counters.reclaimed++
      this.#apply(change, action, streamed)
    }
  }

  #turn(): Instant {
    const now = this.now()
    this.#watch.turn(now)
    return now
  }

  #wake(): void {
    this.#reporter.closeWindows(this.#turn())
    this.#proceed()
  }

  #schedule(): void {
    const pair = this.#pair?.deadline ?? NEVER
    // A stop waits for nothing but the partner.
    if (this.#state === 'stopping' && !this.#isClosing) return this.#wakeBy(pair)
    if (this.#state !== 'serving' && this.#state !== 'failed') return
    const work = Math.min(this.#watch.deadline, this.#delivery.deadline, pair)
    this.#wakeBy(this.#state === 'serving' ? Math.min(work, this.#reclaimer.deadline) : work)
  }

  #wakeBy(when: Instant): void {
    this.#clock.wakeBy(when, this.#onWake)
  }

  #goOnStopping(): void {
    this.#delivery.drain(this.now())
    this.#finishStop()
    this.#schedule()
  }

  #finishStop(): void {
    const isDrained = this.#delivery.isIdle || this.#delivery.trouble !== ''
    if (!isDrained || this.#state !== 'stopping' || this.#isClosing) return
    this.#isClosing = true
    this.#clock.cancel()
    const close = () => this.#ports.journal.close(() => this.#end())
    this.#ports.datagrams.close(() =>
      this.#pair === undefined ? close() : this.#pair.leave(close),
    )
  }

  #pairServices() {
    return {
      draw: this.#ports.draw,
      table: this.#table,
      kept: this.#kept,
      delivery: this.#delivery,
      reporter: this.#reporter,
      now: () => this.now(),
      served: () => this.#clock.served(),
      nextChange: this.#nextChange,
      lastChange: () => this.#change,
      countFrom: (change: number) => (this.#change = Math.max(this.#change, change)),
      plan: () => this.#plan,
      proceed: () => this.#proceed(),
      tell: (event: ServerEvent) => this.#settings.onEvent?.(event),
    }
  }

  #end(): void {
    this.#enter('stopped')
    this.#reporter.say('DHCP4_STOPPED', {})
    for (const done of this.#waiting.splice(0)) done()
  }

  /** The journal could not be read: without it nothing may be answered, so the server ends. */
  #giveUp(trouble: string): void {
    this.#reporter.say('JOURNAL_UNREADABLE', { trouble })
    this.#state = 'stopping'
    this.#finishStop()
  }

  #enter(state: ServerState): void {
    this.#state = state
    this.#settings.onEvent?.({ kind: 'state', state })
  }
}
