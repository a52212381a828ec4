// The batches of the last minutes as this server has stored them, for a database that has forgotten
// some: another copy took over that had not got them. What clients were told must be there again,
// so it is written once more wherever nobody has written since.

import type { Key } from '../../leases/keys/key.ts'
import type { Millis } from '../../time/units.ts'
import { forEachKey } from './answers.ts'

/** No standby that takes over is farther behind. */
const KEPT: Millis = 600_000
const KEPT_BYTES = 64 << 20

interface Kept {
  readonly seq: number
  readonly at: Millis
  readonly changes: Uint8Array
  readonly expected: Float64Array
  /** Places that were not stored. */
  readonly conflicts: readonly number[]
}

/** The last version of a row that is lost. */
export interface LostRow {
  readonly key: Key
  readonly record: Uint8Array
  /** Versions of this row that the database may have, if nobody else has written it. */
  readonly formers: readonly number[]
}

export class Recent {
  readonly #batches: Kept[] = []
  #bytes = 0

  note(batch: Kept): void {
    this.#batches.push(batch)
    this.#bytes += batch.changes.length
    let count = 0
    while (count < this.#batches.length && this.#isOld(this.#batches[count]!, batch.at)) {
      this.#bytes -= this.#batches[count]!.changes.length
      count++
    }
    if (count > 0) this.#batches.splice(0, count)
  }

  #isOld({ at }: Kept, now: Millis): boolean {
    return now - at > KEPT || this.#bytes > KEPT_BYTES
  }

  /** Batches that a database does not have whose last one of this member is `highest`. */
  lostBehind(highest: number): { readonly batches: number; readonly rows: readonly LostRow[] } {
    const lost = this.#batches.filter(({ seq }) => seq > highest)
    const rows = new Map<Key, { key: Key; record: Uint8Array; formers: number[] }>()
    for (const { changes, expected, conflicts } of lost)
      forEachKey(changes, (key, place, start, end) => {
        if (conflicts.includes(place)) return
        const formers = rows.get(key)?.formers ?? []
        formers.push(expected[place]!)
        rows.set(key, { key, record: changes.subarray(start, end), formers })
      })
    return { batches: lost.length, rows: [...rows.values()] }
  }
}
