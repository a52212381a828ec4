// Rows of the other servers on their way into the lease table: merged by the rules of lib/leases/merge.ts,
// journaled as they are, never sent on.

import { textFromIpv4 } from '../address/ipv4.ts'
import { hexFromOctets } from '../bytes/octets.ts'
import { quarantineEnd } from '../ha/pair-steps.ts'
import type { Lease } from '../leases/lease.ts'
import { merge, refilled, takeForBackup } from '../leases/merge.ts'
import type { Instant } from '../time/units.ts'
import type { Pair } from './pair.ts'
import type { PeerSession } from './peer-session.ts'

export class Merger {
  readonly #pair: Pair
  /** Rows taken, by what became of them. */
  readonly counts: Record<string, number> = {}
  conflicts = 0

  constructor(pair: Pair) {
    this.#pair = pair
  }

  /** A row of the partner, or of any active server where this one is a backup. */
  take(theirs: Lease, session: PeerSession): void {
    const { services, plan, record } = this.#pair
    const mine = services.table.byAddress(theirs.address)
    if (plan.thisServer.role === 'backup') return this.#apply(takeForBackup(mine, theirs))
    const now = services.now()
    const { rights } = services.table
    if (record.rights === 'none')
      return this.#apply(refilled(mine, theirs, rights, now, this.#quarantine(now)))
    const isAdopted = session.agreement.merge === 'adopt' && session.incoming?.isSynced !== true
    const merged = merge(mine, theirs, isAdopted ? { ...rights, kind: 'all' } : rights, now)
    this.counts[merged.what] = (this.counts[merged.what] ?? 0) + 1
    if (merged.conflict === 'two-clients') this.#conflict(mine!, theirs, merged.lease ?? mine!)
    this.#apply(merged.lease)
  }

  #apply(lease: Lease | undefined): void {
    if (lease === undefined) return
    const { table, delivery } = this.#pair.services
    const change = { kind: 'put', lease } as const
    table.apply(change)
    delivery.add(change, undefined)
  }

  /** Only a database that was lost is in doubt: see ha-safety rule 9. */
  #quarantine(now: Instant): { quarantineUntil: Instant } | undefined {
    const { noneBecause, longestLifetime } = this.#pair.record
    if (noneBecause !== 'lost') return undefined
    return { quarantineUntil: quarantineEnd(longestLifetime, now) }
  }

  #conflict(mine: Lease, theirs: Lease, kept: Lease): void {
    this.conflicts++
    const { reporter, tell } = this.#pair.services
    reporter.say('HA_LEASE_CONFLICT', {
      address: textFromIpv4(mine.address),
      here: nameOf(mine),
      there: nameOf(theirs),
      kept: nameOf(kept),
    })
    tell({ kind: 'conflict', address: mine.address, here: mine, there: theirs, kept })
  }
}

function nameOf({ clientId, hwAddress }: Lease): string {
  return clientId === '' ? hexFromOctets(hwAddress, ':') : hexFromOctets(clientId, ':')
}
