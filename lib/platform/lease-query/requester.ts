// A requester that is connected: its messages in, its answers out, as fast as it reads them. What
// it may keep of the server is bounded: one message that is not whole, a few queries, and what the
// socket holds for it.

import type { Socket } from 'node:net'
import type { BulkQueryPlan } from '../../config/plan/lease-query-plan.ts'
import { type BulkKnown, BulkQuery, bulkQueryIn } from '../../leasequery/bulk-query.ts'
import { Frames } from '../../leasequery/frames.ts'

export interface RequesterDuties {
  /** There is something to do for it. */
  wake(): void
  /** It is gone; `why` is '' where that is nothing to tell. */
  left(why: string): void
}

export class Requester {
  readonly #socket: Socket
  readonly #plan: () => BulkQueryPlan
  readonly #duties: RequesterDuties
  readonly #frames = new Frames()
  readonly #queries: BulkQuery[] = []
  readonly #timer: NodeJS.Timeout
  #hasEnded = false

  constructor(socket: Socket, plan: () => BulkQueryPlan, duties: RequesterDuties) {
    this.#socket = socket
    this.#plan = plan
    this.#duties = duties
    this.#timer = setTimeout(() => this.#late(), plan().idle)
    socket.on('data', (bytes: Buffer) => {
      this.#frames.add(bytes)
      this.#take()
    })
    socket.on('end', () => {
      this.#hasEnded = true
      this.#endIfDone()
    })
    socket.on('drain', () => {
      this.#timer.refresh()
      duties.wake()
    })
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      clearTimeout(this.#timer)
      this.#queries.length = 0
      duties.left('')
    })
  }

  /** Whether a slice can be sent to it. */
  get isWaiting(): boolean {
    const { destroyed, writableNeedDrain } = this.#socket
    return this.#queries.length > 0 && !destroyed && !writableNeedDrain
  }

  /** A slice of the query whose turn it is. */
  slice(known: BulkKnown | undefined): void {
    const query = this.#queries.shift()
    if (query === undefined) return
    const { bytes, isLast } =
      known === undefined
        ? query.end('terminated', 'the server does not answer at the moment')
        : query.slice(known)
    if (bytes.length > 0) this.#socket.write(bytes)
    if (!isLast) {
      this.#queries.push(query)
      return
    }
    this.#timer.refresh()
    this.#take()
    this.#endIfDone()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Further messages wait in the socket while enough queries are under way. */
  #take(): void {
    const { leasesPerFetch, queriesMax } = this.#plan()
    while (this.#queries.length < queriesMax) {
      const bytes = this.#frames.next()
      if (bytes === undefined) break
      const asked = bytes === 'too-long' ? undefined : bulkQueryIn(bytes)
      if (asked === undefined) return this.#refuse('what it sent is no query')
      this.#timer.refresh()
      const { localAddress = '' } = this.#socket
      this.#queries.push(new BulkQuery(asked, localAddress, leasesPerFetch))
    }
    if (this.#queries.length < queriesMax) this.#socket.resume()
    else this.#socket.pause()
    if (this.#queries.length > 0) this.#duties.wake()
  }

  #endIfDone(): void {
    if (this.#hasEnded && this.#queries.length === 0) this.#socket.end()
  }

  /** Pieces of a message that never becomes whole keep nobody here. */
  #late(): void {
    if (this.isWaiting) this.#timer.refresh()
    else if (this.#socket.writableNeedDrain) this.#refuse('it does not read its answers')
    else if (this.#frames.isHalf) this.#refuse('a message of it did not become whole in time')
    else this.#socket.destroy()
  }

  #refuse(why: string): void {
    this.#duties.left(why)
    this.#socket.destroy()
  }
}
