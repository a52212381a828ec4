// A server of a shared database for tests: it hands batches over, keeps what it is told as rows by
// key, and answers with promises. Nothing in it waits for a time to pass.

import { Buffer } from 'node:buffer'
import type { ConnectionPlan } from '../../lib/config/plan/connection-plan.ts'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import type { World } from '../../lib/lab/world.ts'
import { ChangeWriter, forEachMixedChange } from '../../lib/leases/change-codec.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import type { AnyChange, Lease } from '../../lib/leases/lease.ts'
import type {
  Journal,
  JournalInfo,
  JournalSink,
  StoredEdit,
  StoredEvents,
  StoredName,
} from '../../lib/ports/journal.ts'
import {
  type Confirmation,
  type LeftName,
  MEMBERS_MAX,
  type SharedAnswer,
  type SharedBatch,
  type SharedCommit,
  type SharedMember,
  type SharedReturn,
  type SharedSink,
} from '../../lib/ports/shared-journal.ts'
import type { Postgres } from '../system/postgres.ts'

/** A row that a server wants to be stored. */
export interface Wanted {
  readonly lease: Lease<Key>
  /** The version that it was made of; default: the one that the server knows. */
  readonly over?: number
  readonly isForced?: boolean
}

export type CommitResult =
  | { readonly conflicts: readonly number[]; readonly answer: SharedCommit }
  | { readonly trouble: string }

/** A journal of a simulated world, in which enough time for an answer passes behind each call. */
export function stepped(world: World, journal: Journal): Journal {
  const { shared } = journal
  const step = () => queueMicrotask(() => world.advance(ANSWER_TIME))
  const stepping =
    <A extends unknown[]>(call: (...args: A) => void) =>
    (...args: A): void => {
      call(...args)
      step()
    }
  return {
    open: stepping((sink) => journal.open(sink)),
    commit: stepping((...batch) => journal.commit(...batch)),
    close: stepping((done) => journal.close(done)),
    shared: {
      listen: (sink) => shared!.listen(sink),
      confirm: stepping((ticket, asked) => shared!.confirm(ticket, asked)),
      doubt: stepping((jump) => shared!.doubt!(jump)),
      endDoubt: stepping(() => shared!.endDoubt!()),
      fingerprint: stepping((text) => shared!.fingerprint!(text)),
    },
  }
}

/** The others hear of it in this time, too. */
const ANSWER_TIME = 1200

export class SharedServer implements JournalSink, SharedSink {
  readonly journal: Journal
  readonly rows = new Map<Key, Lease<Key>>()
  info: JournalInfo | undefined
  answer: SharedAnswer | undefined
  readonly warnings: string[] = []
  others: readonly SharedMember[] = []
  readonly left: LeftName[] = []
  /** `away`, `back`, `promoted`, `lost 2`, as they come. */
  readonly course: string[] = []
  #heard = 0
  #counter = 0
  #settle: ((result: CommitResult) => void) | undefined
  readonly #confirmed = new Map<number, () => void>()
  #tickets = 0
  #watchers: (() => void)[] = []

  readonly #now: () => number

  /** `now`: a steady clock. */
  constructor(journal: Journal, now = () => performance.now()) {
    this.journal = journal
    this.#now = now
  }

  async start(): Promise<JournalInfo> {
    this.journal.shared?.listen(this)
    this.journal.open(this)
    await this.until(() => this.info !== undefined)
    this.#counter = Math.ceil(this.info!.change / MEMBERS_MAX) + 1
    return this.info!
  }

  get member(): number {
    return this.info!.shared!.member
  }

  /** The clock that leases of this database count on. */
  now(): number {
    return this.#heardTime + (this.#now() - this.#heard)
  }

  #heardTime = 0

  /** The next version of a row of this server. */
  version(): number {
    return this.#counter++ * MEMBERS_MAX + this.member
  }

