// Why a client gets what it gets, of what a running server remembers: its last outcomes in words,
// what the server holds for it, and what would help.

import { type Ipv4, ipv4FromText, textFromIpv4 } from '../address/ipv4.ts'
import { hexFromOctets, type Octets, octetsFromHex } from '../bytes/octets.ts'
import { REASONS4 } from '../catalogue/reasons.ts'
import { ClassSet } from '../classify/class-set.ts'
import { knownAs } from '../config/plan/known4.ts'
import type { Plan4, Subnet4 } from '../config/plan/plan4.ts'
import { type ClientIdentity, LEASE_STATE, type Lease } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import { type Instant, type Millis, NEVER } from '../time/units.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import { helpForDrop, helpForNak } from './help4.ts'
import type { RememberedClient, RememberedOutcome } from './remembered.ts'
import { listText, octetsText, subnetText, typeName } from './words4.ts'

export interface WhyReport {
  /** As it was asked. */
  readonly about: string
  /** Several, where a name or an address fits several. */
  readonly clients: readonly ClientReport[]
  /** Where nobody is known by that. */
  readonly unheard: UnheardReport | undefined
}

export interface ClientReport {
  readonly hwAddress: string
  /** '' = none. */
  readonly clientId: string
  /** Of a client of DHCPv6. */
  readonly duid?: string
  readonly outcomes: readonly OutcomeReport[]
  readonly leases: readonly string[]
  readonly reservations: readonly string[]
  /** What would help now, or what is well. */
  readonly verdict: string
  readonly help: readonly string[]
}

export interface OutcomeReport {
  /** How long ago, milliseconds: the first and the last of those that were alike. */
  readonly firstAgo: Millis
  readonly lastAgo: Millis
  readonly times: number
  readonly message: string
  readonly answer: string
  readonly address: string
  /** Of silence and NAK. */
  readonly why: string
  /** Of silence. */
  readonly reason: string
  /** Where it came from: `relay 10.0.10.1`, `eth0`. */
  readonly from: string
  readonly subnet: string
  readonly classes: readonly string[]
}

export interface UnheardReport {
  readonly remembered: number
  /** Of what was heard instead, a sentence each. */
  readonly heard: readonly string[]
  readonly check: readonly string[]
}

/** What a running server knows. */
export interface Knowing {
  readonly plan: Plan4
  readonly table: LeaseTable
  readonly now: Instant
  /** The one that was heard last first. */
  readonly clients: readonly RememberedClient[]
  /** Addresses by interface. */
  readonly links: ReadonlyMap<string, readonly Ipv4[]>
  /** Of a pair, '' = there is none. */
  readonly partner: string
  /** Of what was heard at all, sentences. */
  readonly heard: readonly string[]
  readonly check: readonly string[]
}

/** Clients that are told of where many fit. */
const TOLD_MAX = 4

export function why4(about: string, knowing: Knowing): WhyReport {
  const text = about.trim()
  const found = clientsBy(text, knowing)
  const clients = found.slice(0, TOLD_MAX).map((client) => clientReport(client, knowing))
  const unheard = clients.length > 0 ? undefined : unheardReport(text, knowing)
  return { about: text, clients, unheard }
}

interface Found {
  readonly identity: ClientIdentity
  readonly outcomes: readonly RememberedOutcome[]
}

function clientsBy(text: string, knowing: Knowing): Found[] {
  const address = ipv4FromText(text)
  if (address !== undefined) return clientsWith(address, knowing)
  const octets = octetsFromHex(text.replace(/^0x/i, ''))
  const byId = octets === undefined ? [] : clientsKnownAs(octets, knowing)
  return byId.length > 0 ? byId : clientsNamed(text, knowing)
}

function clientsKnownAs(octets: Octets, { clients, table, plan }: Knowing): Found[] {
  const heard = clients.filter(({ hwAddress, clientId }) => [hwAddress, clientId].includes(octets))
  if (heard.length > 0) return heard.map(foundOf)
  // Nothing was heard of it lately, but it may have a lease.
  const identities: ClientIdentity[] = [
    { htype: 1, hwAddress: octets.slice(0, 16), clientId: '' },
    { htype: 0, hwAddress: '', clientId: octets },
  ]
  return identities
    .filter((identity) => plan.subnets.some(({ id }) => table.byClient(identity, id)))
    .slice(0, 1)
    .map((identity) => ({ identity, outcomes: [] }))
}

/** Who has it, and who was told of it lately. */
function clientsWith(address: Ipv4, { clients, table }: Knowing): Found[] {
  const row = table.byAddress(address)
  const holder = row === undefined || row.state === LEASE_STATE.free ? undefined : row
  const heard = clients.filter(
    ({ hwAddress, outcomes }) =>
      (holder !== undefined && holder.hwAddress === hwAddress && hwAddress !== '') ||
      outcomes().some((outcome) => outcome.address === address && outcome.reason !== 'not-for-us'),
  )
  const isHeard = heard.some(({ hwAddress }) => hwAddress === holder?.hwAddress)
  const own =
    holder === undefined || isHeard || (holder.hwAddress === '' && holder.clientId === '')
      ? []
      : [{ identity: holder, outcomes: [] }]
  return [...own, ...heard.map(foundOf)]
}

