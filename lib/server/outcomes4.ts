// What comes of messages, told to all who want to know: counters, the log, whoever embeds the
// server, and the memory of the last outcomes.

import { type Ipv4, textFromIpv4 } from '../address/ipv4.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import type { Plan4, Subnet4 } from '../config/plan/plan4.ts'
import type { Outcome4 } from '../dhcp4/outcome4.ts'
import { requestStateOf } from '../dhcp4/request-state.ts'
import type { Trace4 } from '../dhcp4/trace4.ts'
import { type WhyReport, why4 } from '../explain/why4.ts'
import { family4 } from '../leases/keys/family4.ts'
import type { Lease } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import { sizeOf } from '../leases/table/positions.ts'
import type { InterfaceStatus4 } from '../ports/datagrams4.ts'
import type { Instant } from '../time/units.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import type { Message4 } from '../wire/v4/reader.ts'
import type { Counters } from './counters.ts'
import type { LeaseAction } from './events.ts'
import { misfits } from './interface-fit.ts'
import type { KeptAddresses } from './kept-addresses.ts'
import { LeaseAlarms } from './lease-alarms.ts'
import { OtherServers } from './other-servers.ts'
import { RecentOutcomes } from './recent.ts'
import type { Reporter4 } from './reporter4.ts'
import type { ServiceDuties } from './service.ts'

export class Outcomes4 {
  readonly #counters: Counters
  readonly #reporter: Reporter4
  readonly #duties: Pick<ServiceDuties, 'tell' | 'pair' | 'tables'>
  readonly #alarms: LeaseAlarms
  readonly #recent: RecentOutcomes
  /** See other-servers.ts. */
  readonly others: OtherServers<Ipv4>

  constructor(
    counters: Counters,
    reporter: Reporter4,
    duties: Pick<ServiceDuties, 'tell' | 'pair' | 'tables'>,
    kept: Pick<KeptAddresses, 'isTold' | 'of'>,
    seed: number,
  ) {
    this.#counters = counters
    this.#reporter = reporter
    this.#duties = duties
    this.#alarms = new LeaseAlarms(4, reporter)
    this.#recent = new RecentOutcomes(seed)
    this.others = new OtherServers<Ipv4>(4, reporter.own, {
      // Of a pair the partner may be named before it has said who it is.
      isKnown: (server) => kept.of(server) === 'own' || (duties.pair !== undefined && !kept.isTold),
      textOf: textFromIpv4,
      tell: (event) => duties.tell(event),
    })
  }

  /** A new plan numbers classes anew, and may have other subnets. */
  planChanged(): void {
    this.#recent.forgetClasses()
    this.#counters.places.planChanged()
  }

  /** Of a change the log is told when it is durable. */
  answered(
    outcome: Exclude<Outcome4, { kind: 'drop' | 'wait' | 'check' | 'look-up' }>,
    message: Message4,
    trace: Trace4,
    now: Instant,
  ): void {
    this.#recent.noted(outcome, message, trace, now)
    this.#noteConflict(trace)
    if (outcome.kind !== 'reply') return
    this.#counters.countReply(outcome, trace)
    this.#reporter.replied(outcome, message, trace.arrival.link.name, now)
  }

