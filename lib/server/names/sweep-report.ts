// What is told of a sweep: names in DNS compared with what leases want there.

import type { Octets } from '../../bytes/octets.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Seconds } from '../../time/units.ts'

export type Direction = 'forward' | 'reverse'

/** check: nothing is changed. repair: what is wrong is put right. */
export type SweepKind = 'check' | 'repair'

export interface SweepReport {
  /** From 1 since the start; 0: there was none. */
  readonly number: number
  readonly kind: SweepKind
  /** ended: it was given up, `why` says. */
  readonly state: 'runs' | 'done' | 'ended'
  readonly why: string
  /** For how long it runs, or ran. */
  readonly seconds: Seconds
  readonly zones: readonly SweptZone[]
  readonly counts: Readonly<SweepCounts>
  /** The first ones; the others are only counted. */
  readonly findings: readonly SweepFinding[]
}

export interface SweptZone {
  readonly direction: Direction
  /** Without a final dot; '' = all others. */
  readonly name: Octets
  /** Who was asked last, '' = nobody yet. */
  server: string
  /** Whether the zone was had as a whole, or each name was asked for. */
  way: 'transfer' | 'queries' | ''
  state: 'waits' | 'runs' | 'done' | 'failed'
  /** Of one that failed, or of one that was not to be had as a whole. */
  why: string
  /** Names of leases that belong there, and are this server's to see to. */
  wanted: number
}

export interface SweepCounts {
  missing: number
  different: number
  /** Somebody has written them, and they stay. */
  written: number
  orphans: number
  /** Of missing and different ones, those that wait to be sent already. */
  owed: number
  /** By repair: to be added again, to be removed. */
  again: number
  removed: number
}

export interface Found {
  /**
   * missing    a lease wants it, and it is not there
   * different  it is there otherwise
   * written    it is there otherwise, without a DHCID: it stays
   * orphan     it has a DHCID, leads to an address that is given from here, and no lease wants it
   */
  readonly kind: 'missing' | 'different' | 'written' | 'orphan'
  readonly direction: Direction
  readonly key: Key
  /** What leads to the address, or what the address leads to. */
  readonly name: Octets
  /** For people, a clause; '' = the kind says it all. */
  readonly why: string
  /** It is on its way already. */
  readonly isOwed: boolean
  /** Of an orphan. */
  readonly dhcid: Octets
}

export interface SweepFinding extends Found {
  readonly zone: Octets
  /** What repair has made of it; '' = nothing, or nothing yet. */
  mended: '' | 'again' | 'removed'
}
