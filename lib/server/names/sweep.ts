// Names in DNS are compared with what leases want there, zone by zone, when an operator asks for
// it: one sweep at a time, slowly, and nobody waits for it. A repair has what is missing added as
// an operator may have one name, and what is nobody's removed as a name of a lease that is over: by
// the record of its address, so that both wait in the queue of names, bounded and tried again.

import type { Octets } from '../../bytes/octets.ts'
import type { NameServerPlan, ZonePlan } from '../../config/plan/names-plan.ts'
import type { DnsAnswer } from '../../ddns/message.ts'
import { ENTRIES_MAX, type NameEntry } from '../../ddns/name-record.ts'
import { textFromKey } from '../../leases/keys/key-text.ts'
import { isLegalName } from '../../names/names.ts'
import type { Resolver, ResolverSink } from '../../ports/resolver.ts'
import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import type { NameZones } from './name-zones.ts'
import type { Names } from './names.ts'
import type { NamesDuties } from './names-duties.ts'
import type {
  Direction,
  Found,
  SweepCounts,
  SweepFinding,
  SweepKind,
  SweepReport,
} from './sweep-report.ts'
import { SweepScope } from './sweep-scope.ts'
import { type KnownServers, ZoneSweep } from './sweep-zone.ts'

/** Findings that are kept to be told; the others are counted. */
const FINDINGS_MAX = 1000
/** Orphans that one repair removes at most. */
const ORPHANS_MAX = 10_000
/**
 * For so long an orphan must be one: the row of a lease that another server has just given may be
 * on its way here.
 */
const SETTLE: Millis = 30_000
/** Of them in one turn. */
const PAGE = 64

export interface SweepDuties
  extends Pick<NamesDuties, 'now' | 'pair' | 'plan' | 'proceed' | 'tables'> {
  readonly names: Names
  /** What leases are known here is all that there is: not while a shared database is away. */
  isSure(): boolean
}

interface Orphan {
  readonly finding: SweepFinding
  readonly scope: SweepScope
}

const NO_COUNTS: SweepCounts = {
  ...{ missing: 0, different: 0, written: 0, orphans: 0, owed: 0, again: 0, removed: 0 },
}

export class NamesSweep implements ResolverSink {
  readonly #resolver: Resolver | undefined
  readonly #duties: SweepDuties
  readonly #asked = new Map<number, (answer: DnsAnswer) => void>()
  #tickets = 0
  #number = 0
  #kind: SweepKind = 'check'
  #state: SweepReport['state'] = 'done'
  #why = ''
  #begunAt: Instant = 0
  #endedAt: Instant = 0
  #of: NameZones | undefined
  #zones: readonly ZoneSweep[] = []
  #at = 0
  #counts: SweepCounts = { ...NO_COUNTS }
  #findings: SweepFinding[] = []
  /** Of what has been found: nothing is told or mended twice. */
  readonly #known = new Set<string>()
  #orphans: Orphan[] = []
  #orphanAt: Instant = 0

  constructor(resolver: Resolver | undefined, duties: SweepDuties) {
    this.#resolver = resolver
    this.#duties = duties
  }

  open(): void {
    this.#resolver?.open(this)
  }

  close(): void {
    this.#end('the server was stopped')
    this.#resolver?.close()
  }

