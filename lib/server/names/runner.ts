// What is owed to DNS is done: records become jobs, jobs that the queue lets go become messages,
// and what comes of them is noted in the records. Each job is judged anew before it is sent, by the
// lease as it is by then: what would be wrong by now is void.

import { hexFromOctets, type Octets } from '../../bytes/octets.ts'
import type { NamesPlan } from '../../config/plan/names-plan.ts'
import { rcodeName } from '../../ddns/codes.ts'
import { isUnchecked } from '../../ddns/modes.ts'
import { asTheLeaseSays } from '../../ddns/name-changes.ts'
import {
  ALSO_MAX,
  FORWARD,
  inConflict,
  maybeFree,
  type NameEntry,
  type NameRecord,
  REVERSE,
  settled,
  tidied,
  toAdd,
  toRemove,
} from '../../ddns/name-record.ts'
import type { Flight, Job, JobOrder, Outcome, UpdateQueue } from '../../ddns/queue.ts'
import type { Verdict } from '../../ddns/transaction.ts'
import { type Key, versionOf } from '../../leases/keys/key.ts'
import { textOfName } from '../../names/names.ts'
import type { Instant, Seconds } from '../../time/units.ts'
import { Courses, serverOf } from './courses.ts'
import { firstOf, isSameJob, outcomeOf, wordsOf } from './jobs.ts'
import { CountsOfKeys } from './key-counts.ts'
import type { NameLedger } from './ledger.ts'
import type { Machines } from './machines.ts'
import { type NameZones, serverName } from './name-zones.ts'
import type { NamesDuties, NamesPorts } from './names-duties.ts'
import type { NamesCounts } from './names-status.ts'
import { orderOf, requestOf } from './orders.ts'
import type { NamesStance } from './stance.ts'
import { settleUnserved } from './unserved.ts'
import { UpdaterCourses } from './updater-courses.ts'
import { wishOf } from './wishes.ts'

type Given = Pick<NamesDuties, 'now' | 'plan' | 'proceed' | 'reporter' | 'tables' | 'tell' | 'wall'>

export interface RunnerDuties extends Given {
  readonly queue: UpdateQueue
  readonly ledger: NameLedger
  readonly machines: Machines
  readonly counts: NamesCounts
  zones(): NameZones
  /** Whether it is this server's to do, at this time. */
  readonly stance: Pick<NamesStance, 'isAllowed' | 'isApart' | 'isShared' | 'mayBeWanted'>
  /** The record is as it stands from now on. */
  put(key: Key, record: NameRecord): void
  /** The same, and it is told when that is certain. */
  note(key: Key, record: NameRecord): void
  /** DNS has removed the name, or what leads to it. */
  removed(key: Key, fqdn: Octets): void
}

/** What a lease that never ends is told D2 as. */
const FOR_EVER = 0xffff_ffff * 1000

type Judgement = 'send' | 'void' | 'done'

export class Runner {
  readonly #duties: RunnerDuties
  readonly #courses: Courses | undefined
  readonly #updates: UpdaterCourses | undefined
  /** Jobs of each address that wait or are in flight. */
  readonly #jobs = new Map<Key, JobOrder[]>()
  readonly #inFlight = new Set<Flight>()
  readonly keyCounts = new CountsOfKeys()
  /** Addresses of which the record is to be stored before anything is sent, each in which batch. */
  readonly #unstored = new Map<Key, number>()
  /** Something is owed that the queue had no room for. */
  isShort = false

  constructor({ resolver, updater }: NamesPorts, duties: RunnerDuties) {
    this.#duties = duties
    const ended = (flight: Flight, verdict: Verdict) => this.#ended(flight, verdict)
    const reverseZoneOf = (name: Octets) => duties.zones().reverseZoneOf(name)
    this.#courses =
      resolver &&
      new Courses(resolver, {
        ...{ reverseZoneOf, ended, now: () => duties.now() },
        clockDiffers: (server, seconds) => this.#tellClock(serverName(server), seconds),
      })
    this.#updates = updater && new UpdaterCourses(updater, ended)
  }

