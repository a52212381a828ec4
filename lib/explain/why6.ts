// Why a client of DHCPv6 gets what it gets, of what a running server remembers: see why4.ts.

import { textFromIpv6 } from '../address/ipv6.ts'
import {
  addressOf,
  lengthOf,
  type Prefix6,
  prefix6,
  prefix6FromText,
  textFromPrefix6,
} from '../address/prefix6.ts'
import { hexFromOctets, type Octets, octetsFromHex } from '../bytes/octets.ts'
import { REASONS6 } from '../catalogue/reasons6.ts'
import type { Plan6 } from '../config/plan/plan6.ts'
import { BINDING_KIND, duidOf, iaidOf, kindOf } from '../leases/binding.ts'
import { LEASE_STATE, type Lease6, type LeaseState } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import { type Instant, NEVER } from '../time/units.ts'
import { MESSAGE_TYPE6 } from '../wire/v6/codes.ts'
import type { RememberedClient6, RememberedOutcome6 } from './remembered6.ts'
import { UNSERVED_WORDS } from './report6.ts'
import type { ClientReport, OutcomeReport, WhyReport } from './why4.ts'
import { listText } from './words4.ts'
import { subnetText6, typeName6 } from './words6.ts'

/** What a running server knows. */
export interface Knowing6 {
  readonly plan: Plan6
  readonly table: LeaseTable<Prefix6>
  readonly now: Instant
  /** The one that was heard last first. */
  readonly clients: readonly RememberedClient6[]
  /** Of what was heard at all, sentences. */
  readonly heard: readonly string[]
  readonly check: readonly string[]
}

/** Clients that are told of where many fit. */
const TOLD_MAX = 4

export function why6(about: string, knowing: Knowing6): WhyReport {
  const text = about.trim()
  const clients = clientsBy(text, knowing)
    .slice(0, TOLD_MAX)
    .map((client) => clientReport(client, knowing))
  const { check, heard } = knowing
  const unheard =
    clients.length > 0 ? undefined : { remembered: knowing.clients.length, heard, check }
  return { about: text, clients, unheard }
}

function clientsBy(text: string, knowing: Knowing6): readonly RememberedClient6[] {
  const key = text.includes(':') && !/^[0-9a-f]{1,2}([:-][0-9a-f]{1,2})+$/i.test(text)
  const prefix = key ? prefix6FromText(text) : undefined
  if (prefix !== undefined) return clientsWith(prefix, knowing)
  const octets = octetsFromHex(text.replace(/^0x/i, ''))
  const byId = octets === undefined ? [] : clientsKnownAs(octets, knowing)
  return byId.length > 0 ? byId : clientsNamed(text, knowing)
}

function clientsKnownAs(octets: Octets, { clients, table }: Knowing6) {
  const heard = clients.filter(({ duid, hwAddress }) => duid === octets || hwAddress === octets)
  if (heard.length > 0) return heard
  // Nothing was heard of it lately, but it may have a lease.
  return table.byDuid(octets).length === 0 ? [] : [silent(octets)]
}

function silent(duid: Octets): RememberedClient6 {
  return { duid, hwAddress: '', outcomes: [] }
}

/** Who has it, or the delegated prefix that it is in, and who was told of that lately. */
function clientsWith(wish: Prefix6, { clients, table }: Knowing6): readonly RememberedClient6[] {
  const row = rowAround(wish, table)
  const key = row?.address ?? wish
  const holder = row === undefined || row.clientId === '' ? '' : duidOf(row)
  const heard = clients.filter(
    ({ duid, outcomes }) => duid === holder || outcomes.some(({ keys }) => keys.includes(key)),
  )
  const isHeard = holder === '' || heard.some(({ duid }) => duid === holder)
  return isHeard ? heard : [silent(holder), ...heard]
}

function rowAround(wish: Prefix6, table: LeaseTable<Prefix6>): Lease6 | undefined {
  const address = addressOf(wish)
  for (let length = lengthOf(wish); length > 0; length--) {
    const row = table.byAddress(prefix6(address, length))
    if (row !== undefined) return row
  }
  return undefined
}

/** Of the clients that are remembered: a search of all leases would take long. */
function clientsNamed(text: string, { clients, table }: Knowing6) {
  const name = text.toLowerCase()
  const isNamed = ({ hostname }: Lease6) => {
    const own = hostname.toLowerCase()
    return own === name || own.split('.', 1)[0] === name
  }
  return clients.filter(({ duid }) => table.byDuid(duid).some(isNamed))
}

function clientReport(client: RememberedClient6, knowing: Knowing6): ClientReport {
  const { duid, hwAddress, outcomes } = client
  const last = outcomes.at(-1)
  return {
    hwAddress: hexFromOctets(hwAddress, ':'),
    clientId: '',
    duid: hexFromOctets(duid, ':'),
    outcomes: outcomes.map((outcome) => outcomeReport(outcome, knowing)),
    leases: leasesOf(duid, knowing),
    reservations: reservationsOf(client, knowing),
    verdict: verdictOf(last),
    help: helpFor(last),
  }
}

