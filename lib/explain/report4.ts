// What a message is answered and why, as plain values: of what the engine noted on its way
// (dhcp4/trace4.ts) and of the reply itself. Nothing is decided here.

import { type Ipv4, textFromIpv4 } from '../address/ipv4.ts'
import { hexFromOctets } from '../bytes/octets.ts'
import { REASONS4, type Reason4 } from '../catalogue/reasons.ts'
import type { Dhcp4Document } from '../config/keys/document4.ts'
import type { Plan4, Reservation4, Subnet4 } from '../config/plan/plan4.ts'
import type { Trace4 } from '../dhcp4/trace4.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { type BootReport, bootReport } from './boot-report4.ts'
import type { ClassReport } from './class-report.ts'
import { classesReport4 } from './class-report4.ts'
import { type Case4, helpForDrop, helpForNak } from './help4.ts'
import { type LifetimeReport, lifetimeReport } from './lifetime-report4.ts'
import { NO_OPTIONS_REPORT, type OptionsReport } from './option-report.ts'
import { optionsReport4 } from './option-report4.ts'
import type { Tried } from './trial4.ts'
import { identifierText, rangeText, typeName } from './words4.ts'

export interface StepReport {
  /** `DISCOVER` */
  readonly message: string
  /** `OFFER`, `ACK`, `NAK`, `silence`, or what becomes of the lease: `released`. */
  readonly answer: string
  /** Of a reply or a change, '' = none. */
  readonly address: string
  /** Of silence: the id of the reason. */
  readonly reason: string
  /** Of silence and NAK: why, in words; '' else. */
  readonly why: string
  /** What would help; empty where nothing is amiss. */
  readonly help: readonly string[]
  readonly classes: readonly ClassReport[]
  readonly subnet: SubnetReport | undefined
  readonly reservation: ReservationReport | undefined
  /** By what a client is looked up here, where no reservation was found. */
  readonly lookedUpBy: readonly string[]
  /** Why this address; '' where there is none. */
  readonly found: string
  /** How the address of a REQUEST that is not granted stands for the client; '' = none is. */
  readonly stands: string
  /** '' = the address is in no pool, or there is none. */
  readonly pool: string
  readonly isAskedForOnTheWire: boolean
  readonly lifetime: LifetimeReport | undefined
  readonly boot: readonly BootReport[]
  readonly options: OptionsReport
  /** Where the reply goes, '' = nowhere. */
  readonly sentTo: string
}

export interface SubnetReport {
  readonly id: number
  readonly prefix: string
  /** '' = none. */
  readonly network: string
  readonly why: string
}

export interface ReservationReport {
  /** `circuit-id 'eth1/0/3'` */
  readonly by: string
  /** '' = none. */
  readonly address: string
  readonly hostname: string
  readonly classes: readonly string[]
  readonly isGlobal: boolean
}

export interface Reporting {
  readonly plan: Plan4
  readonly document: Dhcp4Document
  readonly table: LeaseTable
}

export function stepReport(tried: Tried, reporting: Reporting): StepReport {
  if (tried.kind === 'malformed') return malformed(tried.query.type, tried.reason)
  const { outcome, trace, reply, isChecked } = tried
  const subnet = trace.place?.subnet ?? trace.located
  const address = addressOf(tried)
  const pool = address === 0 ? undefined : subnet?.poolOf(address)
  const reservation =
    trace.reservation ?? trace.places.find((place) => place.reservation !== undefined)?.reservation
  const { answer, reason, why, help } = verdictOf(tried, reporting)
  const isLeased = reply !== undefined && reply.yiaddr !== 0
  return {
    message: typeName(tried.query.type),
    answer,
    address: address === 0 ? '' : textFromIpv4(address),
    reason,
    why,
    help,
    classes: classesReport4(trace),
    subnet: subnet && subnetReport(subnet, trace),
    reservation: reservation && reservationReport(reservation, trace),
    lookedUpBy: [...reporting.plan.reservationIdentifiers],
    found: isLeased ? foundWords(tried) : '',
    stands: isLeased ? '' : standsWords(tried),
    pool: isLeased && pool !== undefined ? rangeText(pool.range) : '',
    isAskedForOnTheWire: isChecked,
    lifetime: isLeased ? lifetimeReport(trace, reporting.document) : undefined,
    boot: reply === undefined ? [] : bootReport(trace, reply, reporting.document),
    options: reply === undefined ? NO_OPTIONS_REPORT : optionsReport4(trace, reply),
    sentTo: outcome.kind === 'reply' ? sentTo(tried) : '',
  }
}

function malformed(type: number, reason: Reason4): StepReport {
  return {
    message: typeName(type),
    answer: 'silence',
    address: '',
    reason,
    why: REASONS4[reason].text,
    help: [REASONS4[reason].help.replace(/\.$/, '')],
    classes: [],
    subnet: undefined,
    reservation: undefined,
    lookedUpBy: [],
    found: '',
    stands: '',
    pool: '',
    isAskedForOnTheWire: false,
    lifetime: undefined,
    boot: [],
    options: NO_OPTIONS_REPORT,
    sentTo: '',
  }
}

type Stepped = Extract<Tried, { kind: 'stepped' }>

function addressOf({ outcome, query }: Stepped): Ipv4 {
  if (outcome.kind === 'reply') return outcome.address
  return outcome.kind === 'changes' ? outcome.former.address : query.ciaddr
}

