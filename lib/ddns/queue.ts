// What is owed to DNS, in the order in which it came: which job may be sent next, and to whom. A
// zone has a line of jobs and servers that take them; a server that does not answer keeps its
// lines, and one that refuses a zone that zone's. A name that is refused where others are taken
// waits alone. At any time a name, and an address, has one job at most, and a name is not added
// while it is to be removed.
//
//   add ──> line of its zone ──next──> in flight ──finish──> gone
//              ▲                          │
//              └── no answer, refused ────┘   at its former place
//
// All of it follows from the records (name-record.ts): nothing is lost where it is forgotten.

import type { Octets } from '../bytes/octets.ts'
import type { Key } from '../leases/keys/key.ts'
import type { Draw } from '../time/draw.ts'
import { type Instant, type Millis, NEVER } from '../time/units.ts'
import { JobHeap } from './job-heap.ts'
import { FORWARD } from './name-record.ts'
import { NameServer } from './name-server.ts'
import type { Action } from './order.ts'

/** A server that refuses a zone is asked again then, since somebody may have mended it. */
export const BLOCKED_WAIT: Millis = 600_000

/** A zone of which a server has taken something since is not refused as a whole. */
const TAKEN_LATELY: Millis = 2 * BLOCKED_WAIT
/** But after so many refusals one after the other. */
const REFUSALS_MAX = 8

/** After that the first server of a zone is tried again. */
export const FIRST_SERVER_WAIT: Millis = 60_000

export interface JobOrder {
  readonly key: Key
  readonly fqdn: Octets
  readonly dhcid: Octets
  readonly action: Action
  /** Of the direction, or of both where one message does both. */
  readonly bits: number
}

export interface QueueZone {
  readonly name: Octets
  /** The one to ask first is the first. */
  readonly servers: readonly string[]
}

interface LineServer {
  readonly server: NameServer
  blockedUntil: Instant
  /** What it said, '' = nothing. */
  refusal: string
  /** Refusals since it took something, and when that was. */
  refusals: number
  takenAt: Instant
}

export interface Line {
  readonly zone: QueueZone
  readonly servers: readonly LineServer[]
  readonly jobs: JobHeap<Job>
  /**
   * Jobs that were refused where others were taken, in the order in which they are tried again: any
   * client may have a name that nobody is granted.
   */
  readonly refused: { readonly job: Job; readonly until: Instant }[]
  /** Jobs of it that are nowhere else: in the line, refused, or behind another of their name. */
  waiting: number
  /** Which server took the last one, and since when it is not the first. */
  current: number
  since: Instant
}

export interface Job extends JobOrder {
  readonly number: number
  readonly line: Line
  /** Since when it waits. */
  readonly since: Instant
}

export interface Flight {
  readonly job: Job
  /** Of the servers of its zone. */
  readonly server: number
  readonly isTry: boolean
}

/**
 * done     and so is a job that was found void, or that will never be done
 * silent   this server does not serve at present
 * blocked  this server refuses the zone
 */
export type Outcome =
  | { readonly kind: 'done'; readonly wasSent: boolean }
  | { readonly kind: 'silent'; readonly trouble: string }
  | { readonly kind: 'blocked'; readonly refusal: string }

export class UpdateQueue {
  readonly #draw: Draw
  readonly #servers = new Map<string, NameServer>()
  #lines: Line[] = []
  #numbers = 0
  #waiting = 0
  readonly #busyKeys = new Set<Key>()
  readonly #busyNames = new Set<Octets>()
  /** Jobs behind another one of their address or name. */
  readonly #behindKey = new Map<Key, Job[]>()
  readonly #behindName = new Map<Octets, Job[]>()
  /** Removals of each name that wait or are in flight. */
  readonly #removals = new Map<Octets, number>()
  max: number
  /** Of a server that has been away, jobs a second. */
  rate: number
  inFlight = 0