/** Of the clients that are remembered: a search of all leases would take long. */
function clientsNamed(text: string, { clients, table }: Knowing): Found[] {
  const name = text.toLowerCase()
  const isNamed = ({ hostname }: Lease) => {
    const own = hostname.toLowerCase()
    return own === name || own.split('.', 1)[0] === name
  }
  return clients
    .filter(({ hwAddress, outcomes }) =>
      outcomes().some(({ address }) => {
        const row = address === 0 ? undefined : table.byAddress(address)
        return row !== undefined && row.hwAddress === hwAddress && isNamed(row)
      }),
    )
    .map(foundOf)
}

function foundOf({ hwAddress, clientId, outcomes }: RememberedClient): Found {
  const isById = hwAddress === clientId
  return {
    identity: { htype: 1, hwAddress: isById ? '' : hwAddress, clientId },
    outcomes: outcomes(),
  }
}

function clientReport({ identity, outcomes }: Found, knowing: Knowing): ClientReport {
  const { verdict, help } = adviceFor({ identity, outcomes }, knowing)
  return {
    hwAddress: hexFromOctets(identity.hwAddress, ':'),
    clientId: hexFromOctets(identity.clientId, ':'),
    outcomes: outcomes.map((outcome) => outcomeReport(outcome, knowing)),
    leases: leasesOf(identity, knowing),
    reservations: reservationsOf(identity, knowing),
    verdict,
    help,
  }
}

function outcomeReport(outcome: RememberedOutcome, knowing: Knowing): OutcomeReport {
  const { plan, now } = knowing
  const { answer, reason, refusal, giaddr, subnetId, address } = outcome
  const subnet = plan.subnetById(subnetId)
  const names = outcome.classes.map((number) => plan.classes.names[number] ?? '')
  return {
    firstAgo: Math.max(0, now - outcome.first),
    lastAgo: Math.max(0, now - outcome.last),
    times: outcome.times,
    message: typeName(outcome.type),
    answer,
    address: address === 0 ? '' : textFromIpv4(address),
    why: reason === undefined ? refusal : REASONS4[reason].text,
    reason: reason ?? '',
    from: giaddr === 0 ? outcome.interface : `relay ${textFromIpv4(giaddr)}`,
    subnet: subnet === undefined ? '' : subnetText(subnet),
    classes: names.filter((name) => name !== '' && name !== 'ALL' && !name.startsWith('HA_')),
  }
}

function leasesOf(identity: ClientIdentity, { plan, table, now }: Knowing): string[] {
  const rows = new Map<Ipv4, Lease>()
  for (const { id, matchClientId } of plan.subnets) {
    const client = matchClientId ? identity : { ...identity, clientId: '' }
    const row = table.byClient(client, id)
    if (row !== undefined) rows.set(row.address, row)
  }
  return [...rows.values()].map((row) => leaseText(row, now))
}

const STATE_NAMES: readonly string[] = ['leased', 'declined', 'expired', 'released', 'free']

/** `192.0.2.10 in subnet 1, leased, 598 s left, name printer` */
function leaseText({ address, state, end, hostname, subnetId }: Lease, now: Instant): string {
  const words = [`${textFromIpv4(address)} in subnet ${subnetId}`, STATE_NAMES[state]!]
  if (state === LEASE_STATE.assigned) words.push(leftText(end, now))
  if (hostname !== '') words.push(`name ${hostname}`)
  return words.join(', ')
}

function leftText(end: Instant, now: Instant): string {
  if (end === NEVER) return 'for ever'
  return end > now ? `${Math.round((end - now) / 1000)} s left` : 'over'
}

function reservationsOf(identity: ClientIdentity, { plan }: Knowing): string[] {
  const known = knownAs(identity)
  const found = new Map<unknown, string>()
  for (const subnet of plan.subnets) {
    const reservation = plan.reservations.of(known, subnet)
    if (reservation === undefined || found.has(reservation)) continue
    const { address, hostname } = reservation
    const what = [
      ...(address === 0 ? [] : [textFromIpv4(address)]),
      ...(hostname ? [hostname] : []),
    ]
    found.set(reservation, `${listText(what) || 'no address'} in ${subnetText(subnet)}`)
  }
  return [...found.values()]
}

/** OFFERs that nobody took; fewer may be a matter of moments. */
const VAIN_OFFERS = 3

