// The records of a batch as values of its statement: the bytes once, as they are, and lists of
// numbers that say where in them what stands. Nothing is decoded, nothing is copied twice.

import {
  ChangeCodecError,
  checkedRecordEnd,
  keysOfRecord,
  viewOf,
} from '../../leases/change-codec.ts'
import { rowOverAt } from '../../leases/grace.ts'
import { KEYS4 } from '../../leases/keys/family4.ts'
import type { LeaseState } from '../../leases/lease.ts'
import { FIELD, RECORD } from '../../leases/record.ts'
import type { SharedBatch } from '../../ports/shared-journal.ts'
import { type Instant, NEVER } from '../../time/units.ts'
import type { Value } from './session.ts'

/** Lists of one family, an element for each of its records; those of DHCPv6 have no address. */
export class FamilyBatch {
  readonly place: number[] = []
  readonly at: number[] = []
  readonly size: number[] = []
  readonly address: number[] = []
  readonly version: number[] = []
  readonly expected: number[] = []
  readonly forced: string[] = []
  /** Milliseconds from the moment of the batch: negative for the past, null for never. */
  readonly starts: number[] = []
  readonly ends: (number | 'NULL')[] = []
  readonly over: (number | 'NULL')[] = []

  get count(): number {
    return this.place.length
  }

  values(hasAddress: boolean): Value[] {
    const lists = [this.place, this.at, this.size, this.version, this.expected, this.forced]
    const times = [this.starts, this.ends, this.over]
    const all = [...lists, ...times, ...(hasAddress ? [this.address] : [])]
    return all.map((list) => `{${list.join(',')}}`)
  }
}

export interface BatchRows {
  readonly four: FamilyBatch
  readonly six: FamilyBatch
}

/** `stamp`: the lease clock now. */
export function batchRows(
  changes: Uint8Array,
  count: number,
  stamp: Instant,
  shared: SharedBatch | undefined,
): BatchRows {
  const view = viewOf(changes)
  const four = new FamilyBatch()
  const six = new FamilyBatch()
  let place = 0
  for (let at = 0; at < changes.length; place++) {
    const keys = keysOfRecord(view, at)
    const end = checkedRecordEnd(view, at, keys)
    if (view.getUint8(at + FIELD.kind) !== keys.put)
      throw new ChangeCodecError('rows of a shared database are never removed', at)
    const family = keys === KEYS4 ? four : six
    put(family, view, at, end, stamp)
    family.place.push(place)
    if (keys === KEYS4) family.address.push(view.getUint32(at + FIELD.address, true))
    family.expected.push(shared?.expected[place] ?? 0)
    family.forced.push(shared?.isForced[place] === 1 ? 't' : 'f')
    at = end
  }
  if (place !== count) throw new ChangeCodecError(`${place} records where ${count} were said`, 0)
  return { four, six }
}

function put(family: FamilyBatch, view: DataView, at: number, end: number, stamp: Instant): void {
  const ends = view.getFloat64(at + FIELD.end, true)
  const state = (view.getUint8(at + FIELD.flags) & RECORD.stateMask) as LeaseState
  const validLifetime = view.getUint32(at + FIELD.validLifetime, true)
  // From 1 on, as SQL counts.
  family.at.push(at + 1)
  family.size.push(end - at)
  family.version.push(view.getFloat64(at + FIELD.change, true))
  family.starts.push(view.getFloat64(at + FIELD.start, true) - stamp)
  family.ends.push(fromNow(ends, stamp))
  family.over.push(fromNow(rowOverAt({ state, end: ends, validLifetime }), stamp))
}

function fromNow(time: Instant, stamp: Instant): number | 'NULL' {
  return time === NEVER ? 'NULL' : time - stamp
}
