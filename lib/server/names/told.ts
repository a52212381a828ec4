// What the record of an address becomes when the partner tells its own of it.

import { isSameEntry, type NameEntry, type NameRecord, tidied } from '../../ddns/name-record.ts'

export interface Told {
  readonly record: NameRecord
  /**
   * The partner is to hear how things stand here, since it takes something to be owed by this
   * server that is not.
   */
  readonly isAsked: boolean
}

/** `isTaken`: what both think they owe is the partner's to do. */
export function told(
  mine: NameRecord,
  theirs: NameRecord,
  isTaken: (mine: NameEntry, theirs: NameEntry) => boolean,
): Told {
  const own = theirs.filter(({ by }) => by === 'us')
  const asked = theirs.filter(({ by }) => by === 'partner')
  const kept = mine.filter((entry) => {
    const other = sameIn(own, entry)
    return entry.by === 'us' && (other === undefined || !isTaken(entry, other))
  })
  const taken = own
    .filter((entry) => sameIn(kept, entry) === undefined)
    .map((entry) => ({ ...entry, by: 'partner' as const }))
  const adopted = asked
    .filter((entry) => sameIn(mine, entry) === undefined)
    .map((entry) => ({ ...entry, by: 'us' as const }))
  return {
    record: tidied([...kept.map((entry) => doubted(entry, asked)), ...taken, ...adopted]),
    isAsked: adopted.length < asked.length,
  }
}

function sameIn(record: NameRecord, entry: NameEntry): NameEntry | undefined {
  return record.find((one) => isSameEntry(one, entry))
}

/** What is not sure to the partner it may have removed while it was on its own. */
function doubted(entry: NameEntry, asked: NameRecord): NameEntry {
  const other = sameIn(asked, entry)
  const sure = other === undefined ? entry.sure : entry.sure & other.sure
  return sure === entry.sure ? entry : { ...entry, sure }
}
