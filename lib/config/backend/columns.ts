// Columns of Kea's tables of configuration, and which key of a document each is. What a version
// does not have is not in its rows; nobody says what is null.

import { octetsFromBytes } from '../../bytes/octets.ts'
import type { Members } from '../text/map.ts'
import { addressIn, isTrue, jsonIn, mapIn, namesIn, numberIn, type Row, textIn } from './values.ts'

type Reading = (value: unknown) => unknown

interface Column {
  readonly key: string
  readonly read: Reading
}

/** Undefined: the column says nothing. */
const real: Reading = (value) => (Number.isFinite(Number(value)) ? Number(value) : undefined)
const list: Reading = (value) => {
  const names = namesIn(value)
  return names.length === 0 ? undefined : names
}
const octets: Reading = (value) =>
  value instanceof Uint8Array ? octetsFromBytes(value) : textIn(value)
const address: Reading = (value) => addressIn(value)
const relay: Reading = (value) => {
  const found = jsonIn(value)
  return Array.isArray(found) && found.length > 0 ? { 'ip-addresses': found } : undefined
}

/** By the numbers of the column. */
const REPLACING = ['never', 'always', 'when-present', 'when-not-present']
const replacing: Reading = (value) => REPLACING[numberIn(value) ?? -1] ?? String(value)

/** Called like their keys, with underscores. */
function named(read: Reading, ...columns: string[]): readonly (readonly [string, Column])[] {
  return columns.map((column) => [column, { key: column.replaceAll('_', '-'), read }])
}

function as(column: string, key: string, read: Reading): readonly [string, Column] {
  return [column, { key, read }]
}

type Columns = ReadonlyMap<string, Column>

/** Up to 2.6 one class, then a list of them. */
const GUARDS = [
  as('client_class', 'client-classes', list),
  as('client_classes', 'client-classes', list),
  as('require_client_classes', 'evaluate-additional-classes', list),
  as('evaluate_additional_classes', 'evaluate-additional-classes', list),
]
const LIFETIMES = named(
  numberIn,
  ...['valid_lifetime', 'min_valid_lifetime', 'max_valid_lifetime', 'preferred_lifetime'],
  ...['min_preferred_lifetime', 'max_preferred_lifetime', 'offer_lifetime'],
)
const BOOT = [
  ...named(address, 'next_server'),
  ...named(textIn, 'boot_file_name', 'server_hostname'),
]

/** Of subnets and shared networks. */
export const SCOPE: Columns = new Map([
  ...LIFETIMES,
  ...BOOT,
  ...GUARDS,
  ...named(textIn, 'interface', 'allocator', 'pd_allocator'),
  ...named(textIn, 'ddns_generated_prefix', 'ddns_qualifying_suffix'),
  ...named(numberIn, 'renew_timer', 'rebind_timer', 'cache_max_age'),
  ...named(numberIn, 'ddns_ttl', 'ddns_ttl_min', 'ddns_ttl_max'),
  ...named(real, 't1_percent', 't2_percent', 'cache_threshold', 'ddns_ttl_percent'),
  ...named(isTrue, 'match_client_id', 'authoritative', 'calculate_tee_times', 'rapid_commit'),
  ...named(isTrue, 'reservations_global', 'reservations_in_subnet', 'reservations_out_of_pool'),
  ...named(isTrue, 'ddns_send_updates', 'ddns_override_no_update', 'ddns_override_client_update'),
  ...named(replacing, 'ddns_replace_client_name'),
  ...named(octets, 'interface_id'),
  ...named(relay, 'relay'),
  ...named(mapIn, 'user_context'),
  as('interface_4o6', '4o6-interface', textIn),
  as('4o6_interface', '4o6-interface', textIn),
  as('interface_id_4o6', '4o6-interface-id', textIn),
  as('4o6_interface_id', '4o6-interface-id', textIn),
  as('subnet_4o6', '4o6-subnet', textIn),
  as('4o6_subnet', '4o6-subnet', textIn),
])

/** Of pools of addresses and of prefixes, beside what they hold. */
export const POOL: Columns = new Map([...GUARDS, ...named(mapIn, 'user_context')])

export const CLASS: Columns = new Map([
  ...LIFETIMES,
  ...BOOT,
  ...named(textIn, 'name', 'test'),
  ...named(mapIn, 'user_context'),
  as('only_if_required', 'only-in-additional-list', isTrue),
  as('only_in_additional_list', 'only-in-additional-list', isTrue),
])

export function membersOf(row: Row, columns: Columns): Members {
  const members: Record<string, unknown> = {}
  for (const [column, value] of Object.entries(row)) {
    if (value === null || value === undefined) continue
    const known = columns.get(column)
    const said = known?.read(value)
    if (said !== undefined) members[known!.key] = said
  }
  return members
}
