// What comes of messages of DHCPv6, told to all who want to know: counters, the log, and whoever
// embeds the server.

import type { Ipv6 } from '../address/ipv6.ts'
import type { Reason6 } from '../catalogue/reasons6.ts'
import type { ReplyOutcome6 } from '../dhcp6/outcome6.ts'
import type { WhyReport } from '../explain/why4.ts'
import type { InterfaceStatus6 } from '../ports/datagrams6.ts'
import type { Instant } from '../time/units.ts'
import type { Message6 } from '../wire/v6/reader.ts'
import type { Counters6 } from './counters6.ts'
import type { Reporter6 } from './reporter6.ts'
import type { ServiceDuties } from './service.ts'

export class Outcomes6 {
  readonly #counters: Counters6
  readonly #reporter: Reporter6
  readonly #duties: Pick<ServiceDuties, 'tell'>

  constructor(counters: Counters6, reporter: Reporter6, duties: Pick<ServiceDuties, 'tell'>) {
    this.#counters = counters
    this.#reporter = reporter
    this.#duties = duties
  }

  /** Of a change the log is told when it is durable. */
  answered(outcome: ReplyOutcome6, message: Message6, link: string, now: Instant): void {
    for (const one of outcome.unserved) this.#counters.countUnserved(one, now)
    this.#reporter.replied(outcome, message, link, now)
  }

  dropped(reason: Reason6, message: Message6, link: string, address: Ipv6, now: Instant): void {
    this.#counters.countDropped(reason, now)
    this.#reporter.dropped(reason, message, link, address, now)
    const { clientId: duid, type } = message
    this.#duties.tell({ kind: 'drop', family: 6, reason, interface: link, address, duid, type })
  }

  /** What is known of a client. */
  why(about: string, interfaces: readonly InterfaceStatus6[]): WhyReport {
    const served = interfaces.filter(({ serving }) => serving).map(({ name }) => name)
    const { received, relayed } = this.#counters
    const heard = [
      served.length === 0
        ? 'no interface is served by DHCPv6'
        : `served by DHCPv6: ${served.join(', ')}`,
      `${received} messages of DHCPv6 since the start, ${relayed} of them through relays`,
    ]
    return { about, clients: [], unheard: { remembered: 0, heard, check: [] } }
  }
}
