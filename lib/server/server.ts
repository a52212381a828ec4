// The server: the one loop. The journal's answers and the clock come in, and what a service
// (service.ts) made of datagrams; delivery.ts carries it out. The loop has life and time, the
// journal, the numbers of changes and the pair, and does no I/O of its own: the ports do.
//
//   starting --journal read--> serving <--> failed --stop--> stopping --> stopped

import type { CommonReason } from '../catalogue/common-reasons.ts'
import type { OrderResult } from '../catalogue/order-result.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { WhyReport } from '../explain/why4.ts'
import { LeaseTables } from '../leases/table/lease-tables.ts'
import type { JournalInfo, JournalSink } from '../ports/journal.ts'
import { type Instant, NEVER, type WallTime } from '../time/units.ts'
import type { AmendAnswer, Amendment } from './amend/amendment.ts'
import { ChangeNumbers } from './change-numbers.ts'
import type { Configuration } from './configuration/configuration.ts'
import { Delivery, PARKED_MAX } from './delivery.ts'
import type { ServerEvent, ServerState } from './events.ts'
import { LeaseClock } from './lease-clock.ts'
import { type Measures, measuresOf } from './measures.ts'
import { OperatorWork, type OperatorWorkDuties } from './operator-work.ts'
import type { Pair } from './pair/pair.ts'
import type { PairServices } from './pair/pair-services.ts'
import { Pairing } from './pair/pairing.ts'
import { sayAnswers } from './parked.ts'
import type { ReclaimAnswer } from './reclaim-orders.ts'
import type { ReconfigureOrder } from './reconfigure/reconfigurer6.ts'
import { Reporter } from './reporter.ts'
import { isSameDatabase } from './same-plan.ts'
import type { ServiceDuties } from './service.ts'
import { ServiceSwitches } from './service-switch.ts'
import { Services } from './services.ts'
import type { ServerPorts, ServerSettings } from './settings.ts'
import type { Lost, Slice } from './slices.ts'
import { StallWatch } from './stall-watch.ts'
import { type ServerStatus, statusOf } from './status.ts'

export class Server implements JournalSink {
  #plan: Plan
  readonly #ports: ServerPorts
  readonly #settings: ServerSettings
  /** The leases of both families. */
  readonly tables: LeaseTables
  readonly #services: Services
  readonly #delivery: Delivery
  readonly #reporter: Reporter
  /** Who has switched the service of a family off. */
  readonly switches = new ServiceSwitches(
    () => this.now(),
    () => this.#switched(),
  )
  readonly pairing: Pairing
  readonly #pair: Pair | undefined
  #state: ServerState = 'starting'
  /** Who waits for the end; nobody before a stop. */
  #waiting: (() => void)[] = []
  #isClosing = false
  readonly #clock: LeaseClock
  readonly #numbers = new ChangeNumbers()
  readonly #watch = new StallWatch()
  readonly #work: OperatorWork
  /** What is measured, as it is now. */
  readonly measures: Measures
  readonly #onWake = (): void => this.#wake()

