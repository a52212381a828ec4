// What a client of DHCPv6 is answered by a file, and why: the message, and where it is a SOLICIT
// that is answered with an ADVERTISE, the REQUEST that follows.

import { type Ipv6, textFromIpv6 } from '../address/ipv6.ts'
import type { Prefix6 } from '../address/prefix6.ts'
import { uintFromOctets } from '../bytes/cursor.ts'
import { hexFromOctets, type Octets } from '../bytes/octets.ts'
import type { HaPlan } from '../config/plan/ha-plan.ts'
import type { Plan6 } from '../config/plan/plan6.ts'
import { pearson } from '../ha/hash.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type { Instant } from '../time/units.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../wire/v6/codes.ts'
import { decode6, Message6 } from '../wire/v6/reader.ts'
import { arrivalOf6 } from './arrival6.ts'
import { type StepReport6, stepReport6 } from './report6.ts'
import { requestAfter6, Trial6 } from './trial6.ts'
import { listText, octetsText } from './words4.ts'
import { valueText6 } from './words6.ts'

export interface Explained6 {
  /** What the message says of its client, by name. */
  readonly client: Readonly<Record<string, string>>
  /** Options of the message that are no list and no IA. */
  readonly says: readonly { readonly code: number; readonly name: string; readonly value: string }[]
  readonly asksFor: readonly number[]
  /** What was made up, a sentence each. */
  readonly assumes: readonly string[]
  /** Of a pair. */
  readonly server: { readonly name: string; readonly why: string } | undefined
  readonly steps: readonly StepReport6[]
}

/** What is to be explained. */
export interface Question6 {
  readonly plan: Plan6
  readonly ha: HaPlan | undefined
  readonly table: LeaseTable<Prefix6>
  readonly now: Instant
  readonly message: Uint8Array
  /** `eth0`; '' = nothing is known. */
  readonly interface: string
  /** Of the datagram. */
  readonly source: Ipv6
  /** The DUID of the server. */
  readonly serverId: Octets
  readonly assumes: readonly string[]
}

export function explain6(question: Question6): Explained6 {
  const { plan, ha, table, now, message, serverId, source } = question
  const query = new Message6()
  decode6(query, message, 0, message.length)
  const { arrival, assumes } = arrivalOf6(plan, question.interface, source, query.relays.length > 0)
  const trial = new Trial6(plan, ha, table, arrival, now, serverId)
  const tried = trial.step(message)
  // Each is told before the next one is tried: what the engine has noted is overwritten.
  const steps = [stepReport6(tried, plan)]
  if (tried.kind === 'stepped' && tried.reply?.type === MESSAGE_TYPE6.advertise)
    steps.push(stepReport6(trial.step(requestAfter6(tried.query, tried.reply)), plan))
  const made = assumes === '' ? [] : [assumes]
  if (ha !== undefined)
    made.push('the server may give everything: the keys of the pair are not looked at')
  return {
    client: clientOf(query, arrival.link.name),
    says: saysOf(query, plan),
    asksFor: codesIn(query.option(OPTION6.optionRequest) ?? ''),
    assumes: [...made, ...question.assumes],
    server: ha && serverOf(query, ha, trial.ownerOf(query)),
    steps,
  }
}

function clientOf(query: Message6, link: string): Record<string, string> {
  const said: Record<string, string> = {}
  const note = (name: string, value: string) => {
    if (value !== '') said[name] = value
  }
  note('duid', hexFromOctets(query.clientId, ':'))
  const beside = query.relays.at(-1)
  if (beside === undefined) note('interface', link)
  else {
    note('relay', textFromIpv6(beside.linkAddress))
    note('interface-id', textOrNothing(beside.option(OPTION6.interfaceId) ?? ''))
    const remoteId = beside.option(OPTION6.remoteId) ?? ''
    if (remoteId.length > 4)
      note('remote-id', `${uintFromOctets(remoteId, 0, 4)}:${octetsText(remoteId.slice(4))}`)
    const mac = beside.option(OPTION6.clientLinkLayerAddress) ?? ''
    note('option 79', hexFromOctets(mac.slice(2), ':'))
  }
  return said
}

function textOrNothing(octets: Octets): string {
  return octets === '' ? '' : octetsText(octets)
}

/** Told elsewhere. */
const TOLD: readonly number[] = [
  OPTION6.clientId,
  OPTION6.optionRequest,
  OPTION6.iaNa,
  OPTION6.iaPd,
]

function saysOf(query: Message6, { registry }: Plan6) {
  const codes = [...new Set(query.codes())].filter((code) => !TOLD.includes(code))
  return codes.flatMap((code) => {
    const name = registry.byCode('dhcp6', code)?.name ?? `option-${code}`
    return query.all(code).map((data) => ({ code, name, value: valueText6(registry, code, data) }))
  })
}

function codesIn(list: Octets): number[] {
  const codes: number[] = []
  for (let at = 0; at + 2 <= list.length; at += 2) codes.push(uintFromOctets(list, at, 2))
  return codes
}

function serverOf({ clientId }: Message6, ha: HaPlan, owner: number) {
  const peer = ha.peers[Math.max(0, owner)]!
  if (ha.mode !== 'load-balancing') {
    const others = ha.peers.slice(1).map(({ name }) => name)
    const why = `it is the primary; ${listText(others)} ${others.length > 1 ? 'are' : 'is'} behind it`
    return { name: peer.name, why }
  }
  if (clientId === '') return { name: peer.name, why: 'who says no DUID is answered by both' }
  const hash = pearson(clientId)
  const why = `hash ${hash} of the DUID (RFC 3074): ${hash & 1 ? 'odd' : 'even'} ones are those of ${peer.name}`
  return { name: peer.name, why }
}
