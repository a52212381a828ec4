// What must hold of names in a simulated world. While it runs: what a server keeps of them follows
// the addresses that it has, however long DNS is away. In the end, when all is well: DNS has the
// names of the leases that run, each with its identifier, what is nobody's as it was, and nothing
// else.

import { hexFromOctets, type Octets } from '../../lib/bytes/octets.ts'
import { RR_TYPE } from '../../lib/ddns/codes.ts'
import type { DnsRecord } from '../../lib/ddns/message.ts'
import { FORWARD, type NameEntry, REVERSE } from '../../lib/ddns/name-record.ts'
import { IN_FLIGHT_MAX } from '../../lib/ddns/name-server.ts'
import { nameInData } from '../../lib/ddns/reader.ts'
import { addressOf, reverseNameOf } from '../../lib/ddns/reverse-name.ts'
import type { Lab } from '../../lib/lab/lab.ts'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import { isSameClient } from '../../lib/leases/identity.ts'
import { type Key, versionOf } from '../../lib/leases/keys/key.ts'
import { textFromKey } from '../../lib/leases/keys/key-text.ts'
import type { Lease } from '../../lib/leases/lease.ts'
import { addressOctets, otherDhcidsOf, wishOf } from '../../lib/server/names/wishes.ts'
import { isChecked, type Named, othersRecords } from './named.ts'

/** What a lease asks for. */
interface Claim {
  readonly lease: Lease<Key>
  readonly text: string
  readonly address: Octets
  readonly fqdn: Octets
  readonly isForward: boolean
  readonly isReverse: boolean
  readonly dhcid: Octets
  /** By which the machine may have the name, too. */
  readonly others: readonly Octets[]
}

/** Sentences on what DNS has or lacks by the leases of a server, one of all; none in the end. */
export function wrongNames(
  server: VirtualServer,
  named: Named,
  all: readonly VirtualServer[] = [server],
): string[] {
  const records = named.dns().records
  const others = othersRecords()
  const isOthers = (one: DnsRecord) => others.some((other) => isSame(one, other))
  const claims = claimsOf(server, all)
  const own = records.filter((one) => !isOthers(one))
  return [
    ...lostOthers(named),
    ...own.filter((one) => !isClaimed(one, claims, own)).map(orphanText),
    ...[...namesOf(claims)].flatMap(([fqdn, all]) => wrongAt(fqdn, all, own, named)),
  ]
}

/** What stood there by hand and does not any more. */
export function lostOthers(named: Named): string[] {
  const { records } = named.dns()
  const isThere = (one: DnsRecord) => records.some((other) => isSame(one, other))
  return othersRecords()
    .filter((one) => !isThere(one))
    .map(lostText)
}

function isSame(one: DnsRecord, other: DnsRecord): boolean {
  return one.name === other.name && one.type === other.type && one.data === other.data
}

function lostText({ name, type }: DnsRecord): string {
  return `the record of type ${type} at ${name} was somebody else’s and is gone`
}

function orphanText({ name, type, data }: DnsRecord): string {
  return `${name} has a record of type ${type} of no lease: ${hexFromOctets(data)}`
}

function alsoOf({ also }: NameEntry): readonly Octets[] {
  return also
}

function claimsOf(server: VirtualServer, all: readonly VirtualServer[]): Claim[] {
  const ledgers = all.flatMap((one) => one.server?.names.ledger ?? [])
  const rows = server.server!.tables.all.flatMap((table) => table.walk('rows').next(1 << 20))
  return rows.flatMap((lease) => {
    const wish = wishOf(server.plan, lease)
    if (wish === undefined) return []
    const { fqdn, wants } = wish
    return {
      ...{ lease, fqdn, address: addressOctets(lease.address), text: textFromKey(lease.address) },
      isForward: (wants & FORWARD) !== 0,
      isReverse: (wants & REVERSE) !== 0,
      dhcid: wish.dhcid(),
      // It may have joined its other family under a name that this one has left since.
      others: [
        ...otherDhcidsOf(lease, fqdn),
        ...ledgers.flatMap((ledger) => ledger.of(lease.address).flatMap(alsoOf)),
      ],
    }
  })
}

/** Whether a lease asks for the record; a DHCID is never alone. */
function isClaimed(one: DnsRecord, claims: readonly Claim[], all: readonly DnsRecord[]): boolean {
  const { data, name, type } = one
  if (type === RR_TYPE.a || type === RR_TYPE.aaaa)
    return claims.some((claim) => claim.isForward && claim.fqdn === name && claim.address === data)
  if (type === RR_TYPE.ptr)
    return claims.some(
      ({ address, fqdn, isReverse }) =>
        isReverse && address === addressOf(name) && fqdn === nameInData(data),
    )
  const isBeside = (other: DnsRecord) => other.name === name && other.type !== RR_TYPE.dhcid
  return type === RR_TYPE.dhcid && all.some(isBeside)
}

function namesOf(claims: readonly Claim[]): Map<Octets, Claim[]> {
  const names = new Map<Octets, Claim[]>()
  for (const claim of claims) names.set(claim.fqdn, [...(names.get(claim.fqdn) ?? []), claim])
  return names
}

