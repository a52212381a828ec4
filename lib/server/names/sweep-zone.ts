// One zone, compared with what leases want in it: the server is asked for all of it, and where that
// is not to be had for each name. What seems wrong is asked for once more, by itself, since leases
// change while a zone is on its way.
//
//   transfer ──whole──> what leads right is marked ──┐
//      └── refused, no answer ──> SOA ───────────────┴──> walk over leases ──> looks ──> done
//
// A server that does not answer costs its zone, and nobody else waits.

import type { Octets } from '../../bytes/octets.ts'
import type { NameServerPlan } from '../../config/plan/names-plan.ts'
import { RR_TYPE, rcodeName } from '../../ddns/codes.ts'
import { valueIn } from '../../ddns/compare.ts'
import { isSameMachine } from '../../ddns/dhcid.ts'
import type { DnsRecord } from '../../ddns/message.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import type { Resolver, Transfer, TransferEnd } from '../../ports/resolver.ts'
import { type Instant, NEVER } from '../../time/units.ts'
import { serverName } from './name-zones.ts'
import { type AskDns, look, troubleOf } from './sweep-look.ts'
import type { Found, SweptZone } from './sweep-report.ts'
import { keyOfOctets, type SweepScope, type WantedName } from './sweep-scope.ts'

/** Leases that are looked at in one turn: some milliseconds. */
const PAGE = 256
/** Names that are asked for at a time. */
const LOOKS_MAX = 8
/** Names at which something may stand that is nobody's. */
const DOUBTED_MAX = 10_000
/** So many names one after the other that the server says nothing of. */
const TROUBLES_MAX = 3

const VALUE = 1
const DHCID = 2

export interface ZoneSweepDuties {
  readonly tables: LeaseTables
  readonly resolver: Pick<Resolver, 'transfer'>
  readonly ask: AskDns
  /** Names a second. */
  readonly rate: number
  /** What is known of servers since the sweep began: no zone waits for what none had before. */
  readonly servers: KnownServers
  now(): Instant
  found(found: Found): void
  /** There is something to do in the next turn. */
  proceed(): void
}

/** By the names of servers. */
export interface KnownServers {
  /** They answer nothing: why. */
  readonly silent: Map<string, string>
  /** They may answer, but no zone comes from them as a whole: why. */
  readonly withoutTransfer: Map<string, string>
}

export class ZoneSweep {
  readonly scope: SweepScope
  readonly told: SweptZone
  readonly #duties: ZoneSweepDuties
  #server = 0
  #transfer: Transfer | undefined
  /** What the transfer has shown to be right, by address. */
  readonly #marks = new Map<Key, number>()
  readonly #doubtedNames = new Set<Octets>()
  #isWhole = false
  /** Leases, when the server is there to be asked. */
  #leases: Iterator<Lease<Key> | undefined> | undefined
  #doubted: Iterator<Octets> | undefined
  #looks = 0
  /** All leases have been looked at. */
  #isThrough = false
  #nextAt: Instant = 0
  #troubles = 0

  constructor(scope: SweepScope, duties: ZoneSweepDuties) {
    const { direction, zone } = scope
    this.scope = scope
    this.#duties = duties
    const begun = { server: '', way: '', state: 'waits', why: '', wanted: 0 } as const
    this.told = { ...begun, direction, name: zone.name }
  }

  get isOver(): boolean {
    return this.told.state === 'done' || this.told.state === 'failed'
  }

