// What the steps of one query share: the query and what is known around it. What they find out they
// hand on as values (place6.ts, ia-answer6.ts). One object is reused for every query; begin()
// forgets the former one.

import type { Octets } from '../bytes/octets.ts'
import { ClassSet } from '../classify/class-set.ts'
import type { ClassProgram, ClassTrouble } from '../classify/program.ts'
import type { OptionSet } from '../config/plan/option-set.ts'
import type { Plan6, Reservation6, Subnet6 } from '../config/plan/plan6.ts'
import type { Heard } from '../dhcp/asking.ts'
import type { Classifying } from '../dhcp/client-classes.ts'
import { RateLimits } from '../dhcp/rate-limits.ts'
import { type NamedClasses, namedClasses, STEP, type Steps } from '../dhcp/steps.ts'
import { bindingOf } from '../leases/binding.ts'
import type { LeaseView6 } from '../leases/view6.ts'
import type { Instant } from '../time/units.ts'
import type { Ia6, Query6 } from '../wire/v6/message.ts'
import { Writer6 } from '../wire/v6/writer.ts'
import type { Arrival6, Asked6, Settings6 } from './asked6.ts'
import { Decliners } from './decliners.ts'
import { Facts6 } from './facts6.ts'
import type { Hardware6 } from './hardware6.ts'
import { reservedByHook6 } from './hook-reservation6.ts'
import { NO_PLACES6, type Place6, type Places6 } from './place6.ts'
import { PoolOptions } from './pool-options.ts'
import type { ReplyOptions6 } from './reply-options6.ts'
import { Sender6 } from './sender6.ts'
import type { LocatedBy6, Trace6 } from './trace6.ts'

const UNTOLD: ClassTrouble = { classFailed() {} }

export class Exchange6 implements Trace6, Classifying {
  readonly plan: Plan6
  readonly leases: LeaseView6
  readonly settings: Settings6
  readonly replyOptions: ReplyOptions6
  readonly poolOptions = new PoolOptions()
  readonly writer = new Writer6()
  readonly facts = new Facts6()
  /** Undefined where nothing is limited. */
  readonly rateLimits: RateLimits<Subnet6> | undefined
  /** The client to reservations. */
  readonly sender: Sender6
  /** The classes of the client. */
  readonly classes: ClassSet
  /** How the client gets into them; undefined: nothing depends on it. */
  readonly program: ClassProgram | undefined
  readonly trouble: ClassTrouble
  readonly decliners = new Decliners()
  /** The bits of ASKING at which somebody wants to be asked; 0 where nobody is. */
  readonly asks: number
  /** Steps of hooks, and the bits at which they listen: 0 where there are none. */
  readonly steps: Steps<Query6, Arrival6> | undefined
  readonly listens: number
  readonly named: NamedClasses | undefined
  /** What hooks note of the lease, as JSON text; '' = nothing. */
  noted = ''
  /** What they have reserved for this query. */
  readonly #reserved = new Map<Subnet6, { readonly reservation: Reservation6 | undefined }>()

  query!: Query6
  arrival!: Arrival6
  /** See Asked6. */
  heard: Heard | undefined = undefined
  now: Instant = 0
  out!: Uint8Array
  outAt = 0
  /** The DUID by which the client knows this server: the one that it named, else the own one. */
  serverId: Octets = ''
  /** That its leases of this message have, '' = none. */
  reconfigureKey: Octets = ''
  /** With it. */
  reconfigureReplay = 0
  /** Its global reservation was found before the subnet. */
  isKnownEarly = false

  // For the trace (trace6.ts).
  locatedBy: LocatedBy6 = ''
  located: Subnet6 | undefined = undefined
  places: Places6 = NO_PLACES6
  place: Place6 | undefined = undefined
  options: OptionSet | undefined = undefined
  reservation: Reservation6 | undefined = undefined

  constructor(plan: Plan6, leases: LeaseView6, settings: Settings6, replyOptions: ReplyOptions6) {
    this.plan = plan
    this.leases = leases
    this.settings = settings
    this.replyOptions = replyOptions
    this.sender = new Sender6(plan, this.facts)
    this.classes = new ClassSet(plan.classes.names.length)
    this.program = plan.classes.program
    this.rateLimits = RateLimits.of(plan)
    this.trouble = settings.classTrouble ?? UNTOLD
    this.asks = settings.asker?.points ?? 0
    this.steps = settings.steps?.()
    this.listens = this.steps?.points ?? 0
    this.named = this.steps && namedClasses(this)
  }

  begin({ arrival, heard, now, owner, query }: Asked6, out: Uint8Array, outAt: number): void {
    this.query = query
    // Of a query that is stepped again.
    if (query.supplied.length > 0) query.unsupply()
    this.arrival = arrival
    this.heard = heard
    this.now = now
    this.out = out
    this.outAt = outAt
    this.classes.clear()
    this.classes.add(owner)
    this.facts.begin(query, arrival, this.classes)
    this.sender.begin(query, arrival)
    if ((this.listens & STEP.reserve) !== 0) this.#reserved.clear()
    this.serverId = this.settings.serverIds.own
    this.reconfigureKey = ''
    this.isKnownEarly = false
    this.noted = ''
    this.locatedBy = ''
    this.located = undefined
    this.places = NO_PLACES6
    this.place = undefined
    this.options = undefined
    this.reservation = undefined
  }

  /** The hardware address of the client, as far as it is known. */
  get hardware(): Hardware6 {
    return this.sender.hardware
  }

  /** Who the client is to leases. Replies name the DUID that it says, and so does its pair. */
  get duid(): Octets {
    return this.sender.duid
  }

  /** Who the IA is to leases. */
  bindingOf({ kind, iaid }: Pick<Ia6, 'kind' | 'iaid'>): Octets {
    const ignoresIaid = this.plan.flexId?.ignoresIaid === true && this.#isAlone(kind)
    return bindingOf(kind, ignoresIaid ? 0 : iaid, this.duid)
  }

  #isAlone(kind: Ia6['kind']): boolean {
    return this.query.ias.filter((ia) => ia.kind === kind).length === 1
  }

  /** The client's in the global list, before anything is known of its subnet. */
  globalReservation(): Reservation6 | undefined {
    return this.plan.reservations.global(this.sender)
  }

  /** The reservation of the client that counts in the subnet. */
  reservationIn(subnet: Subnet6): Reservation6 | undefined {
    const own = this.plan.reservations.of(this.sender, subnet)
    if ((this.listens & STEP.reserve) === 0) return own
    const known = this.#reserved.get(subnet)
    if (known !== undefined) return known.reservation
    const reservation = reservedByHook6(this.steps!, this.sender, subnet, own)
    this.#reserved.set(subnet, { reservation })
    return reservation
  }
}