  /** Whether names go anywhere by this plan. */
  serves({ via }: NamesPlan): boolean {
    const ways = { self: this.#courses, d2: this.#updates, off: undefined }
    return ways[via] !== undefined
  }

  open(): void {
    this.#updates?.open()
    this.#courses?.open()
  }

  close(): void {
    this.#updates?.close()
    this.#courses?.close()
  }

  /** The queue has forgotten what waited. */
  forget(): void {
    this.#courses?.forget()
    this.#jobs.clear()
    for (const { job } of this.#inFlight) this.#jobsOf(job.key).push(job)
  }

  #jobsOf(key: Key): JobOrder[] {
    const jobs = this.#jobs.get(key) ?? []
    this.#jobs.set(key, jobs)
    return jobs
  }

  // ---- what is owed

  /** The record of the address is stored with this batch: nothing is sent before. */
  uncertain(key: Key, batch: number): void {
    this.#unstored.set(key, batch)
  }

  /** The batch is stored. */
  certain(key: Key, batch: number): void {
    if (this.#unstored.get(key) !== batch) return
    this.#unstored.delete(key)
    this.owe(key)
  }

  /** What of an address is owed waits in the queue from now on. */
  owe(key: Key): void {
    const { ledger, queue, stance } = this.#duties
    if (this.#unstored.has(key)) return
    settleUnserved(this.#duties, key)
    for (const entry of ledger.of(key)) {
      if (!ledger.isOwed(key, entry) || !stance.isAllowed(key, entry)) continue
      for (const order of this.#ordersOf(key, entry)) {
        const { bits, fqdn } = order
        const line = this.#duties.zones().lineOf(key, fqdn, bits)
        const jobs = this.#jobsOf(key)
        if (line === undefined || jobs.some((one) => isSameJob(one, order))) continue
        if (queue.isFull) {
          this.isShort = true
          if (jobs.length === 0) this.#jobs.delete(key)
          return
        }
        jobs.push(queue.add(order, line, entry.at))
      }
    }
  }

  /** The name of an address is not told before the name leads there. */
  #ordersOf(key: Key, entry: NameEntry): readonly JobOrder[] {
    const { dhcid, fqdn } = entry
    const zones = this.#duties.zones()
    const served = zones.served(key, entry)
    const job = (action: JobOrder['action'], bits: number) => ({ key, fqdn, dhcid, action, bits })
    const [remove, add] = [toRemove(entry) & served, toAdd(entry) & served]
    if (zones.plan.via === 'd2') return [job(...firstOf(remove, add))]
    const removals = [FORWARD, REVERSE].filter((bit) => (remove & bit) !== 0)
    const additions = add === 0 ? [] : [(add & FORWARD) === 0 ? REVERSE : FORWARD]
    return [
      ...removals.map((bit) => job('remove', bit)),
      ...additions.map((bit) => job('add', bit)),
    ]
  }

  // ---- sending

  pump(now: Instant): void {
    const { queue } = this.#duties
    for (let one = queue.next(now); one !== undefined; one = queue.next(now)) this.#begin(one, now)
  }

  #begin(flight: Flight, now: Instant): void {
    const { job } = flight
    const entry = this.#entryOf(job)
    const judgement = entry === undefined ? 'void' : this.#judge(job, entry)
    if (entry === undefined || judgement !== 'send') {
      this.#duties.counts.void++
      if (entry !== undefined && judgement === 'done') this.#settle(job)
      return this.#finish(flight, { kind: 'done', wasSent: false }, now)
    }
    this.#inFlight.add(flight)
    if (this.#duties.zones().plan.via === 'd2') this.#ask(flight, entry, now)
    else this.#send(flight, entry)
  }

  #send(flight: Flight, entry: NameEntry): void {
    const { job } = flight
    const { plan, zones } = this.#duties
    const place = zones().placeOf(job.key, job.fqdn, job.bits)!
    const { linkFamilies, serverTimeout } = plan().names
    this.#courses!.timeout = serverTimeout
    const order = orderOf(job, entry, place, { ...this.#duties, linkFamilies })
    this.#courses!.begin(flight, order, serverOf(flight, place.zone.servers))
  }

  #ask(flight: Flight, entry: NameEntry, now: Instant): void {
    const { plan, tables, wall } = this.#duties
    const { key } = flight.job
    const end = tables.of(key).byAddress(key)?.end ?? now
    const expires = wall() + Math.min(end - now, FOR_EVER)
    const request = requestOf(flight.job, entry, expires)
    this.#updates!.begin(flight, plan().names.d2[versionOf(key)], request)
  }

  #entryOf({ dhcid, fqdn, key }: JobOrder): NameEntry | undefined {
    const record = this.#duties.ledger.of(key)
    return record.find((one) => one.fqdn === fqdn && one.dhcid === dhcid)
  }

  /** Whether the lease still says so. `done`: it is to be taken for done. */
  #judge({ action, bits, key }: Job, entry: NameEntry): Judgement {
    const { ledger, now, plan, put, stance, tables } = this.#duties
    const owed = action === 'add' ? toAdd(entry) : toRemove(entry)
    if ((owed & bits) === 0 || !stance.isAllowed(key, entry)) return 'void'
    const wish = wishOf(plan(), tables.of(key).byAddress(key))
    const isSaid = wish?.fqdn === entry.fqdn && (wish.wants & bits) !== 0
    if (action === 'add') {
      if (isSaid) return 'send'
      const cause = { isSameClient: true, now: now() }
      put(key, asTheLeaseSays(ledger.of(key), wish, cause))
      return 'void'
    }
    if (bits === REVERSE && isUnchecked(entry.mode) && this.#isReplaced(key, entry)) return 'done'
    if (!isSaid || entry.isMoved || entry.isConflict) return 'send'
    // What another client has there by the same name is not this one's to remove.
    const isSafe = bits === FORWARD && entry.mode === 'check-with-dhcid'
    return isSafe && entry.dhcid !== wish.dhcid() ? 'send' : 'done'
  }

  /** The address leads to another name, or will: whichever stands there, that takes its place. */
  #isReplaced(key: Key, entry: NameEntry): boolean {
    const record = this.#duties.ledger.of(key)
    return record.some((one) => one !== entry && (one.wants & REVERSE) !== 0 && !one.isConflict)
  }

  // ---- what came of it

  #ended(flight: Flight, verdict: Verdict): void {
    const { now, proceed } = this.#duties
    this.#inFlight.delete(flight)
    this.#take(flight, verdict)
    this.#finish(flight, outcomeOf(verdict), now())
    proceed()
  }

