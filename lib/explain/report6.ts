// What a message of DHCPv6 is answered and why, as plain values: of what the engine noted on its
// way (dhcp6/trace6.ts) and of the reply itself. Nothing is decided here.

import { textFromIpv6 } from '../address/ipv6.ts'
import { type Prefix6, textFromPrefix6 } from '../address/prefix6.ts'
import { REASONS6, type Reason6 } from '../catalogue/reasons6.ts'
import type { Plan6, Reservation6, Subnet6 } from '../config/plan/plan6.ts'
import type { IaAnswer6, IaEntryAnswer6 } from '../dhcp6/ia-answer6.ts'
import type { Outcome6, Unserved6 } from '../dhcp6/outcome6.ts'
import type { Trace6 } from '../dhcp6/trace6.ts'
import { bindingOf } from '../leases/binding.ts'
import { isLive } from '../leases/holding.ts'
import type { Lease6 } from '../leases/lease.ts'
import { OPTION6, STATUS6 } from '../wire/v6/codes.ts'
import type { ClassReport } from './class-report.ts'
import { classesReport6 } from './class-report6.ts'
import { NO_OPTIONS_REPORT, type OptionsReport } from './option-report.ts'
import { optionsReport6 } from './option-report6.ts'
import type { ReservationReport, SubnetReport } from './report4.ts'
import type { Tried6 } from './trial6.ts'
import { identifierText6, poolText, typeName6 } from './words6.ts'

export interface StepReport6 {
  /** `SOLICIT` */
  readonly message: string
  /** `ADVERTISE`, `REPLY`, `silence`. */
  readonly answer: string
  /** Of silence: the id of the reason. */
  readonly reason: string
  /** Of silence, and of a message that is refused as a whole: why; '' else. */
  readonly why: string
  /** What would help; empty where nothing is amiss. */
  readonly help: readonly string[]
  readonly classes: readonly ClassReport[]
  readonly subnet: SubnetReport | undefined
  readonly reservation: ReservationReport | undefined
  /** By what a client is looked up here, where no reservation was found. */
  readonly lookedUpBy: readonly string[]
  /** The hardware address that counts for the client, and from where; '' = none is known. */
  readonly hardware: string
  readonly ias: readonly IaReport[]
  readonly options: OptionsReport
  /** Where the reply goes, '' = nowhere. */
  readonly sentTo: string
}

/** What is said of an IA. */
export interface IaReport {
  /** `IA_NA 1` */
  readonly ia: string
  /** '' = Success. */
  readonly status: string
  readonly why: string
  readonly t1: number
  readonly t2: number
  readonly leases: readonly IaLeaseReport[]
}

export interface IaLeaseReport {
  readonly lease: string
  /** Both 0: the client is to use it no more. */
  readonly preferred: number
  readonly valid: number
  /** '' = it is in none. */
  readonly pool: string
  readonly why: string
}

export function stepReport6(tried: Tried6, plan: Plan6): StepReport6 {
  if (tried.kind === 'malformed') return malformed(tried.query.type, tried.reason)
  const { outcome, query, reply, rows, trace } = tried
  const subnet = trace.place?.subnet ?? trace.located
  const reservation =
    trace.reservation ?? trace.places.find((place) => place.reservation !== undefined)?.reservation
  const { address, source } = trace.hardware
  return {
    message: typeName6(query.type),
    ...verdictOf(outcome),
    classes: classesReport6(trace),
    subnet: subnet && subnetReport(subnet, trace),
    reservation: reservation && reservationReport(reservation, trace),
    lookedUpBy: [...plan.reservationIdentifiers],
    hardware: source === '' ? '' : `${hexText(address)} (${source})`,
    ias:
      outcome.kind === 'reply' ? outcome.ias.map((ia) => iaReport(ia, outcome, trace, rows)) : [],
    options: reply === undefined ? NO_OPTIONS_REPORT : optionsReport6(trace, reply),
    sentTo: outcome.kind === 'reply' ? sentTo(outcome, trace) : '',
  }
}

function hexText(octets: string): string {
  return identifierText6({ kind: 'hw-address', value: octets }).split(' ')[1]!
}

function malformed(type: number, reason: Reason6): StepReport6 {
  return {
    message: typeName6(type),
    answer: 'silence',
    reason,
    why: REASONS6[reason].text,
    help: sentences(REASONS6[reason].help),
    classes: [],
    subnet: undefined,
    reservation: undefined,
    lookedUpBy: [],
    hardware: '',
    ias: [],
    options: NO_OPTIONS_REPORT,
    sentTo: '',
  }
}

function verdictOf(outcome: Outcome6): Pick<StepReport6, 'answer' | 'reason' | 'why' | 'help'> {
  if (outcome.kind === 'reply')
    return { answer: typeName6(outcome.type), reason: '', why: outcome.refusal, help: [] }
  const { reason } = outcome
  const { help, text } = REASONS6[reason]
  return { answer: 'silence', reason, why: text, help: sentences(help) }
}

