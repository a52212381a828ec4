// What the steps of one query share: the query and what is known around it. What they find out they
// hand on as values (places.ts). One object is reused for every query; begin() forgets the former
// one.

import type { Ipv4 } from '../address/ipv4.ts'
import { CLASS, ClassSet } from '../classify/class-set.ts'
import type { ClassProgram, ClassTrouble } from '../classify/program.ts'
import type { OptionSet } from '../config/plan/option-set.ts'
import type {
  Lifetime,
  Plan4,
  Reservation4,
  SharedNetwork4,
  Subnet4,
} from '../config/plan/plan4.ts'
import type { Classifying } from '../dhcp/client-classes.ts'
import { RateLimits } from '../dhcp/rate-limits.ts'
import { type NamedClasses, namedClasses, STEP, type Steps } from '../dhcp/steps.ts'
import type { ClientIdentity, Lease } from '../leases/lease.ts'
import type { LeaseView } from '../leases/view.ts'
import type { Draw } from '../time/draw.ts'
import type { Instant, Seconds } from '../time/units.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Query4 } from '../wire/v4/message.ts'
import { OptionHead4 } from '../wire/v4/option-head.ts'
import type { Arrival4 } from './arrival.ts'
import type { Asker4, Heard4 } from './asking.ts'
import type { Checked4 } from './checked.ts'
import { Facts4 } from './facts4.ts'
import { FlexId4 } from './flex-id.ts'
import { FlexOptions } from './flex-options.ts'
import { reservedByHook } from './hook-reservation.ts'
import { identityIn } from './identify.ts'
import { NetworkHosts } from './network-hosts.ts'
import { LonePlace, type Place, type Places, SharedPlaces } from './place.ts'
import type { ReplyOptions4 } from './reply-options.ts'
import type { Standing } from './request-table.ts'
import { Sender4 } from './sender.ts'
import type { FoundBy, LocatedBy, Trace4 } from './trace4.ts'

/** A query as the engine is asked to answer it. The object may be used again for the next one. */
export interface Asked4 {
  readonly query: Query4
  /** All that the query says about its sender: namedIdentity(query). */
  readonly client: ClientIdentity
  /**
   * The number of the active server of a pair whose client it is, which is that of its class; 0
   * without a pair.
   */
  readonly owner: number
  readonly arrival: Arrival4
  readonly now: Instant
  /** That for which the query had to wait; undefined: it comes for the first time. */
  readonly heard: Heard4 | undefined
}

/** What the engine may ask of the server. */
export interface Settings4 {
  readonly draw: Draw
  /** Number for the next change of a lease. */
  readonly nextChange: () => number
  /** Port that relays listen on: 67. */
  readonly serverPort: number
  /** Port that clients listen on, 68 when absent. */
  readonly clientPort?: number
  /**
   * Whether an address is one of this server's, on whatever interface: a client may name it in
   * option 54. When absent, only the addresses of the receiving interface count.
   */
  readonly isOwnAddress?: (address: Ipv4) => boolean
  /**
   * Whether the address is kept from clients: own = a server has it, named = somebody has it, as
   * the configuration says. When absent, none is.
   */
  readonly keptFrom?: (address: Ipv4) => 'own' | 'named' | undefined
  /**
   * Whether the partner is known to have the same subnets and pools: then an address in no subnet
   * here is in none there. When absent there is no partner, which is the same.
   */
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
  /**
   * Whether the database that several servers share is away, and who renews is told what is left.
   */
  readonly isBridging?: () => boolean
  /** Is told of classes that could not be evaluated. When absent, nobody is. */
  readonly classTrouble?: ClassTrouble
  /** Who is asked before a query is answered. When absent, nobody is. */
  readonly asker?: Asker4<Arrival4> | undefined
  /** Those of hooks, for one plan; undefined: there are none. When absent, there never are. */
  readonly steps?: () => Steps<Query4, Arrival4> | undefined
}

const UNTOLD: ClassTrouble = { classFailed() {} }

/** No address: Exchange4.rowAt has looked up nothing yet. */
const NOWHERE = -1

const NO_PLACES: Places = []