  #take(flight: Flight, verdict: Verdict): void {
    const { counts, now, reporter } = this.#duties
    const { job } = flight
    this.keyCounts.count(this.#keyOf(flight), verdict)
    switch (verdict.kind) {
      case 'done':
        if (job.action === 'add') counts.added++
        else counts.removed++
        this.#settle(job)
        if (job.action === 'remove') this.#duties.removed(job.key, job.fqdn)
        return
      case 'conflict':
        counts.conflicts++
        return this.#conflict(job, verdict.dhcid)
      case 'failed': {
        counts.failed++
        const about = { ...wordsOf(job), rcode: rcodeName(verdict.rcode) }
        reporter.once('DDNS_FAILED', about.name, about, now())
        return job.action === 'add' ? this.#refused(job) : this.#settle(job)
      }
      case 'retry':
        counts.silent++
        return
      case 'blocked':
        counts.blocked++
        return
      case 'joins':
        return this.#join(job, verdict.dhcid)
      // Courses follow it.
      case 'moved':
    }
  }

  #keyOf({ job, server }: Flight): Octets {
    const place = this.#duties.zones().placeOf(job.key, job.fqdn, job.bits)
    return place?.zone.servers[server]?.key?.name ?? ''
  }

  #finish(flight: Flight, outcome: Outcome, now: Instant): void {
    const { job } = flight
    const { server } = job.line.servers[flight.server]!
    const downSince = server.downSince
    const wasDown = server.isDown
    const waits = this.#duties.queue.finish(flight, outcome, now)
    if (outcome.kind !== 'done') this.#tellTrouble(flight, outcome, wasDown)
    if (!waits) {
      this.#forgetJob(job)
      this.owe(job.key)
    }
    if (!wasDown || server.isDown) return
    const seconds = Math.round((now - downSince) / 1000)
    this.#duties.reporter.say('DDNS_SERVER_BACK', { server: server.name, seconds })
  }

  #tellTrouble({ job, server }: Flight, outcome: Outcome, wasDown: boolean): void {
    const { now, reporter } = this.#duties
    const at = job.line.servers[server]!
    const zone = textOfName(job.line.zone.name)
    if (outcome.kind === 'blocked') {
      const about = { server: at.server.name, zone, why: outcome.refusal }
      reporter.once('DDNS_REFUSED', `${at.server.name} ${zone}`, about, now())
    } else if (outcome.kind === 'silent' && !wasDown)
      reporter.say('DDNS_SERVER_AWAY', { server: at.server.name, why: outcome.trouble })
  }

  #tellClock(server: string, seconds: Seconds): void {
    const { now, reporter } = this.#duties
    reporter.once('DDNS_CLOCK', server, { server, seconds }, now())
  }

  #forgetJob(job: JobOrder): void {
    const jobs = this.#jobs.get(job.key)?.filter((one) => !isSameJob(one, job)) ?? []
    if (jobs.length === 0) this.#jobs.delete(job.key)
    else this.#jobs.set(job.key, jobs)
  }

  /** Whatever the entry has become meanwhile. */
  #settle(job: JobOrder): void {
    const { bits, fqdn } = job
    const isAdded = job.action === 'add'
    this.#change(job, (entry) => {
      // What was done for a partner that is gone is this server's from now on.
      return { ...settled(entry, bits, isAdded, this.#duties.now()), by: 'us' as const }
    })
    if (!isAdded && (bits & FORWARD) !== 0) this.freed(fqdn)
  }

  /** Whoever removes the name later must know under what it stands, also after a crash. */
  #join({ dhcid, fqdn, key }: JobOrder, as: Octets): void {
    const record = this.#duties.ledger.of(key).map((entry) => {
      if (entry.fqdn !== fqdn || entry.dhcid !== dhcid) return entry
      return { ...entry, also: [as, ...entry.also].slice(0, ALSO_MAX) }
    })
    this.#duties.note(key, record)
  }

  /** The name was removed: who had to wait for it may have it now. */
  freed(fqdn: Octets): void {
    for (const key of this.#duties.ledger.keysOf(fqdn)) this.#tryAgain(key, fqdn)
  }

  #tryAgain(key: Key, fqdn: NameEntry['fqdn']): void {
    const { ledger, put } = this.#duties
    const record = ledger.of(key)
    if (!record.some((entry) => entry.fqdn === fqdn && entry.isConflict)) return
    put(
      key,
      record.map((entry) => (entry.fqdn === fqdn && entry.isConflict ? maybeFree(entry) : entry)),
    )
    this.owe(key)
  }

  #conflict(job: JobOrder, theirs: NameEntry['dhcid']): void {
    const { now, reporter, tell } = this.#duties
    const { dhcid, key } = job
    const { address, name } = wordsOf(job)
    const holder = theirs === '' ? 'a record without a DHCID' : hexFromOctets(theirs)
    reporter.once('DDNS_CONFLICT', name, { name, address, holder }, now())
    const family = versionOf(key)
    tell({ kind: 'name-conflict', family, address: key, name, dhcid, holder: theirs })
    this.#refused(job)
  }

  /** It is not tried again until something changes. */
  #refused(job: JobOrder): void {
    const at = this.#duties.now()
    this.#change(job, (entry) => (entry.wants === 0 ? entry : inConflict(entry, at)))
  }

  #change({ dhcid, fqdn, key }: JobOrder, change: (entry: NameEntry) => NameEntry): void {
    const { ledger, put } = this.#duties
    const record = ledger.of(key)
    const next = record.map((entry) =>
      entry.fqdn === fqdn && entry.dhcid === dhcid ? change(entry) : entry,
    )
    if (next.some((entry, at) => entry !== record[at])) put(key, tidied(next))
  }
}