  /** Resolves when it is known what became of the batch. */
  commit(
    wanted: readonly Wanted[],
    more: {
      pair?: PairRecord
      edits?: readonly StoredEdit[]
      names?: readonly StoredName[]
      told?: StoredEvents
      ties?: SharedBatch['ties']
    } = {},
  ): Promise<CommitResult> {
    const writer = new ChangeWriter()
    for (const { lease } of wanted) writer.put({ kind: 'put', lease } as AnyChange)
    const expected = Float64Array.from(
      wanted,
      ({ lease, over }) => over ?? this.rows.get(lease.address)?.change ?? 0,
    )
    const isForced = Uint8Array.from(wanted, (one) => (one.isForced ? 1 : 0))
    const { pair, edits, names, ties = [], told } = more
    return new Promise<CommitResult>((resolve) => {
      this.#settle = (result) => {
        if ('conflicts' in result)
          for (const [place, { lease }] of wanted.entries())
            if (!result.conflicts.includes(place)) this.rows.set(lease.address, lease)
        resolve(result)
      }
      const shared = { expected, isForced, ties }
      const now = this.now()
      this.journal.commit(writer.copy(), wanted.length, now, pair, edits, shared, names, told)
    })
  }

  async confirm(asked: Confirmation): Promise<void> {
    const ticket = ++this.#tickets
    await new Promise<void>((resolve) => {
      this.#confirmed.set(ticket, resolve)
      this.journal.shared!.confirm(ticket, asked)
    })
  }

  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => this.#watchers.push(resolve))
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.journal.close(resolve))
  }

  onRows(rows: Uint8Array): void {
    forEachMixedChange(rows, (change) => {
      if (change.kind === 'put') this.rows.set(change.lease.address, change.lease)
    })
  }

  onReady(info: JournalInfo): void {
    this.#hear(info.stamp)
    this.info = info
    this.#wake()
  }

  onCommitted(answer?: SharedCommit): void {
    this.#take(answer!, answer!.rows)
    this.#settled({ conflicts: answer!.conflicts, answer: answer! })
  }

  onFailed(trouble: string): void {
    if (this.info === undefined) throw new Error(trouble)
    this.#settled({ trouble })
  }

  onOthers(rows: Uint8Array, answer: SharedAnswer): void {
    this.#take(answer, rows)
  }

  onConfirmed(ticket: number, rows: Uint8Array, answer: SharedAnswer): void {
    this.#take(answer, rows)
    this.#confirmed.get(ticket)?.()
    this.#confirmed.delete(ticket)
  }

  onAway(): void {
    this.course.push('away')
    this.#wake()
  }

  onBack(answer: SharedAnswer, { lost, isPromoted }: SharedReturn): void {
    this.#take(answer, Buffer.alloc(0))
    if (isPromoted) this.course.push('promoted')
    if (lost > 0) this.course.push(`lost ${lost}`)
    this.course.push('back')
    this.#wake()
  }

  onMembers(others: readonly SharedMember[]): void {
    this.others = others
    this.#wake()
  }

  onNamesLeft(names: readonly LeftName[]): void {
    this.left.push(...names)
    this.#wake()
  }

  onWarning(text: string): void {
    this.warnings.push(text)
    this.#wake()
  }

  #take(answer: SharedAnswer, rows: Uint8Array): void {
    this.answer = answer
    this.#hear(answer.time + answer.took)
    forEachMixedChange(rows, (change) => {
      if (change.kind === 'remove') this.rows.delete(change.address)
      else {
        const { lease } = change
        const [start, end] = [lease.start + answer.time, lease.end + answer.time]
        this.rows.set(lease.address, { ...lease, start, end } as Lease<Key>)
      }
    })
    this.#wake()
  }

  #hear(time: number): void {
    this.#heardTime = time
    this.#heard = this.#now()
  }

  #settled(result: CommitResult): void {
    const settle = this.#settle
    this.#settle = undefined
    settle?.(result)
    this.#wake()
  }

  #wake(): void {
    for (const watcher of this.#watchers.splice(0)) watcher()
  }
}

/** How a database of the tests is reached; of several, the primary is looked for. */
export function postgresPlan(databases: readonly Postgres[], name = 'postgres'): ConnectionPlan {
  return {
    type: 'postgresql',
    hosts: databases.map(({ folder }) => ({ host: folder, port: 5432 })),
    name,
    user: 'postgres',
    password: undefined,
    connectTimeout: 5,
    readTimeout: undefined,
    writeTimeout: undefined,
    tcpUserTimeout: undefined,
    tls: {
      mode: 'prefer',
      trustAnchor: undefined,
      certFile: undefined,
      keyFile: undefined,
      ciphers: undefined,
    },
    reconnect: { onFail: 'stop-retry-exit', tries: 0, wait: 0, onStartup: false },
    isReadOnly: false,
  }
}