/** Of all leases with one name: whose it is has all of it, the others nothing. */
function wrongAt(
  fqdn: Octets,
  claims: readonly Claim[],
  records: readonly DnsRecord[],
  { mode }: Named,
): string[] {
  const has = (type: number, name: Octets, data: (data: Octets) => boolean) =>
    records.some((one) => one.type === type && one.name === name && data(one.data))
  const leads = ({ address }: Claim) =>
    has(address.length === 4 ? RR_TYPE.a : RR_TYPE.aaaa, fqdn, (data) => data === address)
  const isLedBack = ({ address }: Claim) =>
    has(RR_TYPE.ptr, reverseNameOf(address), (data) => nameInData(data) === fqdn)
  const isOthers = othersRecords().some(({ name, type }) => name === fqdn && type === RR_TYPE.a)
  const wanted = claims.filter(({ isForward }) => isForward)
  // A name that one card shares with DHCPv6 by its hardware address is not the other cards', though
  // the cards have one DUID: what stands there is of none that they are known by.
  const mayJoin = (claim: Claim) =>
    mode !== 'check-with-dhcid' || has(RR_TYPE.dhcid, fqdn, (data) => isKnownBy(claim, data))
  const found = wanted.filter(leads)
  const [holder] = found
  const wrong: string[] = []
  if (holder === undefined && wanted.length > 0 && !isOthers)
    wrong.push(`${fqdn} leads nowhere, and ${textOf(wanted)} ask for it`)
  if (isOthers && holder !== undefined) wrong.push(`${fqdn} leads to ${textOf(found)}, too`)
  const strangers = found.filter((one) => !isOneMachine(one, holder!))
  if (isChecked(mode) && strangers.length > 0)
    wrong.push(`${fqdn} is of ${holder!.text}, and leads to ${textOf(strangers)}, too`)
  for (const claim of claims) {
    const isMoved = mayJoin(claim) && found.some((one) => one !== claim && hasMovedOn(claim, one))
    const isLoser = claim.isForward && !found.includes(claim) && !isMoved
    const isHolder = holder !== undefined && mayJoin(claim) && isOneMachine(claim, holder)
    if (isLoser && (isHolder || !isChecked(mode)) && !isOthers)
      wrong.push(`${fqdn} does not lead to ${claim.text}, too`)
    if (claim.isReverse && !isLoser !== isLedBack(claim))
      wrong.push(`${claim.text} ${isLoser ? 'leads' : 'does not lead'} to ${fqdn}`)
  }
  if (mode === 'check-with-dhcid' && holder !== undefined)
    wrong.push(...wrongDhcid(fqdn, claims, records))
  return wrong
}

/** At a name there is one, of a machine that has it. */
function wrongDhcid(
  fqdn: Octets,
  claims: readonly Claim[],
  records: readonly DnsRecord[],
): string[] {
  const found = records.filter(({ name, type }) => name === fqdn && type === RR_TYPE.dhcid)
  if (found.length !== 1) return [`${fqdn} has ${found.length} DHCIDs`]
  const { data } = found[0]!
  const isKnown = claims.some((claim) => isKnownBy(claim, data))
  return isKnown ? [] : [`${fqdn} has a DHCID of nobody that has it`]
}

function isKnownBy({ dhcid, others }: Claim, data: Octets): boolean {
  return dhcid === data || others.includes(data)
}

function textOf(claims: readonly Claim[]): string {
  return claims.map(({ text }) => text).join(', ')
}

function isOneMachine(one: Claim, other: Claim): boolean {
  if (one === other || one.dhcid === other.dhcid) return true
  if (one.lease.hwAddress !== '' && one.lease.hwAddress === other.lease.hwAddress) return true
  return isOfOneFamily(one, other) && isSameClient(one.lease, other.lease)
}

function isOfOneFamily(one: Claim, other: Claim): boolean {
  return versionOf(one.lease.address) === versionOf(other.lease.address)
}

/** A client of DHCPv4 has its name at one address at a time. */
function hasMovedOn(one: Claim, other: Claim): boolean {
  return one.address.length === 4 && isOfOneFamily(one, other) && isOneMachine(one, other)
}

// ---- memory

/** Entries of each record, and one job in each direction of each of them. */
const JOBS_MAX = 2 * 8

/** Sentences on what a server keeps of names beyond what it has addresses. */
export function excessNames({ servers }: Lab, addresses: number): string[] {
  return servers.flatMap(({ name, server }) => {
    if (server === undefined) return []
    const { ledger, queue } = server.names
    const found: string[] = []
    if (ledger.size > addresses) found.push(`${ledger.size} records of names`)
    if (queue.waiting > JOBS_MAX * addresses) found.push(`${queue.waiting} changes that wait`)
    const lines = new Set(queue.lines.flatMap((line) => line.servers.map((one) => one.server)))
    for (const { inFlight } of lines)
      if (inFlight > IN_FLIGHT_MAX) found.push(`${inFlight} changes under way`)
    return found.map((what) => `${name} has ${what}, for ${addresses} addresses`)
  })
}
