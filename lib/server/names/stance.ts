// Whose it is to do what is owed to DNS. A server on its own does all of it. In a pair each does
// what it has begun, and what the partner owes where that is gone. On a database that others write,
// too, it is who wrote the lease last; what somebody owes who is gone, another one takes over.

import { type NameEntry, toRemove } from '../../ddns/name-record.ts'
import type { Key } from '../../leases/keys/key.ts'
import { LEASE_STATE, type Lease } from '../../leases/lease.ts'
import { writerOf } from '../../ports/shared-journal.ts'
import type { NamesDuties, NamesPair } from './names-duties.ts'

type Duties = Pick<NamesDuties, 'pair' | 'shared' | 'tables'>

export class NamesStance {
  readonly #duties: Duties
  #text = ''
  #gaps = 0
  /**
   * It may have been taken for gone: what it owes is stored as another one's then, who leaves it to
   * whoever renews the lease. So it is to be stored once more.
   */
  isBack = false

  constructor(duties: Duties) {
    this.#duties = duties
  }

  get pair(): NamesPair | undefined {
    return this.#duties.pair()
  }

  /** Others write the leases. */
  get isShared(): boolean {
    return this.#duties.shared() !== undefined
  }

  /** Others may have registered what is not known here. */
  get isApart(): boolean {
    if (this.isShared) return true
    return !(this.pair?.isTogether ?? this.#duties.tables.rights.kind === 'all')
  }

  get waitsFor(): 'database' | 'partner' {
    return this.isShared ? 'database' : 'partner'
  }

  /** Another one than when it was asked last: what is owed is to be looked at again. */
  hasChanged(): boolean {
    const text = this.#describe()
    if (text === this.#text) return false
    const { gaps = 0 } = this.#duties.shared() ?? {}
    this.isBack ||= gaps > this.#gaps
    this.#gaps = gaps
    this.#text = text
    return true
  }

  #describe(): string {
    const [pair, shared] = [this.pair, this.#duties.shared()]
    if (shared !== undefined) return `${shared.isFresh} ${shared.gaps}`
    return pair === undefined ? '' : `${pair.mayAct} ${pair.isAlone} ${pair.isTogether}`
  }

  isAllowed(key: Key, entry: NameEntry): boolean {
    const { pair } = this
    if (this.isShared) return this.#duties.shared()!.isFresh && entry.by === 'us'
    if (pair === undefined) return true
    if (!pair.mayAct || (entry.by !== 'us' && !pair.isAlone)) return false
    return toRemove(entry) === 0 || pair.isTogether || this.#isSurelyOver(key, entry)
  }

  /** Whether the partner may want what is not wanted here, as in a cut. */
  mayBeWanted(key: Key, entry: NameEntry): boolean {
    const { pair } = this
    return pair !== undefined && !pair.isTogether && !this.#isSurelyOver(key, entry)
  }

  /** In a cut the partner may have renewed what has ended here, unless it has no key of it. */
  #isSurelyOver(key: Key, { wants }: NameEntry): boolean {
    if (wants !== 0) return true
    const table = this.#duties.tables.of(key)
    const row = table.byAddress(key)
    return (row !== undefined && isEndedByWord(row)) || table.keysOf(key, row) === 2
  }

  /**
   * Whether what a member wanted that is gone is wanted still: nobody else has written the lease
   * since. This one may have written it before, and its record may have gone to that member.
   */
  isHeir(row: Lease<Key> | undefined, member: number): boolean {
    return row !== undefined && (row.givenBy === 'us' || writerOf(row.change) === member)
  }

  /** What both servers of a pair think they owe is the partner's to do. */
  isTaken(key: Key, mine: NameEntry, other: NameEntry): boolean {
    if (other.wants === 0) return false
    if (mine.wants === 0) return true
    const { tables } = this.#duties
    // Where both yielded, as after a cut, nobody would do it: one side never does.
    return tables.of(key).byAddress(key)?.givenBy !== 'us' && tables.rights.side !== 0
  }
}

/** Its client has given it up, or somebody else has the address by now: no renewal is possible. */
function isEndedByWord({ state }: Lease<Key>): boolean {
  return state === LEASE_STATE.released || state === LEASE_STATE.declined
}
