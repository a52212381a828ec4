// Which lease get and del mean: by its address, or by a client and its subnet.

import { addressOf, prefix6 } from '../../../address/prefix6.ts'
import type { Octets } from '../../../bytes/octets.ts'
import { BINDING_KIND, bindingOf } from '../../../leases/binding.ts'
import type { Key } from '../../../leases/keys/key.ts'
import type { Lease } from '../../../leases/lease.ts'
import { isShown } from '../../../leases/lifecycle.ts'
import type { AnyTable } from '../../../leases/table/lease-tables.ts'
import { CommandRefused } from '../../refused.ts'
import * as given from './arguments.ts'
import type { LeaseFamily } from './lease-family.ts'
import { isPd } from './lease-words.ts'

const HTYPE_ETHERNET = 1

export type LeaseType = 'IA_NA' | 'IA_TA' | 'IA_PD' | 'V4'

export type Selector = {
  readonly type: LeaseType
  /** Of whoever reads the answer. */
  readonly told: { readonly 'ip-address': string } | { readonly duid: string } | undefined
} & (
  | { readonly address: Key }
  | { readonly client: Octets; readonly clientId: Octets; readonly subnetId: number }
)

/** Throws CommandRefused. `verb`: Query or Delete. */
export function selectorOf(
  value: unknown,
  family: LeaseFamily,
  verb: 'Query' | 'Delete',
): Selector {
  const members = given.membersOr(value, 'Parameters missing or are not a map.')
  const type = typeOf(members, family)
  if (given.has(members, 'ip-address')) {
    const text = members['ip-address']
    if (typeof text !== 'string') throw new CommandRefused("'ip-address' is not a string.")
    return { type, address: addressIn(text, family), told: { 'ip-address': text } }
  }
  const subnetId = subnetIn(members)
  const kind = stringIn(members, 'identifier-type')
  const text = stringIn(members, 'identifier')
  const { version } = family
  if (!(kind in IDENTIFIERS))
    throw new CommandRefused(
      `Incorrect identifier type: ${kind}, the only supported values are: address, hw-address, duid`,
    )
  const isFamilys = IDENTIFIERS[kind as keyof typeof IDENTIFIERS] === version
  if (!isFamilys) throw new CommandRefused(`${verb} by ${kind} is not allowed in v${version}.`)
  if (kind === 'hw-address')
    return { type, client: given.hardware(text), clientId: '', subnetId, told: undefined }
  const octets = given.identifier(text)
  if (version === 4) return { type, client: '', clientId: octets, subnetId, told: undefined }
  const iaid = given.has(members, 'iaid') ? given.count(members, 'iaid') : 0
  const clientId = bindingOf(type === 'IA_PD' ? BINDING_KIND.pd : BINDING_KIND.na, iaid, octets)
  return { type, client: '', clientId, subnetId, told: { duid: text } }
}

/** Undefined: there is none. */
export function selected(selector: Selector, table: AnyTable): Lease<Key> | undefined {
  const lease =
    'address' in selector
      ? atAddress(selector.address, selector.type, table)
      : ofClient(selector, table)
  return lease !== undefined && isShown(lease) ? lease : undefined
}

const IDENTIFIERS = { 'hw-address': 4, 'client-id': 4, duid: 6 } as const

function ofClient(
  { client, clientId, subnetId }: Extract<Selector, { readonly subnetId: number }>,
  table: AnyTable,
): Lease<Key> | undefined {
  const htype = client === '' ? 0 : HTYPE_ETHERNET
  return table.byClient({ htype, hwAddress: client, clientId }, subnetId)
}

/** A prefix is named by its first address, of whatever length it is. */
function atAddress(address: Key, type: LeaseType, table: AnyTable): Lease<Key> | undefined {
  if (typeof address === 'number') return table.byAddress(address)
  if (type === 'IA_PD') return prefixAt(address, table)
  const lease = table.byAddress(address)
  return type !== 'IA_NA' || lease === undefined || isPd(lease as Lease<string>) ? undefined : lease
}

function prefixAt(address: string, table: AnyTable): Lease<Key> | undefined {
  const first = addressOf(address)
  for (let length = 128; length > 0; length--) {
    const key = prefix6(first, length)
    if (addressOf(key) !== first) return undefined
    const lease = table.byAddress(key)
    if (lease !== undefined && isShown(lease) && isPd(lease as Lease<string>)) return lease
  }
  return undefined
}

function addressIn(text: string, { isOther, keyOf, name }: LeaseFamily): Key {
  const address = keyOf(text)
  if (address !== undefined) return address
  throw new CommandRefused(
    isOther(text)
      ? `Invalid ${name} address specified: ${text}`
      : `Failed to convert string to address '${text}': Invalid argument`,
  )
}

function subnetIn(members: given.Members): number {
  if (!given.has(members, 'subnet-id'))
    throw new CommandRefused("Mandatory 'subnet-id' parameter missing.")
  if (!Number.isInteger(members['subnet-id']))
    throw new CommandRefused("'subnet-id' parameter is not integer.")
  return given.count(members, 'subnet-id')
}

function stringIn(members: given.Members, name: string): string {
  const value = members[name]
  if (typeof value === 'string') return value
  throw new CommandRefused(
    `No 'ip-address' provided and '${name}' is either missing or not a string.`,
  )
}

const TYPES: Readonly<Record<string, LeaseType>> = {
  IA_NA: 'IA_NA',
  '0': 'IA_NA',
  IA_TA: 'IA_TA',
  '1': 'IA_TA',
  IA_PD: 'IA_PD',
  '2': 'IA_PD',
  V4: 'V4',
  '3': 'V4',
}

function typeOf(members: given.Members, { version }: LeaseFamily): LeaseType {
  if (!given.has(members, 'type')) return version === 4 ? 'V4' : 'IA_NA'
  const text = given.string(members, 'type')
  const type = Object.hasOwn(TYPES, text) ? TYPES[text] : undefined
  if (type !== undefined) return type
  throw new CommandRefused(
    `Invalid lease type specified: ${text}, only supported values are: IA_NA, IA_TA, IA_PD and V4`,
  )
}