  /** Kea counts them of DISCOVERs alone. */
  #noteConflict({ conflict, query }: Trace4): void {
    if (conflict === undefined || query.type !== MESSAGE_TYPE4.discover) return
    this.#counters.countConflict(conflict.subnetId)
  }

  /**
   * `subnet`: where no address for the client was found. `trace`: what the engine decided, where it
   * came so far.
   */
  dropped(
    reason: Reason4,
    message: Message4,
    link: string,
    address: Ipv4,
    subnet: Subnet4 | undefined,
    trace: Trace4 | undefined,
    now: Instant,
  ): void {
    if (subnet !== undefined) this.#counters.countUnserved(reason, subnet)
    if (trace !== undefined) this.#noteConflict(trace)
    this.#recent.dropped(reason, message, link, trace, now)
    if (reason === 'not-for-us') this.#noteOther(message, link, now)
    this.unanswered(reason, message, link, address, subnet, now)
  }

  /** The same of a message that is not about who sent it. */
  unanswered(
    reason: Reason4,
    message: Message4,
    link: string,
    address: Ipv4,
    subnet: Subnet4 | undefined,
    now: Instant,
  ): void {
    this.#counters.countDropped(reason, now)
    this.#reporter.dropped(reason, message, link, address, subnet, now)
    const { hwAddress, type } = message
    this.#duties.tell({
      kind: 'drop',
      family: 4,
      reason,
      interface: link,
      address,
      hwAddress,
      type,
    })
  }

  /** Who takes an offer; a DECLINE or RELEASE may be about one of long ago. */
  #noteOther(message: Message4, link: string, now: Instant): void {
    const { giaddr, hwAddress, type } = message
    if (type !== MESSAGE_TYPE4.request || requestStateOf(message) !== 'selecting') return
    const server = message.uint(OPTION4.serverIdentifier)!
    const client = message.octets(OPTION4.clientIdentifier) || hwAddress
    const relay = giaddr === 0 ? undefined : textFromIpv4(giaddr)
    this.others.note({ server, client, interface: link, relay }, now)
  }

  /** A lease has changed for good. */
  durable(action: LeaseAction, lease: Lease, plan: Plan4): void {
    this.#reporter.lease(action, lease, plan)
    if (action === 'renewed') return
    this.#alarms.note(action, lease, () => {
      const subnet = plan.subnetById(lease.subnetId)
      if (subnet === undefined) return undefined
      const { id, text, ranges } = subnet
      const { declined } = this.#duties.tables.v4.counts(id)
      return { id, text, addresses: sizeOf(family4, ranges), declined }
    })
  }

  /** What is known of a client: hardware address, client identifier, address, or name. */
  why(
    about: string,
    plan: Plan4,
    table: LeaseTable,
    interfaces: readonly InterfaceStatus4[],
    now: Instant,
  ): WhyReport {
    const { received, relayed } = this.#counters
    const partner = this.#duties.pair?.plan.partner?.name ?? ''
    return why4(about, {
      plan,
      table,
      now,
      partner,
      clients: this.#recent.clients(),
      links: new Map(interfaces.map(({ name, addresses = [] }) => [name, addresses])),
      heard: heardWords(interfaces, received, relayed, this.#recent.size),
      check: checkWords(plan, interfaces, received, relayed),
    })
  }
}

function heardWords(
  interfaces: readonly InterfaceStatus4[],
  received: number,
  relayed: number,
  clients: number,
): string[] {
  const served = interfaces.filter(({ serving }) => serving).map(({ name }) => name)
  return [
    served.length === 0 ? 'no interface is served' : `served: ${served.join(', ')}`,
    received === 0
      ? 'no message of any client has come since the start'
      : `${received} messages since the start, ${relayed} of them through relays, of ${clients} clients that are remembered`,
  ]
}

function checkWords(
  plan: Plan4,
  interfaces: readonly InterfaceStatus4[],
  received: number,
  relayed: number,
): string[] {
  const troubles = interfaces
    .filter(({ trouble }) => trouble !== '')
    .map(({ name, trouble }) => `interface ${name}: ${trouble}`)
  const unfit = [...misfits(plan, interfaces, relayed > 0)].map(
    ([name, why]) => `interface ${name}: ${why}`,
  )
  const general =
    received === 0
      ? [
          'does a firewall of this host or of the network stop UDP port 67?',
          'is the server on the link of the clients, or does a relay send to it?',
        ]
      : [
          'is the client on a link (VLAN) that is served, or behind a relay that sends to this server?',
          'does it ask at all? Phones and laptops change their hardware address from network to network',
        ]
  return [...troubles, ...unfit, ...general]
}
