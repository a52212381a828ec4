// DNS servers, asked by the sockets of this host: a few messages at a time each, the others wait in
// the order in which they came.

import type { Octets } from '../../bytes/octets.ts'
import type { NameServerPlan } from '../../config/plan/names-plan.ts'
import type { DnsAnswer, DnsRequest } from '../../ddns/message.ts'
import type { Resolver, ResolverSink, Transfer, TransferSink } from '../../ports/resolver.ts'
import type { Millis, WallTime } from '../../time/units.ts'
import { Exchange } from './exchange.ts'
import { TcpConnection } from './tcp.ts'
import { SystemTransfer } from './transfer.ts'

/** Messages that a server has not answered. */
const IN_FLIGHT_MAX = 32

/** `wall`: the clock that messages are signed by. */
export function openResolver(wall: () => WallTime): Resolver {
  return new SystemResolver(wall)
}

class SystemResolver implements Resolver {
  readonly #wall: () => WallTime
  readonly #lines = new Map<string, Line>()
  readonly #transfers = new Set<SystemTransfer>()
  #sink: ResolverSink | undefined

  constructor(wall: () => WallTime) {
    this.#wall = wall
  }

  open(sink: ResolverSink): void {
    this.#sink = sink
  }

  send(ticket: number, server: NameServerPlan, request: DnsRequest, timeout: Millis): void {
    const { address, port } = server
    const name = `${address} ${port}`
    const line = this.#lines.get(name) ?? new Line((empty) => this.#forget(name, empty))
    this.#lines.set(name, line)
    const done = (answer: DnsAnswer): void => this.#sink?.onDnsAnswer(ticket, answer)
    line.add({ server, request, timeout, wall: this.#wall, done })
  }

  transfer(server: NameServerPlan, zone: Octets, sink: TransferSink): Transfer {
    const over = (one: SystemTransfer) => this.#transfers.delete(one)
    const transfer = new SystemTransfer(server, zone, this.#wall, sink, over)
    this.#transfers.add(transfer)
    return transfer
  }

  #forget(name: string, line: Line): void {
    if (this.#lines.get(name) === line) this.#lines.delete(name)
  }

  close(): void {
    this.#sink = undefined
    for (const transfer of this.#transfers) transfer.close()
    for (const line of this.#lines.values()) line.close()
    this.#lines.clear()
  }
}

interface Wish {
  readonly server: NameServerPlan
  readonly request: DnsRequest
  readonly timeout: Millis
  readonly wall: () => WallTime
  readonly done: (answer: DnsAnswer) => void
}

/** What is on its way to one server, and what waits for its turn. */
class Line {
  readonly #inFlight = new Set<Exchange>()
  readonly #waiting: Wish[] = []
  readonly #onEmpty: (line: Line) => void
  #connection: TcpConnection | undefined

  constructor(onEmpty: (line: Line) => void) {
    this.#onEmpty = onEmpty
  }

  add(wish: Wish): void {
    if (this.#inFlight.size < IN_FLIGHT_MAX) this.#start(wish)
    else this.#waiting.push(wish)
  }

  close(): void {
    this.#waiting.length = 0
    for (const exchange of this.#inFlight) exchange.close()
    this.#inFlight.clear()
    this.#connection?.close()
  }

  #start(wish: Wish): void {
    const exchange = new Exchange({
      ...wish,
      connection: () => this.#connected(wish.server),
      done: (answer) => {
        this.#inFlight.delete(exchange)
        wish.done(answer)
        this.#goOn()
      },
    })
    this.#inFlight.add(exchange)
    exchange.start()
  }

  #goOn(): void {
    while (this.#inFlight.size < IN_FLIGHT_MAX) {
      const next = this.#waiting.shift()
      if (next === undefined) break
      this.#start(next)
    }
    this.#leave()
  }

  #connected(server: NameServerPlan): TcpConnection {
    this.#connection ??= new TcpConnection(server, (closed) => {
      if (this.#connection === closed) this.#connection = undefined
      this.#leave()
    })
    return this.#connection
  }

  /** Nothing is left of it: the next message begins a new one. */
  #leave(): void {
    if (this.#inFlight.size === 0 && this.#connection === undefined) this.#onEmpty(this)
  }
}
