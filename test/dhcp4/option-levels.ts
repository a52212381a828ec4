// Levels of options written down for tests, and what a client gets of them.

import type { Octets } from '../../lib/bytes/octets.ts'
import { ClassSet, maskOf } from '../../lib/classify/class-set.ts'
import {
  EMPTY_OPTION_SET,
  type EnterpriseLevel,
  NO_OPTIONS,
  type OptionLevel,
  type OptionScope,
  type OptionSet,
  type OptionValue,
  overlaid,
} from '../../lib/config/plan/option-set.ts'
import { NO_BOOT_FIELDS, type Reservation4 } from '../../lib/config/plan/plan4.ts'
import type { ReplyOptions4 } from '../../lib/dhcp4/reply-options.ts'
import type { Selection } from '../../lib/dhcp4/selection.ts'
import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'
import type { Query4 } from '../../lib/wire/v4/message.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import type { Options } from './test-server.ts'

export interface Said {
  readonly always?: true
  readonly never?: true
  /** Numbers of the classes that it is for. */
  readonly tag?: readonly number[]
}

/** An entry, its value as text. */
export function entry(code: number, data: Octets, { always, never, tag }: Said = {}): OptionValue {
  return {
    code,
    data,
    alwaysSend: always ?? false,
    neverSend: never ?? false,
    tag: tag === undefined ? undefined : maskOf(tag),
  }
}

export function level(...options: readonly OptionValue[]): OptionLevel {
  return { options, enterprises: [] }
}

/** What a level says to one enterprise: entries of 124 and 125, and sub-options. */
export function enterprise(
  number: number,
  carriers: readonly OptionValue[],
  subOptions: readonly OptionValue[] = [],
): EnterpriseLevel {
  return { enterprise: number, carriers, subOptions }
}

export function vendorLevel(...enterprises: readonly EnterpriseLevel[]): OptionLevel {
  return { options: [], enterprises }
}

/** A set of the levels that are given. */
export function setOf(levels: Partial<Record<OptionScope, OptionLevel>>): OptionSet {
  let set = EMPTY_OPTION_SET
  for (const scope of ['global', 'network', 'subnet', 'pool'] as const)
    if (levels[scope] !== undefined) set = overlaid(set, scope, levels[scope])
  return set
}

export function reservationOf(options: OptionLevel = NO_OPTIONS): Reservation4 {
  return {
    identifiers: [{ kind: 'hw-address', value: '\x02\0\0\0\0\x01' }],
    address: 0,
    hostname: '',
    classes: [],
    options,
    bootFields: NO_BOOT_FIELDS,
  }
}

/** In the order in which they were assigned. */
export function inClasses(...numbers: readonly number[]): ClassSet {
  const classes = new ClassSet(64)
  for (const number of numbers) classes.add(number)
  return classes
}

/** A DISCOVER with these options. */
export function queryWith(options: Options): Query4 {
  const query = new Message4()
  const pairs = Object.entries(options).map(([code, data]) => [Number(code), data] as const)
  const bytes = encodeMessage4({ hwAddress: '\x02\0\0\0\0\x01' }, [[53, '\x01'], ...pairs])
  const reason = decode4(query, bytes, 0, bytes.length, 'usual')
  if (reason !== undefined) throw new Error(reason)
  return query
}

export function asking(...codes: readonly number[]): Query4 {
  return queryWith(codes.length === 0 ? {} : { 55: String.fromCharCode(...codes) })
}

/** Who a client is to the options. */
export interface Who {
  readonly classes?: ClassSet
  readonly reservation?: Reservation4
  readonly query?: Query4
}

export function select(
  options: ReplyOptions4,
  set: OptionSet,
  { classes = inClasses(), reservation, query = asking() }: Who,
): Selection {
  return options.select(set, classes, reservation, query)
}

/** What is sent, `code=value` each, in the order of the wire. */
export function sent({ block }: Selection): string[] {
  const parts: string[] = []
  const { bytes } = block
  for (let at = 0; at < bytes.length; at += 2 + bytes[at + 1]!) {
    const value = bytes.subarray(at + 2, at + 2 + bytes[at + 1]!)
    parts.push(`${bytes[at]}=${Buffer.from(value).toString('latin1')}`)
  }
  return parts
}