function adviceFor({ identity, outcomes }: Found, knowing: Knowing) {
  const last = outcomes.at(-1)
  if (last === undefined)
    return { verdict: 'nothing was heard of it since the server started, or for long', help: [] }
  if (last.reason === 'not-for-us' && last.address !== 0) {
    const other = textFromIpv4(last.address)
    const help = [`it takes the offer of the server ${other}: two servers answer on its link`]
    return { verdict: 'not answered', help }
  }
  if (last.reason !== undefined)
    return { verdict: 'not answered', help: helpForDrop(last.reason, caseOf(last, knowing)) }
  switch (last.answer) {
    case 'NAK':
      return { verdict: 'refused', help: helpForNak(last.refusal, caseOf(last, knowing)) }
    case 'OFFER':
      return adviceForOffer(outcomes)
    case 'declined':
      return {
        verdict: 'it declined its address',
        help: [
          `another host uses ${textFromIpv4(last.address)}, or answers ARP for it: find it (arping, the tables of the switch), or take the address out of the pool`,
        ],
      }
    case 'released':
      return { verdict: 'it gave its address back', help: [] }
    default:
      return { verdict: servedWords(identity, last, knowing), help: [] }
  }
}

/** What was granted may be over since, or have gone over to another identifier of the host. */
function servedWords(
  { hwAddress, clientId }: ClientIdentity,
  { type, address }: RememberedOutcome,
  { table, now }: Knowing,
): string {
  if (type !== MESSAGE_TYPE4.request) return 'served'
  const row = table.byAddress(address)
  const text = textFromIpv4(address)
  if (row?.state !== LEASE_STATE.assigned || row.end <= now)
    return `it had ${text}, and the lease is over`
  const isOwn =
    (hwAddress !== '' && row.hwAddress === hwAddress) ||
    (clientId !== '' && row.clientId === clientId)
  return isOwn ? 'served' : `it had ${text}, which another client has now`
}

function adviceForOffer(outcomes: readonly RememberedOutcome[]) {
  const last = outcomes.at(-1)!
  const other = outcomes.findLast(({ reason }) => reason === 'not-for-us')
  if (last.times < VAIN_OFFERS) return { verdict: 'an address is offered to it', help: [] }
  const where =
    last.giaddr === 0
      ? `look on its link whether the OFFER arrives (tcpdump -ni ${last.interface || 'IFACE'} port 67 or port 68)`
      : `look whether the relay ${textFromIpv4(last.giaddr)} gets the OFFER and passes it on: a route back to it, UDP port 67 open`
  const taken =
    other === undefined || other.address === 0
      ? []
      : [`it took an offer of ${textFromIpv4(other.address)} before: another server answers there`]
  return {
    verdict: `offered ${last.times} times, and it never asked for the address`,
    help: [where, ...taken],
  }
}

function caseOf(outcome: RememberedOutcome, { plan, table, links, partner }: Knowing) {
  const classes = new ClassSet(plan.classes.names.length)
  for (const number of outcome.classes) if (number < plan.classes.names.length) classes.add(number)
  return {
    plan,
    table,
    classes,
    giaddr: outcome.giaddr,
    interface: outcome.interface,
    addresses: links.get(outcome.interface) ?? [],
    subnet: plan.subnetById(outcome.subnetId),
    address: outcome.reason === undefined ? outcome.address : 0,
    partner,
  }
}

function unheardReport(text: string, knowing: Knowing): UnheardReport {
  const { clients, heard, check, partner } = knowing
  const address = ipv4FromText(text)
  const alike = address === undefined ? likeClients(text, clients) : []
  return {
    remembered: clients.length,
    heard: [
      ...heard,
      ...(alike.length === 0 ? [] : [`heard of ${listText(alike)}, which is written nearly so`]),
      ...(address === undefined ? [] : addressWords(address, knowing)),
    ],
    check: [
      ...check,
      ...(partner === '' ? [] : [`ask on ${partner}, too: a pair shares its clients`]),
    ],
  }
}

/** What the file says of an address that nobody has. */
function addressWords(address: Ipv4, { plan }: Knowing): string[] {
  const text = textFromIpv4(address)
  const host = plan.hosts.own.get(address) ?? plan.hosts.named.get(address)
  if (host !== undefined) return [`${text} is kept from clients: ${host}`]
  const subnet: Subnet4 | undefined = plan.subnetByAddress(address)
  if (subnet === undefined) return [`${text} lies in no subnet of the file`]
  if (plan.reservations.at(address, subnet).length > 0)
    return [`${text} is reserved in ${subnetText(subnet)}, and its client has not come`]
  const isPooled = subnet.poolOf(address) !== undefined
  return [`${text} is ${isPooled ? 'free in a pool of' : 'in no pool of'} ${subnetText(subnet)}`]
}

/** Differs in one octet: a slip of the pen, or the next port of the same host. */
function likeClients(text: string, clients: readonly RememberedClient[]): string[] {
  const octets = octetsFromHex(text.replace(/^0x/i, ''))
  if (octets === undefined) return []
  const isLike = ({ hwAddress }: RememberedClient) =>
    hwAddress.length === octets.length &&
    [...hwAddress].filter((octet, at) => octet !== octets[at]).length <= 1
  return clients
    .filter(isLike)
    .slice(0, 3)
    .map(({ hwAddress }) => hexFromOctets(hwAddress, ':') || octetsText(hwAddress))
}
