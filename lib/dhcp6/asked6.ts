// A query as the engine is asked to answer it, and what the engine may ask of the server.

import type { Ipv6 } from '../address/ipv6.ts'
import type { Prefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { ClassTrouble } from '../classify/program.ts'
import type { Heard } from '../dhcp/asking.ts'
import type { Steps } from '../dhcp/steps.ts'
import type { Draw } from '../time/draw.ts'
import type { Instant } from '../time/units.ts'
import type { Query6 } from '../wire/v6/message.ts'
import type { Asker6 } from './asking6.ts'
import type { StatelessClients6 } from './stateless6.ts'

/** Where a query came from. */
export interface Arrival6 {
  /** The local interface that received it. */
  readonly link: {
    readonly name: string
    /** The kernel's index, which scopes link-local addresses. */
    readonly index: number
    /** '' where it has none, as on loopback. */
    readonly linkLocal: Ipv6
    /** All of them, the link-local one among them. */
    readonly addresses: readonly { readonly address: Ipv6; readonly length: number }[]
  }
  /** Source address of the datagram: of the client, or of the relay beside this server. */
  readonly address: Ipv6
  /** Source port of the datagram. */
  readonly port: number
  /** What it was sent to: a group, or an address of this host; '' = one that is not known. */
  readonly to: Ipv6
}

/** The object may be used again for the next query. */
export interface Asked6 {
  readonly query: Query6
  /**
   * The number of the active server of a pair whose client it is, which is that of its class; 0
   * without a pair.
   */
  readonly owner: number
  readonly arrival: Arrival6
  readonly now: Instant
  /** That for which the query had to wait; undefined: it comes for the first time. */
  readonly heard?: Heard | undefined
}

/** The DUIDs that clients know this server by (RFC 9915 §11). */
export interface ServerIds6 {
  readonly own: Octets
  /**
   * Whether a client that names this DUID, which is not `own`, is served: that of the partner,
   * while this server answers the partner's clients, and one that this server had before. The
   * answer names the DUID that the client named.
   */
  accepted(duid: Octets): boolean
}

/** What the engine may ask of the server. */
export interface Settings6 {
  readonly draw: Draw
  /** Number for the next change of a lease. */
  readonly nextChange: () => number
  readonly serverIds: ServerIds6
  /** Who is asked before a query is answered. When absent, nobody is. */
  readonly asker?: Asker6<Arrival6> | undefined
  /** Those of hooks, for one plan; undefined: there are none. When absent, there never are. */
  readonly steps?: () => Steps<Query6, Arrival6> | undefined
  /** Port that relays listen on, 547 when absent. */
  readonly serverPort?: number
  /** Port that clients listen on, 546 when absent. */
  readonly clientPort?: number
  /**
   * Whether the address is kept from clients: own = a server has it, named = somebody has it, as
   * the configuration says. When absent, none is.
   */
  readonly keptFrom?: (address: Prefix6) => 'own' | 'named' | undefined
  /** Whether the partner is known to have the same subnets and pools; absent = no partner. */
  readonly isPartnerConfigKnown?: () => boolean
  /**
   * Whether a partner is connected and hands keys on, and had the same subnets, pools and hosts
   * when it was met. When absent there is no partner.
   */
  readonly isPartnerSharing?: () => boolean
  /**
   * Whether everything up to this change of a lease is durable here, and at the servers that
   * replies wait for. When absent, it is.
   */
  readonly isSettled?: (change: number) => boolean
  /** Whether the database is away, and who renews is told what is left: see Settings4. */
  readonly isBridging?: () => boolean
  /** Is told of classes that could not be evaluated. When absent, nobody is. */
  readonly classTrouble?: ClassTrouble
  /**
   * The least replay value of a key (reconfigure6.ts), of this server's side of a pair. When
   * absent, the lease clock tells it.
   */
  readonly replayFrom?: () => number
  /** Where clients without leases are noted that may be told to ask again. When absent, none is. */
  readonly stateless?: StatelessClients6
}
