// The journal's thread. Messages are handled in order, one at a time; a batch is acknowledged before
// any housekeeping, so nobody waits for a checkpoint unless batches come faster than it takes.

import { parentPort, workerData } from 'node:worker_threads'
import type { Life } from '../ha/history.ts'
import { JournalDatabase } from './journal-database.ts'
import type { FromThread, ThreadData, ToThread } from './journal-protocol.ts'
import { refusalOfError, troubleOfError } from './journal-trouble.ts'
import { isOlder, type Testimony, WitnessFile } from './witness.ts'

type Commit = Extract<ToThread, { kind: 'commit' }>

const port = parentPort!
const data = workerData as ThreadData

let database: JournalDatabase | undefined
/** While rows are read: the address of the last one sent. */
let loadedTo: number | undefined
let witness: WitnessFile | undefined
/** The database is an older copy of what its witness has seen. */
let isOld = false
let lives: readonly Life[] = []

port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'load':
      return startLoading()
    case 'more':
      return sendPage()
    case 'commit':
      return commit(message)
    case 'close':
      return close()
    default:
      message satisfies never
  }
})

if (data.resume === '') open()

function tell(message: FromThread, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer)
}

function open(): void {
  try {
    database = new JournalDatabase(data, '')
    callWitness(database)
    tell({ kind: 'opened', databaseId: database.meta.databaseId })
  } catch (error) {
    const { code, message } = refusalOfError(data.path, error)
    tell({ kind: 'refused', code, message })
    port.close()
  }
}

/** What a crash of the host may have taken back (journal-crash.ts) is no older copy. */
function callWitness(source: JournalDatabase): void {
  if (data.witness === undefined) return
  witness = new WitnessFile(data.witness, source.path)
  lives = source.pair?.lives ?? []
  const seen = witness.read()
  const isWhole = source.lostUnder === undefined && source.meta.unsettled === undefined
  isOld = isWhole && seen !== undefined && isOlder(testimony(source), seen)
}

function testimony(source: JournalDatabase): Testimony {
  const { databaseId, stamp, change } = source.metaNow()
  return { database: databaseId, stamp, change, lives }
}

function startLoading(): void {
  loadedTo = 0
  database?.setAsideStrays()
}

function sendPage(): void {
  if (database === undefined) return
  try {
    while (loadedTo !== undefined) {
      const { rows, last } = database.readPage(loadedTo)
      loadedTo = last
      if (last === undefined) sendReady(database)
      // A page of nothing but rows that were set aside is no page.
      if (rows.length === 0) continue
      return tell({ kind: 'rows', rows }, [rows.buffer])
    }
  } catch (error) {
    loadedTo = undefined
    tell({ kind: 'failed', trouble: troubleOfError(error) })
  }
}

function sendReady(source: JournalDatabase): void {
  const { meta, pair, lostUnder } = source
  const { databaseId: database, change } = meta
  const setAside = source.countSetAside()
  const clock = source.resumeClock()
  const restored = isOld ? 'older' : undefined
  // Of an older copy the witness may know more until something is stored.
  if (!isOld) noteNow(source)
  tell({ kind: 'ready', info: { ...clock, change, setAside, database, pair, lostUnder, restored } })
}

function commit({ changes, count, stamp, pair }: Commit): void {
  try {
    // A thread that replaces one that died opens with its first batch, and again until it can.
    database ??= new JournalDatabase(data, data.resume)
    database.commit(changes, count, stamp, pair)
  } catch (error) {
    return tell({ kind: 'failed', trouble: troubleOfError(error) })
  }
  tell({ kind: 'committed' })
  database.checkpoint()
  lives = pair?.lives ?? lives
  noteNow(database)
}

function noteNow(source: JournalDatabase): void {
  try {
    witness?.note(() => testimony(source))
  } catch {
    // The disk is in trouble, which the next commit tells.
  }
}

function close(): void {
  try {
    if (database !== undefined && witness?.isNoted) witness.write(testimony(database))
    database?.close()
  } finally {
    port.close()
  }
}
