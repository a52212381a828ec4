// The journal on SQLite, as the server's thread sees it: batches go to a thread of their own, so a
// slow disk never holds up a packet. What is stored and how is in database.ts.

import { Worker } from 'node:worker_threads'
import type { Octets } from '../../bytes/octets.ts'
import type { PairRecord } from '../../ha/pair-record.ts'
import type {
  Journal,
  JournalSink,
  StoredEdit,
  StoredEvents,
  StoredName,
} from '../../ports/journal.ts'
import type { Instant, Millis } from '../../time/units.ts'
import type { FromThread, JournalOptions, ThreadData, ToThread } from './protocol.ts'
import { JournalRefused } from './trouble.ts'

/** Pages of rows that may be under way or waiting while the server takes them in. */
const PAGES_AHEAD = 3

/**
 * Opens or creates the database and takes its lock. Rejects with JournalRefused when serving is
 * impossible until a person has done something; single spoiled rows are no reason.
 */
export function openJournal(options: JournalOptions): Promise<SqliteJournal> {
  try {
    refuseOldNode(process.versions.node)
  } catch (error) {
    return Promise.reject(error)
  }
  return new Promise((resolve, reject) => {
    const thread = startThread(options, '')
    const onEnd = () => reject(new Error('the journal thread ended while opening'))
    thread.on('error', reject)
    thread.on('exit', onEnd)
    thread.once('message', (message: FromThread) => {
      if (message.kind === 'refused') reject(new JournalRefused(message.code, message.message))
      if (message.kind !== 'opened') return
      thread.off('error', reject)
      thread.off('exit', onEnd)
      resolve(new SqliteJournal(options, message.databaseId, message.duid, thread))
    })
  })
}

/** better-sqlite3 ends the process without a word on Node 20; say the word before it is loaded. */
export function refuseOldNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) return
  throw new JournalRefused(
    'node-too-old',
    `the journal needs Node.js 22.18 or newer; this is ${version}`,
  )
}

export class SqliteJournal implements Journal {
  readonly #options: JournalOptions
  /** Identifies the database for ever; made when it was created. */
  readonly databaseId: string
  /** Of the server, when the database was opened; '' = it had none. */
  readonly duid: Octets
  #thread: Worker | undefined
  #sink: JournalSink | undefined
  /** What the sink is owed: rows, or the fate of a batch. */
  #owed: 'nothing' | 'rows' | 'commit' = 'nothing'
  #onClosed: (() => void) | undefined

  constructor(options: JournalOptions, databaseId: string, duid: Octets, thread: Worker) {
    this.#options = options
    this.databaseId = databaseId
    this.duid = duid
    this.#adopt(thread)
    if (options.rest !== undefined) options.rest.bell.onRing = () => this.#committed()
  }

  get apart(): Millis {
    return this.#options.rest?.pace.apart ?? 0
  }

  open(sink: JournalSink): void {
    this.#sink = sink
    this.#owed = 'rows'
    this.#tell({ kind: 'load' })
    for (let page = 0; page < PAGES_AHEAD; page++) this.#tell({ kind: 'more' })
  }

  commit(
    changes: Uint8Array,
    count: number,
    stamp: Instant,
    pair?: PairRecord,
    edits?: readonly StoredEdit[],
    _shared?: undefined,
    names?: readonly StoredName[],
    told?: StoredEvents,
  ): void {
    this.#owed = 'commit'
    if (this.#thread === undefined) this.#replaceThread()
    // Given away, not copied. Memory that other threads share, or a pool's, cannot be given away.
    const { buffer } = changes
    const whole = buffer instanceof ArrayBuffer && buffer.byteLength === changes.byteLength
    const batch = { changes, count, stamp, pair, edits, names, told }
    this.#tell({ kind: 'commit', ...batch }, whole ? [buffer] : [])
  }

  /**
   * Keeps the DUID of the server: it is stored before whatever is handed over later. A disk in
   * trouble shows then.
   */
  keepDuid(duid: Octets): void {
    this.#tell({ kind: 'duid', duid })
  }

  close(done: () => void): void {
    this.#onClosed = done
    if (this.#thread === undefined) setImmediate(() => this.#closed())
    else this.#tell({ kind: 'close' })
  }

  /** For tests: ends the thread as a crash of it would. */
  async killThread(): Promise<void> {
    await this.#thread?.terminate()
  }

  #tell(message: ToThread, transfer: ArrayBuffer[] = []): void {
    this.#thread?.postMessage(message, transfer)
  }

  #adopt(thread: Worker): void {
    let trouble = 'it ended without an error'
    thread.on('message', (message: FromThread) => this.#heard(message))
    thread.on('error', (error) => {
      trouble = error instanceof Error ? error.message : String(error)
    })
    thread.on('exit', () => this.#threadEnded(thread, trouble))
    this.#thread = thread
  }

  #replaceThread(): void {
    this.#adopt(startThread(this.#options, this.databaseId))
  }

  #heard(message: FromThread): void {
    switch (message.kind) {
      case 'committed':
        return this.#committed()
      case 'failed':
        this.#owed = 'nothing'
        return this.#sink?.onFailed(message.trouble)
      case 'rows':
        this.#tell({ kind: 'more' })
        return this.#sink?.onRows(message.rows)
      case 'ready':
        this.#owed = 'nothing'
        return this.#sink?.onReady(message.info)
      case 'opened':
      case 'refused':
        return
      default:
        message satisfies never
    }
  }

  #committed(): void {
    // The bell of a thread that has died is too late.
    if (this.#owed !== 'commit') return
    this.#owed = 'nothing'
    this.#sink?.onCommitted()
  }

  #threadEnded(thread: Worker, trouble: string): void {
    if (this.#thread !== thread) return
    this.#thread = undefined
    const owed = this.#owed
    this.#owed = 'nothing'
    const closing = this.#onClosed !== undefined
    if (owed === 'commit' || (owed === 'rows' && !closing))
      this.#sink?.onFailed(`the journal's thread died: ${trouble}`)
    this.#closed()
  }

  #closed(): void {
    const done = this.#onClosed
    this.#onClosed = undefined
    done?.()
  }
}

function startThread({ rest, ...options }: JournalOptions, resume: string): Worker {
  const data: ThreadData = { ...options, resume, bell: rest?.bell.word }
  // Sources run as .ts, the package as .js; the loaders of a test runner are not wanted inside.
  const file = new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url)
  return new Worker(file, { workerData: data, execArgv: [], name: 'journal' })
}
