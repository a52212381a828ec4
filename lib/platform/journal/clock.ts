// When the lease clock of a database showed what, by the clocks of the host: noted in its table
// meta every few seconds, so that the next start knows how long the server was off.
//
// A copy that is put back must not count the time since it was made: what was renewed meanwhile is
// not in it. So the note names the file that it is in, and a token that changes every minute and
// also stands beside the journal, in `<path>.clock`. A copy has an old token, or lies in another
// file; then the clock goes on from its stamp. So it does where all of that is put back over what
// was there, if the witness or an operator tells (resumeClock).

import { randomUUID } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { type ClockNote, type HostTimes, resumedAt } from '../../time/downtime.ts'
import type { Instant, Millis } from '../../time/units.ts'

/** What meta says of it. */
export interface StoredClock {
  readonly stamp: Instant
  /** JSON, as it was noted; '' = never. */
  readonly note: string
  /** Time that was counted, all in all, while nobody served the database. */
  readonly counted: Millis
}

/** Where the lease clock goes on. */
export interface ResumedClock {
  readonly stamp: Instant
  readonly counted: Millis
  /** What of it is counted for this start. */
  readonly downtime: Millis
}

const NOTE_EVERY: Millis = 10_000
const TOKEN_FOR: Millis = 60_000

interface Note extends ClockNote {
  readonly token: string
  readonly file: string
}

export class JournalClock {
  readonly #path: string
  readonly #times: () => HostTimes
  #counted: Millis
  #tokens: readonly string[] = []
  #tokenAt: Instant = Number.NEGATIVE_INFINITY
  #notedAt: Instant = Number.NEGATIVE_INFINITY

  constructor(path: string, counted: Millis, times: () => HostTimes) {
    this.#path = path
    this.#counted = counted
    this.#times = times
  }

  /** At the start of a server, as late as can be. */
  resume({ stamp, note, counted }: StoredClock): ResumedClock {
    const noted = noteOf(note)
    const isOurs =
      noted !== undefined && noted.file === this.#file() && this.#readTokens().includes(noted.token)
    const resumed = resumedAt(stamp, isOurs ? noted : undefined, this.#times())
    const downtime = resumed - stamp
    this.#counted = counted + downtime
    return { stamp: resumed, counted: this.#counted, downtime }
  }

  /** Within the transaction that stores the stamp. */
  put(db: Database.Database, stamp: Instant): void {
    if (stamp < this.#notedAt + NOTE_EVERY) return
    if (stamp >= this.#tokenAt + TOKEN_FOR) this.#renewToken(stamp)
    const token = this.#tokens.at(-1) ?? ''
    const note: Note = { stamp, ...this.#times(), token, file: this.#file() }
    db.prepare('UPDATE meta SET clock_note = ?, counted_ms = ?').run(
      JSON.stringify(note),
      this.#counted,
    )
    this.#notedAt = stamp
  }

  /** The former one counts, too: the note in which it stands may be the last that is stored. */
  #renewToken(stamp: Instant): void {
    this.#tokens = [...this.#tokens.slice(-1), randomUUID()]
    this.#tokenAt = stamp
    try {
      writeFileSync(`${this.#path}.clock`, JSON.stringify(this.#tokens), { mode: 0o640 })
    } catch {
      // Then nothing is counted at the next start.
    }
  }

  #readTokens(): readonly unknown[] {
    try {
      const tokens: unknown = JSON.parse(readFileSync(`${this.#path}.clock`, 'utf8'))
      return Array.isArray(tokens) ? tokens : []
    } catch {
      return []
    }
  }

  #file(): string {
    const file = statSync(this.#path, { throwIfNoEntry: false })
    return file === undefined ? '' : `${file.dev}:${file.ino}:${file.birthtimeMs}`
  }
}

/** Undefined where there is none, or people have changed it beyond use. */
function noteOf(text: string): Note | undefined {
  let note: Partial<Note> | null
  try {
    note = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof note !== 'object' || note === null) return undefined
  const { stamp, boot, uptime, wall, wallError, token, file } = note
  if (![stamp, uptime, wall].every(Number.isFinite)) return undefined
  if (wallError !== undefined && !Number.isFinite(wallError)) return undefined
  if (![boot, token, file].every((part) => typeof part === 'string' && part !== ''))
    return undefined
  return note as Note
}
