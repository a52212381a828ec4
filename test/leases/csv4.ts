// The file of Kea's memfile as a text, read as a whole.

import { CsvReader } from '../../lib/leases/csv.ts'
import type { Instant, WallTime } from '../../lib/time/units.ts'

/** Reads a whole file. */
export function readCsv4(text: string, wallNow: WallTime, now: Instant): CsvReader {
  const reader = new CsvReader(wallNow, now)
  let start = 0
  while (start < text.length) {
    const feed = text.indexOf('\n', start)
    const end = feed < 0 ? text.length : feed
    reader.take(text.slice(start, end))
    start = end + 1
  }
  return reader
}
