// The high-availability part of the plan: what Kea's `high-availability` map says, with every
// default filled in and every peer complete.

import type { Millis } from '../../time/units.ts'

export type HaMode = 'load-balancing' | 'hot-standby' | 'passive-backup'
export type HaRole = 'primary' | 'secondary' | 'standby' | 'backup'

/** Kea's states, with Kea's names. */
export const HA_STATES = [
  'waiting',
  'syncing',
  'ready',
  'load-balancing',
  'hot-standby',
  'communication-recovery',
  'partner-down',
  'partner-in-maintenance',
  'in-maintenance',
  'terminated',
  'passive-backup',
  'backup',
] as const

export type HaState = (typeof HA_STATES)[number]

export interface HaPlan {
  readonly mode: HaMode
  readonly thisServer: HaPeer
  /** The other active server; undefined in passive-backup mode and for a backup. */
  readonly partner: HaPeer | undefined
  /**
   * All peers: primary first, then secondary or standby, then backups in the order of the document.
   * The first two positions are the numbers of scopes and of classes (see HA_CLASSES).
   */
  readonly peers: readonly HaPeer[]
  /**
   * Leases are in a database that both servers write: it decides who gets what, nothing is
   * replicated, and the pair is about who answers alone.
   */
  readonly sharesDatabase: boolean
  /** False: nothing is replicated; each server gives and renews what is its own. */
  readonly sendLeaseUpdates: boolean
  /** False: a server that returns does not wait for what it missed, though it is sent all of it. */
  readonly syncLeases: boolean
  /** Rows of a page of a resync; PAGE_ROWS_MAX where that is less. */
  readonly syncPageLimit: number
  /** Above 0: load-balancing servers that lose contact enter communication-recovery. */
  readonly delayedUpdatesLimit: number
  /** Never 0. */
  readonly heartbeatDelay: Millis
  readonly maxResponseDelay: Millis
  readonly maxAckDelay: Millis
  /** 0: silence alone decides. */
  readonly maxUnackedClients: number
  readonly waitBackupAck: boolean
  readonly requireClientCerts: boolean
  /** A certificate must name the server that shows it, by name or by the address of its url. */
  readonly checksCertificateNames: boolean
  /** States in which the machine waits for `ha-continue`. */
  readonly pauses: ReadonlyMap<HaState, 'once' | 'always'>
  /**
   * safe: what may be given follows the keys, whatever happens. available: as Kea does, a server
   * whose partner is down gives everything, at the risk of one address for two clients.
   */
  readonly whenSilent: 'safe' | 'available'
  /** Part of a pool's free addresses that a server keeps when its partner asks for more, 0 to 1. */
  readonly reserve: number
  /** What a command changes of what the pair has alike is changed at both. */
  readonly sharesEdits: boolean
}

export interface HaPeer {
  readonly name: string
  readonly role: HaRole
  readonly url: HaUrl
  /** Takes the partner's scope when the partner is down. */
  readonly autoFailover: boolean
  /** Of this server: what callers must know. Of another: what is proved to it, and by it. */
  readonly basicAuth: { readonly user: string; readonly password: string } | undefined
  /** Paths of PEM files; `trustAnchor` may be a folder. Undefined without TLS. */
  readonly tls: HaTls | undefined
}

export interface HaUrl {
  readonly text: string
  /** IPv4 or IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly secure: boolean
}

export interface HaTls {
  readonly trustAnchor: string
  readonly certFile: string
  readonly keyFile: string
}
