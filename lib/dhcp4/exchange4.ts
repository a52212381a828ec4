// What the steps of one query share: the query, where it came from, and what the steps have found out
// so far. One object is reused for every query; begin() forgets the former one.

import type { Ipv4 } from '../address/ipv4.ts'
import { ClassSet, HA_CLASSES } from '../classify/class-set.ts'
import type { Plan4, Reservation4, Subnet4 } from '../config/plan/plan4.ts'
import type { ClientIdentity, Lease } from '../leases/lease.ts'
import type { LeaseView } from '../leases/view.ts'
import type { Draw } from '../time/draw.ts'
import type { Instant } from '../time/units.ts'
import type { Query4 } from '../wire/v4/message.ts'
import { OptionHead4 } from '../wire/v4/option-head.ts'
import type { Asker4 } from './asking.ts'
import type { ReplyOptions } from './reply-options.ts'
import type { Place } from './shared-network.ts'

/** Where a query came from. */
export interface Arrival4 {
  /** The local interface that received it. `addresses` is never empty. */
  readonly link: {
    readonly name: string
    readonly addresses: readonly { readonly address: Ipv4; readonly length: number }[]
  }
  /** Source address of the datagram: 0 for a client that has none yet. */
  readonly address: Ipv4
  /** Source port of the datagram. */
  readonly port: number
  /** The address of the link that was asked; BROADCAST = none, all hosts of the link were; 0 = not known. */
  readonly to: Ipv4
}

export interface Settings4 {
  /** Port that relays listen on: 67. */
  readonly serverPort: number
  /** Port that clients listen on, 68 when absent. */
  readonly clientPort?: number
  /**
   * Whether an address is one of this server's, on whatever interface: a client may name it in option
   * 54. When absent, only the addresses of the receiving interface count.
   */
  readonly isOwnAddress?: (address: Ipv4) => boolean
  /**
   * Whether the address is kept from clients: own = a server has it, named = somebody has it, as the
   * configuration says. When absent, none is.
   */
  readonly keptFrom?: (address: Ipv4) => 'own' | 'named' | undefined
  /**
   * Whether the partner is known to have the same subnets and pools: then an address in no subnet here
   * is in none there. When absent there is no partner, which is the same.
   */
  readonly isPartnerConfigKnown?: () => boolean
  /** Who is asked before a query is answered. When absent, nobody is. */
  readonly asker?: Asker4 | undefined
}

/** No address: Exchange4.rowAt has looked up nothing yet. */
const NOWHERE = -1

const NO_PLACES: readonly Place[] = []

const NOBODY: ClientIdentity = { htype: 0, hwAddress: '', clientId: '' }

export class Exchange4 {
  readonly plan: Plan4
  readonly leases: LeaseView
  readonly settings: Settings4
  readonly replyOptions: ReplyOptions
  /** Every value of option 54 that the plan configures. */
  readonly configuredServerIds: ReadonlySet<Ipv4>
  /** The options of the reply that no block holds; reused. */
  readonly head = new OptionHead4()

  query!: Query4
  arrival!: Arrival4
  /** The classes of the client. */
  readonly classes = new ClassSet(HA_CLASSES)
  now: Instant = 0
  draw!: Draw
  /** Number for the next change of a lease. */
  nextChange!: () => number
  out!: Uint8Array
  outAt = 0

  /** RFC 5107: the server identifier the relay wants, 0 = none. */
  serverIdOverride: Ipv4 = 0
  /** Found by locateSubnet; in a shared network, the one of its subnets that the steps are about. */
  subnet: Subnet4 | undefined = undefined
  /** Found by identify: who the client is to its leases. */
  client: ClientIdentity = NOBODY
  /** Found by identify. */
  reservation: Reservation4 | undefined = undefined
  /** The client's row in the subnet, live or ended. Found by identify. */
  row: Lease | undefined = undefined
  /** What survey found: the subnets of a shared network, the selected one first; else empty. */
  places: readonly Place[] = NO_PLACES
  /** The row looked up last, kept because the steps ask for one address again and again. */
  #lookedUp: Ipv4 = NOWHERE
  #found: Lease | undefined = undefined

  constructor(
    plan: Plan4,
    leases: LeaseView,
    settings: Settings4,
    replyOptions: ReplyOptions,
    configuredServerIds: ReadonlySet<Ipv4>,
  ) {
    this.plan = plan
    this.leases = leases
    this.settings = settings
    this.replyOptions = replyOptions
    this.configuredServerIds = configuredServerIds
  }

  begin(
    query: Query4,
    arrival: Arrival4,
    owner: number,
    now: Instant,
    draw: Draw,
    nextChange: () => number,
    out: Uint8Array,
    outAt: number,
  ): void {
    this.query = query
    this.arrival = arrival
    this.classes.clear()
    this.classes.add(owner)
    this.now = now
    this.draw = draw
    this.nextChange = nextChange
    this.out = out
    this.outAt = outAt
    this.serverIdOverride = 0
    this.subnet = undefined
    this.client = NOBODY
    this.reservation = undefined
    this.row = undefined
    this.places = NO_PLACES
    this.#lookedUp = NOWHERE
    this.#found = undefined
  }

  /** The row of an address, in whatever state, as it stands during this step. */
  rowAt(address: Ipv4): Lease | undefined {
    if (this.row !== undefined && this.row.address === address) return this.row
    if (this.#lookedUp !== address) {
      this.#lookedUp = address
      this.#found = this.leases.byAddress(address)
    }
    return this.#found
  }
}
