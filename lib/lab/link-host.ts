// A machine on the link between servers, and what listens there, as those that dial it know it.

import type { HaPlan } from '../config/plan/ha-plan.ts'
import type { TcpEnd, TcpHost } from './tcp-end.ts'

/** A machine with an address on the link; it outlives the processes that run on it. */
export interface LinkHost extends TcpHost {
  /** `192.0.2.1:8000`, where its server listens. */
  endpoint: string
  /** What listens there now. */
  listener: Listener | undefined
  /** Whom its certificate names; undefined: the server that it runs. */
  certificateNames: readonly string[] | undefined
}

/** A process with the port of the link. */
export interface Listener {
  readonly plan: HaPlan
  readonly isListening: boolean
  /** Undefined without TLS. */
  readonly certificateNames: readonly string[] | undefined
  /** The listener opens, or tells why it cannot. */
  tryListening(): void
  /** A connection that another host has dialled begins. */
  accept(end: TcpEnd, from: LinkHost, certificateNames: readonly string[] | undefined): void
  /** Somebody who dials has not proved to be a peer. */
  turnAway(from: LinkHost, why: string): void
}
