// One resolver for several who ask: each hears the answers to its own tickets alone.

import type { Octets } from '../../bytes/octets.ts'
import type { NameServerPlan } from '../../config/plan/names-plan.ts'
import type { DnsAnswer, DnsRequest } from '../../ddns/message.ts'
import type { Resolver, ResolverSink, Transfer, TransferSink } from '../../ports/resolver.ts'
import type { Millis } from '../../time/units.ts'

interface Asker {
  readonly part: Part
  readonly ticket: number
}

/** Opened with the first of them, closed with the last. */
export function sharedResolver(resolver: Resolver): readonly [Resolver, Resolver] {
  const whole = new Whole(resolver)
  return [whole.part(), whole.part()]
}

class Whole implements ResolverSink {
  readonly resolver: Resolver
  readonly #parts: Part[] = []
  readonly #askers = new Map<number, Asker>()
  #tickets = 0
  #isOpen = false

  constructor(resolver: Resolver) {
    this.resolver = resolver
  }

  part(): Part {
    const part = new Part(this)
    this.#parts.push(part)
    return part
  }

  open(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.resolver.open(this)
  }

  close(): void {
    if (this.#parts.every(({ isClosed }) => isClosed)) this.resolver.close()
  }

  send(asker: Asker, server: NameServerPlan, request: DnsRequest, timeout: Millis): void {
    const ticket = ++this.#tickets
    this.#askers.set(ticket, asker)
    this.resolver.send(ticket, server, request, timeout)
  }

  onDnsAnswer(ticket: number, answer: DnsAnswer): void {
    const asker = this.#askers.get(ticket)
    this.#askers.delete(ticket)
    asker?.part.sink?.onDnsAnswer(asker.ticket, answer)
  }
}

class Part implements Resolver {
  readonly #whole: Whole
  sink: ResolverSink | undefined
  isClosed = false

  constructor(whole: Whole) {
    this.#whole = whole
  }

  open(sink: ResolverSink): void {
    this.sink = sink
    this.#whole.open()
  }

  send(ticket: number, server: NameServerPlan, request: DnsRequest, timeout: Millis): void {
    this.#whole.send({ part: this, ticket }, server, request, timeout)
  }

  transfer(server: NameServerPlan, zone: Octets, sink: TransferSink): Transfer {
    return this.#whole.resolver.transfer(server, zone, sink)
  }

  close(): void {
    this.sink = undefined
    this.isClosed = true
    this.#whole.close()
  }
}
