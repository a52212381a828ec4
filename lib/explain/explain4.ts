// What a client is answered by a file, and why: the message, and where it is a DISCOVER that is
// answered, the REQUEST that follows.

import { type Ipv4, textFromIpv4 } from '../address/ipv4.ts'
import { hexFromOctets, type Octets } from '../bytes/octets.ts'
import type { Dhcp4Document } from '../config/keys/document4.ts'
import type { HaPlan } from '../config/plan/ha-plan.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import { pearson } from '../ha/hash.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type { Instant } from '../time/units.ts'
import { OPTION4, RELAY_AGENT4 } from '../wire/v4/codes.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import { decode4, Message4 } from '../wire/v4/reader.ts'
import { arrivalOf, type LinksOfHost } from './arrival4.ts'
import { type StepReport, stepReport } from './report4.ts'
import { requestAfter, Trial4 } from './trial4.ts'
import { listText, octetsText, valueText } from './words4.ts'

export interface Explained {
  /** What the message says of its client, by name. */
  readonly client: Readonly<Record<string, string>>
  /** Options of the message that are no list and no type. */
  readonly says: readonly { readonly code: number; readonly name: string; readonly value: string }[]
  readonly asksFor: readonly number[]
  /** What was made up, a sentence each. */
  readonly assumes: readonly string[]
  /** Of a pair. */
  readonly server: { readonly name: string; readonly why: string } | undefined
  readonly steps: readonly StepReport[]
}

/** What is to be explained. */
export interface Question {
  readonly plan: Plan4
  readonly ha: HaPlan | undefined
  readonly document: Dhcp4Document
  readonly table: LeaseTable
  readonly now: Instant
  readonly message: Uint8Array
  /** `eth0` or `eth0/192.0.2.1`; '' = nothing is known. */
  readonly interface: string
  /** Of the datagram; 0 = not known. */
  readonly source: Ipv4
  readonly destination: Ipv4
  readonly host: LinksOfHost
  readonly assumes: readonly string[]
}

/** Undefined: the interface says nothing. */
export function explain4(question: Question): Explained | undefined {
  const { plan, ha, document, table, now, message, source, destination } = question
  const query = new Message4()
  decode4(query, message, 0, message.length, plan.compatibility.optionParsing)
  const { giaddr, ciaddr } = query
  const wished = { interface: question.interface, giaddr, ciaddr, source, destination }
  const arrived = arrivalOf(plan, wished, question.host)
  if (arrived === undefined) return undefined
  const trial = new Trial4(plan, ha, table, arrived.arrival, now)
  const reporting = { plan, document, table }
  const tried = trial.step(message)
  // Each is told before the next one is tried: what the engine has noted is overwritten.
  const steps = [stepReport(tried, reporting)]
  if (tried.kind === 'stepped' && tried.reply?.type === MESSAGE_TYPE4.offer)
    steps.push(stepReport(trial.step(requestAfter(tried.query, tried.reply)), reporting))
  const assumes = arrived.assumes === '' ? [] : [arrived.assumes]
  if (ha !== undefined)
    assumes.push('the server may give every address: the keys of the pair are not looked at')
  return {
    client: clientOf(query, arrived.arrival.link.name),
    says: saysOf(query, plan),
    asksFor: codesIn(query.octets(OPTION4.parameterRequestList) ?? ''),
    assumes: [...assumes, ...question.assumes],
    server: ha && serverOf(query, ha, trial.ownerOf(query)),
    steps,
  }
}

function clientOf(query: Message4, link: string): Record<string, string> {
  const said: Record<string, string> = {}
  const note = (name: string, value: string) => {
    if (value !== '') said[name] = value
  }
  const inRelay = (code: number) => query.subOption(OPTION4.relayAgentInformation, code) ?? ''
  note('hw-address', hexFromOctets(query.hwAddress, ':'))
  note('client-id', hexFromOctets(query.octets(OPTION4.clientIdentifier) ?? '', ':'))
  if (query.giaddr === 0) note('interface', link)
  else note('relay', textFromIpv4(query.giaddr))
  note('circuit-id', textOrNothing(inRelay(RELAY_AGENT4.circuitId)))
  note('remote-id', textOrNothing(inRelay(RELAY_AGENT4.remoteId)))
  if (query.ciaddr !== 0) note('ciaddr', textFromIpv4(query.ciaddr))
  return said
}

function textOrNothing(octets: Octets): string {
  return octets === '' ? '' : octetsText(octets)
}

/** Told elsewhere. */
const TOLD: readonly number[] = [
  OPTION4.messageType,
  OPTION4.parameterRequestList,
  OPTION4.clientIdentifier,
  OPTION4.relayAgentInformation,
]

function saysOf(query: Message4, { registry }: Plan4) {
  return query
    .codes()
    .filter((code) => !TOLD.includes(code))
    .map((code) => {
      const definition = registry.byCode('dhcp4', code)
      const value = valueText(registry, code, query.octets(code) ?? '')
      return { code, name: definition?.name ?? `option-${code}`, value }
    })
}

function codesIn(list: Octets): number[] {
  return Array.from(list, (octet) => octet.charCodeAt(0))
}

function serverOf(query: Message4, ha: HaPlan, owner: number) {
  const peer = ha.peers[Math.max(0, owner)]!
  if (ha.mode !== 'load-balancing') {
    const others = ha.peers.slice(1).map(({ name }) => name)
    const why = `it is the primary; ${listText(others)} ${others.length > 1 ? 'are' : 'is'} behind it`
    return { name: peer.name, why }
  }
  const clientId = query.octets(OPTION4.clientIdentifier) ?? ''
  const by = clientId === '' ? 'hardware address' : 'client identifier'
  const hash = pearson(clientId === '' ? query.hwAddress : clientId)
  const why = `hash ${hash} of the ${by} (RFC 3074): ${hash & 1 ? 'odd' : 'even'} ones are those of ${peer.name}`
  return { name: peer.name, why }
}
