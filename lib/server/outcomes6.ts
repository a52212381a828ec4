// What comes of messages of DHCPv6, told to all who want to know: counters, the log, and whoever
// embeds the server.

import { type Ipv6, textFromIpv6 } from '../address/ipv6.ts'
import type { Prefix6 } from '../address/prefix6.ts'
import { hexFromOctets, type Octets } from '../bytes/octets.ts'
import type { Reason6 } from '../catalogue/reasons6.ts'
import type { Plan6 } from '../config/plan/plan6.ts'
import type { ReplyOutcome6 } from '../dhcp6/outcome6.ts'
import type { LocatedBy6, Trace6 } from '../dhcp6/trace6.ts'
import type { WhyReport } from '../explain/why4.ts'
import { why6 } from '../explain/why6.ts'
import { family6 } from '../leases/keys/family6.ts'
import type { Lease } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import { sizeOf } from '../leases/table/positions.ts'
import type { InterfaceStatus6 } from '../ports/datagrams6.ts'
import type { Instant } from '../time/units.ts'
import { MESSAGE_TYPE6 } from '../wire/v6/codes.ts'
import type { Message6 } from '../wire/v6/reader.ts'
import { type Counters6, HOPS_MAX } from './counters6.ts'
import type { LeaseAction } from './events.ts'
import { LeaseAlarms } from './lease-alarms.ts'
import { OtherServers } from './other-servers.ts'
import { RecentOutcomes6 } from './recent6.ts'
import type { Reporter6 } from './reporter6.ts'
import type { ServiceDuties } from './service.ts'

/** What tells the subnet of a client that is on the link. */
const OF_LINK: readonly LocatedBy6[] = ['interface', 'source-address']

export class Outcomes6 {
  readonly #counters: Counters6
  readonly #reporter: Reporter6
  readonly #duties: Pick<ServiceDuties, 'pair' | 'tables' | 'tell'>
  readonly #alarms: LeaseAlarms
  readonly #recent = new RecentOutcomes6()
  /** See other-servers.ts. */
  readonly others: OtherServers<Octets>

  constructor(
    counters: Counters6,
    reporter: Reporter6,
    duties: Pick<ServiceDuties, 'pair' | 'tables' | 'tell'>,
  ) {
    this.#counters = counters
    this.#reporter = reporter
    this.#duties = duties
    this.#alarms = new LeaseAlarms(6, reporter)
    this.others = new OtherServers<Octets>(6, reporter.own, {
      isKnown: (server) => duties.pair?.mayBePartner(server) ?? false,
      textOf: (server) => hexFromOctets(server, ':'),
      tell: (event) => duties.tell(event),
    })
  }

  /** A new plan numbers classes anew, and may have other subnets. */
  planChanged(): void {
    this.#recent.forgetClasses()
    this.#counters.places.planChanged()
  }

  /** Of a change the log is told when it is durable. */
  answered(outcome: ReplyOutcome6, message: Message6, trace: Trace6, now: Instant): void {
    this.#recent.noted(outcome, message, trace, now)
    this.#counters.countReuses(outcome)
    for (const one of outcome.unserved) this.#counters.countUnserved(one, now)
    const { arrival } = trace
    const [relay] = message.relays
    if (relay !== undefined) this.#noteRelay(relay.hopCount, trace, now)
    this.#reporter.replied(outcome, message, arrival.link.name, now)
  }

  /** The relay that the message came from: what is odd about it. */
  #noteRelay(hops: number, { arrival, locatedBy }: Trace6, now: Instant): void {
    const { address, link } = arrival
    if (OF_LINK.includes(locatedBy)) this.#reporter.relayNamesNothing(address, link.name, now)
    if (hops > HOPS_MAX) this.#reporter.manyHops(address, hops, link.name, now)
  }

  /** `trace`: what the engine decided, where it came so far. */
  dropped(
    reason: Reason6,
    message: Message6,
    link: string,
    address: Ipv6,
    trace: Trace6 | undefined,
    now: Instant,
  ): void {
    this.#recent.dropped(reason, message, link, trace, now)
    this.#counters.countDropped(reason, now)
    this.#reporter.dropped(reason, message, link, address, now)
    if (reason === 'not-for-us') this.#noteOther(message, link, now)
    const { clientId: duid, type } = message
    this.#duties.tell({ kind: 'drop', family: 6, reason, interface: link, address, duid, type })
  }

  /** Who has, or takes, what another server gives. */
  #noteOther({ clientId: client, relays, serverId, type }: Message6, link: string, now: Instant) {
    if (type !== MESSAGE_TYPE6.request && type !== MESSAGE_TYPE6.renew) return
    const relay = relays[0] && textFromIpv6(relays[0].linkAddress)
    this.others.note({ server: serverId, client, interface: link, relay }, now)
  }

  /** A lease has changed for good. */
  durable(action: LeaseAction, lease: Lease<Prefix6>, plan: Plan6): void {
    this.#reporter.lease(action, lease, plan)
    if (action === 'renewed') return
    this.#alarms.note(action, lease, () => {
      const subnet = plan.subnetById(lease.subnetId)
      if (subnet === undefined) return undefined
      const { id, text, ranges } = subnet
      const { declined } = this.#duties.tables.v6.counts(id)
      return { id, text, addresses: sizeOf(family6, ranges), declined }
    })
  }

  /** What is known of a client. */
  why(
    about: string,
    plan: Plan6,
    table: LeaseTable<Prefix6>,
    interfaces: readonly InterfaceStatus6[],
    now: Instant,
  ): WhyReport {
    const served = interfaces.filter(({ serving }) => serving).map(({ name }) => name)
    const { received, relayed } = this.#counters
    const heard = [
      served.length === 0
        ? 'no interface is served by DHCPv6'
        : `served by DHCPv6: ${served.join(', ')}`,
      `${received} messages of DHCPv6 since the start, ${relayed} of them through relays`,
    ]
    const clients = this.#recent.clients()
    return why6(about, { plan, table, now, clients, heard, check: checkWords(received) })
  }
}

function checkWords(received: number): string[] {
  return received === 0
    ? [
        'does a firewall of this host or of the network stop UDP port 547?',
        'is the server on the link of the clients, or does a relay send to it?',
      ]
    : [
        'is the client on a link (VLAN) that is served, or behind a relay that sends to this server?',
        'does a router tell clients to ask at all (the flags M and O of its advertisements)?',
      ]
}
