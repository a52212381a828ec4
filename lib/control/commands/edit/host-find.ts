// Reservations of a document: all of them in their order, and those that a command means.

import { ipv4FromText, textFromIpv4 } from '../../../address/ipv4.ts'
import { ipv6FromText, textFromIpv6 } from '../../../address/ipv6.ts'
import { prefix6FromText, textFromPrefix6 } from '../../../address/prefix6.ts'
import type { Octets } from '../../../bytes/octets.ts'
import { mapsOf } from '../../../config/canonical/members.ts'
import { identifierFromText } from '../../../config/compile/reservation-identity.ts'
import type { Step } from '../../../config/edits.ts'
import {
  addressName,
  IDENTIFIERS,
  identifierName,
  indexing,
  mayBe,
  means,
} from '../../../config/list-index.ts'
import type { Steps } from '../../../config/plan/steps.ts'
import type { Members } from '../../../config/text/map.ts'
import type { Arguments } from '../../arguments.ts'
import { isInteger } from '../../arguments.ts'
import { CommandRefused } from '../../refused.ts'
import type { Places } from './places.ts'

export { IDENTIFIERS }

export type IdentifierType = (typeof IDENTIFIERS)[number]

export interface HostAt {
  readonly host: Members
  /** 0: the global list. */
  readonly subnetId: number
}

/** A list of reservations, and where it stands. */
export interface HostList {
  readonly subnetId: number
  readonly hosts: readonly Members[]
  readonly path: readonly Step[]
}

/** The list of a subnet, 0 for the global one; undefined where there is no such subnet. */
export function hostList(places: Places, subnetId: number): HostList | undefined {
  if (subnetId === 0)
    return {
      subnetId,
      hosts: mapsOf(places.map.reservations),
      path: [places.family.map, 'reservations'],
    }
  const found = places.withId(subnetId)
  if (found === undefined) return undefined
  const { subnet, path } = found
  return { subnetId, hosts: mapsOf(subnet.reservations), path: [...path, 'reservations'] }
}

/** Those of subnets in the order of the document, then the global one. */
function* everyList(places: Places): Iterable<Pick<HostList, 'hosts' | 'subnetId'>> {
  for (const { subnet } of places.subnets())
    yield { hosts: mapsOf(subnet.reservations), subnetId: subnet.id }
  yield { hosts: mapsOf(places.map.reservations), subnetId: 0 }
}

export function* everyHost(places: Places): Iterable<HostAt> {
  for (const { hosts, subnetId } of everyList(places))
    for (const host of hosts) yield { host, subnetId }
}

/** Some of everyHost. */
export function hostsFrom(places: Places, from: number, limit: number): readonly HostAt[] {
  const found: HostAt[] = []
  let passed = 0
  for (const { hosts, subnetId } of everyList(places)) {
    const first = Math.max(0, from - passed)
    passed += hosts.length
    const some = hosts.slice(first, first + limit - found.length)
    for (const host of some) found.push({ host, subnetId })
    if (found.length >= limit) break
  }
  return found
}

/** Which hosts are meant. */
export interface HostTest {
  readonly isIt: (host: Members) => boolean
  /** By which they are found in long lists: see list-index.ts. */
  readonly name: string | undefined
}

/** Those of the list, in its order. */
export function among(hosts: readonly Members[], { isIt, name }: HostTest): readonly Members[] {
  const some = name === undefined ? hosts : (mayBe(hosts, name) as readonly Members[])
  return some.filter(isIt)
}

/** What finds a subnet and hosts of its list, 0 for the global one: made once for long lists. */
export function* indexingHosts(places: Places, subnetId: number): Steps<void> {
  yield* places.indexing()
  const list = hostList(places, subnetId)
  if (list !== undefined) yield* indexing(list.hosts)
}

/** Hosts of a step: well below a millisecond. */
const STEP = 500