function outcomeReport(outcome: RememberedOutcome6, { now, plan }: Knowing6): OutcomeReport {
  const { answer, keys, reason, refusal, relay, subnetId, unserved } = outcome
  const subnet = plan.subnetById(subnetId)
  const names = outcome.classes.map((number) => plan.classes.names[number] ?? '')
  const nothing =
    unserved === undefined ? '' : `an IA gets nothing, since ${UNSERVED_WORDS[unserved]}`
  return {
    firstAgo: Math.max(0, now - outcome.first),
    lastAgo: Math.max(0, now - outcome.last),
    times: outcome.times,
    message: typeName6(outcome.type),
    answer: answer === 0 ? 'silence' : typeName6(answer),
    address: keys.map(textFromPrefix6).join(', '),
    why: reason === undefined ? refusal || nothing : REASONS6[reason].text,
    reason: reason ?? '',
    from: relay === '' ? outcome.interface : `relay ${textFromIpv6(relay)}`,
    subnet: subnet === undefined ? '' : subnetText6(subnet),
    classes: names.filter((name) => name !== '' && name !== 'ALL' && !name.startsWith('HA_')),
  }
}

function leasesOf(duid: Octets, { now, table }: Knowing6): string[] {
  return table.byDuid(duid, Object.values(BINDING_KIND)).map((row) => leaseText(row, now))
}

const STATE_WORDS: Readonly<Record<LeaseState, string>> = {
  [LEASE_STATE.assigned]: 'leased',
  [LEASE_STATE.declined]: 'declined',
  [LEASE_STATE.expired]: 'expired',
  [LEASE_STATE.released]: 'released',
  [LEASE_STATE.free]: 'free',
  [LEASE_STATE.registered]: 'registered by the client',
}

/** `2001:db8::10 in subnet 1, IA_NA 1, leased, 598 s left, name printer` */
function leaseText(row: Lease6, now: Instant): string {
  const { address, end, hostname, state, subnetId } = row
  const words = [`${textFromPrefix6(address)} in subnet ${subnetId}`]
  const kind = kindOf(row)
  if (kind !== BINDING_KIND.registered)
    words.push(`${kind === BINDING_KIND.na ? 'IA_NA' : 'IA_PD'} ${iaidOf(row)}`)
  words.push(STATE_WORDS[state])
  if (state === LEASE_STATE.assigned || state === LEASE_STATE.registered)
    words.push(leftText(end, now))
  if (hostname !== '') words.push(`name ${hostname}`)
  return words.join(', ')
}

function leftText(end: Instant, now: Instant): string {
  if (end === NEVER) return 'for ever'
  return end > now ? `${Math.round((end - now) / 1000)} s left` : 'over'
}

function reservationsOf({ duid, hwAddress }: RememberedClient6, { plan }: Knowing6): string[] {
  const known = {
    knownBy: (kind: string) => (kind === 'duid' ? duid : kind === 'hw-address' ? hwAddress : ''),
  }
  const found = new Map<unknown, string>()
  for (const subnet of plan.subnets) {
    const reservation = plan.reservations.of(known, subnet)
    if (reservation === undefined || found.has(reservation)) continue
    const { addresses, hostname, prefixes } = reservation
    const what = [
      ...addresses.map(textFromPrefix6),
      ...prefixes.map(({ prefix }) => textFromPrefix6(prefix)),
      ...(hostname === '' ? [] : [hostname]),
    ]
    found.set(reservation, `${listText(what) || 'no address'} in ${subnetText6(subnet)}`)
  }
  return [...found.values()]
}

/** ADVERTISEs that nobody took; fewer may be a matter of moments. */
const VAIN_OFFERS = 3

function isVain({ answer, times }: RememberedOutcome6): boolean {
  return answer === MESSAGE_TYPE6.advertise && times >= VAIN_OFFERS
}

function verdictOf(last: RememberedOutcome6 | undefined): string {
  if (last === undefined) return 'nothing was heard of it since the server started, or for long'
  if (last.reason !== undefined) return 'not answered'
  if (last.refusal !== '') return 'refused'
  if (last.unserved !== undefined) return 'it does not get all that it asks for'
  if (isVain(last)) return `offered ${last.times} times, and it never asked for it`
  if (last.answer === MESSAGE_TYPE6.advertise) return 'an address is offered to it'
  return last.type === MESSAGE_TYPE6.release ? 'it gave its address back' : 'served'
}

const HELP_UNSERVED: Readonly<Record<NonNullable<RememberedOutcome6['unserved']>, string>> = {
  'none-free': 'enlarge a pool, or shorten the lifetime',
  'none-own': 'it is served when it asks again, as soon as the partner has handed some on',
  'no-pool': 'add a pool or pd-pool for its classes, or a reservation',
}

function helpFor(last: RememberedOutcome6 | undefined): readonly string[] {
  if (last === undefined) return []
  const { interface: link, reason, relay, unserved } = last
  if (reason !== undefined)
    return REASONS6[reason].help.split(/(?<=\.) /).map((sentence) => sentence.replace(/\.$/, ''))
  if (unserved !== undefined) return [HELP_UNSERVED[unserved]]
  if (!isVain(last)) return []
  return relay === ''
    ? [`look on its link whether the ADVERTISE arrives (tcpdump -ni ${link} port 546 or port 547)`]
    : [`look whether the relay ${textFromIpv6(relay)} gets the ADVERTISE and passes it on`]
}
