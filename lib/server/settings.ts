// What a server is given: the world, and how it is to behave in it.

import type { Settings4 } from '../dhcp4/exchange4.ts'
import type { BulkQueries } from '../ports/bulk-queries.ts'
import type { Clock } from '../ports/clock.ts'
import type { Datagrams4 } from '../ports/datagrams4.ts'
import type { Datagrams6 } from '../ports/datagrams6.ts'
import type { Hooks } from '../ports/hooks.ts'
import type { Hosts } from '../ports/hosts.ts'
import type { Journal } from '../ports/journal.ts'
import type { Link } from '../ports/link.ts'
import type { Log } from '../ports/log.ts'
import type { Outlets } from '../ports/outlets.ts'
import type { Probe } from '../ports/probe.ts'
import type { ServerId } from '../ports/server-id.ts'
import type { Draw } from '../time/draw.ts'
import type { ConfigStart } from './configuration/in-force.ts'
import type { EventBook } from './event-book.ts'
import type { ServerEvent } from './events.ts'
import type { KeptAddresses } from './kept-addresses.ts'
import type { NamesPorts } from './names/names-duties.ts'
import type { Reporter } from './reporter.ts'
import type { ServiceDuties } from './service.ts'

export interface ServerPorts extends NamesPorts {
  readonly clock: Clock
  readonly draw: Draw
  /** Of the families that are served: at least one of the two. */
  readonly datagrams?: Datagrams4 | undefined
  readonly datagrams6?: Datagrams6 | undefined
  /** Who the server of DHCPv6 is; needed with its datagrams. */
  readonly serverId?: ServerId | undefined
  readonly journal: Journal
  readonly log: Log
  /** To the other servers of a pair; undefined for a server on its own. */
  readonly link?: Link | undefined
  /** Whoever outside has a say in what clients are answered; undefined: nobody. */
  readonly hooks?: Hooks | undefined
  /** Databases of reservations; undefined: those of the plan are not asked. */
  readonly hosts?: Hosts | undefined
  /** Asks on the wire whether somebody has an address; undefined: nobody can. */
  readonly probe?: Probe | undefined
  /** Where requesters ask about many leases; undefined: nowhere. */
  readonly bulkQueries?: BulkQueries | undefined
  /** Where whoever watches leases is told of them; undefined: nobody is. */
  readonly outlets?: Outlets | undefined
}

export interface ServerSettings {
  /** UDP port of the server; replies to relays go there too. 67 outside of labs. */
  readonly serverPort: number
  /** UDP port of clients. 68 outside of labs. */
  readonly clientPort: number
  /** The same of DHCPv6, 547 and 546 when absent. */
  readonly serverPort6?: number | undefined
  readonly clientPort6?: number | undefined
  /** Where the plan comes from; undefined: it cannot be changed by command. */
  readonly configuration?: ConfigStart | undefined
  /** Told what happens; must not throw. */
  readonly onEvent?: ((event: ServerEvent) => void) | undefined
  /** Where what happens gets its number in the history of leases; undefined: nobody asks for it. */
  readonly eventBook?: EventBook | undefined
}

/** What the engine may ask of the server. */
export function engineSettings(
  { hooks, ...given }: Pick<Settings4, 'asker' | 'draw'> & Pick<ServerPorts, 'hooks'>,
  { serverPort, clientPort }: ServerSettings,
  kept: KeptAddresses,
  reporter: Reporter,
  duties: ServiceDuties,
): Settings4 {
  const { nextChange, isSettled } = duties
  return {
    ...given,
    steps: () => hooks?.steps4?.(),
    ...{ serverPort, clientPort, nextChange, isSettled },
    isOwnAddress: (address) => kept.isOwn(address),
    keptFrom: (address) => kept.of(address),
    isPartnerConfigKnown: () => duties.pair?.isPartnerConfigKnown ?? true,
    isPartnerSharing: () => duties.pair?.isPartnerSharing ?? false,
    ...(duties.shared !== undefined && { isBridging: () => duties.shared!.isBridging }),
    classTrouble: {
      classFailed: (name, { message }) => reporter.classFailed(name, message, duties.now()),
    },
  }
}
