// What of a name no zone of the configuration has: it is told, once in a while for each subnet, and
// what cannot be removed is forgotten.

import {
  FORWARD,
  type NameRecord,
  settled,
  tidied,
  toAdd,
  toRemove,
} from '../../ddns/name-record.ts'
import type { Key } from '../../leases/keys/key.ts'
import { wordsOf } from './jobs.ts'
import type { NameLedger } from './ledger.ts'
import type { NameZones } from './name-zones.ts'
import type { NamesDuties } from './names-duties.ts'
import type { NamesCounts } from './names-status.ts'

interface Duties extends Pick<NamesDuties, 'now' | 'reporter' | 'tables'> {
  readonly ledger: NameLedger
  readonly counts: NamesCounts
  zones(): NameZones
  /** The record is as it stands from now on. */
  put(key: Key, record: NameRecord): void
}

export function settleUnserved(duties: Duties, key: Key): void {
  const { counts, ledger, now, put, zones } = duties
  const record = ledger.of(key)
  const next = record.map((entry) => {
    const served = zones().served(key, entry)
    const missing = toAdd(entry) & ~served
    if (missing !== 0) tell(duties, key, entry.fqdn, missing)
    const bits = toRemove(entry) & ~served
    if (bits === 0) return entry
    counts.unserved++
    return settled(entry, bits, false, now())
  })
  if (next.some((entry, at) => entry !== record[at])) put(key, tidied(next))
}

/** Clients choose names, so that it is not told of each name. */
function tell({ now, reporter, tables }: Duties, key: Key, fqdn: string, missing: number): void {
  const subnet = tables.of(key).byAddress(key)?.subnetId ?? 0
  const direction = (missing & FORWARD) === 0 ? 'reverse' : 'forward'
  const fields = { ...wordsOf({ key, fqdn }), subnet, direction }
  reporter.once('DDNS_NO_ZONE', `${direction} ${subnet}`, fields, now())
}