export class Exchange4 implements Trace4, Classifying {
  readonly plan: Plan4
  readonly leases: LeaseView
  readonly settings: Settings4
  readonly replyOptions: ReplyOptions4
  /** Every value of option 54 that the plan configures. */
  readonly configuredServerIds: ReadonlySet<Ipv4>
  /** Undefined where replies are sent as they are. */
  readonly flexOptions: FlexOptions | undefined
  readonly flexId: FlexId4 | undefined
  /** Undefined where nothing is limited. */
  readonly rateLimits: RateLimits<Subnet4> | undefined
  /** The options of the reply that no block holds; reused. */
  readonly head = new OptionHead4()
  /** See placesOf; reused, so that a query costs no garbage for it. */
  readonly lonePlace = new LonePlace()
  readonly lonePlaces: Places = [this.lonePlace]
  readonly sharedPlaces = new SharedPlaces(this)
  readonly #hosts = new Map<SharedNetwork4, NetworkHosts | 'unknown'>()
  /** What hooks have said for this query. */
  readonly #reserved = new Map<Subnet4, { readonly reservation: Reservation4 | undefined }>()

  query!: Query4
  arrival!: Arrival4
  /** All that the query says about its sender, or libdhcp_flex_id in its place. */
  client!: ClientIdentity
  /** The same to reservations, and what the relay says of it. */
  readonly sender = new Sender4()
  /** The same without the client-id, once it was asked for. */
  #unmatched: ClientIdentity | undefined = undefined
  /** The classes of the client. */
  readonly classes: ClassSet
  /** How the client gets into them; undefined: nothing depends on it. */
  readonly program: ClassProgram | undefined
  readonly facts = new Facts4()
  readonly trouble: ClassTrouble
  /** The bits of ASKING at which somebody wants to be asked; 0 where nobody is. */
  readonly asks: number
  /** Steps of hooks, and the bits at which they listen: 0 where there are none. */
  readonly steps: Steps<Query4, Arrival4> | undefined
  readonly listens: number
  readonly named: NamedClasses | undefined
  /** What hooks note of the lease, as JSON text; '' = nothing. */
  noted = ''
  /** The client speaks BOOTP, and is served. */
  isBootp = false
  /** Its global reservation was found before the subnet. */
  isKnownEarly = false
  now: Instant = 0
  /** See Asked4. */
  heard: Heard4 | undefined = undefined
  /** What was found of addresses that were asked for on the wire; undefined: none was. */
  checked: Checked4 | undefined = undefined
  out!: Uint8Array
  outAt = 0

  /** Option 82 is what the relay said before: see recallRelay. */
  isRecalled = false
  /** RFC 5107: the server identifier the relay wants, 0 = none. */
  serverIdOverride: Ipv4 = 0
  /** The row of the client that was found last: most steps are about its address. */
  #own: Lease | undefined = undefined
  // For the trace (trace4.ts).
  locatedBy: LocatedBy = ''
  located: Subnet4 | undefined = undefined
  places: Places = NO_PLACES
  foundBy: FoundBy = ''
  conflict: Lease | undefined = undefined
  standing: Standing | '' = ''
  place: Place | undefined = undefined
  lease: Ipv4 = 0
  taken: Lease | undefined = undefined
  bounds: Lifetime | undefined = undefined
  isCrowded = false
  lifetime: Seconds = 0
  options: OptionSet | undefined = undefined
  reservation: Reservation4 | undefined = undefined
  /** The row looked up last, kept because the steps ask for one address again and again. */
  #lookedUp: Ipv4 = NOWHERE
  #found: Lease | undefined = undefined

  constructor(
    plan: Plan4,
    leases: LeaseView,
    settings: Settings4,
    replyOptions: ReplyOptions4,
    configuredServerIds: ReadonlySet<Ipv4>,
  ) {
    this.plan = plan
    this.leases = leases
    this.settings = settings
    this.replyOptions = replyOptions
    this.configuredServerIds = configuredServerIds
    this.rateLimits = RateLimits.of(plan)
    const { flexOptions } = plan
    this.flexOptions = flexOptions.length === 0 ? undefined : new FlexOptions(flexOptions)
    this.flexId = plan.flexId && new FlexId4(plan.flexId)
    this.classes = new ClassSet(plan.classes.names.length)
    this.program = plan.classes.program
    this.trouble = settings.classTrouble ?? UNTOLD
    this.asks = settings.asker?.points ?? 0
    this.steps = settings.steps?.()
    this.listens = this.steps?.points ?? 0
    this.named = this.steps && namedClasses(this)
  }

