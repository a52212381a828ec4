// The server: the one loop. The journal's answers (journal-answers.ts) and the clock come in, and
// what a service (service.ts) made of datagrams; delivery.ts carries it out. The loop has life
// (life.ts) and time, the journal, the numbers of changes and the pair, and does no I/O of its own:
// the ports do.

import type { CommonReason } from '../catalogue/common-reasons.ts'
import { type OrderResult, refused } from '../catalogue/order-result.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { WhyReport } from '../explain/why4.ts'
import { LeaseTables } from '../leases/table/lease-tables.ts'
import { type Instant, NEVER, type WallTime } from '../time/units.ts'
import type { AmendAnswer, Amendment } from './amend/amendment.ts'
import { ChangeNumbers } from './change-numbers.ts'
import type { Configuration } from './configuration/configuration.ts'
import { type Delivery, PARKED_MAX } from './delivery.ts'
import type { ServerState } from './events.ts'
import { hookStatus } from './hooks.ts'
import type { HostBooks } from './hosts/host-books.ts'
import { JournalAnswers } from './journal-answers.ts'
import { LeaseClock } from './lease-clock.ts'
import { Life, type LivingParts } from './life.ts'
import { type Measures, measuresOf } from './measures.ts'
import type { Names } from './names/names.ts'
import type { NamesSweep } from './names/sweep.ts'
import { OperatorWork } from './operator-work.ts'
import type { OrderAnswer } from './pair/orders.ts'
import type { Pair } from './pair/pair.ts'
import { Pairing } from './pair/pairing.ts'
import type { ReclaimAnswer } from './reclaim-orders.ts'
import type { ReconfigureOrder } from './reconfigure/reconfigurer6.ts'
import { Reporter } from './reporter.ts'
import { isSameDatabase } from './same-plan.ts'
import {
  deliveryOf,
  pairServicesOf,
  type ServerCore,
  serviceDutiesOf,
  sharedSideOf,
  workDutiesOf,
} from './server-parts.ts'
import { ServiceSwitches } from './service-switch.ts'
import { Services } from './services.ts'
import type { ServerPorts, ServerSettings } from './settings.ts'
import type { SharedSide } from './shared/shared-side.ts'
import type { SharedStatus } from './shared/shared-status.ts'
import type { Lost, Slice } from './slices.ts'
import { StallWatch } from './stall-watch.ts'
import { type ServerStatus, statusOf } from './status.ts'

