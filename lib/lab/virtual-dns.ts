// DNS servers of the simulated world: one set of zones, behind as many addresses as a plan names.
// Updates are carried out as RFC 2136 §3 has it. It can be slow, lose a question or only its
// answer, hear a question twice, refuse, fail, and be away; it forgets nothing.

import { bytesFromOctets, hexFromOctets, type Octets } from '../bytes/octets.ts'
import type { NameServerPlan } from '../config/plan/names-plan.ts'
import { DNS_CLASS, RCODE, RR_TYPE } from '../ddns/codes.ts'
import type { DnsAnswer, DnsRecord, DnsRequest, DnsUpdate } from '../ddns/message.ts'
import { nameInData } from '../ddns/reader.ts'
import { isIn } from '../ddns/zones.ts'
import type { Resolver, ResolverSink, Transfer, TransferSink } from '../ports/resolver.ts'
import type { Draw } from '../time/draw.ts'
import type { Millis } from '../time/units.ts'
import { between } from './chance.ts'
import type { Node } from './node.ts'
import type { World } from './world.ts'

export interface DnsBehaviour {
  latencyMin: Millis
  latencyMax: Millis
  /** Of a hundred questions, how many are not heard, not answered, or heard twice. */
  lost: number
  unanswered: number
  twice: number
  /** Nobody answers. */
  isAway: boolean
  /** Every update is refused. */
  refuses: boolean
  /** Of a hundred updates, how many are answered by SERVFAIL, and not carried out. */
  failing: number
  /** Zones are handed out as a whole. */
  transfers: boolean
}

/** What platform/dns does with one question: three attempts, that wait longer each time. */
const ATTEMPTS = [1, 2, 4]

/** Of platform/dns as well: for a server that says nothing, and of records at a time. */
const TRANSFER_WAIT: Millis = 30_000
const TRANSFER_SLICE = 256

type RecordSets = Map<number, DnsRecord[]>

export class VirtualDns {
  readonly behaviour: DnsBehaviour
  readonly #world: World
  readonly #draw: Draw
  readonly #zones: readonly Octets[]
  readonly #names = new Map<Octets, RecordSets>()
  /** When the last question that was heard is taken. */
  #takenAt: Millis = 0
  updates = 0

  constructor(world: World, zones: readonly Octets[], behaviour: Partial<DnsBehaviour> = {}) {
    this.#world = world
    this.#draw = world.draw('dns')
    this.#zones = zones
    this.behaviour = {
      ...{ latencyMin: 1, latencyMax: 5, lost: 0, unanswered: 0, twice: 0 },
      ...{ isAway: false, refuses: false, failing: 0, transfers: true, ...behaviour },
    }
  }

  /** For one life of a server. */
  resolver(node: Node): Resolver {
    return new VirtualResolver(this, node)
  }

