// A query for many leases (RFC 6926), answered a slice at a time: first the rows are looked through
// for what is asked for, then the leases that are live when their turn comes are sent, at last that
// this was all. A requester that reads slowly is waited for by whoever asks for the slices.

import { type Ipv4, ipv4FromText } from '../address/ipv4.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import type { Lease } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type { RowScan, Sought } from '../leases/table/row-scan.ts'
import type { Instant, WallTime } from '../time/units.ts'
import { encodeMessage4, type OptionPair4 } from '../wire/v4/builder.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { LEASE_QUERY4, type Query4 } from '../wire/v4/message.ts'
import { decode4, Message4 } from '../wire/v4/reader.ts'
import { type AskedInBulk, askedInBulk, type Refused, refused } from './asked.ts'
import { framed } from './frames.ts'
import { isTold } from './lease-query.ts'
import { agoOf, fieldsOf, number, wordsOf } from './words.ts'

/** What the server knows at the moment. */
export interface BulkKnown {
  readonly plan: Plan4
  readonly table: LeaseTable
  readonly now: Instant
  readonly wall: WallTime
  /** This server has a partner, which gives leases, too. */
  readonly isOfPair: boolean
}

/** What comes of a slice. */
export interface Told {
  readonly bytes: Uint8Array
  readonly isLast: boolean
}

/** Rows of a slice: a millisecond or two. */
const SCANNED = 2048
/** Leases of a slice at most, whatever is configured: the same. */
const SENT_MAX = 200

/** RFC 6926 §6.2.2. */
const STATUS = { failed: 1, terminated: 2, malformed: 3, 'not-allowed': 4 } as const
type Status = keyof typeof STATUS

const BOOTREQUEST = 1
/** Bit of option 157: the partner gave the lease last. */
const REMOTE = 1

/** Leases of which the client was heard from `from` to `to`, seconds of the calendar. */
interface Period {
  readonly from: number
  readonly to: number
}

export class BulkQuery {
  readonly xid: number
  readonly #asked: AskedInBulk | Refused
  readonly #period: Period
  readonly #serverId: Ipv4
  readonly #atOnce: number
  #scan: RowScan<Ipv4> | undefined
  #found: readonly Ipv4[] | undefined
  #at = 0
  #isFirst = true

  /** `address`: that the requester has dialled. */
  constructor(query: Query4, address: string, leasesPerFetch: number) {
    this.xid = query.xid
    const period = periodOf(query)
    this.#asked = 'kind' in period ? period : askedInBulk(query)
    this.#period = 'kind' in period ? { from: 0, to: 0 } : period
    this.#serverId = ipv4FromText(address) ?? 0
    this.#atOnce = Math.min(leasesPerFetch, SENT_MAX)
  }

  /** What is sent next; empty where nothing was found so far. */
  slice(known: BulkKnown): Told {
    const asked = this.#asked
    if (asked.kind === 'refused') return this.end(asked.status, asked.why)
    if (this.#found !== undefined) return this.#send(this.#found, known)
    this.#scan ??= known.table.scans.sought(soughtBy(asked))
    if (this.#scan.advance(SCANNED)) this.#found = this.#scan.found()
    return { bytes: new Uint8Array(0), isLast: false }
  }

  /** The last message. */
  end(status?: Status, why = ''): Told {
    const options: OptionPair4[] = [...this.#head(LEASE_QUERY4.done)]
    if (status !== undefined)
      options.push([OPTION4.statusCode, String.fromCharCode(STATUS[status]) + why])
    const fields = { op: 2, xid: this.xid, htype: 0 }
    return { bytes: framed(encodeMessage4(fields, options, 0)), isLast: true }
  }

  #send(found: readonly Ipv4[], known: BulkKnown): Told {
    const { now, table } = known
    const frames: Uint8Array[] = []
    while (this.#at < found.length && frames.length < this.#atOnce) {
      const row = table.byAddress(found[this.#at++]!)
      if (row !== undefined && isTold(known, row, now) && this.#isWithin(row, known))
        frames.push(framed(this.#lease(row, known)))
    }
    if (this.#at === found.length) frames.push(this.end().bytes)
    return { bytes: joined(frames), isLast: this.#at === found.length }
  }

  #lease(lease: Lease, { isOfPair, now, plan, wall }: BulkKnown): Uint8Array {
    const options = [
      ...this.#head(LEASE_QUERY4.active),
      number(OPTION4.baseTime, Math.floor(wall / 1000)),
      ...wordsOf(plan, lease, now),
    ]
    if (isOfPair)
      options.push([
        OPTION4.dataSource,
        String.fromCharCode(lease.givenBy === 'partner' ? REMOTE : 0),
      ])
    return encodeMessage4(fieldsOf(this.xid, 0, lease), options, 0)
  }

  /** The first message of an answer says who answers. */
  #head(type: number): OptionPair4[] {
    const head: OptionPair4[] = [[OPTION4.messageType, String.fromCharCode(type)]]
    if (this.#isFirst) head.push(number(OPTION4.serverIdentifier, this.#serverId))
    this.#isFirst = false
    return head
  }

  #isWithin(lease: Lease, { now, wall }: BulkKnown): boolean {
    const { from, to } = this.#period
    const heard = Math.floor(wall / 1000) - agoOf(lease, now)
    return (from === 0 || heard >= from) && (to === 0 || heard <= to)
  }
}

/** The query in a message of a stream; undefined: it is none, and nothing can be answered. */
export function bulkQueryIn(bytes: Uint8Array): Query4 | undefined {
  const message = new Message4()
  if (decode4(message, bytes, 0, bytes.length, 'usual') !== undefined) return undefined
  const isQuery = message.op === BOOTREQUEST && message.type === LEASE_QUERY4.bulkQuery
  return isQuery ? message : undefined
}

/** Of a hardware address whatever its type, as in Kea. */
function soughtBy(asked: AskedInBulk): Sought {
  if (asked.kind === 'relay') return { relay: asked.relay }
  const { clientId, hwAddress } = asked.client
  return clientId === '' ? { hwAddress } : { clientId }
}

function periodOf(query: Query4): Period | Refused {
  const from = query.uint(OPTION4.queryStartTime) ?? 0
  const to = query.uint(OPTION4.queryEndTime) ?? 0
  if (from > 0 && to > 0 && from > to)
    return refused('malformed', 'query-start-time is after query-end-time')
  return { from, to }
}

function joined(frames: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const frame of frames) {
    bytes.set(frame, at)
    at += frame.length
  }
  return bytes
}