  constructor(plan: Plan, ports: ServerPorts, settings: ServerSettings) {
    this.#plan = plan
    this.#ports = ports
    this.#settings = settings
    this.#reporter = new Reporter(ports.log, () => this.#plan.logsRenewals)
    this.#clock = new LeaseClock(ports.clock)
    this.tables = new LeaseTables(ports.draw(2 ** 32))
    this.#services = new Services(plan, ports, settings, this.#reporter, this.#serviceDuties())
    this.#delivery = new Delivery(ports.journal, {
      durable: (rows, record) => this.#pair?.durable(rows, record) ?? 0,
      release: (parked) => {
        // Replies first: clients wait for milliseconds.
        this.#services.release(parked, this.now())
        sayAnswers(parked, (error) => this.#reporter.fault(error))
      },
      tell: (action, row) => this.#services.tell(action, row),
      forget: (replies) => this.#services.forget(replies),
    })
    this.pairing = new Pairing(plan, ports.link, this.#pairServices())
    this.#pair = this.pairing.pair
    this.#work = new OperatorWork(this.#workDuties(), settings.configuration)
    this.measures = measuresOf(this.#services, this.#delivery, ports, () => this.now())
  }

  get state(): ServerState {
    return this.#state
  }

  /** What is in force. */
  get plan(): Plan {
    return this.#plan
  }

  /** Undefined where whoever made the server keeps it for himself. */
  get configuration(): Configuration | undefined {
    return this.#work.configuration
  }

  get pair(): Pair | undefined {
    return this.#pair
  }

  /** The lease clock. */
  now(): Instant {
    return this.#clock.now()
  }

  /** Reads the journal; serves once it is read. */
  start(): void {
    this.#services.say('starting')
    this.#ports.journal.open(this)
  }

  /** Takes no new messages, lets the replies under way leave, closes the journal. */
  stop(done: () => void): void {
    if (this.#state === 'stopped') return done()
    this.#waiting.push(done)
    if (this.#state === 'stopping') return
    this.#enter('stopping')
    this.#services.say('stopping')
    this.#clock.cancel()
    this.#work.stop()
    this.pairing.stopTaking()
    this.#goOnStopping()
  }

  /**
   * Puts a new plan in force, between two batches. Leases stay as they are, and so does the
   * journal: a change of the lease database needs a restart, which the log says.
   */
  reload(plan: Plan): void {
    const next = plan.database
    if (!isSameDatabase(next, this.#plan.database))
      this.#services.say('restart', { database: next.path })
    this.switches.keepUsers()
    this.#use(plan)
    this.#services.say('configured')
  }

  #use(plan: Plan): void {
    const former = this.#plan
    this.#plan = plan
    this.#services.use(plan)
    // Before it serves there is nobody to tell.
    if (this.#state !== 'starting') this.pairing.planChanged(former)
  }

  status(): ServerStatus {
    const now = this.now()
    const switchedOff = ([4, 6] as const).filter((family) => this.switches.isOff(family))
    const own = { hasOlderDatabase: this.#reporter.hasOlderDatabase, switchedOff }
    const services = this.#services.status(now)
    return statusOf(this.#state, own, services, this.#delivery, this.pairing.status())
  }

  /** What is remembered of a client: see why4. */
  why(about: string): WhyReport {
    return this.#services.why(about, this.now())
  }

  /** An operator has clients of DHCPv6 told to ask again. */
  reconfigure(order: ReconfigureOrder): OrderResult {
    return this.#services.reconfigure(order)
  }

  /** An operator changes leases: answered once that is as certain as an ACK. */
  amend(amendments: readonly Amendment[], answer: AmendAnswer): void {
    this.#work.amender.amend(amendments, answer)
  }

  /** An operator has all leases reclaimed that have ended. */
  reclaimNow(family: 4 | 6, isRemoving: boolean, answer: ReclaimAnswer): void {
    this.#work.reclaims.order(family, isRemoving, answer)
  }

  /** Long work that changes nothing, in between: see Slices.add. */
  inSlices(slice: Slice, lost: (why: Lost) => void): boolean {
    const isTaken = this.#work.slices.add(slice, lost)
    this.#schedule()
    return isTaken
  }

  /** Calendar time, for display. */
  wall(): WallTime {
    return this.#ports.clock.wall()
  }

  // ---- the journal's answers

  onRows(rows: Uint8Array): void {
    this.tables.load(rows)
  }

  onReady(info: JournalInfo): void {
    this.#numbers.begin(info.change)
    this.#clock.set(info.stamp, info.counted)
    this.#watch.begin(info.stamp)
    this.#delivery.begin(info.stamp, info.change)
    this.#services.ready()
    this.#reporter.journalRead(info, this.tables.size)
    this.configuration?.begin(info.edits ?? [])
    if (this.#state !== 'starting') return this.#finishStop()
    this.pairing.begin(info)
    this.#enter('serving')
    this.#services.say('started', { leases: this.tables.size })
    this.#services.open()
    this.#schedule()
  }

  onCommitted(): void {
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
    this.#delivery.onFailed(trouble, this.now())
    if (this.#state === 'serving') {
      this.#enter('failed')
      this.#reporter.say('JOURNAL_FAILED', { trouble })
      this.#pair?.suspend()
    }
    this.#work.journalFailed(trouble)
    if (this.#state === 'stopping') return this.#finishStop()
    this.#schedule()
  }

  // ---- carrying out

  /** Why no message is taken at the moment. */
  #refusal(family: 4 | 6, isRelease: boolean, now: Instant): CommonReason | undefined {
    if (this.#state === 'failed') return 'journal-failed'
    if (this.#state !== 'serving') return 'stopping'
    if (this.switches.isOff(family)) return 'service-disabled'
    if (this.tables.rights.kind === 'none') return 'no-rights'
    if (isRelease && this.#watch.isDoubtful(now)) return 'release-too-soon'
    return this.#delivery.parked < PARKED_MAX ? undefined : 'overload'
  }

  /** The end of a batch, and after each answer of the journal: send, store, go on. */
  #proceed(): void {
    this.#services.flush()
    this.#delivery.settle()
    this.#pair?.turn()
    if (this.#state === 'stopping') return this.#goOnStopping()
    if (this.#state === 'serving') {
      this.#services.reclaim(this.now())
      this.#work.turn()
    }
    const now = this.now()
    this.#delivery.flush(now)
    this.measures.samples.after(now)
    this.#schedule()
  }

  // ---- time

  #turn(): Instant {
    const now = this.now()
    this.measures.samples.before(now)
    this.#watch.turn(now)
    return now
  }

  #wake(): void {
    const now = this.#turn()
    this.switches.turn(now)
    this.#reporter.closeWindows(now)
    this.#proceed()
    this.#work.look()
    this.#schedule()
  }

  #schedule(): void {
    const pair = this.#pair?.deadline ?? NEVER
    // A stop waits for nothing but the partner.
    if (this.#state === 'stopping' && !this.#isClosing)
      return this.#clock.wakeBy(pair, this.#onWake)
    if (this.#state !== 'serving' && this.#state !== 'failed') return
    const isServing = this.#state === 'serving'
    const services = isServing ? this.#services.deadline : NEVER
    const orders = this.#work.deadline(isServing)
    const own = Math.min(this.#watch.deadline, this.switches.deadline, orders)
    const work = Math.min(own, this.#delivery.deadline, services, pair)
    this.#clock.wakeBy(work, this.#onWake)
  }

  /** Whoever is off leaves its pair, so that the partner serves the clients of both. */
  #switched(): void {
    this.#reporter.say('SERVICE_SWITCHED', this.switches.words())
    this.#pair?.switched(this.switches.offOf(this.#plan))
    this.#schedule()
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
    this.#services.close(() => (this.#pair === undefined ? close() : this.#pair.leave(close)))
  }

  #serviceDuties(): ServiceDuties {
    const pair = () => this.#pair
    const arena = () => this.#delivery.arena
    return {
      now: () => this.now(),
      turn: () => this.#turn(),
      refusal: (family, isRelease, now) => this.#refusal(family, isRelease, now),
      tables: this.tables,
      get arena() {
        return arena()
      },
      nextChange: this.#numbers.nextChange,
      isSettled: (change) => this.#isSettled(change),
      put: (change, action, isStreamed) =>
        this.#delivery.add(change, action, isStreamed && this.#pair !== undefined),
      park: (reply) => this.#delivery.park(reply),
      proceed: () => this.#proceed(),
      tell: (event) => this.#settings.onEvent?.(event),
      get pair() {
        return pair()
      },
    }
  }

  /**
   * Whether the change is stored wherever it must be. Beside others that never is for sure: there
   * it may have ended by a clock that went on while this one stood still.
   */
  #isSettled(change: number): boolean {
    return this.#pair === undefined && change <= this.#delivery.durableUpTo
  }

  #pairServices(): Omit<PairServices, 'link'> {
    return {
      draw: this.#ports.draw,
      tables: this.tables,
      kept: this.#services.kept,
      delivery: this.#delivery,
      reporter: this.#reporter,
      now: () => this.now(),
      proceed: () => this.#proceed(),
      ...this.#numbers,
      serverDuid: () => this.#services.duid,
      served: () => this.#clock.served(),
      edits: () => this.configuration?.shared,
      plan: () => this.#plan,
      tell: (event: ServerEvent) => this.#settings.onEvent?.(event),
    }
  }

  #workDuties(): OperatorWorkDuties {
    return {
      ...this.#pairServices(),
      state: () => this.#state,
      pair: () => this.#pair,
      use: (plan, isWhole) => (isWhole ? this.reload(plan) : this.#use(plan)),
      kept: () => this.#services.kept,
      reclaim: (family, isRemoving) => this.#services.reclaimNow(family, this.now(), isRemoving),
    }
  }

  #end(): void {
    this.#enter('stopped')
    this.#services.say('stopped')
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
