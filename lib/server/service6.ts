// DHCPv6 as the loop asks for it: datagrams in, the engine's outcomes carried out, replies counted
// and sent. What must be durable is put to the loop, which has the one order (delivery.ts).

import type { Ipv6 } from '../address/ipv6.ts'
import { type Prefix6, prefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { OrderResult } from '../catalogue/order-result.ts'
import type { Reason6 } from '../catalogue/reasons6.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { Plan6 } from '../config/plan/plan6.ts'
import { type Heard, NOTHING_HEARD, type Ticket } from '../dhcp/asking.ts'
import type { Arrival6, Settings6 } from '../dhcp6/asked6.ts'
import { Engine6 } from '../dhcp6/engine6.ts'
import type { Outcome6, ReplyOutcome6, Stepped6 } from '../dhcp6/outcome6.ts'
import { StatelessClients6 } from '../dhcp6/stateless6.ts'
import type { Trace6 } from '../dhcp6/trace6.ts'
import type { WhyReport } from '../explain/why4.ts'
import { ownerOf } from '../ha/hash.ts'
import type { Change, Lease } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type {
  DatagramSink6,
  Datagrams6,
  Interface6,
  InterfaceStatus6,
} from '../ports/datagrams6.ts'
import type { HookAnswer, HookSink } from '../ports/hooks.ts'
import type { Instant } from '../time/units.ts'
import { MESSAGE_TYPE6 } from '../wire/v6/codes.ts'
import type { Query6 } from '../wire/v6/message.ts'
import { decode6, Message6 } from '../wire/v6/reader.ts'
import { Counters6 } from './counters6.ts'
import type { LeaseAction } from './events.ts'
import type { LookUps } from './hosts/look-ups.ts'
import { misfitOf6 } from './interface-fit.ts'
import { KeptAddresses, keeping6 } from './kept-addresses.ts'
import { actionOfTime, DeclinedLeases, supersededBy } from './lease-action.ts'
import { type Changed6, LeaseNotices6 } from './notices/notices6.ts'
import { Outcomes6 } from './outcomes6.ts'
import type { Parked, ParkedReply, ParkedReply6 } from './parked.ts'
import { type Came6, hookQuestion6, Question6, waitedOf6 } from './question6.ts'
import { Reclaimer, type ReclaimOrder } from './reclaimer.ts'
import { Letters6 } from './reconfigure/letters6.ts'
import type { ReconfigureOrder, Reconfigurer6 } from './reconfigure/reconfigurer6.ts'
import { Replies } from './replies.ts'
import { REPLY_ROOM, replyOf6 } from './reply6.ts'
import type { Reporter } from './reporter.ts'
import { Reporter6 } from './reporter6.ts'
import { ServerIdsInUse } from './server-ids6.ts'
import type { Service, ServiceDuties } from './service.ts'
import type { ServerSettings } from './settings.ts'
import { engineSettings6, portsOf6, type ServicePorts6 } from './settings6.ts'
import { isRenewal6, resting6 } from './shared/resting6.ts'
import type { SharedQueries } from './shared/shared-queries.ts'
import type { ServiceStatus } from './status.ts'
import { status6 } from './status6.ts'
import { heardWith, WaitingRoom } from './waiting-room.ts'

type Arrival = Came6['arrival']

export class Service6 implements Service, DatagramSink6, HookSink {
  readonly family = 6
  readonly table: LeaseTable<Prefix6>
  readonly kept: KeptAddresses<Prefix6>
  readonly #datagrams: Datagrams6
  readonly #reporter: Reporter
  readonly #lines: Reporter6
  readonly #duties: ServiceDuties
  readonly #settings: Settings6
  readonly #serverIds: ServerIdsInUse
  readonly counters: Counters6
  readonly #message = new Message6()
  readonly #question = new Question6(this.#message)
  readonly #room: WaitingRoom<Query6, Arrival6, Arrival, Heard>
  readonly #lookUps: LookUps<Arrival, Heard>
  readonly #replies: Replies<ParkedReply6>
  readonly #reclaimer: Reclaimer<Prefix6>
  readonly #declined = new DeclinedLeases<Prefix6>()
  readonly #notices: LeaseNotices6
  readonly #outcomes: Outcomes6
  readonly #reconfigurer: Reconfigurer6
  readonly #queries: SharedQueries<Arrival, Heard> | undefined
  #plan: Plan6
  #engine: Engine6

  constructor(
    plan: Plan6,
    { clock, datagrams6, draw, hooks, lookUps, outlets, serverId }: ServicePorts6,
    settings: ServerSettings,
    reporter: Reporter,
    duties: ServiceDuties,
  ) {
    this.#plan = plan
    this.#datagrams = datagrams6
    this.#reporter = reporter
    this.counters = new Counters6(() => this.#plan)
    this.#lines = new Reporter6(reporter)
    this.#duties = duties
    this.table = duties.tables.v6
    this.table.classes.follow(plan.classLimits.addresses)
    this.kept = new KeptAddresses(keeping6(plan), this.table, (row) => this.#lines.leasedOwn(row))
    this.#serverIds = new ServerIdsInUse(serverId, {
      now: () => duties.now(),
      longestLifetime: () => this.table.lifetimes.longest(),
      namesPartner: (duid) => duties.pair?.answersFor(duid, this.#question.owner) ?? false,
      changed: (from, to) => this.#lines.serverIdChanged(from, to),
    })
    const stateless = new StatelessClients6()
    const letters = new Letters6(
      {
        ...{ table: this.table, datagrams: datagrams6, lines: this.#lines },
        counts: this.counters.reconfigured,
        clientPort: portsOf6(settings).clientPort,
        plan: () => this.#plan,
        serverId: () => this.#serverIds.own,
        wall: () => clock.wall(),
        ...{ stateless, send: (reply) => this.#replies.leave(reply, duties.now()) },
        put: (change) => this.#put(change, undefined, true),
      },
      duties,
    )
    this.#room = new WaitingRoom(hooks, hookQuestion6, NOTHING_HEARD)
    hooks?.open(this, 6)
    this.#lookUps = lookUps.open(this)
    this.#queries = duties.shared?.queriesOf<Arrival, Heard>(this, NOTHING_HEARD)
    const replayFrom = () => letters.replayFrom()
    const own = { serverIds: this.#serverIds, asker: this.#room, replayFrom, stateless }
    this.#settings = engineSettings6({ draw, hooks, ...own }, settings, this.kept, reporter, duties)
    this.#engine = new Engine6(plan, this.table, this.#settings)
    const way = { datagrams: datagrams6, hooks }
    this.#replies = new Replies<ParkedReply6>('reply6', way, this.counters, (lost) =>
      this.#lines.say('DHCP6_REPLY_DROP', lost),
    )
    this.#notices = new LeaseNotices6(plan, outlets, clock)
    this.#outcomes = new Outcomes6(this.counters, this.#lines, duties)
    this.#reclaimer = new Reclaimer(this.table, duties.nextChange, duties.shared?.stripes)
    this.#reconfigurer = letters.reconfigurer()
  }

  use({ dhcp6: plan }: Plan): void {
    if (plan === undefined) return
    this.#plan = plan
    this.#serverIds.use(plan)
    this.#engine = new Engine6(plan, this.table, this.#settings)
    this.table.classes.follow(plan.classLimits.addresses)
    this.kept.follow(keeping6(plan))
    this.#notices.use(plan)
    this.#outcomes.planChanged()
    this.#reconfigurer.use(plan)
    this.#datagrams.select(plan.interfaces)
  }

  ready(): void {
    this.table.completeIndexes()
    this.#serverIds.use(this.#plan)
    const reuses = this.#plan.subnets.some(({ leasing }) => leasing.reuse !== undefined)
    if (reuses) this.table.reuses.begin(this.#duties.now())
  }

  open(): void {
    this.#datagrams.open(this)
  }

  close(done: () => void): void {
    for (const one of this.#room.end()) this.dropWaiting(one, 'stopping')
    this.#notices.close()
    this.#datagrams.close(done)
  }

  get subnets(): number {
    return this.#plan.subnets.length
  }

  get duid(): Octets {
    return this.#serverIds.own
  }

  status(now: Instant): ServiceStatus {
    const waiting = this.#room.size + this.#lookUps.size
    return status6(this.#plan, this, this.#datagrams, this.#outcomes, waiting, now)
  }

  why(about: string, now: Instant): WhyReport {
    return this.#outcomes.why(about, this.#plan, this.table, this.#datagrams.status(), now)
  }

  reconfigure(order: ReconfigureOrder): OrderResult {
    const result = this.#reconfigurer.order(order)
    this.#duties.proceed()
    return result
  }

  // ---- the network

  onDatagram(
    from: Interface6,
    bytes: Uint8Array,
    start: number,
    end: number,
    address: Ipv6,
    port: number,
    to: Ipv6,
  ): void {
    const now = this.#duties.turn()
    const malformed = decode6(this.#message, bytes, start, end)
    this.counters.countReceived(this.#message, malformed)
    const arrival = { link: from, address, port, to }
    const reason = malformed ?? this.#refusal(arrival, now)
    if (reason !== undefined) return this.#drop(reason, from, address)
    this.#reconfigurer.heard(this.#message.clientId, this.#message.type)
    this.#answer(arrival, bytes, start, end)
  }

  /** Steps the decoded message, which these bytes hold, and carries out what comes of it. */
  #answer(from: Arrival, bytes: Uint8Array, start: number, end: number, heard?: Heard): void {
    const { arena } = this.#duties
    const now = this.#duties.now()
    arena.reserve(REPLY_ROOM)
    let outcome: Stepped6
    try {
      const question = this.#question.about(from, now, heard)
      outcome = this.#engine.step(question, arena.chunk, arena.cursor)
    } catch (error) {
      this.#reporter.internal(error, bytes, start, end)
      return this.#drop('internal', from.link, from.address)
    }
    if (outcome.kind === 'wait')
      return this.#room.enter(outcome.ticket, from, bytes, start, end, now, heard)
    if (outcome.kind === 'look-up')
      return this.#lookUps.begin(outcome, from, bytes.slice(start, end), now, heard)
    const resting = this.#queries && resting6(outcome, this.#message)
    if (this.#queries?.keeps(resting, from, bytes, start, end, heard)) return
    this.#carryOut(outcome, from, now)
    this.#queries?.done()
  }

  // ---- who waits for an answer from outside

  onAnswer(ticket: Ticket, answer: HookAnswer): void {
    const now = this.#duties.turn()
    const waiting = this.#room.leave(ticket)
    if (waiting === undefined) return
    const heard = heardWith(waiting, answer, now)
    if (typeof heard === 'string') this.dropWaiting(waiting, heard)
    else this.stepAgain(waiting, now, heard)
    this.#duties.proceed()
  }

  /** Much may have changed since, as in DHCPv4. */
  stepAgain({ arrival, bytes }: Came6, now: Instant, heard?: Heard): void {
    const reason = this.#decode(bytes) ?? this.#refusal(arrival, now)
    if (reason !== undefined) return this.#drop(reason, arrival.link, arrival.address)
    this.#answer(arrival, bytes, 0, bytes.length, heard)
  }

  dropWaiting({ arrival, bytes }: Came6, reason: Reason6): void {
    this.#drop(this.#decode(bytes) ?? reason, arrival.link, arrival.address)
  }

  #decode(bytes: Uint8Array): Reason6 | undefined {
    return decode6(this.#message, bytes, 0, bytes.length)
  }

  onOversized(from: Interface6, address: Ipv6): void {
    this.#message.reset(new Uint8Array(0), 0, 0)
    this.counters.countReceived(this.#message, 'too-long')
    this.#drop('too-long', from, address)
  }

  onUndelivered(through: Interface6, address: Ipv6, why: string): void {
    this.#lines.undelivered(through.name, address, why, this.#duties.now())
  }

  onBatchEnd(): void {
    this.#duties.proceed()
  }

  onAddresses(addresses: readonly Ipv6[]): void {
    this.kept.see(addresses.map((address) => prefix6(address, 128)))
  }

  onInterface(status: InterfaceStatus6): void {
    this.#lines.interface(status, misfitOf6(this.#plan, status))
  }

  // ---- carrying out

  /** Why the message is not taken: the loop's reasons, then the pair's. Notes the owner. */
  #refusal(arrival: Arrival, now: Instant): Reason6 | undefined {
    const message = this.#message
    const { type, clientId } = message
    const isRelease = type === MESSAGE_TYPE6.release
    const { pair, shared } = this.#duties
    const why = this.#duties.refusal(6, isRelease, now)
    const reason = shared?.isBridging && isRenewal6(message) ? undefined : why
    if (reason !== undefined || pair === undefined) return reason
    // Both servers answer who wants no lease; a client that names nobody is anybody's.
    const owner = clientId === '' ? 0 : ownerOf(pair.plan, clientId, '')
    this.#question.owner = owner
    if (type === MESSAGE_TYPE6.informationRequest || why !== undefined) return undefined
    const refusal = pair.admits(owner, isRelease || type === MESSAGE_TYPE6.decline)
    // Whom no server would answer waits in vain for any.
    if (refusal === 'not-in-scope' && pair.watchesClients(now) && !this.#isDenied(arrival, now))
      pair.heard(clientId, waitedOf6(message), now)
    return refusal
  }

  #isDenied(arrival: Arrival, now: Instant): boolean {
    try {
      return this.#engine.isDenied(this.#question.about(arrival, now))
    } catch {
      // Whoever serves the client has the same error, and tells of it.
      return false
    }
  }

  #carryOut(outcome: Outcome6, arrival: Arrival, now: Instant): void {
    const { link, address } = arrival
    const { pair } = this.#duties
    if (outcome.kind === 'reply' && outcome.changes.length > 0) this.#change(outcome, now)
    if (pair !== undefined && (outcome.wanted.length > 0 || pair.awaitsClients))
      pair.noteNeed(this.#message.clientId, outcome.wanted, now)
    if (outcome.kind === 'drop')
      return this.#drop(outcome.reason, link, address, this.#engine.trace)
    this.#outcomes.answered(outcome, this.#message, this.#engine.trace, now)
    const reply = replyOf6(outcome, this.#duties.arena, link, now)
    // All changes of the message are in one batch, and the reply waits for it.
    if (outcome.changes.length > 0) this.#duties.park(reply)
    else this.#replies.add(reply)
  }

  /** Of one message; `ended`: the other servers are told by the row that follows. */
  #change(outcome: ReplyOutcome6, now: Instant): void {
    const { arena, pair } = this.#duties
    const changed: Changed6[] | undefined = this.#notices.areWanted ? [] : undefined
    for (const { change: made, action, former, ended } of outcome.changes) {
      if (ended !== undefined) {
        const change = supersededBy(ended, now)
        changed?.push({ change, former: ended })
        this.#put(change, 'superseded', false)
      }
      const change = pair?.stamp(made) ?? made
      if (action === 'granted') this.counters.places.gave(change, former, ended !== undefined)
      if (action === 'declined' && former !== undefined) this.#declined.note(change, former)
      changed?.push({ change, former })
      this.#put(change, action, true)
    }
    if (changed === undefined) return
    const { trace } = this.#engine
    this.#notices.noteMessage(changed, trace, this.#notices.textOf(trace, outcome, arena))
  }

  #put(change: Change<Prefix6>, action: LeaseAction | undefined, isStreamed: boolean): void {
    this.#duties.put(change, action, isStreamed)
    this.table.apply(change)
  }

  #drop(reason: Reason6, { name }: Interface6, address: Ipv6, trace?: Trace6): void {
    this.#outcomes.dropped(reason, this.#message, name, address, trace, this.#duties.now())
  }

  flush(): void {
    const now = this.#duties.now()
    for (const one of this.#room.late(now)) this.dropWaiting(one, 'answer-too-late')
    this.#replies.flush(now)
  }

  release(parked: readonly Parked[], now: Instant): void {
    this.#replies.release(parked, now)
  }

  forget(replies: readonly ParkedReply[]): void {
    this.#replies.forget(replies)
  }

  tell(action: LeaseAction, row: Lease<Prefix6>): void {
    const lease = this.#declined.told(row)
    this.#outcomes.durable(action, lease, this.#plan)
    this.#duties.tell({ kind: 'lease', family: 6, action, lease })
    this.#notices.durable(action, row, this.#plan, this.#duties.now())
  }

  // ---- time

  get deadline(): Instant {
    return Math.min(this.#reclaimer.deadline, this.#room.deadline, this.#reconfigurer.deadline)
  }

  reclaim(now: Instant, order?: ReclaimOrder): boolean {
    const due = this.#reclaimer.round(now, this.#plan.expiry, order)
    for (const { change, streamed, former } of due) {
      this.counters.places.lapsed(former)
      if (this.#notices.areWanted) this.#notices.noteTime({ change, former }, this.#plan, now)
      this.#put(change, actionOfTime(change), streamed)
    }
    this.#reconfigurer.turn(now)
    return due.length > 0
  }
}
