// Names of clients in DNS: every change of a lease comes by here, what is owed because of it is
// noted in the batch of the change, and sent when that is as certain as an ACK. Nobody waits for
// it.
//
//   changing ──> record ──batch of the lease──> journal, partner ──> queue ──> DNS server
//                  ▲                                                               │
//                  └────────────────────── what is done is noted ──────────────────┘
//
// A record says what may stand in DNS and what should (ddns/name-record.ts). What is sent is judged
// by the lease as it is then, however long it has waited (runner.ts).

import type { Plan } from '../../config/plan/plan.ts'
import {
  asTheLeaseSays,
  asThePartnerSays,
  changedNames,
  isWished,
  movedOn,
  newEntry,
} from '../../ddns/name-changes.ts'
import {
  isSameRecord,
  type NameEntry,
  type NameRecord,
  textOfNames,
  tidied,
  toRemove,
  withDebts,
} from '../../ddns/name-record.ts'
import { UpdateQueue } from '../../ddns/queue.ts'
import { isSameClient } from '../../leases/identity.ts'
import type { Key } from '../../leases/keys/key.ts'
import { textFromKey } from '../../leases/keys/key-text.ts'
import type { Change, Lease, LeaseAction } from '../../leases/lease.ts'
import type { StoredName } from '../../ports/journal.ts'
import { type LeftName, leftNameOf } from '../../ports/shared-journal.ts'
import { type Instant, NEVER } from '../../time/units.ts'
import { BlockedNames } from './blocked-names.ts'
import { keyOfText, NameLedger, recordOfStored } from './ledger.ts'
import { Machines } from './machines.ts'
import { isSamePlan, NameZones } from './name-zones.ts'
import type { NamesDuties, NamesPorts } from './names-duties.ts'
import { namesPage, namesStatus, type Reported } from './names-report.ts'
import type { NamesCounts, NamesPage, NamesQuery, NamesStatus } from './names-status.ts'
import { OthersNames } from './others-names.ts'
import { Rounds } from './rounds.ts'
import { Runner } from './runner.ts'
import { SinkNames } from './sink-names.ts'
import { NamesStance } from './stance.ts'
import { told } from './told.ts'
import { Uncertain } from './uncertain.ts'
import { isNamed, isOfHolder, rulesOf, wishOf } from './wishes.ts'

export class Names {
  readonly #duties: NamesDuties
  readonly #runner: Runner
  readonly #sinks: SinkNames | undefined
  readonly queue: UpdateQueue
  readonly ledger: NameLedger
  readonly #machines: Machines
  zones: NameZones
  readonly counts: NamesCounts = {
    ...{ added: 0, removed: 0, void: 0, conflicts: 0, failed: 0, unserved: 0, dropped: 0 },
    ...{ silent: 0, blocked: 0 },
  }
  #isBegun = false
  #isOn: boolean
  readonly #rounds = new Rounds((key) => this.#lookAt(key))
  readonly #blocked: BlockedNames
  readonly #uncertain: Uncertain
  /** The lease of which the change is that is made at present. */
  #cause: Key | undefined
  readonly #stance: NamesStance
  readonly #others: OthersNames

