// DHCPv4 as the loop asks for it: datagrams in, the engine's outcomes carried out, replies counted
// and sent. What must be durable is put to the loop, which has the one order (delivery.ts).

import type { Ipv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { Plan4, Subnet4 } from '../config/plan/plan4.ts'
import { type Heard4, NOTHING_HEARD4, type Ticket } from '../dhcp4/asking.ts'
import { Engine4 } from '../dhcp4/engine4.ts'
import type { Settings4 } from '../dhcp4/exchange4.ts'
import type { Outcome4 } from '../dhcp4/outcome4.ts'
import type { Trace4 } from '../dhcp4/trace4.ts'
import type { WhyReport } from '../explain/why4.ts'
import type { Change, Lease } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type {
  DatagramSink4,
  Datagrams4,
  Interface4,
  InterfaceStatus4,
} from '../ports/datagrams4.ts'
import type { HookAnswer, HookSink } from '../ports/hooks.ts'
import type { Instant } from '../time/units.ts'
import { LEASE_QUERY4, type Query4 } from '../wire/v4/message.ts'
import { decode4, Message4 } from '../wire/v4/reader.ts'
import { REPLY_SIZE_MAX } from '../wire/v4/writer.ts'
import { AddressChecks } from './address-checks.ts'
import { Admission4 } from './admission4.ts'
import { Counters } from './counters.ts'
import type { LeaseAction } from './events.ts'
import type { LookUps } from './hosts/look-ups.ts'
import { misfitOf } from './interface-fit.ts'
import { KeptAddresses, keeping4 } from './kept-addresses.ts'
import { actionOfTime, DeclinedLeases, keyOf, supersededBy } from './lease-action.ts'
import { LeaseQueries } from './lease-queries.ts'
import { LeaseNotices } from './notices/notices.ts'
import { occupiedAddress } from './occupied.ts'
import { Outcomes4 } from './outcomes4.ts'
import type { Parked, ParkedReply, ParkedReply4 } from './parked.ts'
import {
  type Came4,
  clientOf,
  heardOf4,
  hookQuestion4,
  Question4,
  type Waiting4,
} from './question4.ts'
import { Reclaimer, type ReclaimOrder } from './reclaimer.ts'
import { Replies } from './replies.ts'
import { replyOf } from './reply4.ts'
import type { Reporter } from './reporter.ts'
import { Reporter4 } from './reporter4.ts'
import type { Service, ServiceDuties } from './service.ts'
import { engineSettings, type ServerPorts, type ServerSettings } from './settings.ts'
import { resting4 } from './shared/resting4.ts'
import type { SharedQueries } from './shared/shared-queries.ts'
import { type ServiceStatus, status4 } from './status.ts'
import { WaitingRoom } from './waiting-room.ts'

type Ports4 = Omit<ServerPorts, 'datagrams'> & {
  readonly datagrams: Datagrams4
  readonly lookUps: LookUps<Waiting4['arrival'], Heard4>
}

export class Service4 implements Service, DatagramSink4, HookSink {
  readonly family = 4
  readonly table: LeaseTable
  readonly kept: KeptAddresses
  readonly #datagrams: Datagrams4
  readonly #reporter: Reporter
  readonly #lines: Reporter4
  readonly #duties: ServiceDuties
  readonly #settings: Settings4
  readonly counters: Counters
  readonly #message = new Message4()
  readonly #replies: Replies<ParkedReply4>
  readonly #reclaimer: Reclaimer
  readonly #declined = new DeclinedLeases()
  readonly #room: WaitingRoom<Query4, Question4['arrival'], Waiting4['arrival'], Heard4>
  readonly #checks: AddressChecks
  readonly #lookUps: LookUps<Waiting4['arrival'], Heard4>
  readonly #notices: LeaseNotices
  readonly #outcomes: Outcomes4
  readonly #queries: SharedQueries<Waiting4['arrival'], Heard4> | undefined
  #plan: Plan4
  #engine: Engine4
  readonly #question = new Question4(this.#message)
  readonly #admission: Admission4
  readonly #leaseQueries: LeaseQueries

  constructor(
    plan: Plan4,
    ports: Ports4,
    settings: ServerSettings,
    reporter: Reporter,
    duties: ServiceDuties,
  ) {
    const { datagrams, draw, hooks, probe } = ports
    this.#plan = plan
    this.#datagrams = datagrams
    this.#reporter = reporter
    this.counters = new Counters(() => this.#plan)
    this.#lines = new Reporter4(reporter)
    this.#duties = duties
    this.table = duties.tables.v4
    this.table.classes.follow(plan.classLimits.addresses)
    this.kept = new KeptAddresses(keeping4(plan), this.table, (row) => this.#lines.leasedOwn(row))
    this.#room = new WaitingRoom(hooks, hookQuestion4, NOTHING_HEARD4)
    this.#notices = new LeaseNotices(plan, ports.outlets, ports.clock)
    this.#lookUps = ports.lookUps.open(this)
    this.#checks = new AddressChecks(probe, this)
    hooks?.open(this, 4)
    const given = { draw, hooks, asker: this.#room }
    this.#settings = engineSettings(given, settings, this.kept, reporter, duties)
    this.#queries = duties.shared?.queriesOf<Waiting4['arrival'], Heard4>(this, NOTHING_HEARD4)
    this.#engine = new Engine4(plan, this.table, this.#settings)
    this.#admission = new Admission4(this.#question, duties, () => this.#engine)
    this.#leaseQueries = new LeaseQueries(plan, this.#settings, ports, duties)
    const way = { datagrams, hooks }
    this.#replies = new Replies<ParkedReply4>('reply4', way, this.counters, (lost) =>
      this.#lines.say('DHCP4_REPLY_DROP', lost),
    )
    this.#outcomes = new Outcomes4(this.counters, this.#lines, duties, this.kept, draw(2 ** 32))
    this.#reclaimer = new Reclaimer(this.table, duties.nextChange, duties.shared?.stripes)
  }

  use({ dhcp4: plan = this.#plan }: Plan): void {
    this.#plan = plan
    this.#engine = new Engine4(plan, this.table, this.#settings)
    this.#datagrams.select(plan.interfaces)
    this.table.classes.follow(plan.classLimits.addresses)
    this.kept.follow(keeping4(plan))
    this.#outcomes.planChanged()
    this.#notices.use(plan)
    this.#leaseQueries.use(plan)
  }

  ready(): void {
    // Else the first clients wait for it, and those of a partner that waits for this server.
    this.table.completeIndexes()
    // What a life before this one has reused is not stored; its RELEASEs may be under way yet.
    const reuses = this.#plan.subnets.some(({ leasing }) => leasing.reuse !== undefined)
    if (reuses) this.table.reuses.begin(this.#duties.now())
  }

  open(): void {
    this.#datagrams.open(this)
    this.#leaseQueries.open()
  }

  close(done: () => void): void {
    for (const one of this.#room.end()) this.dropWaiting(one, 'stopping')
    this.#checks.end()
    this.#leaseQueries.close()
    this.#notices.close()
    this.#datagrams.close(done)
  }

  get subnets(): number {
    return this.#plan.subnets.length
  }

  status(now: Instant): ServiceStatus {
    Object.assign(this.counters, this.#checks.counts)
    const waiting = this.#room.size + this.#checks.waiting + this.#lookUps.size
    return status4(this.#plan, this, this.#datagrams, this.#outcomes, waiting, now)
  }

  why(about: string, now: Instant): WhyReport {
    return this.#outcomes.why(about, this.#plan, this.table, this.#datagrams.status(), now)
  }

  onDatagram(
    from: Interface4,
    bytes: Uint8Array,
    start: number,
    end: number,
    address: Ipv4,
    port: number,
    to: Ipv4,
  ): void {
    const now = this.#duties.turn()
    this.kept.learn(from)
    const message = this.#message
    const malformed = this.#decode(bytes, start, end)
    this.counters.countReceived(message, malformed)
    const arrival = { link: from, address, port, to }
    if (message.type === LEASE_QUERY4.query) return this.#onLeaseQuery(arrival, now)
    const reason = malformed ?? this.#admission.refusal(arrival, now)
    if (reason !== undefined) return this.#drop(reason, from, address)
    this.#answer(arrival, bytes, start, end, now)
  }

  #onLeaseQuery(arrival: Waiting4['arrival'], now: Instant): void {
    const answer = this.#leaseQueries.answer(this.#message, arrival, now)
    if (typeof answer !== 'string') return this.#replies.add(answer)
    const { link, address } = arrival
    this.#outcomes.unanswered(answer, this.#message, link.name, address, undefined, now)
  }

  /** Steps the decoded message, which these bytes hold, and carries out what comes of it. */
  #answer(
    arrival: Waiting4['arrival'],
    bytes: Uint8Array,
    start: number,
    end: number,
    now: Instant,
    heard?: Heard4,
  ): void {
    const { link, address } = arrival
    const { arena } = this.#duties
    arena.reserve(REPLY_SIZE_MAX)
    let outcome: Outcome4
    try {
      const question = this.#question.about(arrival, now, heard)
      outcome = this.#engine.step(question, arena.chunk, arena.cursor)
    } catch (error) {
      this.#reporter.internal(error, bytes, start, end)
      return this.#drop('internal', link, address)
    }
    if (outcome.kind === 'wait')
      return this.#room.enter(outcome.ticket, arrival, bytes, start, end, now, heard)
    if (outcome.kind === 'look-up')
      return this.#lookUps.begin(outcome, arrival, bytes.slice(start, end), now, heard)
    if (outcome.kind === 'check')
      return this.#checks.begin(outcome, arrival, bytes.slice(start, end), now, heard)
    const resting = this.#queries && resting4(outcome, this.#message)
    if (this.#queries?.keeps(resting, arrival, bytes, start, end, heard)) return
    this.#carryOut(outcome, arrival, now)
    this.#queries?.done()
  }

  onAnswer(ticket: Ticket, answer: HookAnswer): void {
    const now = this.#duties.turn()
    const waiting = this.#room.leave(ticket)
    if (waiting === undefined) return
    const heard = heardOf4(waiting, answer, now, this)
    if (typeof heard === 'string') this.dropWaiting(waiting, heard)
    else this.stepAgain(waiting, now, heard)
    this.#duties.proceed()
  }

  /** Much may have changed since: the plan, the rights, whether this server serves at all. */
  stepAgain({ arrival, bytes }: Came4, now: Instant, heard?: Heard4): void {
    const reason = this.#decode(bytes) ?? this.#admission.refusal(arrival, now)
    if (reason !== undefined) return this.#drop(reason, arrival.link, arrival.address)
    this.#answer(arrival, bytes, 0, bytes.length, now, heard)
  }

  dropWaiting({ arrival, bytes }: Came4, reason: Reason4): void {
    this.#drop(this.#decode(bytes) ?? reason, arrival.link, arrival.address)
  }

  #decode(bytes: Uint8Array, start = 0, end = bytes.length): Reason4 | undefined {
    return decode4(this.#message, bytes, start, end, this.#plan.compatibility.optionParsing)
  }

  occupied(address: Ipv4, subnetId: number, user: Octets, now: Instant): void {
    if (this.#duties.refusal(4, false, now) !== undefined) return
    const { nextChange, pair } = this.#duties
    const made = occupiedAddress(this.#plan, this.table, address, subnetId, now, nextChange)
    if (made === undefined) return
    const change = pair?.stamp(made) ?? made
    this.#declined.note(change, { htype: 1, hwAddress: user, clientId: '', hostname: '' })
    this.counters.occupied++
    this.#put(change, 'occupied', true)
  }

  onOversized(from: Interface4, address: Ipv4): void {
    this.#message.reset(new Uint8Array(0), 0, 0)
    this.counters.countReceived(this.#message, 'too-long')
    this.#drop('too-long', from, address)
  }

  onUndelivered(through: Interface4, address: Ipv4, why: string): void {
    this.#lines.undelivered(through.name, address, why, this.#duties.now())
  }

  onBatchEnd(): void {
    this.#duties.proceed()
  }

  onAddresses(addresses: readonly Ipv4[]): void {
    this.kept.see(addresses)
  }

  onInterface(status: InterfaceStatus4): void {
    this.#lines.interface(status, misfitOf(this.#plan, status))
  }

  // ---- carrying out

  #carryOut(
    outcome: Exclude<Outcome4, { kind: 'wait' | 'check' | 'look-up' }>,
    arrival: Waiting4['arrival'],
    now: Instant,
  ): void {
    const { link: from, address } = arrival
    const { pair } = this.#duties
    const { trace } = this.#engine
    if (outcome.kind === 'reply' && outcome.ended !== undefined)
      this.#supersede(outcome.ended, arrival, now)
    if (outcome.kind !== 'drop')
      for (const made of outcome.changes) {
        const change = pair?.stamp(made) ?? made
        if (outcome.kind === 'reply' && outcome.action === 'granted')
          this.counters.places.gave(change, trace.taken, outcome.ended !== undefined)
        const text = this.#notices.textOf(trace, outcome, this.#duties.arena)
        if (this.#notices.areWanted)
          this.#notices.noteMessage(change, this.#rowOf(change), this.#message, arrival, text)
        if (outcome.kind === 'changes' && outcome.action === 'declined')
          this.#declined.note(change, outcome.former)
        this.#put(change, outcome.action, true)
      }
    if (outcome.kind !== 'drop') this.#outcomes.answered(outcome, this.#message, trace, now)
    if (outcome.kind === 'changes') return
    if (pair !== undefined && (outcome.wanted.length > 0 || pair.awaitsClients))
      pair.noteNeed(clientOf(this.#message), outcome.wanted, now)
    if (outcome.kind === 'drop') {
      if (outcome.notice !== undefined)
        this.#replies.add(replyOf(outcome.notice, this.#duties.arena, from, now))
      return this.#drop(outcome.reason, from, address, outcome.subnet, trace)
    }
    const reply = replyOf(outcome, this.#duties.arena, from, now)
    if (outcome.changes.length > 0) this.#duties.park(reply)
    else this.#replies.add(reply)
  }

  /** The other servers need not be told: the row that follows says it. */
  #supersede(row: Lease, arrival: Waiting4['arrival'], now: Instant): void {
    const change = supersededBy(row, now)
    if (this.#notices.areWanted) this.#notices.noteMessage(change, row, this.#message, arrival)
    this.#put(change, 'superseded', false)
  }

  #put(change: Change, action: LeaseAction | undefined, isStreamed: boolean): void {
    this.#duties.put(change, action, isStreamed)
    this.table.apply(change)
  }

  #drop(reason: Reason4, from: Interface4, address: Ipv4, subnet?: Subnet4, trace?: Trace4): void {
    const now = this.#duties.now()
    this.#outcomes.dropped(reason, this.#message, from.name, address, subnet, trace, now)
  }

  flush(): void {
    const now = this.#duties.now()
    if (this.#room.size > 0)
      for (const one of this.#room.late(now)) this.dropWaiting(one, 'answer-too-late')
    this.#checks.turn(now)
    this.#leaseQueries.turn()
    this.#replies.flush(now)
  }

  release(parked: readonly Parked[], now: Instant): void {
    this.#replies.release(parked, now)
  }

  forget(replies: readonly ParkedReply[]): void {
    this.#replies.forget(replies)
  }

  tell(action: LeaseAction, row: Lease): void {
    const lease = this.#declined.told(row)
    this.#outcomes.durable(action, lease, this.#plan)
    this.#duties.tell({ kind: 'lease', family: 4, action, lease })
    this.#notices.durable(action, row, this.#plan, this.#duties.now())
  }

  #rowOf(change: Change): Lease | undefined {
    return this.table.byAddress(keyOf(change))
  }

  get deadline(): Instant {
    return Math.min(this.#reclaimer.deadline, this.#room.deadline, this.#checks.deadline)
  }

  reclaim(now: Instant, order?: ReclaimOrder): boolean {
    const due = this.#reclaimer.round(now, this.#plan.expiry, order)
    for (const { change, streamed, former } of due) {
      this.counters.places.lapsed(former)
      if (this.#notices.areWanted) this.#notices.noteTime(change, former, this.#plan, now)
      this.#put(change, actionOfTime(change), streamed)
    }
    return due.length > 0
  }
}
