// Where leases can be read in from: lease files of Kea, its tables in PostgreSQL and MySQL, and
// journals of Whio, in a file or in a database.

import { existsSync } from 'node:fs'
import { forEachMixedChange } from '../leases/change-codec.ts'
import { CsvReader } from '../leases/csv.ts'
import { LEASE_STATE, type Lease, type Lease6 } from '../leases/lease.ts'
import { isErased } from '../leases/lifecycle.ts'
import type { Instant } from '../time/units.ts'
import { lookAtLeases } from './journal/look.ts'
import { type KeaFileProblem, keaFiles, readKeaFiles } from './kea-files.ts'

/** What was read. Change numbers are those of the source, for the order only. */
export interface ReadLeases {
  readonly leases: readonly (Lease | Lease6)[]
  /** The first rows that could not be used. */
  readonly problems: readonly KeaFileProblem[]
  readonly problemCount: number
}

export interface ImportSource {
  /** Of what is read, for people. */
  readonly names: readonly string[]
  /** Leases with times on the lease clock that shows `now`. */
  read(now: Instant): ReadLeases | Promise<ReadLeases>
}

/** A lease file of Kea, with what Kea keeps beside it. */
export function csvSource(csv: string): ImportSource {
  const files = keaFiles(csv)
  if (!files.includes(csv)) throw new Error(`${csv}: there is no such file`)
  return filesSource(files)
}

export function filesSource(files: readonly string[]): ImportSource {
  return {
    names: files,
    read(now) {
      const reader = new CsvReader(Date.now(), now)
      const problems = readKeaFiles(files, reader)
      return { leases: leasesOf(reader), problems, problemCount: reader.problemCount }
    },
  }
}

/** Rows of lease files that came from tables: a place in a file is none. */
export function linesSource(name: string, files: readonly (readonly string[])[]): ImportSource {
  return {
    names: [name],
    read(now) {
      const reader = new CsvReader(Date.now(), now)
      const problems: KeaFileProblem[] = []
      for (const lines of files) {
        reader.beginFile()
        for (const [index, line] of lines.entries()) {
          const before = reader.problemCount
          reader.take(line)
          if (reader.problemCount === before || problems.length >= PROBLEMS_MAX) continue
          const text = `${line.split(',', 1)[0]}: ${reader.problems.at(-1)!.text}`
          problems.push({ file: name, line: index, text })
        }
      }
      return { leases: leasesOf(reader), problems, problemCount: reader.problemCount }
    },
  }
}

const PROBLEMS_MAX = 100

function leasesOf(reader: CsvReader): (Lease | Lease6)[] {
  return reader.leases(1) as (Lease | Lease6)[]
}

/** A journal of Whio in a file, also while its server uses it. */
export function journalSource(path: string): ImportSource {
  if (!existsSync(path)) throw new Error(`${path}: there is no such file`)
  return {
    names: [path],
    read(now) {
      const leases = ([4, 6] as const).flatMap((version) => {
        const looked = lookAtLeases(path, version)
        return leasesOfRows(looked.rows, now - looked.now)
      })
      return { leases, problems: [], problemCount: 0 }
    },
  }
}

/**
 * Leases of records of Whio, later by so much. What a pair has noted of its rights is no concern of
 * another database.
 */
export function leasesOfRows(rows: Uint8Array, later: Instant): (Lease | Lease6)[] {
  const leases: (Lease | Lease6)[] = []
  forEachMixedChange(rows, (change) => {
    if (change.kind !== 'put') return
    const { lease } = change
    if (lease.state === LEASE_STATE.free || isErased(lease)) return
    const times = { start: lease.start + later, end: lease.end + later }
    const own = { gave: 0, got: 0, givenBy: 'us', knew: 0 } as const
    leases.push({ ...lease, ...times, ...own } as Lease)
  })
  return leases
}
