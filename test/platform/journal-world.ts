// Helpers of the journal's tests: a sink that answers with promises, leases made from numbers, and
// the history that the crash test replays. Run as a program it is that test's victim: it commits
// the history to the database named on its command line and prints the number of each acknowledged
// batch.

import { writeSync } from 'node:fs'
import { prefix6FromText } from '../../lib/address/prefix6.ts'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import { ChangeWriter, forEachMixedChange } from '../../lib/leases/change-codec.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import type { AnyChange, Change, Lease, Lease6 } from '../../lib/leases/lease.ts'
import { openJournal } from '../../lib/platform/journal/journal.ts'
import type { Journal, JournalInfo, JournalSink } from '../../lib/ports/journal.ts'
import type { SharedSink } from '../../lib/ports/shared-journal.ts'

export const CHANGES_PER_BATCH = 5

/** What others store in a shared database is of no interest. */
const DEAF: SharedSink = {
  onOthers() {},
  onConfirmed() {},
  onAway() {},
  onBack() {},
  onMembers() {},
  onNamesLeft() {},
  onWarning() {},
}

export class PromisingSink implements JournalSink {
  readonly leases = new Map<Key, Lease<Key>>()
  pages = 0
  /** A batch is durable. */
  whenTold: () => void = () => {}
  /** Failures nobody waited for. */
  readonly stray: string[] = []
  #ready: ((info: JournalInfo) => void) | undefined
  #settle: ((result: string) => void) | undefined

  load(journal: Journal): Promise<JournalInfo> {
    return new Promise((resolve) => {
      this.#ready = resolve
      journal.shared?.listen(DEAF)
      journal.open(this)
    })
  }

  /** Resolves with '' when the batch is durable, else with the trouble. */
  commit(
    journal: Journal,
    changes: readonly AnyChange[],
    stamp: number,
    pair?: PairRecord,
  ): Promise<string> {
    const writer = new ChangeWriter()
    for (const change of changes) writer.put(change)
    return this.commitBytes(journal, writer.copy(), changes.length, stamp, pair)
  }

  commitBytes(
    journal: Journal,
    bytes: Uint8Array,
    count: number,
    stamp: number,
    pair?: PairRecord,
  ): Promise<string> {
    return new Promise((resolve) => {
      this.#settle = resolve
      journal.commit(bytes, count, stamp, pair)
    })
  }

  onRows(rows: Uint8Array): void {
    this.pages++
    forEachMixedChange(rows, (change) => {
      if (change.kind === 'put') this.leases.set(change.lease.address, change.lease)
    })
  }

  onReady(info: JournalInfo): void {
    this.#ready?.(info)
  }

  onCommitted(): void {
    this.whenTold()
    this.#settled('')
  }

  onFailed(trouble: string): void {
    if (this.#settle === undefined) this.stray.push(trouble)
    this.#settled(trouble)
  }

  #settled(result: string): void {
    const settle = this.#settle
    this.#settle = undefined
    settle?.(result)
  }
}

export const closed = (journal: Journal) => new Promise<void>((done) => journal.close(done))

export function leaseAt(address: number, more: Partial<Lease> = {}): Lease {
  return {
    address,
    state: 0,
    subnetId: 7,
    poolId: 2,
    htype: 1,
    hwAddress: `\x02\x00\x5e${String.fromCharCode((address >> 16) & 255, (address >> 8) & 255, address & 255)}`,
    clientId: '',
    hostname: '',
    fqdnFwd: false,
    fqdnRev: false,
    fresh: false,
    validLifetime: 3600,
    preferredLifetime: 0,
    start: 1000,
    end: 3_601_000,
    userContext: '',
    change: 1,
    gave: 0,
    got: 0,
    givenBy: 'us',
    knew: 0,
    ...more,
  }
}

/** Every third one is of a prefix. */
export function lease6At(index: number, more: Partial<Lease6> = {}): Lease6 {
  const text = index % 3 === 0 ? `2001:db8:${index}::/48` : `2001:db8::1:${index}`
  const clientId = `${index % 3 === 0 ? '\x19' : '\x03'}\0\0\0\x01\0\x03\0\x01\x02\0\0\0\0${String.fromCharCode(index & 255)}`
  const address = prefix6FromText(text)!
  return { ...leaseAt(index), clientId, preferredLifetime: 1800, ...more, address }
}

export function put<A extends Key>(lease: Lease<A>): Extract<Change<A>, { kind: 'put' }> {
  return { kind: 'put', lease }
}

export function pairRecord(more: Partial<PairRecord> = {}): PairRecord {
  return {
    pairId: 'a pair',
    side: 1,
    partnerDatabase: 'them',
    rights: 'shared',
    noneBecause: 'fresh',
    handOver: 0,
    longestLifetime: 3600,
    doubtUntil: 0,
    applied: {},
    doubtFrom: 0,
    toldLifetime: 0,
    whole: [],
    partnerDuids: [],
    clocks: {},
    lives: [],
    heard: {},
    ...more,
  }
}

/** The record that batch `number` stores. */
export const pairOf = (number: number) => pairRecord({ applied: { them: number } })

/**
 * The changes of batch `number` (from 1): new leases, renewals of old ones, removals, of both
 * families.
 */
export function batchOf(number: number): AnyChange[] {
  const changes: AnyChange[] = []
  for (let index = 0; index < CHANGES_PER_BATCH; index++) {
    const change = (number - 1) * CHANGES_PER_BATCH + index + 1
    // A multiplicative walk over 251 addresses: each is written many times.
    const address = 0x0a000001 + ((change * 97) % 251)
    const key = lease6At(address % 251).address
    if (change % 11 === 0) changes.push({ kind: 'remove', address, change })
    else if (change % 13 === 0) changes.push({ kind: 'remove', address: key, change })
    else if (change % 2 === 0) changes.push(put(lease6At(address % 251, { change, start: number })))
    else changes.push(put(leaseAt(address, { change, start: number, clientId: `\x01${change}` })))
  }
  return changes
}

/** The leases after the first `batches` batches. */
export function leasesAfter(batches: number): Map<Key, Lease<Key>> {
  const leases = new Map<Key, Lease<Key>>()
  for (let number = 1; number <= batches; number++)
    for (const change of batchOf(number))
      if (change.kind === 'put') leases.set(change.lease.address, change.lease)
      else leases.delete(change.address)
  return leases
}

async function runHistory(path: string): Promise<void> {
  const journal = await openJournal({ path, durability: 'full' })
  const sink = new PromisingSink()
  const { change } = await sink.load(journal)
  for (let number = change / CHANGES_PER_BATCH + 1; ; number++) {
    const trouble = await sink.commit(journal, batchOf(number), number, pairOf(number))
    if (trouble !== '') throw new Error(trouble)
    writeSync(1, `${number}\n`)
  }
}

if (import.meta.main) await runHistory(process.argv[2]!)
