// A job as it is handed to DNS: with all that is known of the client at this time.

import type { Octets } from '../../bytes/octets.ts'
import type { NamesPlan, ZonePlan } from '../../config/plan/names-plan.ts'
import { isUnchecked } from '../../ddns/modes.ts'
import { FORWARD, type NameEntry, type NameRecord, REVERSE } from '../../ddns/name-record.ts'
import type { Action, Order } from '../../ddns/order.ts'
import type { JobOrder } from '../../ddns/queue.ts'
import { ALIASES_MAX } from '../../ddns/registration.ts'
import type { Place } from '../../ddns/zones.ts'
import { duidOf } from '../../leases/binding.ts'
import { type Key, versionOf } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import type { UpdaterRequest } from '../../ports/updater.ts'
import type { WallTime } from '../../time/units.ts'
import type { NameLedger } from './ledger.ts'
import type { Machines } from './machines.ts'
import type { NamesStance } from './stance.ts'
import { addressOctets, dhcidsOf, fqdnOf, isNamed, otherDhcidsOf } from './wishes.ts'

/** What else is known. */
export interface Known {
  readonly ledger: NameLedger
  readonly machines: Pick<Machines, 'of'>
  readonly tables: LeaseTables
  readonly linkFamilies: NamesPlan['linkFamilies']
  /** What the partner may have registered, or wants. */
  readonly stance: Pick<NamesStance, 'isApart' | 'isShared' | 'mayBeWanted'>
}

export function orderOf(
  { action, bits, key }: JobOrder,
  entry: NameEntry,
  { name, zoneName }: Place<ZonePlan>,
  known: Known,
): Order {
  const { dhcid, fqdn, mode, ttl } = entry
  const { linkFamilies, stance } = known
  const isForward = bits === FORWARD
  const aliases = isForward && linkFamilies === 'mac' ? aliasesOf(key, entry, known) : []
  return {
    action,
    direction: isForward ? 'forward' : 'reverse',
    registration: {
      ...{ address: addressOctets(key), fqdn, ttl, mode, dhcid, aliases, known: entry.also },
      forward: (bits & FORWARD) !== 0,
      reverse: (bits & REVERSE) !== 0,
    },
    zone: zoneName,
    name,
    beside: isForward ? besideOf(key, entry, action, known) : [],
    isApart: stance.isApart,
    isShared: stance.isShared,
  }
}

/** The same for Kea's updater, which finds everything else itself. */
export function requestOf(
  { action, bits, key }: JobOrder,
  { dhcid, fqdn, mode, ttl }: NameEntry,
  expires: WallTime,
): UpdaterRequest {
  return {
    ...{ action, address: addressOctets(key), fqdn, ttl, mode, dhcid, expires },
    forward: (bits & FORWARD) !== 0,
    reverse: (bits & REVERSE) !== 0,
  }
}

/**
 * By which the machine may have registered the name in its other family, or before. Of who had the
 * address before no more is known than what is stored.
 */
function aliasesOf(key: Key, entry: NameEntry, known: Known): readonly Octets[] {
  const { also, dhcid, fqdn } = entry
  const row = known.tables.of(key).byAddress(key)
  const all = isOfClient(entry, row)
    ? [...siblingsOf(key, row, fqdn, known), ...otherDhcidsOf(row, fqdn)]
    : []
  return [...new Set([...also, ...all])].filter((one) => one !== dhcid).slice(0, ALIASES_MAX)
}

/**
 * What is to be removed, with what its machine may have registered it under at another server:
 * while the lease is still the machine's.
 */
export function withAliases(key: Key, record: NameRecord, known: Known): NameRecord {
  if (known.linkFamilies !== 'mac') return record
  return record.map((entry) => {
    const { also, may, sure, wants } = entry
    const isUnknown = wants === 0 && (may & FORWARD & ~sure) !== 0 && also.length === 0
    return isUnknown ? { ...entry, also: aliasesOf(key, entry, known) } : entry
  })
}

/**
 * DHCIDs that leases of its other family have registered the name with, of the same machine, or
 * may have at another server, before they had another name.
 */
function siblingsOf(
  key: Key,
  { hwAddress }: Lease<Key>,
  fqdn: Octets,
  { ledger, machines, tables }: Pick<Known, 'ledger' | 'machines' | 'tables'>,
): readonly Octets[] {
  if (hwAddress === '') return []
  const siblings = (keys: readonly Key[]) =>
    keys.flatMap((other) => {
      if (versionOf(other) === versionOf(key)) return []
      const row = tables.of(other).byAddress(other)
      return row?.hwAddress === hwAddress ? row : []
    })
  const told = siblings(ledger.keysOf(fqdn)).flatMap((row) =>
    ledger.of(row.address).filter((one) => one.fqdn === fqdn && isOfClient(one, row)),
  )
  const untold = siblings(machines.of(hwAddress)).flatMap((row) => dhcidsOf(row, fqdn).slice(0, 1))
  return [...told.map(({ dhcid }) => dhcid), ...untold]
}

/** Whether it is of the client of the lease: what is to be removed may be of a former one. */
function isOfClient(
  { dhcid, fqdn, wants }: NameEntry,
  row: Lease<Key> | undefined,
): row is Lease<Key> {
  return row !== undefined && (wants !== 0 || dhcidsOf(row, fqdn).includes(dhcid))
}

/**
 * Other addresses of the family that lead from the name. Where nobody looks whose a name is, other
 * clients' are left by a removal, too. In a cut a client of DHCPv6 may have renewed at the partner
 * what has ended here.
 */
function besideOf(
  key: Key,
  entry: NameEntry,
  action: Action,
  { ledger, stance, tables }: Pick<Known, 'ledger' | 'stance' | 'tables'>,
): readonly Octets[] {
  const { dhcid, fqdn, mode } = entry
  const isAnybodys = isUnchecked(mode) && action === 'remove'
  const isOther = (one: NameEntry) => !isAnybodys && one.dhcid !== dhcid
  const leads = (other: Key, one: NameEntry) => {
    if (one.fqdn !== fqdn || one.isConflict || isOther(one)) return false
    if ((one.wants & FORWARD) !== 0) return true
    return versionOf(other) === 6 && (one.may & FORWARD) !== 0 && stance.mayBeWanted(other, one)
  }
  const known = ledger
    .keysOf(fqdn)
    .filter((other) => versionOf(other) === versionOf(key))
    .filter((other) => ledger.of(other).some((one) => leads(other, one)))
  const all = new Set(stance.isShared ? [...known, ...besideAt(key, fqdn, tables)] : known)
  all.delete(key)
  return [...all].map(addressOctets)
}

/** Other addresses of the client of DHCPv6 that other servers may have given it, by this name. */
function besideAt(key: Key, fqdn: Octets, tables: LeaseTables): readonly Key[] {
  const row = typeof key === 'string' ? tables.v6.byAddress(key) : undefined
  if (row === undefined || row.clientId === '') return []
  return tables.v6
    .byDuid(duidOf(row))
    .filter((lease) => isNamed(lease) && lease.fqdnFwd && fqdnOf(lease) === fqdn)
    .map(({ address }) => address)
}