export class Server {
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
  readonly #life: Life
  readonly #answers: JournalAnswers
  /** Of a database that other servers write, too. */
  readonly #shared: SharedSide | undefined
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
    const core = this.#core()
    this.#delivery = deliveryOf(core)
    this.#shared = sharedSideOf(core, this.#delivery, {
      away: (trouble) => this.#answers.onAway(trouble),
      back: () => this.#life.recover(),
    })
    const duties = serviceDutiesOf(core, this.#delivery, this.#shared)
    this.#services = new Services(plan, ports, settings, this.#reporter, duties)
    this.pairing = new Pairing(plan, ports.link, pairServicesOf(core, this.#delivery))
    this.#pair = this.pairing.pair
    const use = (next: Plan, isWhole: boolean) => (isWhole ? this.reload(next) : this.#use(next))
    this.#work = new OperatorWork(workDutiesOf(core, this.#delivery, use), settings.configuration)
    const parts: LivingParts = {
      ...{ delivery: this.#delivery, shared: this.#shared },
      ...{ work: this.#work, pairing: this.pairing, schedule: () => this.#schedule() },
    }
    this.#life = new Life(core, parts)
    this.#answers = new JournalAnswers(core, parts, this.#life, this.#watch)
    this.measures = measuresOf(this.#services, this.#delivery, ports, () => this.now())
  }

  get state(): ServerState {
    return this.#life.state
  }

  get plan(): Plan {
    return this.#plan
  }

  /** Undefined where whoever made the server keeps it for himself. */
  get configuration(): Configuration | undefined {
    return this.#work.configuration
  }

  get names(): Names {
    return this.#services.names
  }

  /** Names in DNS, compared with what leases want there. */
  get sweep(): NamesSweep {
    return this.#services.sweep
  }

  get hosts(): HostBooks {
    return this.#services.hosts
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
    this.#services.begin(this.#plan)
    this.#ports.journal.open(this.#answers)
  }

  /** Takes no new messages, lets the replies under way leave, closes the journal. */
  stop(done: () => void): void {
    this.#life.stop(done)
  }

  /**
   * Puts a new plan in force, between two batches. Leases stay as they are, and so does the
   * journal: a change of the lease database needs a restart, which the log says.
   */
  reload(plan: Plan): void {
    if (!isSameDatabase(plan.database, this.#plan.database))
      this.#services.say('restart', { database: plan.database.path })
    this.switches.together(() => {
      this.switches.keepUsers()
      this.#use(this.#work.known(plan))
    })
    this.#services.say('configured')
  }

  #use(plan: Plan): void {
    const former = this.#plan
    this.#plan = plan
    this.#ports.hooks?.adopt?.()
    this.#services.use(plan)
    // Before it serves there is nobody to tell.
    if (this.state !== 'starting') this.pairing.planChanged(former)
  }

  /** Of a lease database that other servers write, too. */
  get sharedStatus(): SharedStatus | undefined {
    return this.#shared?.status()
  }

  status(): ServerStatus {
    const now = this.now()
    const switchedOff = ([4, 6] as const).filter((family) => this.switches.isOff(family))
    const { hasOlderDatabase } = this.#reporter
    const own = { hasOlderDatabase, switchedOff, database: this.sharedStatus }
    const told = { names: this.names.status(), hooks: hookStatus(this.#ports.hooks) }
    const beside = { ...this.pairing.status(), ...told }
    return statusOf(this.state, own, this.#services.status(now), this.#delivery, beside)
  }

  /** What is remembered of a client: see why4. */
  why(about: string): WhyReport {
    return this.#services.why(about, this.now())
  }

  /** An operator says that what is kept out of use is nobody's. */
  endDoubt(answer: OrderAnswer): void {
    if (this.#shared !== undefined) return answer(this.#shared.endDoubt())
    const { orders } = this.pairing
    if (orders === undefined) return answer(refused('this server is not one of a pair'))
    orders.endDoubt(answer)
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

  // ---- carrying out

  /** Why no message is taken at the moment. */
  #refusal(family: 4 | 6, isRelease: boolean, now: Instant): CommonReason | undefined {
    if (this.state === 'failed') return this.#shared?.isAway ? 'database-away' : 'journal-failed'
    if (this.state !== 'serving') return 'stopping'
    if (this.switches.isOff(family)) return 'service-disabled'
    if (this.tables.rights.kind === 'none') return 'no-rights'
    if (isRelease && this.#watch.isDoubtful(now)) return 'release-too-soon'
    return this.#delivery.parked < PARKED_MAX ? undefined : 'overload'
  }

  /** The end of a batch, and after each answer of the journal: send, store, go on. */
  #proceed(): void {
    this.#services.flush(this.now())
    this.#delivery.settle()
    this.#shared?.turn(this.now())
    this.#pair?.turn()
    if (this.state === 'stopping') return this.#life.goOnStopping()
    if (this.state === 'serving') {
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
    if (this.state === 'stopping' && !this.#life.isClosing)
      return this.#clock.wakeBy(pair, this.#onWake)
    if (this.state !== 'serving' && this.state !== 'failed') return
    const isServing = this.state === 'serving'
    const services = isServing ? this.#services.deadline : NEVER
    const orders = this.#work.deadline(isServing)
    const shared = this.#shared?.deadline ?? NEVER
    const own = Math.min(this.#watch.deadline, this.switches.deadline, orders, shared)
    const work = Math.min(own, this.#delivery.deadline, services, pair)
    this.#clock.wakeBy(work, this.#onWake)
  }

  /** Whoever is off leaves its pair: the partner serves the clients of both. */
  #switched(): void {
    this.#reporter.say('SERVICE_SWITCHED', this.switches.words())
    if (this.state !== 'starting') this.#pair?.switched(this.switches.offOf(this.#plan))
    this.#schedule()
  }

  #core(): ServerCore {
    return {
      ...{ ports: this.#ports, settings: this.#settings, tables: this.tables },
      ...{ numbers: this.#numbers, clock: this.#clock, reporter: this.#reporter },
      switches: this.switches,
      services: () => this.#services,
      pair: () => this.#pair,
      configuration: () => this.configuration,
      compileHosts: (done) => this.#work.compileHosts(done),
      inSlices: (slice, lost) => this.inSlices(slice, lost),
      plan: () => this.#plan,
      state: () => this.state,
      now: () => this.now(),
      turn: () => this.#turn(),
      refusal: (family, isRelease, now) => this.#refusal(family, isRelease, now),
      proceed: () => this.#proceed(),
    }
  }
}