function verdictOf(tried: Stepped, reporting: Reporting) {
  const { outcome } = tried
  const about = caseOf(tried, reporting)
  if (outcome.kind === 'drop') {
    const { notice, reason } = outcome
    const told = notice === undefined ? '' : '; an OFFER of no address tells it so (option 116)'
    return {
      answer: 'silence',
      reason,
      why: `${REASONS4[reason].text}${told}`,
      help: helpForDrop(reason, about),
    }
  }
  if (outcome.kind === 'changes') return { answer: outcome.action, reason: '', why: '', help: [] }
  const { type, refusal } = outcome
  const help = refusal === '' ? [] : helpForNak(refusal, about)
  return { answer: typeName(type), reason: '', why: refusal, help }
}

/** Of addresses that are refused; others need no words. */
const STANDINGS: Readonly<Partial<Record<Exclude<Trace4['standing'], ''>, string>>> = {
  moved: "it is the client's, and its reservation or pool is another one by now",
  ownElsewhere: "it is the client's, of another link",
  inUse: 'it is leased to another client, or declined',
  elsewhere: 'it is of another link',
  unpooled: 'it is in no pool of this link',
  withheld: 'it is in a pool or reserved here, and for others',
  awaited: 'another address is reserved for the client',
  offered: 'it is offered to another client at the moment',
  another: 'the client has a lease of another address',
}

function standsWords({ trace, query }: Stepped): string {
  const words = trace.standing === '' ? undefined : STANDINGS[trace.standing]
  const address = query.uint(OPTION4.requestedAddress) || query.ciaddr
  return words === undefined ? '' : `${textFromIpv4(address)}: ${words}`
}

function caseOf({ trace, outcome, query }: Stepped, { plan, table }: Reporting): Case4 {
  return {
    plan,
    table,
    classes: trace.classes,
    giaddr: query.giaddr,
    interface: trace.arrival.link.name,
    addresses: trace.arrival.link.addresses.map(({ address }) => address),
    subnet: (outcome.kind === 'drop' ? outcome.subnet : undefined) ?? trace.located,
    address: outcome.kind === 'reply' ? outcome.address : 0,
    partner: '',
  }
}

function subnetReport(subnet: Subnet4, trace: Trace4): SubnetReport {
  const { id, text, network } = subnet
  const selected = trace.located
  const beside =
    selected === undefined || selected === subnet ? '' : `; of its network, beside ${selected.text}`
  return { id, prefix: text, network: network?.name ?? '', why: `${whyThere(trace)}${beside}` }
}

function whyThere({ query, arrival, locatedBy }: Trace4): string {
  const relay = textFromIpv4(query.giaddr)
  const link = arrival.link.name === '' ? 'the interface' : arrival.link.name
  switch (locatedBy) {
    case 'link-selection':
      return 'the relay says so: link selection in option 82'
    case 'subnet-selection':
      return 'the client says so: option 118'
    case 'relay-named':
      return `its relay.ip-addresses name the relay ${relay}`
    case 'relay-address':
      return `the relay ${relay} lies in it`
    case 'interface':
      return `it is bound to ${link}`
    case 'interface-address':
      return `${link} has an address in it`
    case 'client-address':
      return 'the address of the client lies in it'
    case 'source-address':
      return 'the message came from an address in it'
    default:
      return ''
  }
}

function reservationReport(reservation: Reservation4, trace: Trace4): ReservationReport {
  const { identifiers, address, hostname, classes } = reservation
  const by = identifiers.find(({ kind, value }) => trace.sender.knownBy(kind) === value)
  const { plan } = trace
  return {
    by: by === undefined ? '' : identifierText(by),
    address: address === 0 ? '' : textFromIpv4(address),
    hostname,
    classes: classes.map((number) => plan.classes.names[number] ?? ''),
    isGlobal: plan.reservations.global(trace.sender) === reservation,
  }
}

/** Why it is this address and no other. */
function foundWords({ foundBy, trace: { standing, place, query } }: Stepped): string {
  if (foundBy === '') return STANDS[standing] ?? ''
  if (foundBy === 'free') {
    const order = place?.subnet.allocator ?? 'iterative'
    if (order === 'random') return 'free, drawn by chance: another one the next time'
    return order === 'flq' ? 'free, and free for longest' : 'the first free one'
  }
  const asks = query.has(OPTION4.requestedAddress)
  return foundBy === 'reserved' && asks
    ? 'reserved for the client, whatever it asks for'
    : FOUND[foundBy]
}

const FOUND: Readonly<Record<Exclude<Trace4['foundBy'], '' | 'free'>, string>> = {
  reserved: 'reserved for the client',
  current: 'the client has it by a running lease',
  checked: 'asked for on the wire, and nobody has it',
  offered: 'offered to the client moments ago',
  requested: 'the client asks for it, and it is free',
  former: 'the client had it before',
  lent: 'offered to somebody else, and nothing else is left: the first REQUEST wins',
}

const STANDS: Readonly<Partial<Record<Trace4['standing'], string>>> = {
  own: 'the client has or had it',
  reserved: 'free, and reserved for the client',
  promised: 'offered to the client before',
  another: 'free; the client moves from the lease that it has',
  free: 'free',
}

function sentTo({ outcome, trace }: Stepped): string {
  if (outcome.kind !== 'reply') return ''
  const { address, port, hwAddress } = outcome.destination
  const link = trace.arrival.link.name
  const through = link === '' ? '' : ` through ${link}`
  if (address === 0xffffffff) return `all of the link${through}, port ${port}`
  const text = textFromIpv4(address)
  if (hwAddress !== '') return `${text} in a frame to ${hexFromOctets(hwAddress, ':')}${through}`
  return address === trace.query.giaddr
    ? `the relay ${text}, port ${port}`
    : `${text}, port ${port}`
}
