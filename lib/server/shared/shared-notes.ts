// What a batch of a shared database has beside each of its changes: the version of the row that it
// was made of, and who brought it about. The database may refuse single rows. Who is behind such a
// change is not answered with what was written for it, and is asked anew.
//
//   put      version in memory -> change                 expected, origin
//   commit   the last change of each key is sent         over the version of the first one
//   answer   conflicts: places among what was sent  ->   refused: places among the changes

import { ChangeWriter } from '../../leases/change-codec.ts'
import type { Key } from '../../leases/keys/key.ts'
import { type Change, LEASE_STATE } from '../../leases/lease.ts'
import type { StoredName, StoredSteps } from '../../ports/journal.ts'
import type { NameTie, SharedBatch } from '../../ports/shared-journal.ts'
import type { LeaseAction } from '../events.ts'
import { keyOf } from '../lease-action.ts'
import { isReply, type Parked } from '../parked.ts'

/** Who brought a change about, and is to be served again where it is refused. */
export interface Origin {
  again(): void
}

/** Of no row, nor of none. */
const NO_VERSION = -1

export class SharedNotes {
  readonly #expected: number[] = []
  readonly #origins: (Origin | undefined)[] = []
  readonly #parkedFor = new Map<Parked, Origin>()
  /** Records of names by address, each with the change that it is of. */
  readonly #ties: { readonly address: string; readonly at: number }[] = []
  /** Of what was sent: for each row the changes that led to it, as places in the batch. */
  #sent: number[][] = []
  /** Changes that were made of a row which has been replaced before they were sent. */
  #dead: number[] = []
  /** Where those that are stored stood before others were taken out; undefined: none was. */
  #left: number[] | undefined

  /** Beside the next change. */
  note(expected: number, origin: Origin | undefined): void {
    this.#expected.push(expected)
    this.#origins.push(origin)
  }

  /** The change is refused, whatever row there is: see Delivery.renounce. */
  renounce(at: number): void {
    this.#expected[at] = NO_VERSION
  }

  /** What is owed to DNS for this address follows from the next change. */
  tie(address: string): void {
    this.#ties.push({ address, at: this.#expected.length })
  }

  /** Beside a reply: an answer to an operator is said, whatever became of what he wanted. */
  park(one: Parked, origin: Origin | undefined): void {
    if (origin !== undefined && isReply(one)) this.#parkedFor.set(one, origin)
  }

  /** Writes what is to be stored, and returns what is said beside it. */
  write(
    { changes, actions }: Pick<BatchChanges, 'changes' | 'actions'>,
    writer: ChangeWriter,
  ): SharedBatch {
    const chains = this.#chains(changes)
    this.#sent = [...chains.values()]
    for (const chain of this.#sent) writer.put(changes[chain.at(-1)!]!)
    return {
      expected: Float64Array.from(this.#sent, ([first]) => this.#expected[first!]!),
      isForced: Uint8Array.from(this.#sent, (chain) =>
        chain.some((at, step) => frees(changes[at]!, actions[at], step === chain.length - 1))
          ? 1
          : 0,
      ),
      ties: this.#placedTies(),
    }
  }

  /** What is of a change that is not sent was made anew when its row was replaced. */
  #placedTies(): NameTie[] {
    const places = new Map<number, number>()
    for (const [place, chain] of this.#sent.entries()) for (const at of chain) places.set(at, place)
    return this.#ties.flatMap(({ address, at }) => {
      const place = places.get(at)
      return place === undefined ? [] : { address, place }
    })
  }

  /** Of a batch that was written: for the history, which has each change by itself. */
  steps(changes: readonly Change<Key>[]): StoredSteps {
    const places = new Int32Array(changes.length).fill(-1)
    const between: number[] = []
    for (const [place, chain] of this.#sent.entries())
      for (const [step, at] of chain.entries()) {
        places[at] = place
        if (step < chain.length - 1) between.push(at)
      }
    const writer = new ChangeWriter(256)
    for (const at of between.sort((a, b) => a - b)) writer.put(changes[at]!)
    return { places, between: writer.bytes }
  }

  /** Where the change that now stands there stood when the batch was written. */
  placeBefore(index: number): number {
    return this.#left === undefined ? index : this.#left[index]!
  }

  /** Changes of one key that were made of each other. */
  #chains(changes: readonly Change<Key>[]): Map<Key, number[]> {
    const chains = new Map<Key, number[]>()
    this.#dead = []
    for (const [at, change] of changes.entries()) {
      const key = keyOf(change)
      const chain = chains.get(key)
      if (chain === undefined) chains.set(key, [at])
      else if (versionOf(changes[chain.at(-1)!]!) === this.#expected[at]!) chain.push(at)
      else {
        this.#dead.push(...chain)
        chains.set(key, [at])
      }
    }
    return chains
  }

  /**
   * Takes what is not stored out of the batch, with the replies that promised it; these places of
   * what was sent were refused. Undefined where all is stored.
   */
  refuse(batch: BatchChanges, conflicts: readonly number[]): Refusal | undefined {
    const places = new Set([
      ...this.#dead,
      ...conflicts.flatMap((place) => this.#sent[place] ?? []),
    ])
    if (places.size === 0) return undefined
    const origins = this.#originsOf(places)
    const ties = this.#ties.filter(({ at }) => places.has(at))
    const names = new Set(ties.map(({ address }) => address))
    batch.names = batch.names?.filter(({ address }) => !names.has(address))
    this.#left = [...batch.changes.keys()].filter((at) => !places.has(at))
    batch.changes = batch.changes.filter((_, at) => !places.has(at))
    batch.actions = batch.actions.filter((_, at) => !places.has(at))
    batch.parked = batch.parked.filter((one) => {
      const origin = this.#parkedFor.get(one)
      return origin === undefined || !origins.has(origin)
    })
    return { origins, names }
  }

  #originsOf(places: Iterable<number>): Set<Origin> {
    const origins = new Set<Origin>()
    for (const at of places) {
      const origin = this.#origins[at]
      if (origin !== undefined) origins.add(origin)
    }
    return origins
  }

  /** The notes of two batches that become one. Replies of both are forgotten. */
  static joined(one: SharedNotes, other: SharedNotes): SharedNotes {
    const joined = new SharedNotes()
    for (const expected of [...one.#expected, ...other.#expected]) joined.note(expected, undefined)
    const behind = one.#expected.length
    joined.#ties.push(...one.#ties)
    joined.#ties.push(...other.#ties.map(({ address, at }) => ({ address, at: at + behind })))
    return joined
  }
}

/** Who is to be asked anew, and of which addresses names were not stored either. */
export interface Refusal {
  readonly origins: ReadonlySet<Origin>
  readonly names: ReadonlySet<string>
}

interface BatchChanges {
  names: StoredName[] | undefined
  changes: Change<Key>[]
  actions: (LeaseAction | undefined)[]
  parked: Parked[]
}

const BY_WORD: ReadonlySet<LeaseAction | undefined> = new Set(['added', 'amended', 'deleted'])

/**
 * Whether the change ends the lease that the row had: what follows it in one batch, for whoever it
 * is, comes after that. What an operator says is stored over whatever lease there is.
 */
function frees(change: Change<Key>, action: LeaseAction | undefined, isLast: boolean): boolean {
  if (BY_WORD.has(action)) return true
  return !isLast && change.kind === 'put' && change.lease.state !== LEASE_STATE.assigned
}

function versionOf(change: Change<Key>): number {
  return change.kind === 'put' ? change.lease.change : change.change
}
