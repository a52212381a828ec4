// Where requesters connect (RFC 6926). Who may not ask is turned away before anything is read. All
// requesters share one place among the long works of the server, and take turns in it.

import { createServer, type Server, type Socket } from 'node:net'
import { ipv4FromText } from '../../address/ipv4.ts'
import type { BulkQueryPlan, LeaseQueryPlan } from '../../config/plan/lease-query-plan.ts'
import { isRequester } from '../../leasequery/lease-query.ts'
import type { BulkQueries, BulkSink } from '../../ports/bulk-queries.ts'
import { type Log, tell } from '../../ports/log.ts'
import type { Millis } from '../../time/units.ts'
import { RareLine } from '../rare-line.ts'
import { wordsOf } from '../system-error.ts'
import { Requester } from './requester.ts'

/** Between two attempts to listen, and to get a place among long works. */
const RETRY: Millis = 5000

export function openBulkQueries(log: Log, retry: Millis = RETRY): BulkQueries {
  return new BulkDoor(log, retry)
}

class BulkDoor implements BulkQueries {
  readonly #log: Log
  readonly #retry: Millis
  readonly #refusals = new RareLine()
  readonly #requesters = new Map<Requester, string>()
  #plan: LeaseQueryPlan | undefined
  #bulk: BulkQueryPlan | undefined
  #sink: BulkSink | undefined
  #server: Server | undefined
  #timer: NodeJS.Timeout | undefined
  #trouble = ''
  #isRunning = false

  constructor(log: Log, retry: Millis) {
    this.#log = log
    this.#retry = retry
  }

  use(plan: LeaseQueryPlan | undefined, sink: BulkSink): void {
    const former = this.#bulk
    const bulk = plan?.bulk
    this.#plan = plan
    this.#bulk = bulk
    this.#sink = sink
    if (former !== undefined && (bulk === undefined || nameOf(bulk) !== nameOf(former))) {
      this.#shut()
      tell(this.#log, 'LEASE_QUERY_CLOSED', { address: nameOf(former) })
    }
    for (const [requester, address] of this.#requesters)
      if (!this.#mayAsk(address)) requester.destroy()
    if (bulk !== undefined && this.#server === undefined) this.#listen(bulk)
  }

  close(): void {
    this.#bulk = undefined
    this.#shut()
  }

  #shut(): void {
    clearTimeout(this.#timer)
    this.#server?.close()
    this.#server = undefined
    this.#trouble = ''
    for (const requester of this.#requesters.keys()) requester.destroy()
  }

  #listen(bulk: BulkQueryPlan): void {
    const address = nameOf(bulk)
    // A requester may close its end once it has asked.
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#admit(socket))
    this.#server = server
    server.on('error', (error) => this.#failed(server, bulk, wordsOf(error)))
    server.listen({ host: bulk.address, port: bulk.port, exclusive: true }, () => {
      this.#trouble = ''
      if (this.#server === server) tell(this.#log, 'LEASE_QUERY_OPEN', { address })
    })
  }

  #failed(server: Server, bulk: BulkQueryPlan, trouble: string): void {
    if (this.#server !== server) return
    if (trouble !== this.#trouble)
      tell(this.#log, 'LEASE_QUERY_TROUBLE', { address: nameOf(bulk), trouble })
    this.#trouble = trouble
    if (server.listening) return
    this.#timer = setTimeout(() => this.#listen(this.#bulk ?? bulk), this.#retry)
  }

  #admit(socket: Socket): void {
    const { remoteAddress = '' } = socket
    const bulk = this.#bulk
    if (bulk === undefined || !this.#mayAsk(remoteAddress))
      return this.#turnAway(socket, 'it is none of the requesters')
    if (this.#requesters.size >= bulk.connectionsMax)
      return this.#turnAway(socket, 'there are as many connections as may be')
    const requester: Requester = new Requester(socket, () => this.#bulk ?? bulk, {
      wake: () => this.#run(),
      left: (why) => {
        this.#requesters.delete(requester)
        if (why !== '') this.#refused(remoteAddress, why)
      },
    })
    this.#requesters.set(requester, remoteAddress)
  }

  #mayAsk(text: string): boolean {
    const address = ipv4FromText(text)
    return address !== undefined && this.#plan !== undefined && isRequester(this.#plan, address)
  }

  #turnAway(socket: Socket, why: string): void {
    this.#refused(socket.remoteAddress ?? '', why)
    socket.on('error', () => {})
    socket.destroy()
  }

  #refused(from: string, why: string): void {
    this.#refusals.count((count) => tell(this.#log, 'LEASE_QUERY_REFUSED', { from, why, count }))
  }

  /** A slice a turn, until nobody waits for one. */
  #run(): void {
    if (this.#isRunning || this.#sink === undefined) return
    const lost = (): void => {
      this.#isRunning = false
      for (const requester of this.#requesters.keys()) requester.destroy()
    }
    this.#isRunning = this.#sink.inSlices(() => this.#slice(), lost)
    if (!this.#isRunning) this.#later()
  }

  #later(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#run(), this.#retry)
  }

  #slice(): boolean {
    for (const [requester, address] of this.#requesters) {
      if (!requester.isWaiting) continue
      // Who comes next in the map is the one that has waited longest.
      this.#requesters.delete(requester)
      this.#requesters.set(requester, address)
      requester.slice(this.#sink?.known())
      return false
    }
    this.#isRunning = false
    return true
  }
}

function nameOf({ address, port }: BulkQueryPlan): string {
  return `${address}:${port}`
}
