// The journal's thread. Messages are handled in order, one at a time; a batch is acknowledged
// before any housekeeping, so nobody waits for a checkpoint unless batches come faster than it
// takes.

import { parentPort, workerData } from 'node:worker_threads'
import type { PairRecord } from '../../ha/pair-record.ts'
import { isOlder, type Testimony } from '../../ha/testimony.ts'
import type { JournalInfo } from '../../ports/journal.ts'
import type { Seconds } from '../../time/units.ts'
import { ring } from '../bell.ts'
import { JournalDatabase } from './database.ts'
import type { FromThread, ThreadData, ToThread } from './protocol.ts'
import { FIRST_PAGE, type PageMark } from './tables.ts'
import { refusalOfError, troubleOfError } from './trouble.ts'
import { WitnessFile } from './witness.ts'

type Commit = Extract<ToThread, { kind: 'commit' }>

const port = parentPort!
const data = workerData as ThreadData

let database: JournalDatabase | undefined
/** While rows are read: what comes behind it has not been sent. */
let loadedTo: PageMark | undefined
let witness: WitnessFile | undefined
/** The database is an older copy of what its witness has seen. */
let isOld = false
/** The record of the pair as stored last. */
let record: PairRecord | undefined
/** Of the leases of its pair, as far as its record or the witness know. */
let longest: Seconds = 0

port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'load':
      return startLoading()
    case 'more':
      return sendPage()
    case 'commit':
      return commit(message)
    case 'duid':
      return attempt(() => database?.keepDuid(message.duid))
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
    tell({ kind: 'opened', databaseId: database.meta.databaseId, duid: database.duid })
  } catch (error) {
    const { code, message } = refusalOfError(data.path, error)
    tell({ kind: 'refused', code, message })
    port.close()
  }
}

/** What a crash of the host may have taken back (crash.ts) is no older copy. */
function callWitness(source: JournalDatabase): void {
  if (data.witness === undefined) return
  witness = new WitnessFile(data.witness, source.path)
  const seen = witness.noted
  record = source.pair
  longest = Math.max(record?.longestLifetime ?? 0, seen?.longest ?? 0)
  const isWhole = source.lostUnder === undefined && source.meta.unsettled === undefined
  isOld = isWhole && seen !== undefined && isOlder(testimony(source), seen)
}

function testimony(source: JournalDatabase): Testimony {
  const { databaseId, stamp, change } = source.metaNow()
  return { database: databaseId, stamp, change, lives: record?.lives ?? [], longest }
}

function startLoading(): void {
  loadedTo = FIRST_PAGE
  database?.setAsideStrays()
}

function sendPage(): void {
  if (database === undefined) return
  try {
    while (loadedTo !== undefined) {
      const { rows, next } = database.readPage(loadedTo)
      loadedTo = next
      if (next === undefined) sendReady(database)
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
  const clock = source.resumeClock(isOld || data.isCopy === true)
  const restored: JournalInfo['restored'] = isOld ? 'older' : undefined
  // Of an older copy the witness may know more until something is stored.
  if (!isOld) attempt(() => witness?.note(() => testimony(source)))
  const found = { lostUnder, restored, longest, history: source.beginHistory() }
  tell({
    kind: 'ready',
    info: { ...clock, change, setAside, database, pair, ...found, ...source.readTexts() },
  })
}

function commit({ changes, count, stamp, pair, edits, names, told }: Commit): void {
  try {
    // A thread that replaces one that died opens with its first batch, and again until it can.
    database ??= new JournalDatabase(data, data.resume)
    database.commit(changes, count, stamp, pair, edits, names, told)
  } catch (error) {
    return tell({ kind: 'failed', trouble: troubleOfError(error) })
  }
  const source = database
  if (pair !== undefined) noteRecord(source, pair)
  if (data.bell === undefined || !ring(data.bell)) tell({ kind: 'committed' })
  source.checkpoint()
  attempt(() => witness?.note(() => testimony(source)))
}

/** No client gets a longer lease than any before whose length only the database knows. */
function noteRecord(source: JournalDatabase, pair: PairRecord): void {
  record = pair
  longest = pair.longestLifetime
  if (witness !== undefined && longest > (witness.noted?.longest ?? 0))
    attempt(() => witness?.write(testimony(source)))
}

/** Where the disk is in trouble, the next commit tells. */
function attempt(note: () => void): void {
  try {
    note()
  } catch {}
}

function close(): void {
  try {
    if (database !== undefined && witness?.isOfNow) witness.write(testimony(database))
    database?.close()
  } finally {
    port.close()
  }
}