/** Without their full stops. */
function sentences(text: string): string[] {
  return text.split(/(?<=\.) /).map((sentence) => sentence.replace(/\.$/, ''))
}

function subnetReport(subnet: Subnet6, trace: Trace6): SubnetReport {
  const { id, text, network } = subnet
  const selected = trace.located
  const beside =
    selected === undefined || selected === subnet ? '' : `; of its network, beside ${selected.text}`
  return { id, prefix: text, network: network?.name ?? '', why: `${whyThere(trace)}${beside}` }
}

function whyThere({ arrival, locatedBy }: Trace6): string {
  const link = arrival.link.name === '' ? 'the interface' : arrival.link.name
  switch (locatedBy) {
    case 'interface-id':
      return 'its interface-id is what the relay calls its interface'
    case 'relay-named':
      return 'its relay.ip-addresses name the link-address of the relay'
    case 'link-address':
      return 'the link-address of the relay lies in it'
    case 'relay-link-local':
      return 'its relay.ip-addresses name the link-local address of the relay'
    case 'relay-source':
      return `its relay.ip-addresses name ${textFromIpv6(arrival.address)}, which sent the datagram`
    case 'interface':
      return `it is bound to ${link}`
    case 'interface-address':
      return `${link} has an address in it`
    case 'source-address':
      return 'the message came from an address in it'
    default:
      return ''
  }
}

function reservationReport(reservation: Reservation6, trace: Trace6): ReservationReport {
  const { identifiers, addresses, prefixes, hostname, classes } = reservation
  const by = identifiers.find(({ kind, value }) => trace.sender.knownBy(kind) === value)
  const { plan } = trace
  const keys = [...addresses, ...prefixes.map(({ prefix }) => prefix)]
  return {
    by: by === undefined ? '' : identifierText6(by),
    address: keys.map(textFromPrefix6).join(', '),
    hostname,
    classes: classes.map((number) => plan.classes.names[number] ?? ''),
    isGlobal: plan.reservations.global(trace.sender) === reservation,
  }
}

type Reply6 = Extract<Outcome6, { kind: 'reply' }>

function iaReport(
  ia: IaAnswer6,
  outcome: Reply6,
  trace: Trace6,
  rows: ReadonlyMap<Prefix6, Lease6>,
): IaReport {
  const { iaid, kind, status, t1, t2 } = ia
  const isNone = status !== STATUS6.success
  return {
    ia: `${kind === OPTION6.iaNa ? 'IA_NA' : 'IA_PD'} ${iaid}`,
    status: isNone ? statusName(status) : '',
    why: isNone ? whyNone(outcome) : '',
    t1,
    t2,
    leases: ia.entries.map((entry) => leaseReport(ia, entry, trace, rows.get(entry.key))),
  }
}

/** `NoAddrsAvail` */
function statusName(status: number): string {
  const name = Object.entries(STATUS6).find(([, code]) => code === status)?.[0] ?? ''
  return name.charAt(0).toUpperCase() + name.slice(1)
}

export const UNSERVED_WORDS: Readonly<Record<Unserved6['why'], string>> = {
  'none-free': 'each one is taken',
  'none-own': 'the partner has the free ones',
  'no-pool': 'no pool is for this client, and nothing is reserved for it',
}

function whyNone({ unserved }: Reply6): string {
  return unserved[0] === undefined ? '' : UNSERVED_WORDS[unserved[0].why]
}

function leaseReport(
  ia: IaAnswer6,
  { key, place, preferred, valid }: IaEntryAnswer6,
  trace: Trace6,
  row: Lease6 | undefined,
): IaLeaseReport {
  const pool = place?.subnet.poolOf(key) ?? place?.subnet.pdPoolOf(key)
  return {
    lease: textFromPrefix6(key),
    preferred,
    valid,
    pool: pool === undefined ? '' : poolText(pool),
    why:
      place === undefined
        ? 'not for this client: it is to use it no more'
        : whyGiven(ia, key, trace, row),
  }
}

function whyGiven(
  { iaid, kind }: IaAnswer6,
  key: Prefix6,
  { now, places, query }: Trace6,
  row: Lease6 | undefined,
): string {
  const isReserved = places.some(
    ({ reservation }) =>
      reservation?.addresses.includes(key) === true ||
      reservation?.prefixes.some(({ prefix }) => prefix === key) === true,
  )
  if (isReserved) return 'reserved for the client'
  const isOwn = row !== undefined && row.clientId === bindingOf(kind, iaid, query.clientId)
  if (isOwn)
    return isLive(row, now) ? 'the client has it by a running lease' : 'the client had it before'
  const isNamed = query.ias.some(({ entries }) => entries.some((entry) => entry.key === key))
  return isNamed ? 'the client asks for it, and it is free' : 'free'
}

function sentTo({ destination }: Reply6, { arrival, query }: Trace6): string {
  const address = textFromIpv6(destination.address)
  if (query.relays.length > 0) return `the relay ${address}, port ${destination.port}`
  return `${address} through ${arrival.link.name || 'the interface'}, port ${destination.port}`
}
