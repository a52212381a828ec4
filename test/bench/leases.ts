// What the lease table costs: memory a lease, and time a question, at a thousand to a million
// leases. A plain script: `node --expose-gc test/bench/leases.ts`. Numbers compare within one run
// only.

import { type Ipv4, type Ipv4Range, ipv4FromText } from '../../lib/address/ipv4.ts'
import { octetsFromBytes } from '../../lib/bytes/octets.ts'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import type { ClientIdentity, Lease } from '../../lib/leases/lease.ts'
import { grant, reclaim } from '../../lib/leases/lifecycle.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import type { LeaseTable } from '../../lib/leases/table/lease-table.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import type { FreeSearch } from '../../lib/leases/view.ts'

const FIRST = ipv4FromText('10.0.0.0') ?? 0
const MILLION = 1_000_000
const PAGE_ROWS = 10_000
const HOLD = { holdReclaimed: 3600 }

let state = 1
function draw(bound: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * bound)
}

const ITERATIVE: FreeSearch = { order: 'iterative', draw }
const RANDOM: FreeSearch = { order: 'random', draw }

/**
 * A client as the wire room makes it: fresh strings, 6 octets of hardware address, 7 of client-id.
 */
const raw = new Uint8Array(7)
function client(number: number): ClientIdentity {
  raw[0] = 1
  raw[1] = 2
  raw[3] = number >>> 24
  raw[4] = number >>> 16
  raw[5] = number >>> 8
  raw[6] = number
  return { htype: 1, hwAddress: octetsFromBytes(raw, 1, 7), clientId: octetsFromBytes(raw, 0, 7) }
}

let change = 0
const nextChange = () => ++change

function granted(
  address: Ipv4,
  previous: Lease | undefined,
  isHolder: boolean,
  who: ClientIdentity,
  now: number,
): Lease {
  const terms = {
    client: who,
    subnetId: 1,
    poolId: 0,
    validLifetime: 3600,
    hostname: '',
    fqdnFwd: false,
    fqdnRev: false,
    userContext: '',
  }
  return grant(address, previous, isHolder, terms, now, ++change)
}

function fill(table: LeaseTable, count: number, now: number): void {
  for (let n = 0; n < count; n++)
    table.apply({ kind: 'put', lease: granted(FIRST + n, undefined, false, client(n), now) })
}

/**
 * Processor time of this thread in milliseconds: other programs steal less of it than of the clock.
 */