/** Those of all lists, in the order of everyHost. */
export function* amongAll(places: Places, wish: HostTest): Steps<readonly HostAt[]> {
  const found: HostAt[] = []
  let looked = 0
  for (const { hosts, subnetId } of everyList(places)) {
    if (wish.name !== undefined) yield* indexing(hosts)
    for (const host of among(hosts, wish)) found.push({ host, subnetId })
    looked += 1 + Math.min(hosts.length, STEP)
    if (looked < STEP) continue
    looked = 0
    yield
  }
  return found
}

export function byIdentifier(type: IdentifierType, octets: Octets): HostTest {
  const isIt = (identity: Members) => means(identity[type], octets)
  return {
    isIt: (host) => isIt(host) || mapsOf(host.identifiers).some(isIt),
    name: identifierName(type, octets),
  }
}

export function byAddress(version: 4 | 6, text: string): HostTest {
  const wanted = addressText(version, text)
  return {
    isIt: (host) => addressesOf(host).some((one) => addressText(version, one) === wanted),
    name: addressName(text),
  }
}

export function byHostname(name: string): HostTest {
  const wanted = name.toLowerCase()
  const isIt = ({ hostname }: Members) =>
    typeof hostname === 'string' && hostname.toLowerCase() === wanted
  return { isIt, name: undefined }
}

/** As the host has them: addresses of either family, and prefixes. */
export function addressesOf(host: Members): readonly string[] {
  const lists = [host['ip-addresses'], host.prefixes].flatMap((list) =>
    Array.isArray(list) ? (list as string[]) : [],
  )
  const single = host['ip-address']
  return typeof single === 'string' ? [single, ...lists] : lists
}

/** One way to write it of the many; as it is where it is no address. */
export function addressText(version: 4 | 6, text: string): string {
  if (version === 4) {
    const address = ipv4FromText(text.trim())
    return address === undefined ? text : textFromIpv4(address)
  }
  const address = ipv6FromText(text.trim())
  if (address !== undefined) return textFromIpv6(address)
  const prefix = prefix6FromText(text.trim())
  return prefix === undefined ? text : textFromPrefix6(prefix)
}

// ---- what arguments say

export function subnetIdOf(given: Arguments, otherwise: string): number {
  const id = given['subnet-id']
  if (id === undefined) throw new CommandRefused(otherwise)
  return checkedId(id)
}

export function checkedId(id: unknown): number {
  if (!isInteger(id)) throw new CommandRefused("invalid type specified for parameter 'subnet-id'")
  if (id < 0 || id > 4_294_967_295)
    throw new CommandRefused(`out of range value (${id}) specified for parameter 'subnet-id'`)
  return Number(id)
}

export function textOf(given: Arguments, key: string): string {
  const value = given[key]
  if (value === undefined) throw new CommandRefused(`missing parameter '${key}'`)
  if (typeof value !== 'string')
    throw new CommandRefused(`invalid type specified for parameter '${key}'`)
  return value
}

export function identifierOf(given: Arguments): HostTest {
  const type = textOf(given, 'identifier-type')
  const text = textOf(given, 'identifier')
  const kind = IDENTIFIERS.find((one) => one === type)
  if (kind === undefined) throw new CommandRefused("Value of 'identifier-type' was not recognized.")
  const octets = identifierFromText(text)
  if (octets === undefined || octets === '')
    throw new CommandRefused("Unable to parse 'identifier' value.")
  return byIdentifier(kind, octets)
}

/** By its address or an identifier; `subnet-id` says in which list. */
export function wantedHost(given: Arguments, version: 4 | 6): HostTest {
  const address = given['ip-address']
  if (address === undefined) return identifierOf(given)
  return byAddress(version, checkedAddress(given, version))
}

export function checkedAddress(given: Arguments, version: 4 | 6): string {
  const text = textOf(given, 'ip-address')
  const isGood =
    version === 4
      ? ipv4FromText(text) !== undefined
      : ipv6FromText(text) !== undefined || prefix6FromText(text) !== undefined
  if (isGood) return text
  const why = `Failed to convert string to address '${text}': Invalid argument`
  throw new CommandRefused(`Failed to convert '${text}' to address: ${why}`)
}
