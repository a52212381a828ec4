// A job as it is handed to DNS: with all that is known of the client at this time.

import type { Octets } from '../../bytes/octets.ts'
import type { NamesPlan, ZonePlan } from '../../config/plan/names-plan.ts'
import { isUnchecked } from '../../ddns/modes.ts'
import { FORWARD, type NameEntry, REVERSE } from '../../ddns/name-record.ts'
import type { Action, Order } from '../../ddns/order.ts'
import type { JobOrder } from '../../ddns/queue.ts'
import { ALIASES_MAX } from '../../ddns/registration.ts'
import type { Place } from '../../ddns/zones.ts'
import { type Key, versionOf } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import type { UpdaterRequest } from '../../ports/updater.ts'
import type { WallTime } from '../../time/units.ts'
import type { NameLedger } from './ledger.ts'
import type { NamesStance } from './stance.ts'
import { addressOctets, dhcidsOf, otherDhcidsOf } from './wishes.ts'

/** What else is known. */
export interface Known {
  readonly ledger: NameLedger
  readonly tables: LeaseTables
  readonly linkFamilies: NamesPlan['linkFamilies']
  /** What the partner may have registered, or wants. */
  readonly stance: Pick<NamesStance, 'isApart' | 'mayBeWanted'>
}

export function orderOf(
  { action, bits, key }: JobOrder,
  entry: NameEntry,
  { name, zoneName }: Place<ZonePlan>,
  known: Known,
): Order {
  const { dhcid, fqdn, mode, ttl } = entry
  const { ledger, linkFamilies, stance, tables } = known
  const isForward = bits === FORWARD
  const aliases = isForward && linkFamilies === 'mac' ? aliasesOf(key, entry, tables, ledger) : []
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
function aliasesOf(
  key: Key,
  entry: NameEntry,
  tables: LeaseTables,
  ledger: NameLedger,
): readonly Octets[] {
  const { also, dhcid, fqdn } = entry
  const row = tables.of(key).byAddress(key)
  const known = isOfClient(entry, row)
    ? [...siblingsOf(key, row, fqdn, { ledger, tables }), ...also, ...otherDhcidsOf(row, fqdn)]
    : also
  return [...new Set(known)].filter((one) => one !== dhcid).slice(0, ALIASES_MAX)
}

/** DHCIDs that leases of its other family have registered the name with, of the same machine. */
function siblingsOf(
  key: Key,
  { hwAddress }: Lease<Key>,
  fqdn: Octets,
  { ledger, tables }: Pick<Known, 'ledger' | 'tables'>,
): readonly Octets[] {
  if (hwAddress === '') return []
  return ledger
    .keysOf(fqdn)
    .filter((other) => versionOf(other) !== versionOf(key))
    .flatMap((other) => {
      const row = tables.of(other).byAddress(other)
      if (row?.hwAddress !== hwAddress) return []
      return ledger.of(other).filter((one) => one.fqdn === fqdn && isOfClient(one, row))
    })
    .map(({ dhcid }) => dhcid)
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
  { ledger, stance }: Pick<Known, 'ledger' | 'stance'>,
): readonly Octets[] {
  const { dhcid, fqdn, mode } = entry
  const isAnybodys = isUnchecked(mode) && action === 'remove'
  const isOther = (one: NameEntry) => !isAnybodys && one.dhcid !== dhcid
  const leads = (other: Key, one: NameEntry) => {
    if (one.fqdn !== fqdn || one.isConflict || isOther(one)) return false
    if ((one.wants & FORWARD) !== 0) return true
    return versionOf(other) === 6 && (one.may & FORWARD) !== 0 && stance.mayBeWanted(other, one)
  }
  return ledger
    .keysOf(fqdn)
    .filter((other) => other !== key && versionOf(other) === versionOf(key))
    .filter((other) => ledger.of(other).some((one) => leads(other, one)))
    .map(addressOctets)
}