  /** Another plan is in force: its zones may be others. */
  use(): void {
    if (this.#duties.names.zones !== this.#of)
      this.#end('the zones of the configuration have changed')
  }

  get isRunning(): boolean {
    return this.#state === 'runs'
  }

  /** '' = it has begun; else why it has not, a clause. */
  begin(kind: SweepKind): string {
    const { names, now } = this.#duties
    if (this.isRunning) return `a ${this.#kind} of names in DNS is under way`
    const { plan } = names.zones
    if (plan.via === 'd2') return 'kea-dhcp-ddns updates DNS, and this server asks none'
    if (this.#resolver === undefined || plan.via === 'off') return 'this server updates no DNS'
    if (plan.forward.length + plan.reverse.length === 0) return 'there is no zone to look into'
    if (!this.#duties.isSure()) return 'the database of leases is away'
    this.#of = names.zones
    this.#number++
    this.#kind = kind
    this.#state = 'runs'
    this.#why = ''
    this.#begunAt = now()
    this.#counts = { ...NO_COUNTS }
    this.#findings = []
    this.#known.clear()
    this.#orphans = []
    const resolver = this.#resolver
    const servers = { silent: new Map(), withoutTransfer: new Map() }
    this.#zones = [
      ...plan.forward.map((zone) => this.#zone(resolver, servers, 'forward', zone)),
      ...plan.reverse.map((zone) => this.#zone(resolver, servers, 'reverse', zone)),
    ]
    this.#at = 0
    this.#zones[0]!.begin()
    this.#duties.proceed()
    return ''
  }

  #zone(
    resolver: Resolver,
    servers: KnownServers,
    direction: Direction,
    zone: ZonePlan,
  ): ZoneSweep {
    const { names, now, pair, plan, proceed, tables } = this.#duties
    const { ledger, zones } = names
    const scope = new SweepScope(direction, zone, { ledger, pair, plan, tables, zones })
    return new ZoneSweep(scope, {
      ...{ now, proceed, resolver, servers, tables, rate: zones.plan.rate },
      ask: (...asked) => this.#ask(...asked),
      found: (found) => this.#found(found, scope),
    })
  }

  #ask(
    server: NameServerPlan,
    name: Octets,
    type: number,
    answer: (answer: DnsAnswer) => void,
  ): void {
    const ticket = ++this.#tickets
    this.#asked.set(ticket, answer)
    const { serverTimeout } = this.#duties.names.zones.plan
    this.#resolver!.send(ticket, server, { kind: 'query', name, type }, serverTimeout)
  }

  onDnsAnswer(ticket: number, answer: DnsAnswer): void {
    const take = this.#asked.get(ticket)
    this.#asked.delete(ticket)
    // Of a sweep that was ended, nothing is heard any more.
    if (this.isRunning) take?.(answer)
  }

  // ---- what is found

  #found(found: Found, scope: SweepScope): void {
    const text = `${found.direction} ${textFromKey(found.key)} ${found.name} ${found.kind === 'orphan'}`
    if (this.#known.has(text)) return
    this.#known.add(text)
    const finding: SweepFinding = { ...found, zone: scope.zone.name, mended: '' }
    const counts = this.#counts
    counts[found.kind === 'orphan' ? 'orphans' : found.kind]++
    if (found.isOwed) counts.owed++
    if (this.#findings.length < FINDINGS_MAX) this.#findings.push(finding)
    if (this.#kind === 'repair') this.#mend(finding, scope)
  }

  #mend(finding: SweepFinding, scope: SweepScope): void {
    const { key, kind, isOwed } = finding
    if (kind === 'written' || isOwed) return
    if (kind === 'orphan') {
      this.#orphanAt = this.#duties.now()
      if (this.#orphans.length < ORPHANS_MAX) this.#orphans.push({ finding, scope })
    } else if (this.#duties.names.resend(key)) {
      finding.mended = 'again'
      this.#counts.again++
    }
  }

  /** What was nobody's for a while, and still is, is what its server owes to remove. */
  #remove({ finding, scope }: Orphan): void {
    const { dhcid, direction, key, name } = finding
    const { names, now } = this.#duties
    const owner = scope.ownerOf(key, name)
    const at = direction === 'forward' ? name : owner
    if (owner === undefined || at !== owner || !isLegalName(name)) return
    if (!scope.isGivenHere(key) || scope.isClaimed(key, name)) return
    const record = names.ledger.of(key)
    const own = record.find((one) => one.fqdn === name && one.dhcid === dhcid)
    // It is being removed already, or there is no room for more at this address.
    if (own === undefined ? record.length >= ENTRIES_MAX : (own.may & scope.bit) !== 0) return
    const left = own === undefined ? orphaned(name, dhcid, now()) : own
    const entry = { ...left, may: left.may | scope.bit }
    names.keep(
      key,
      own === undefined ? [entry, ...record] : record.map((one) => (one === own ? entry : one)),
    )
    finding.mended = 'removed'
    this.#counts.removed++
  }

  // ---- time

  get deadline(): Instant {
    if (!this.isRunning) return NEVER
    const zone = this.#zones[this.#at]
    const now = this.#duties.now()
    if (zone === undefined) return this.#orphans.length === 0 ? now : this.#orphanAt + SETTLE
    return zone.isOver ? now : zone.deadline(now)
  }

  turn(now: Instant): void {
    if (!this.isRunning) return
    const zone = this.#zones[this.#at]
    zone?.turn(now)
    if (zone?.isOver === true) this.#zones[++this.#at]?.begin()
    if (this.#at >= this.#zones.length) this.#settle(now)
  }

  #settle(now: Instant): void {
    if (this.#orphans.length > 0) {
      if (now < this.#orphanAt + SETTLE) return
      if (!this.#duties.isSure()) return this.#end('the database of leases is away')
      for (const orphan of this.#orphans.splice(0, PAGE)) this.#remove(orphan)
    }
    if (this.#orphans.length === 0) this.#over('done')
  }

  #end(why: string): void {
    if (!this.isRunning) return
    for (const zone of this.#zones) zone.close()
    this.#why = why
    this.#over('ended')
  }

  #over(state: 'done' | 'ended'): void {
    this.#state = state
    this.#endedAt = this.#duties.now()
    this.#asked.clear()
    this.#orphans = []
    this.#known.clear()
  }

  // ---- for operators

  report(): SweepReport {
    const until = this.isRunning ? this.#duties.now() : this.#endedAt
    return {
      ...{ number: this.#number, kind: this.#kind, state: this.#state, why: this.#why },
      seconds: Math.max(0, Math.round((until - this.#begunAt) / 1000)),
      zones: this.#zones.map(({ told }) => told),
      ...{ counts: this.#counts, findings: this.#findings },
    }
  }
}

/** Removed with the prerequisite of the safe mode, whatever the mode is: only with this DHCID. */
function orphaned(fqdn: Octets, dhcid: Octets, at: Instant): NameEntry {
  const bits = { wants: 0, may: 0, sure: 0, isConflict: false, isMoved: false }
  return { fqdn, dhcid, also: [], ttl: 0, mode: 'check-with-dhcid', ...bits, by: 'us', at }
}
