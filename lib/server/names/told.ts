// What the record of an address becomes when the partner tells its own of it, or when another
// server has left it.

import {
  isSameEntry,
  type NameEntry,
  type NameRecord,
  REVERSE,
  tidied,
} from '../../ddns/name-record.ts'

export interface Told {
  readonly record: NameRecord
  /**
   * What the partner is to hear, or undefined: how things stand here, where it takes something to
   * be owed by this server that is not, and what is not sure as it says.
   */
  readonly answer: NameRecord | undefined
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
    .map((entry) => ({ ...entry, by: 'partner' as const, sure: sureAfter(mine, entry) }))
  const adopted = asked
    .filter((entry) => sameIn(mine, entry) === undefined)
    .map((entry) => ({ ...entry, by: 'us' as const }))
  const left = kept.map((entry) => doubted(entry, asked))
  const unsure = taken.filter((entry) => entry.sure !== sameIn(own, entry)!.sure)
  const isAsked = adopted.length < asked.length || unsure.length > 0
  return {
    record: tidied([...left, ...taken, ...adopted]),
    answer: isAsked ? tidied([...left, ...adopted, ...unsure]) : undefined,
  }
}

/**
 * With what a server has left in its record of the address that is gone. `isHeir`: nobody else
 * has written the lease since, or it asks for that still.
 */
export function inherited(
  mine: NameRecord,
  theirs: NameRecord,
  isHeir: (entry: NameEntry) => boolean,
): NameRecord {
  const left = theirs.filter((entry) => entry.by === 'us' && (entry.wants === 0 || isHeir(entry)))
  const kept = mine.filter((entry) => entry.by === 'us' || sameIn(left, entry) === undefined)
  return tidied([...left.filter((entry) => sameIn(kept, entry) === undefined), ...kept])
}

/**
 * What of a name that is the partner's from now on is sure: an address leads to one name, and to
 * the partner's no more where this server has made it lead to another since, as in a cut.
 */
function sureAfter(mine: NameRecord, entry: NameEntry): number {
  const own = sameIn(mine, entry)
  const isKnown = own?.by === 'partner'
  const isReplaced = mine.some(
    ({ by, fqdn, may }) => by === 'us' && fqdn !== entry.fqdn && (may & REVERSE) !== 0,
  )
  // What is owed here is so because this server may have removed it.
  const sure = own?.by === 'us' && own.wants !== 0 ? entry.sure & own.sure : entry.sure
  return isReplaced && !isKnown ? sure & ~REVERSE : sure
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