  get records(): DnsRecord[] {
    return [...this.#names.values()].flatMap((sets) => [...sets.values()].flat())
  }

  /** Records as text: `pc1.lan A 192.0.2.10`, sorted. */
  get lines(): string[] {
    return this.records.map(({ name, type, data }) => `${name} ${dataText(type, data)}`).sort()
  }

  /** Somebody writes a record by hand. */
  put(record: DnsRecord): void {
    this.#add(record)
  }

  /** Somebody takes away all records of a name. */
  lose(name: Octets): void {
    this.#names.delete(name)
  }

  /**
   * One attempt: the answer comes after a while, or never. Questions are taken in their order,
   * however slow it is.
   */
  ask(request: DnsRequest, answer: (answer: DnsAnswer) => void): void {
    const { isAway, latencyMax, latencyMin, lost, twice, unanswered } = this.behaviour
    const way = () => between(this.#draw, latencyMin, latencyMax) / 2
    if (isAway || this.#draw(100) < lost) return
    const isUnanswered = this.#draw(100) < unanswered
    const isTwice = this.#draw(100) < twice
    this.#takenAt = Math.max(this.#takenAt, this.#world.now + way())
    this.#world.at(this.#takenAt, () => {
      if (this.behaviour.isAway) return
      const reply = this.#reply(request)
      if (isTwice) this.#reply(request)
      if (!isUnanswered) this.#world.after(way(), () => answer(reply))
    })
  }

  /** The records of a zone, as they are when they are asked for; undefined: it is not had. */
  zoneRecords(zone: Octets): DnsRecord[] | undefined {
    if (!this.behaviour.transfers || !this.#zones.includes(zone)) return undefined
    return this.records.filter(({ name }) => this.#soaOf(name)[0]?.name === zone)
  }

  #reply(request: DnsRequest): DnsAnswer {
    if (request.kind === 'update') return reply(this.#update(request))
    const isZone = request.type === RR_TYPE.soa && this.#zones.includes(request.name)
    if (isZone) return reply(RCODE.NOERROR, this.#soaOf(request.name))
    const sets = this.#names.get(request.name)
    const answers = sets?.get(request.type) ?? []
    const rcode = sets === undefined ? RCODE.NXDOMAIN : RCODE.NOERROR
    return reply(rcode, answers, this.#soaOf(request.name))
  }

  #soaOf(name: Octets): readonly DnsRecord[] {
    const zones = this.#zones.filter((zone) => isIn(name, zone))
    const [zone] = zones.sort((one, other) => other.length - one.length)
    if (zone === undefined) return []
    const dnsClass = DNS_CLASS.internet
    return [{ name: zone, type: RR_TYPE.soa, dnsClass, ttl: 60, data: '' }]
  }

  #update({ prerequisites, updates, zone }: DnsUpdate): number {
    if (this.behaviour.refuses) return RCODE.REFUSED
    if (this.#draw(100) < this.behaviour.failing) return RCODE.SERVFAIL
    if (!this.#zones.includes(zone)) return RCODE.NOTAUTH
    if (![...prerequisites, ...updates].every(({ name }) => isIn(name, zone))) return RCODE.NOTZONE
    const refusal = this.#failing(prerequisites)
    if (refusal !== RCODE.NOERROR) return refusal
    this.updates++
    for (const record of updates) this.#carryOut(record)
    return RCODE.NOERROR
  }

  #failing(prerequisites: readonly DnsRecord[]): number {
    for (const { dnsClass, name, type } of prerequisites) {
      const sets = this.#names.get(name)
      const isThere = type === RR_TYPE.any ? sets !== undefined : sets?.has(type) === true
      const of = type === RR_TYPE.any
      if (dnsClass === DNS_CLASS.any && !isThere) return of ? RCODE.NXDOMAIN : RCODE.NXRRSET
      if (dnsClass === DNS_CLASS.none && isThere) return of ? RCODE.YXDOMAIN : RCODE.YXRRSET
    }
    const exact = prerequisites.filter(({ dnsClass }) => dnsClass === DNS_CLASS.internet)
    for (const { name, type } of exact) {
      const wanted = exact.filter((one) => one.name === name && one.type === type)
      const found = this.#names.get(name)?.get(type) ?? []
      const isSame = wanted.length === found.length && wanted.every((one) => has(found, one))
      if (!isSame) return RCODE.NXRRSET
    }
    return RCODE.NOERROR
  }

  #carryOut(record: DnsRecord): void {
    const { dnsClass, name, type } = record
    if (dnsClass === DNS_CLASS.internet) return this.#add(record)
    const sets = this.#names.get(name)
    if (sets === undefined) return
    if (dnsClass === DNS_CLASS.any && type === RR_TYPE.any) sets.clear()
    else if (dnsClass === DNS_CLASS.any) sets.delete(type)
    else {
      const left = (sets.get(type) ?? []).filter(({ data }) => data !== record.data)
      if (left.length === 0) sets.delete(type)
      else sets.set(type, left)
    }
    if (sets.size === 0) this.#names.delete(name)
  }

  #add(record: DnsRecord): void {
    const { name, type } = record
    const sets: RecordSets = this.#names.get(name) ?? new Map()
    this.#names.set(name, sets)
    const records = sets.get(type) ?? []
    sets.set(type, has(records, record) ? records : [...records, record])
  }
}

class VirtualResolver implements Resolver {
  readonly #dns: VirtualDns
  readonly #node: Node
  #sink: ResolverSink | undefined

  constructor(dns: VirtualDns, node: Node) {
    this.#dns = dns
    this.#node = node
  }

  /** What is answered after the end of this life reaches nobody. */
  open(sink: ResolverSink): void {
    this.#sink = sink
    this.#node.onCrash(() => this.close())
  }

  send(ticket: number, _server: unknown, request: DnsRequest, timeout: Millis): void {
    let isOver = false
    const end = (answer: DnsAnswer) => {
      if (isOver) return
      isOver = true
      this.#sink?.onDnsAnswer(ticket, answer)
    }
    const attempt = (at: number): void => {
      const factor = ATTEMPTS[at]
      if (factor === undefined) return end({ kind: 'silence', trouble: 'timeout', detail: '' })
      this.#dns.ask(request, (answer) => this.#node.run(() => end(answer)))
      this.#node.after(timeout * factor, () => {
        if (!isOver) attempt(at + 1)
      })
    }
    attempt(0)
  }

  transfer(_server: NameServerPlan, zone: Octets, sink: TransferSink): Transfer {
    let isOver = false
    const { isAway, latencyMax } = this.#dns.behaviour
    const later = (wait: Millis, then: () => void): void => {
      this.#node.after(wait, () => {
        if (!isOver && this.#sink !== undefined) then()
      })
    }
    const failed = { kind: 'failed', why: 'no answer' } as const
    if (isAway) later(TRANSFER_WAIT, () => sink.onEnd(failed))
    else
      later(latencyMax, () => {
        const records = this.#dns.zoneRecords(zone)
        if (records === undefined) return sink.onEnd({ kind: 'refused', rcode: RCODE.REFUSED })
        const slices = Math.ceil(records.length / TRANSFER_SLICE)
        for (let at = 0; at < slices; at++) {
          const slice = records.slice(at * TRANSFER_SLICE, (at + 1) * TRANSFER_SLICE)
          later(at, () => sink.onRecords(slice))
        }
        later(slices, () => sink.onEnd({ kind: 'whole' }))
      })
    return {
      close: () => {
        isOver = true
      },
    }
  }

  close(): void {
    this.#sink = undefined
  }
}

function reply(
  rcode: number,
  answers: readonly DnsRecord[] = [],
  authority: readonly DnsRecord[] = [],
): DnsAnswer {
  return { kind: 'reply', rcode, answers, authority, clockAhead: 0 }
}

function has(records: readonly DnsRecord[], { data }: DnsRecord): boolean {
  return records.some((one) => one.data === data)
}

function dataText(type: number, data: Octets): string {
  const octets = [...bytesFromOctets(data)]
  if (type === RR_TYPE.a) return `A ${octets.join('.')}`
  if (type === RR_TYPE.aaaa) return `AAAA ${hexFromOctets(data)}`
  if (type === RR_TYPE.ptr) return `PTR ${nameInData(data)}`
  return type === RR_TYPE.dhcid ? `DHCID ${hexFromOctets(data)}` : `TYPE${type}`
}