function cpu(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Nanoseconds a call, the best of some rounds: other programs disturb, nothing makes it faster. */
function time(calls: number, work: (index: number) => void): number {
  let best = Number.POSITIVE_INFINITY
  let index = 0
  for (let round = 0; round < 5; round++) {
    const start = cpu()
    for (let call = 0; call < calls; call++) work(index++)
    best = Math.min(best, ((cpu() - start) / calls) * 1e6)
  }
  return Math.round(best)
}

function rssAfterCollection(): number {
  globalThis.gc?.()
  return process.memoryUsage().rss
}

const rows: Record<string, Record<string, number>> = {}
function note(row: string, column: string, value: number): void {
  rows[row] ??= {}
  rows[row][column] = value
}

function measureTimes(column: string, size: number): void {
  const table = leaseTable4(0x5eed)
  fill(table, size, 0)
  const calls = 50_000
  note(
    'make a client (in all below)',
    column,
    time(calls, (n) => client(n)),
  )
  note(
    'byClient, random client',
    column,
    time(calls, () => table.byClient(client(draw(size)), 1)),
  )
  note(
    'byClient, unknown client',
    column,
    time(calls, (n) => table.byClient(client(n + 2e7), 1)),
  )
  note(
    'byAddress',
    column,
    time(calls, () => table.byAddress(FIRST + draw(size))),
  )
  let now = 1000
  const renew = () => {
    const who = client(draw(size))
    const former = table.byClient(who, 1)!
    table.apply({ kind: 'put', lease: granted(former.address, former, true, who, ++now) })
  }
  note('renew: byClient, grant, apply', column, time(calls, renew))
  const pool: Ipv4Range[] = [{ first: FIRST, last: FIRST + 2 ** 24 - 1 }]
  measureAllocation(table, 'new: offer, findFree, grant, apply', column, pool, size)
}

/** Offers, grants and releases again, so that the fill stays as it is. */
function measureAllocation(
  table: LeaseTable,
  row: string,
  column: string,
  ranges: Ipv4Range[],
  firstClient: number,
): void {
  let fresh = firstClient
  for (const search of [ITERATIVE, RANDOM]) {
    const given: Ipv4[] = []
    const allocate = () => {
      const who = client(++fresh)
      const address = table.findFree(ranges, search, 2000)
      if (address === undefined) throw new Error('the pool is exhausted')
      table.offer(address, who, 1, 1e9)
      table.withdrawOffer(who, 1)
      table.apply({ kind: 'put', lease: granted(address, undefined, false, who, 2000) })
      given.push(address)
      if (given.length > 500)
        table.apply({ kind: 'remove', address: given.shift()!, change: ++change })
    }
    note(`${row}, ${search.order}`, column, time(10_000, allocate))
    for (const address of given) table.apply({ kind: 'remove', address, change: ++change })
  }
}

function measureFill(): void {
  const size = MILLION
  const pool: Ipv4Range[] = [{ first: FIRST, last: FIRST + size - 1 }]
  const row = 'allocate in a pool of a million (and remove another)'
  measureAllocation(leaseTable4(1), row, 'empty', pool, 0)
  const table = leaseTable4(1)
  fill(table, size, 0)
  // The thousand free addresses lie anywhere.
  for (let n = 0; n < size / 1000; n++)
    table.apply({ kind: 'remove', address: FIRST + n * 997, change: ++change })
  measureAllocation(table, row, '99.9 % full', pool, size)
}

/** A pool of a million of which half are the partner's, and all of ours are taken. */
function measurePair(): void {
  const table = leaseTable4(1)
  const rights = { kind: 'keys', side: 0, paired: true, doubtUntil: 0 } as const
  for (let n = 0; n < MILLION; n++)
    if (homeOf(FIRST + n) === 0)
      table.apply({ kind: 'put', lease: granted(FIRST + n, undefined, false, client(n), 0) })
  const pool: Ipv4Range[] = [{ first: FIRST, last: FIRST + MILLION - 1 }]
  const once = (row: string, work: () => void) => {
    const start = cpu()
    work()
    note(row, 'value', Math.round((cpu() - start) * 10) / 10)
  }
  const find = () => {
    if (table.findFree(pool, ITERATIVE, 1000) !== undefined) throw new Error('not ours to give')
  }
  once('half a million rows of a pair: setRights, ms', () => table.setRights(rights))
  once('  first search in vain among a million, ms', find)
  note('  each further one, ns', 'value', time(10_000, find))
  once('  rows changed behind a position, ms', () =>
    table.scans.changedAfter(change - 1000, change),
  )
}

function pages(): Uint8Array[] {
  const writer = new ChangeWriter()
  const made: Uint8Array[] = []
  for (let n = 0; n < MILLION; n++) {
    writer.put({ kind: 'put', lease: granted(FIRST + n, undefined, false, client(n), 0) })
    if (writer.count < PAGE_ROWS) continue
    made.push(writer.copy())
    writer.clear()
  }
  return made
}

function measureLoad(): void {
  const stored = pages()
  const before = rssAfterCollection()
  const start = cpu()
  const table = leaseTable4(1)
  let longest = 0
  for (const page of stored) {
    const pageStart = cpu()
    table.load(page)
    longest = Math.max(longest, cpu() - pageStart)
  }
  table.byClient(client(1), 1)
  note('load a million rows, ms', 'value', Math.round(cpu() - start))
  note('  longest page of 10000 rows, ms', 'value', Math.round(longest))
  note('  RSS a lease at once, bytes', 'value', Math.round(sizeEach(before, false)))
  note('  RSS a lease after a collection', 'value', Math.round(sizeEach(before, true)))
  measureExpiry(table)
}

function sizeEach(before: number, isCollected: boolean): number {
  const after = isCollected ? rssAfterCollection() : process.memoryUsage().rss
  return (after - before) / MILLION
}

function measureExpiry(table: LeaseTable): void {
  const start = cpu()
  let longest = 0
  let ended = 0
  for (let round = cpu(); ; round = cpu()) {
    const due = table.due(4_000_000, 1000, HOLD, nextChange)
    for (const each of due) table.apply(each.change)
    if (due.length === 0) break
    ended += due.length
    longest = Math.max(longest, cpu() - round)
  }
  note('expire a million leases, ns each', 'value', Math.round(((cpu() - start) / ended) * 1e6))
  note('  longest round of 1000, ms', 'value', Math.round(longest))
}

function measureCodec(): void {
  const writer = new ChangeWriter()
  const lease = granted(FIRST, undefined, false, client(1), 0)
  const put = { kind: 'put', lease } as const
  const ended = { kind: 'put', lease: reclaim(lease, 1) } as const
  const write = (n: number) => {
    if (writer.count === 256) writer.clear()
    writer.put(n % 2 === 0 ? put : ended)
  }
  note('ChangeWriter.put, ns', 'value', time(200_000, write))
}

measureLoad()
measureCodec()
for (const size of [1000, 100_000, MILLION]) measureTimes(size.toLocaleString('en'), size)
measureFill()
measurePair()
console.table(rows)
