// What would help a client that is not served, or is refused: of this server, this file and this
// client where something can be said of them, else what the catalogue says of the reason.

import { type Ipv4, rangeSize, textFromIpv4 } from '../address/ipv4.ts'
import { REASONS4, type Reason4 } from '../catalogue/reasons.ts'
import type { ClassMask, ClassSet } from '../classify/class-set.ts'
import { admits } from '../classify/class-set.ts'
import type { Plan4, Subnet4 } from '../config/plan/plan4.ts'
import type { Refusal } from '../dhcp4/request-table.ts'
import { REFUSALS } from '../dhcp4/request-table.ts'
import { LEASE_STATE } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import {
  classNames,
  identifierText,
  listText,
  rangeText,
  secondsText,
  subnetText,
} from './words4.ts'

/** What is known of a message that found no good answer. */
export interface Case4 {
  readonly plan: Plan4
  readonly table: LeaseTable
  /** In the end, as far as it came. */
  readonly classes: ClassSet
  readonly giaddr: Ipv4
  readonly interface: string
  /** Of the interface, as far as they are known. */
  readonly addresses: readonly Ipv4[]
  /** That was selected. */
  readonly subnet: Subnet4 | undefined
  /** That was asked for, 0 = none. */
  readonly address: Ipv4
  /** The other server of a pair that has this client, '' = none. */
  readonly partner: string
}

/** Sentences without full stops; never empty. */
export function helpForDrop(reason: Reason4, about: Case4): string[] {
  const own = OWN[reason]?.(about) ?? []
  return own.length > 0 ? own : sentences(REASONS4[reason].help)
}

type Own = (about: Case4) => string[]

const OWN: Partial<Record<Reason4, Own>> = {
  'no-subnet': noSubnet,
  'no-pool': noPool,
  'no-free-address': noFreeAddress,
  'no-own-address': noFreeAddress,
  'dropped-by-class': ({ plan }) =>
    plan.classes.definitions.some(({ name }) => name === 'DROP') ? DROPPED : [],
  'not-in-scope': ({ partner }) =>
    partner === '' ? [] : [`${partner} answers this client: ask there why it gets what it gets`],
}

const DROPPED = ['by the test of the class DROP: mend it, or leave the client out of it']

function noSubnet(about: Case4): string[] {
  const { plan, giaddr } = about
  if (giaddr !== 0) {
    const relay = textFromIpv4(giaddr)
    const closed = plan.subnetByRelay(giaddr) ?? plan.subnetByAddress(giaddr)
    if (closed !== undefined) return [closedWords(closed, `the relay ${relay}`, about)]
    return [
      `the relay ${relay} lies in no subnet, and no relay.ip-addresses names it`,
      `add a subnet with ${relay} in it, or "relay": { "ip-addresses": ["${relay}"] } to the subnet that its clients are in`,
    ]
  }
  const { addresses } = about
  const closed = [
    plan.subnetByInterface(about.interface),
    ...addresses.map((address) => plan.subnetByAddress(address)),
  ].find((subnet) => subnet !== undefined)
  const name = about.interface || 'the interface'
  if (closed !== undefined) return [closedWords(closed, name, about)]
  const own = addresses.map(textFromIpv4).join(', ')
  return [
    `${name} has ${own === '' ? 'no address' : own}, which lies in no subnet, and no subnet says "interface": "${about.interface}"`,
    'add the subnet of the link, or bind one to the interface; if the client is behind a relay, let the relay send to this server',
  ]
}

/** A subnet would fit, but for its guard or that of its network. */
function closedWords(subnet: Subnet4, what: string, about: Case4): string {
  const guard = subnet.guard ?? subnet.network?.guard
  if (guard === undefined) return `${what} would fit ${subnetText(subnet)}`
  return `${what} fits ${subnetText(subnet)}, which is for ${guardText(guard, about)}`
}

