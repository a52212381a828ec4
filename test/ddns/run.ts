// Transactions over a resolver, one message after the other.

import type { NameServerPlan } from '../../lib/config/plan/names-plan.ts'
import type { DnsAnswer, DnsRequest } from '../../lib/ddns/message.ts'
import type { Order } from '../../lib/ddns/order.ts'
import { startTransaction, type Verdict } from '../../lib/ddns/transaction.ts'
import type { Resolver } from '../../lib/ports/resolver.ts'

/** Longer than any machine stands still. */
export const PATIENCE = 60_000

export class Runner {
  readonly #resolver: Resolver
  readonly #waiting = new Map<number, (answer: DnsAnswer) => void>()
  #tickets = 0
  /** Everything that was answered. */
  readonly answers: DnsAnswer[] = []

  constructor(resolver: Resolver) {
    this.#resolver = resolver
    resolver.open({
      onDnsAnswer: (ticket, answer) => {
        this.answers.push(answer)
        this.#waiting.get(ticket)!(answer)
        this.#waiting.delete(ticket)
      },
    })
  }

  async ask(server: NameServerPlan, request: DnsRequest, timeout = PATIENCE): Promise<DnsAnswer> {
    return await new Promise((resolve) => {
      this.#waiting.set(++this.#tickets, resolve)
      this.#resolver.send(this.#tickets, server, request, timeout)
    })
  }

  async run(server: NameServerPlan, order: Order, timeout = PATIENCE): Promise<Verdict> {
    const transaction = startTransaction(order)
    for (;;) {
      const verdict = transaction.take(await this.ask(server, transaction.request, timeout))
      if (verdict !== undefined) return verdict
    }
  }
}