  constructor(draw: Draw, max: number, rate: number) {
    this.#draw = draw
    this.max = max
    this.rate = rate
  }

  /** Jobs that wait; those in flight are not counted. */
  get waiting(): number {
    return this.#waiting
  }

  get lines(): readonly Line[] {
    return this.#lines
  }

  get isFull(): boolean {
    return this.#waiting >= this.max
  }

  /** Of these zones from now on. What waits is forgotten: who knows what is owed adds it anew. */
  use(zones: readonly QueueZone[], now: Instant): readonly Line[] {
    this.#waiting = 0
    this.#behindKey.clear()
    this.#behindName.clear()
    this.#removals.clear()
    this.#lines = zones.map((zone) => ({
      ...{ zone, jobs: new JobHeap<Job>(), refused: [], waiting: 0, current: 0, since: now },
      servers: zone.servers.map((name) => ({
        ...{ server: this.#serverOf(name), blockedUntil: 0, refusal: '' },
        ...{ refusals: 0, takenAt: Number.NEGATIVE_INFINITY },
      })),
    }))
    return this.#lines
  }

  #serverOf(name: string): NameServer {
    const server = this.#servers.get(name) ?? new NameServer(name, this.#draw)
    this.#servers.set(name, server)
    return server
  }

  add(order: JobOrder, line: Line, since: Instant): Job {
    const job = { ...order, number: this.#numbers++, line, since }
    this.#waiting++
    line.waiting++
    this.#countRemoval(job, 1)
    line.jobs.push(job)
    return job
  }

  #countRemoval({ action, bits, fqdn }: Job, by: number): void {
    if (action !== 'remove' || (bits & FORWARD) === 0) return
    const count = (this.#removals.get(fqdn) ?? 0) + by
    if (count > 0) this.#removals.set(fqdn, count)
    else this.#removals.delete(fqdn)
  }

  /** The job that is to be sent now; undefined: none at this time. */
  next(now: Instant): Flight | undefined {
    for (const line of this.#lines) tryRefused(line, now)
    for (;;) {
      const line = this.#nextLine(now)
      if (line === undefined) return undefined
      const job = line.jobs.pop()!
      if (this.#isBehind(job)) continue
      return this.#begin(job, this.#serverFor(line, now)!, now)
    }
  }

  /** The line with the oldest job that a server is ready for. */
  #nextLine(now: Instant): Line | undefined {
    let best: Line | undefined
    for (const line of this.#lines) {
      const { first } = line.jobs
      if (first === undefined || first.number > (best?.jobs.first?.number ?? Infinity)) continue
      if (this.#serverFor(line, now) !== undefined) best = line
    }
    return best
  }

  /** Whether the job stepped behind another one. */
  #isBehind(job: Job): boolean {
    const { action, bits, fqdn, key } = job
    const isRemoved = action === 'add' && (bits & FORWARD) !== 0 && this.#removals.has(fqdn)
    if (isRemoved || this.#busyNames.has(fqdn)) {
      pushTo(this.#behindName, fqdn, job)
      return true
    }
    if (!this.#busyKeys.has(key)) return false
    pushTo(this.#behindKey, key, job)
    return true
  }

  #begin(job: Job, server: number, now: Instant): Flight {
    const { fqdn, key, line } = job
    this.#waiting--
    line.waiting--
    this.inFlight++
    this.#busyKeys.add(key)
    this.#busyNames.add(fqdn)
    if (line.current !== server) line.since = now
    line.current = server
    const isTry = line.servers[server]!.server.begin(now, this.rate)
    return { job, server, isTry }
  }

  /** Whether the job waits again: not where it is done, nor in a line of former zones. */
  finish({ isTry, job, server }: Flight, outcome: Outcome, now: Instant): boolean {
    const { fqdn, key, line } = job
    const at = line.servers[server]!
    this.inFlight--
    this.#busyKeys.delete(key)
    this.#busyNames.delete(fqdn)
    if (outcome.kind === 'silent') at.server.silent(isTry, outcome.trouble, now)
    else at.server.answered(isTry, outcome.kind === 'blocked' || outcome.wasSent, now)
    if (outcome.kind === 'done' && outcome.wasSent) taken(at, now)
    const isAlone = outcome.kind === 'blocked' && !isZoneRefused(at, outcome.refusal, now)
    const isOfNow = this.#lines.includes(line)
    const waits = outcome.kind !== 'done' && isOfNow
    if (waits) {
      this.#waiting++
      line.waiting++
      if (isAlone) line.refused.push({ job, until: now + BLOCKED_WAIT })
      else line.jobs.push(job)
    } else if (isOfNow) this.#countRemoval(job, -1)
    this.#release(this.#behindName, fqdn)
    this.#release(this.#behindKey, key)
    const isWaitedFor = (one: Line) => one.waiting > one.refused.length && uses(one, at.server)
    if (!this.#lines.some(isWaitedFor)) at.server.caughtUp()
    return waits
  }

  #release<K>(behind: Map<K, Job[]>, key: K): void {
    const jobs = behind.get(key)
    if (jobs === undefined) return
    behind.delete(key)
    for (const job of jobs) job.line.jobs.push(job)
  }

  /** Which of the servers of a line takes its next job now; undefined: none. */
  #serverFor(line: Line, now: Instant): number | undefined {
    for (const at of this.#candidates(line, now)) if (now >= readyAt(line.servers[at]!)) return at
    return undefined
  }

  /** Servers in the order in which they are asked; behind one that serves nobody is needed. */
  #candidates({ current, servers, since }: Line, now: Instant): readonly number[] {
    const from = current !== 0 && now >= since + FIRST_SERVER_WAIT ? 0 : current
    const order = servers.map((_, step) => (from + step) % servers.length)
    const serves = order.findIndex((at) => {
      const { blockedUntil, server } = servers[at]!
      return now >= blockedUntil && !server.isDown
    })
    return serves < 0 ? order : order.slice(0, serves + 1)
  }

  /** When `next` may have something though nothing has finished; NEVER: then only. */
  deadline(now: Instant): Instant {
    let next: Instant = NEVER
    for (const line of this.#lines) {
      next = Math.min(next, line.refused[0]?.until ?? NEVER)
      if (line.jobs.size > 0)
        for (const at of this.#candidates(line, now))
          next = Math.min(next, readyAt(line.servers[at]!))
    }
    return next
  }

  /** An operator says that whatever was in the way is mended. */
  retry(now: Instant): void {
    for (const line of this.#lines) {
      tryRefused(line, NEVER)
      for (const at of line.servers) {
        at.blockedUntil = 0
        at.refusals = 0
        at.server.tryNow(now)
      }
    }
  }
}

function taken(at: LineServer, now: Instant): void {
  at.blockedUntil = 0
  at.refusal = ''
  at.refusals = 0
  at.takenAt = now
}

/** Notes the refusal. False: it is that of one name, since others are taken. */
function isZoneRefused(at: LineServer, refusal: string, now: Instant): boolean {
  at.refusal = refusal
  at.refusals++
  if (at.refusals <= REFUSALS_MAX && now - at.takenAt < TAKEN_LATELY) return false
  at.blockedUntil = now + BLOCKED_WAIT
  return true
}

function tryRefused({ jobs, refused }: Line, now: Instant): void {
  while (refused.length > 0 && refused[0]!.until <= now) jobs.push(refused.shift()!.job)
}

function readyAt({ blockedUntil, server }: LineServer): Instant {
  return Math.max(blockedUntil, server.readyAt)
}

function uses({ servers }: Line, server: NameServer): boolean {
  return servers.some((one) => one.server === server)
}

function pushTo<K>(map: Map<K, Job[]>, key: K, job: Job): void {
  const jobs = map.get(key)
  if (jobs === undefined) map.set(key, [job])
  else jobs.push(job)
}