  begin(): void {
    this.told.state = 'runs'
    if (this.scope.zone.servers.length === 0) return this.#fail('it has no server that may be used')
    const { silent } = this.#duties.servers
    const troubles = this.scope.zone.servers.map((one) => silent.get(serverName(one)))
    this.#server = troubles.indexOf(undefined)
    if (this.#server < 0) return this.#fail(troubles[0]!)
    // Which zone it is behind `*` is not known.
    if (this.scope.zone.name === '') return this.#walk()
    this.#ask()
  }

  close(): void {
    this.#transfer?.close()
  }

  get #plan(): NameServerPlan {
    return this.scope.zone.servers[this.#server]!
  }

  // ---- the whole of it

  #ask(): void {
    const name = serverName(this.#plan)
    this.told.server = name
    const why = this.#duties.servers.withoutTransfer.get(name)
    if (why !== undefined) return this.#notTransferred(why)
    this.#transfer = this.#duties.resolver.transfer(this.#plan, this.scope.zone.name, {
      onRecords: (records) => {
        for (const record of records) this.#mark(record)
      },
      onEnd: (end) => this.#transferred(end),
    })
  }

  #transferred(end: TransferEnd): void {
    this.#transfer = undefined
    if (end.kind === 'whole') {
      this.#isWhole = true
      this.told.why = ''
      return this.#walk()
    }
    this.#marks.clear()
    this.#doubtedNames.clear()
    if (end.kind === 'refused') return this.#notTransferred(`it answers ${rcodeName(end.rcode)}`)
    this.#duties.servers.withoutTransfer.set(this.told.server, end.why)
    this.#notTransferred(end.why)
  }

  #notTransferred(why: string): void {
    this.told.why ||= `the zone is not handed out: ${why}`
    if (this.#nextServer()) return this.#ask()
    this.#server = -1
    this.#nextServer()
    this.#askSoa()
  }

  /** The next one that is not known to be silent. */
  #nextServer(): boolean {
    const { servers } = this.scope.zone
    const { silent } = this.#duties.servers
    const next = servers.findIndex((one, at) => at > this.#server && !silent.has(serverName(one)))
    if (next >= 0) this.#server = next
    return next >= 0
  }

  #mark(record: DnsRecord): void {
    if (this.scope.direction === 'forward') this.#markForward(record)
    else this.#markReverse(record)
  }

  #markForward(record: DnsRecord): void {
    const { data, name, type } = record
    if (type === RR_TYPE.dhcid) {
      for (const key of this.scope.ledger.keysOf(name))
        if (this.scope.wantedAt(key)?.owner === name) this.#markDhcid(key, data)
      return
    }
    const value = type === RR_TYPE.a || type === RR_TYPE.aaaa ? valueIn(record) : undefined
    if (value === undefined) return
    const key = keyOfOctets(value)
    if (this.scope.wantedAt(key)?.owner === name) this.#note(key, VALUE)
    else if (!this.scope.isClaimed(key, name) && this.scope.isGivenHere(key)) this.#doubt(name)
  }

  /** By the address, since an alias of another zone may lead to the name (RFC 2317). */
  #markReverse(record: DnsRecord): void {
    const { data, name, type } = record
    if (type !== RR_TYPE.ptr && type !== RR_TYPE.dhcid) return
    const key = this.scope.keyOfOwner(name)
    if (key === undefined) return
    if (type === RR_TYPE.dhcid) return this.#markDhcid(key, data)
    const wanted = this.scope.wantedAt(key)
    if (wanted !== undefined && valueIn(record) === wanted.value) this.#note(key, VALUE)
    else if (wanted !== undefined) this.#doubt(name)
    else if (!this.scope.isClaimed(key, name) && this.scope.isGivenHere(key)) this.#doubt(name)
  }

  #markDhcid(key: Key, dhcid: Octets): void {
    const wanted = this.scope.wantedAt(key)
    if (wanted !== undefined && isSameMachine(dhcid, wanted.dhcids)) this.#note(key, DHCID)
  }

  #note(key: Key, mark: number): void {
    this.#marks.set(key, (this.#marks.get(key) ?? 0) | mark)
  }

  #doubt(name: Octets): void {
    if (this.#doubtedNames.size < DOUBTED_MAX) this.#doubtedNames.add(name)
  }

  #isMarked({ dhcids, key }: WantedName): boolean {
    const wanted = VALUE | (dhcids.length === 0 ? 0 : DHCID)
    return ((this.#marks.get(key) ?? 0) & wanted) === wanted
  }

  // ---- name by name

  /** Nobody asks for the names of a server that has no such zone. */
  #askSoa(): void {
    this.told.server = serverName(this.#plan)
    this.#duties.ask(this.#plan, this.scope.zone.name, RR_TYPE.soa, (answer) => {
      const trouble = troubleOf(answer)
      const isThere = answer.kind === 'reply' && answer.answers.some(isSoa)
      if (trouble === '' && isThere) return this.#walk()
      if (answer.kind === 'silence') this.#duties.servers.silent.set(this.told.server, trouble)
      if (this.#nextServer()) return this.#askSoa()
      this.#fail(trouble || 'its server does not have it')
    })
  }

  #walk(): void {
    this.told.way = this.#isWhole ? 'transfer' : 'queries'
    this.told.server = serverName(this.#plan)
    this.#doubted = this.#doubtedNames.values()
    this.#leases = leasesOf(this.#duties.tables)
    this.#duties.proceed()
  }

  /** When it has something to do; NEVER: when it hears something. */
  deadline(now: Instant): Instant {
    if (this.#leases === undefined || this.isOver || this.#isThrough) return NEVER
    if (this.#looks >= LOOKS_MAX) return NEVER
    return Math.max(now, this.#nextAt)
  }

  turn(now: Instant): void {
    if (this.#leases === undefined) return
    for (let count = 0; count < PAGE && !this.isOver; count++) {
      if (this.#looks >= LOOKS_MAX || now < this.#nextAt) return
      if (!this.#step(now)) return
    }
  }

  /** False: nothing is left but what is asked for. */
  #step(now: Instant): boolean {
    const doubted = this.#doubted!.next()
    if (doubted.done !== true) {
      this.#look(doubted.value, undefined, now)
      return true
    }
    const { done, value: lease } = this.#leases!.next()
    if (done === true) {
      this.#isThrough = true
      if (this.#looks === 0) this.told.state = 'done'
      return false
    }
    const wanted = lease && this.scope.wantedOf(lease)
    if (wanted === undefined) return true
    this.told.wanted++
    if (!this.#isMarked(wanted)) this.#look(wanted.owner, wanted.key, now)
    return true
  }

  #look(owner: Octets, key: Key | undefined, now: Instant): void {
    this.#looks++
    this.#nextAt = Math.max(now, this.#nextAt) + 1000 / this.#duties.rate
    look({ owner, key, isDoubted: this.#isWhole }, this.scope, this.#plan, {
      ask: this.#duties.ask,
      now: () => this.#duties.now(),
      found: (found) => this.#duties.found(found),
      done: (trouble) => this.#looked(trouble),
    })
  }

  #looked(trouble: string): void {
    this.#looks--
    this.#troubles = trouble === '' ? 0 : this.#troubles + 1
    if (this.isOver) return
    if (this.#troubles >= TROUBLES_MAX) return this.#fail(trouble)
    if (this.#isThrough && this.#looks === 0) this.told.state = 'done'
    this.#duties.proceed()
  }

  #fail(why: string): void {
    this.told.state = 'failed'
    this.told.why = why
    this.#duties.proceed()
  }
}

function isSoa({ type }: DnsRecord): boolean {
  return type === RR_TYPE.soa
}

/** Of both families, in the order of their addresses. */
function* leasesOf(tables: LeaseTables): Generator<Lease<Key>> {
  for (const table of tables.all) {
    const walk = table.walk('leases')
    for (let page = walk.next(PAGE); page.length > 0; page = walk.next(PAGE)) yield* page
  }
}