function noPool(about: Case4): string[] {
  const { subnet, classes } = about
  if (subnet === undefined) return []
  const members = subnet.network?.subnets ?? [subnet]
  const pools = members.flatMap((each) => each.pools)
  if (pools.length === 0)
    return [
      `${subnetText(subnet)} has no pool: only clients with a reservation get an address there`,
      'add a pool, or a reservation for this client',
    ]
  const closed = pools.filter(({ guard }) => guard !== undefined && !admits(guard, classes))
  return closed.map(
    ({ range, guard }) => `the pool ${rangeText(range)} is for ${guardText(guard, about)}`,
  )
}

/** `class A or B; the client is in C` */
function guardText(guard: ClassMask, { plan, classes }: Case4): string {
  const wanted = guard === undefined ? [] : classNames(plan, guard)
  const own = Array.from(classes.order.subarray(0, classes.count), (at) => plan.classes.names[at])
  const named = own.filter((name) => name !== undefined && name !== '' && name !== 'ALL')
  const has = named.length === 0 ? 'in no class' : `in ${listText(named as string[])}`
  return `class ${listText(wanted, 'or')}; the client is ${has}`
}

function noFreeAddress(about: Case4): string[] {
  const { subnet, classes, table } = about
  if (subnet === undefined) return []
  const { subnets } = subnet.reachFor(classes)
  const lines = subnets.map((each) => {
    const size = each.rangesFor(classes).reduce((sum, range) => sum + rangeSize(range), 0)
    const { assigned, declined, expired, released } = table.counts(each.id)
    const ended = expired + released
    const beside = [
      ...(declined === 0 ? [] : [`${declined} declined`]),
      ...(ended === 0 ? [] : [`${ended} kept for their former clients`]),
    ]
    const more = beside.length === 0 ? '' : `, ${beside.join(', ')}`
    return `${subnetText(each)}: the pools for this client have ${size} addresses; ${assigned} are leased now${more}`
  })
  const { lifetime } = subnet
  return [
    ...lines,
    `enlarge a pool, or shorten the lifetime (${secondsText(lifetime.default)} now)`,
  ]
}

/** What a NAK means, by its text; the client begins anew after any of them. */
export function helpForNak(text: string, about: Case4): string[] {
  const refusal = (Object.keys(REFUSALS) as Refusal[]).find((key) => REFUSALS[key] === text)
  if (refusal === undefined) return []
  const whose = whoseAddress(about)
  return whose === '' ? [NAK_HELP[refusal]] : [whose, NAK_HELP[refusal]]
}

const NAK_HELP: Readonly<Record<Refusal, string>> = {
  'wrong-network':
    'usual after a client has moved to another network: it asks anew and gets an address of this one',
  'in-use':
    'another client has a lease of the address, or a host was found that uses it: this client asks anew',
  moved:
    'a reservation or a class gives the client another address now: it asks anew and gets that',
  unavailable:
    'the address is in no pool for this client, or kept for somebody else: the client asks anew',
  unknown:
    'this server does not know the lease and is the authority here: the client asks anew; if it was a lease of another server, see authoritative',
  rejected: 'the client is in the class REJECT: see why, and mend the test or the reservation',
  'none-free': 'no address is left for the client: enlarge a pool or shorten the lifetime',
  'refused-by-hook': 'a module of hooks-libraries has refused the lease: look there for the reason',
  'no-subnet': 'no subnet of the file fits the place that the message came from: add it',
}

function whoseAddress({ plan, table, address, subnet }: Case4): string {
  if (address === 0) return ''
  const text = textFromIpv4(address)
  const named = plan.hosts.own.get(address) ?? plan.hosts.named.get(address)
  if (named !== undefined) return `${text} is kept: ${named}`
  const where = subnet ?? plan.subnetByAddress(address)
  const [reservation] = where === undefined ? [] : plan.reservations.at(address, where)
  if (reservation !== undefined) {
    const [first] = reservation.identifiers
    return first === undefined
      ? `${text} is reserved`
      : `${text} is reserved for ${identifierText(first)}`
  }
  const row = table.byAddress(address)
  if (row?.state === LEASE_STATE.declined) return `${text} was declined and rests`
  return ''
}

/** A paragraph of the catalogue, a sentence each. */
function sentences(paragraph: string): string[] {
  return paragraph.split(/(?<=[a-z)])\.\s+(?=[A-Z])/).map((one) => one.replace(/\.$/, ''))
}