  constructor(plan: Plan, ports: NamesPorts, duties: NamesDuties) {
    this.#duties = duties
    this.#stance = new NamesStance(duties)
    this.#sinks = ports.nameSinks && new SinkNames(ports.nameSinks, duties)
    const { draw, now } = duties
    this.queue = new UpdateQueue(draw, plan.names.queueMax, plan.names.rate)
    this.zones = new NameZones(plan.names, this.queue, now())
    this.ledger = new NameLedger((key, entry) => this.zones.served(key, entry))
    this.#machines = new Machines(duties.tables)
    this.#runner = new Runner(ports, {
      ...duties,
      queue: this.queue,
      ledger: this.ledger,
      machines: this.#machines,
      counts: this.counts,
      zones: () => this.zones,
      stance: this.#stance,
      put: (key, record) => this.#store(key, record),
      note: (key, record) => this.#note(key, record),
      removed: (key, fqdn) => this.#others.removed(key, fqdn),
    })
    this.#uncertain = new Uncertain({
      ...{ delivery: duties.delivery, now, of: (key) => this.ledger.of(key) },
      uncertain: (key, batch) => this.#runner.uncertain(key, batch),
      certain: (key, batch) => this.#runner.certain(key, batch),
      put: (key, record) => this.#store(key, record),
    })
    this.#others = new OthersNames({
      ...{ ...duties, ledger: this.ledger, machines: this.#machines, stance: this.#stance },
      keep: (key, record) => this.keep(key, record),
    })
    this.#blocked = new BlockedNames(this.#stance, this.ledger, this.#runner)
    this.#isOn = this.#runner.serves(plan.names)
  }

  /** Whether names are registered: else nothing need be noted. */
  get isOn(): boolean {
    return this.#isOn
  }

  /** The journal has been read, and what the table holds is complete. */
  begin(stored: readonly StoredName[]): void {
    this.#isBegun = true
    for (const one of stored) {
      const found = recordOfStored(one)
      if (found !== undefined) this.ledger.put(...found)
    }
    this.inherit(stored.flatMap((one) => leftNameOf(one) ?? []))
    if (stored.length > 0) this.#startRound()
    this.#machines.use(this.zones.plan, this.isOn && this.#stance.isShared)
    this.#runner.open()
    this.#sinks?.use(this.zones.plan.sinks)
  }

  close(): void {
    this.#runner.close()
    this.#sinks?.close()
  }

  /** A new plan is in force: what is owed may be for others to do. */
  use(plan: Plan): void {
    const { names } = plan
    this.queue.max = names.queueMax
    this.queue.rate = names.rate
    if (isSamePlan(names, this.zones.plan)) return
    this.zones = new NameZones(names, this.queue, this.#duties.now())
    this.#isOn = this.#runner.serves(names)
    this.#machines.use(names, this.isOn && this.#stance.isShared)
    this.#runner.forget()
    this.#sinks?.use(names.sinks)
    this.#startRound()
  }

  // ---- leases change

  /** A lease is about to change by this server; the table has it as it was. */
  changing(change: Change<Key>, action: LeaseAction | undefined): void {
    this.#sinks?.changing(change)
    if (!this.isOn) return
    const key = change.kind === 'put' ? change.lease.address : change.address
    const next = change.kind === 'put' ? change.lease : undefined
    const { now, plan, tables } = this.#duties
    const former = tables.of(key).byAddress(key)
    this.#machines.changing(former, next)
    // On a database that others write, too, who stores it sees to it.
    const isEnded = action === 'expired' || action === undefined
    const isByTime = isEnded && !this.#stance.isShared
    const record = this.#recordOf(key, former, isByTime)
    const wish = wishOf(plan(), next)
    if (wish === undefined && record.length === 0) return
    const cause = {
      ...{ action, isByTime, now: now() },
      ...{ isSameClient: isOfSame(former, next), isShared: this.#stance.isShared },
      updatesOnRenew: next !== undefined && rulesOf(plan(), next).updatesOnRenew,
    }
    const changed = changedNames(record, wish, cause)
    if (changed === this.ledger.of(key)) return
    this.#cause = key
    this.#note(key, this.#others.toldOf(key, changed))
    if (wish !== undefined && next !== undefined) this.#moveOn(next, changed)
    this.#cause = undefined
  }

  /** Changes of leases are refused that these records of names are of. */
  refused(addresses: Iterable<string>): void {
    for (const address of addresses) {
      const key = keyOfText(address)!
      this.#uncertain.takeBack(key)
      this.#store(key, this.ledger.of(key))
    }
  }

  /**
   * Where the record does not tell of it, what the lease asked for may stand all the same: the
   * lease is older than the records, was brought from elsewhere, or another server has registered
   * it. What ends by itself is for the partner to remove that has given it.
   */
  #recordOf(key: Key, former: Lease<Key> | undefined, isByTime: boolean): NameRecord {
    const record = this.ledger.of(key)
    if (former === undefined || !isNamed(former)) return record
    if (isByTime && former.givenBy === 'partner' && this.#stance.pair?.isTogether === true)
      return record
    const wish = wishOf(this.#duties.plan(), former)
    if (wish === undefined) return record
    if (record.some((entry) => isWished(entry, wish, { isSameClient: true }))) return record
    return [...record, { ...newEntry(wish, former.start), by: former.givenBy }]
  }

  /** A client of DHCPv4 that goes on to another address takes its name with it. */
  #moveOn(lease: Lease<Key>, record: NameRecord): void {
    if (typeof lease.address !== 'number') return
    const { now, tables } = this.#duties
    for (const { fqdn, dhcid } of record) {
      for (const key of this.ledger.keysOf(fqdn)) {
        if (key === lease.address || typeof key !== 'number') continue
        const row = tables.of(key).byAddress(key)
        if (row === undefined || !isNamed(row) || !isOfSame(row, lease)) continue
        const there = this.ledger.of(key)
        const moved = there.map((entry) =>
          entry.fqdn === fqdn && entry.dhcid === dhcid
            ? movedOn(entry, row.subnetId === lease.subnetId, now())
            : entry,
        )
        if (moved.some((entry, at) => entry !== there[at])) this.#note(key, tidied(moved))
      }
    }
  }

  /** The row of another server is about to be taken. */
  merging(change: Change<Key>): void {
    this.#sinks?.changing(change)
    const key = change.kind === 'put' ? change.lease.address : change.address
    const next = change.kind === 'put' ? change.lease : undefined
    if (!this.isOn) return
    const noted = this.ledger.of(key)
    const isTakenBack = this.#uncertain.takeBack(key)
    // What is under way may be stored: what it owes is not forgotten.
    const record = isTakenBack ? withDebts(this.ledger.of(key), noted) : noted
    const { now, plan, tables } = this.#duties
    const former = tables.of(key).byAddress(key)
    this.#machines.changing(former, next)
    const cause = { isSameClient: isOfSame(former, next), now: now() }
    const wish = wishOf(plan(), next)
    let changed: NameRecord
    if (!this.#stance.isShared)
      changed = asThePartnerSays(record, wish, cause, {
        by: next?.givenBy ?? 'partner',
        isRevived: former !== undefined && !isNamed(former),
      })
    else if (isTakenBack) changed = asTheLeaseSays(record, wish, cause)
    else changed = this.#others.written(key, wish, former, cause)
    if (changed !== this.ledger.of(key)) this.#note(key, changed)
  }

  /** The record is stored with whatever is gathered; what it says is owed when that is certain. */
  #note(key: Key, record: NameRecord): void {
    const before = this.ledger.of(key)
    this.#store(key, record)
    this.#uncertain.note(key)
    if (this.#cause !== undefined && this.#stance.isShared)
      this.#uncertain.follow(this.#cause, key, before, record)
  }

  #store(key: Key, record: NameRecord): void {
    this.ledger.put(key, record)
    const stored = { address: textFromKey(key), text: textOfNames(record) }
    this.#duties.delivery().storeName(stored, this.#cause !== undefined)
    if (this.ledger.leaving.size > this.queue.max) this.#giveUpOldest()
  }

  /** What cannot be removed must not fill the memory. */
  #giveUpOldest(): void {
    const [key] = this.ledger.leaving
    if (key === undefined) return
    this.counts.dropped++
    this.#duties.reporter.once('DDNS_DROPPED', '', { max: this.queue.max }, this.#duties.now())
    const left = this.ledger.of(key).filter((entry) => toRemove(entry) === 0)
    this.#store(key, left)
  }

  // ---- what is owed

  /** An operator wants all that the lease asks for once more. Whether there is anything. */
  resend(key: Key): boolean {
    const { now, plan, tables } = this.#duties
    const row = tables.of(key).byAddress(key)
    const wish = wishOf(plan(), row)
    if (row === undefined || wish === undefined) return false
    const cause = { action: 'granted', isSameClient: true, isByTime: false } as const
    const record = this.#recordOf(key, row, false)
    this.keep(key, changedNames(record, wish, { ...cause, updatesOnRenew: false, now: now() }))
    this.#duties.proceed()
    return true
  }

  /** As it is from now on. Its lease is stored: there is nothing to wait for. */
  keep(key: Key, record: NameRecord): void {
    this.#store(key, record)
    this.#runner.owe(key)
  }

  /** The lease is taken away, and what stands in DNS because of it stays: nobody is responsible. */
  forget(key: Key): void {
    if (this.ledger.of(key).length > 0) this.#store(key, [])
  }

  /** Whatever was in the way is mended, an operator says. */
  retry(): void {
    this.queue.retry(this.#duties.now())
    this.#duties.proceed()
  }

  // ---- of the partner

  /** What is owed here, or as far as it is known there: for a partner that was just met. */
  get owed(): Iterable<Key> {
    return this.ledger.owed
  }

  /** The partner has a record. Returns what it is to hear of it, if anything. */
  take(key: Key, theirs: NameRecord): NameRecord | undefined {
    const mine = this.ledger.of(key)
    const { answer, record } = told(mine, theirs, (...both) => this.#stance.isTaken(key, ...both))
    // What comes back as it was is not stored and told once more.
    if (!isSameRecord(mine, record)) this.#store(key, record)
    this.#runner.owe(key)
    for (const { fqdn } of mine)
      if (!record.some((entry) => entry.fqdn === fqdn)) this.#runner.freed(fqdn)
    return answer
  }

  /** Other servers on the database owed it that are gone. */
  inherit(left: readonly LeftName[]): void {
    this.#others.inherit(left)
    if (left.length > 0) this.#duties.proceed()
  }

  // ---- for operators

  get #reported(): Reported {
    const { counts, ledger, zones } = this
    const { keyCounts } = this.#runner
    const isAllowed = (key: Key, entry: NameEntry) => this.#stance.isAllowed(key, entry)
    const [inFlight, now] = [this.queue.inFlight, this.#duties.now()]
    const beside = { waitsFor: this.#stance.waitsFor, sinks: this.#sinks?.status() ?? [] }
    return { counts, keyCounts, ledger, zones, inFlight, now, isAllowed, ...beside }
  }

  status(): NamesStatus {
    return namesStatus(this.#reported)
  }

  list(query: NamesQuery): NamesPage {
    return namesPage(this.#reported, query)
  }

  // ---- time

  #startRound(): void {
    this.#rounds.begin(this.ledger.keys)
  }

  get deadline(): Instant {
    if (!this.isOn) return NEVER
    const now = this.#duties.now()
    if (this.#rounds.isUnderWay || this.#machines.isUnderWay) return now
    return Math.min(this.queue.deadline(now), this.#blocked.deadline)
  }

  /** What is due is sent. */
  turn(now: Instant): void {
    if (!this.isOn || !this.#isBegun) return
    if (this.#stance.hasChanged()) this.#startRound()
    if (this.#runner.isShort && this.queue.waiting <= this.queue.max / 2) {
      this.#runner.isShort = false
      this.#startRound()
    }
    this.#blocked.turn(now)
    this.#others.turn()
    this.#rounds.goOn()
    this.#machines.goOn()
    this.#stance.isBack &&= this.#rounds.isUnderWay
    this.#runner.pump(now)
  }

  /** What another life, plan or server has left: the lease says what is to be. */
  #lookAt(key: Key): void {
    const { now, plan, tables } = this.#duties
    const record = this.ledger.of(key)
    const row = tables.of(key).byAddress(key)
    const wish = wishOf(plan(), row)
    const isSameClient = !this.#stance.isShared || row?.givenBy === 'us' || isOfHolder(record, row)
    const changed = asTheLeaseSays(record, wish, { isSameClient, now: now() })
    const isStored = !this.#stance.isBack || !this.ledger.owed.has(key)
    if (changed !== record || !isStored) this.#store(key, changed)
    // Of other zones now: counted anew.
    else this.ledger.put(key, record)
    this.#runner.owe(key)
  }
}

function isOfSame(one: Lease<Key> | undefined, other: Lease<Key> | undefined): boolean {
  return one !== undefined && other !== undefined && isSameClient(one, other)
}