  begin(asked: Asked4, out: Uint8Array, outAt: number): void {
    this.query = asked.query
    // Of a query that is stepped again.
    if (asked.query.supplied.length > 0) asked.query.unsupply()
    this.arrival = asked.arrival
    this.classes.clear()
    this.classes.add(asked.owner)
    this.isBootp =
      this.plan.servesBootp && asked.query.type === 0 && !asked.query.has(OPTION4.messageType)
    if (this.isBootp) this.classes.add(CLASS.bootp)
    this.identify(asked.client)
    if ((this.listens & STEP.reserve) !== 0) this.#reserved.clear()
    this.isKnownEarly = false
    this.now = asked.now
    this.heard = asked.heard
    this.checked = asked.heard?.checked
    this.out = out
    this.outAt = outAt
    this.noted = ''
    this.isRecalled = false
    this.serverIdOverride = 0
    this.#own = undefined
    this.#lookedUp = NOWHERE
    this.#found = undefined
    this.#forget()
  }

  /** Who the client is, by all that the query says by now. `named`: what it says of itself. */
  identify(named: ClientIdentity): void {
    const { flexId } = this
    flexId?.begin(this.query, this.arrival, this.classes)
    this.client = flexId === undefined ? named : flexId.clientOf(named)
    this.sender.begin(this.query, this.client, flexId)
    this.#unmatched = undefined
  }

  /** What the former query has noted. */
  #forget(): void {
    this.locatedBy = ''
    this.located = undefined
    this.places = NO_PLACES
    this.foundBy = ''
    this.conflict = undefined
    this.standing = ''
    this.place = undefined
    this.lease = 0
    this.taken = undefined
    this.bounds = undefined
    this.isCrowded = false
    this.lifetime = 0
    this.options = undefined
    this.reservation = undefined
  }

  /** Who the client is to the leases of a subnet. */
  clientIn({ matchClientId }: Subnet4): ClientIdentity {
    if (matchClientId) return this.client
    this.#unmatched ??= identityIn(this.client, false)
    return this.#unmatched
  }

  /**
   * The reservation of the client that counts in the subnet. It may name the client identifier even
   * where leases go by hardware address.
   */
  reservationIn(subnet: Subnet4): Reservation4 | undefined {
    const own = this.plan.reservations.of(this.sender, subnet)
    if ((this.listens & STEP.reserve) === 0) return own
    const known = this.#reserved.get(subnet)
    if (known !== undefined) return known.reservation
    const reservation = reservedByHook(this.steps!, this.sender, subnet, own)
    this.#reserved.set(subnet, { reservation })
    return reservation
  }

  /** The client's in the global list, before anything is known of its subnet. */
  globalReservation(): Reservation4 | undefined {
    return this.plan.reservations.global(this.sender)
  }

  /** See PlaceFinder. */
  reservedIn(network: SharedNetwork4): readonly Subnet4[] | undefined {
    if ((this.listens & STEP.reserve) !== 0) return undefined
    let hosts = this.#hosts.get(network)
    if (hosts === undefined) {
      const isJoined = this.plan.reservations.joinsDatabases
      hosts = (isJoined ? undefined : NetworkHosts.of(network)) ?? 'unknown'
      this.#hosts.set(network, hosts)
    }
    return hosts === 'unknown' ? undefined : hosts.subnetsOf(this.sender)
  }

  /** The row of the client in the subnet, live or ended. */
  rowIn(subnet: Subnet4): Lease | undefined {
    const row = this.leases.byClient(this.clientIn(subnet), subnet.id)
    if (row !== undefined) this.#own = row
    return row
  }

  /** The row of an address, in whatever state, as it stands during this step. */
  rowAt(address: Ipv4): Lease | undefined {
    if (this.#own !== undefined && this.#own.address === address) return this.#own
    if (this.#lookedUp !== address) {
      this.#lookedUp = address
      this.#found = this.leases.byAddress(address)
    }
    return this.#found
  }
}
