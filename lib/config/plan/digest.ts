// What a fingerprint is made of: words stirred together, and guards in words.

import type { Octets } from '../../bytes/octets.ts'
import { type ClassMask, numbersOf } from '../../classify/class-set.ts'
import type { Membership } from '../../classify/program.ts'
import { scramble } from '../../leases/store/octets-hash.ts'
import type { Pieces } from '../../leases/store/pieces.ts'
import type { ClassPlan } from './class-plan.ts'
import type { Steps } from './steps.ts'

/** The classes of the pair, the first bits of a mask; all of them where there is none. */
export function wordOf(guard: ClassMask): number {
  return guard === undefined ? -1 : guard[0]!
}

/** Guards in words that are the same at both servers, whatever the numbers of classes there. */
export class GuardWords {
  readonly #classes: ClassPlan<Membership>

  constructor(classes: ClassPlan<Membership>) {
    this.#classes = classes
  }

  /** Of guards that must all admit a client. */
  of(guards: readonly ClassMask[]): string {
    const lists = guards.map((guard) => {
      const numbers = this.#withAsked(numbersOf(guard!))
      return numbers.map((number) => this.#wordsOf(number)).sort()
    })
    return lists.length === 0 ? '' : JSON.stringify(lists.map((list) => list.join('\n')).sort())
  }

  /** The classes, and those that their tests ask for. */
  #withAsked(numbers: readonly number[]): number[] {
    const found = new Set(numbers)
    for (const number of found)
      for (const member of this.#expressionOf(number)?.members ?? []) found.add(member)
    return [...found]
  }

  #wordsOf(number: number): string {
    return `${this.#classes.names[number]} ${this.#expressionOf(number)?.text ?? ''}`
  }

  #expressionOf(number: number) {
    const definition = this.#classes.given[number]
    return definition?.test ?? definition?.template
  }
}

const LANES = 4

const STIRRED = new WeakMap<readonly unknown[], { readonly from: string; readonly to: Digest }>()

export class Digest {
  /** Each lane begins elsewhere and stirs all its bits at every word, so they go separate ways. */
  readonly #lanes = Array.from({ length: LANES }, (_, lane) => scramble(0x9e3779b9 + lane))

  add(word: number): void {
    for (let lane = 0; lane < LANES; lane++)
      this.#lanes[lane] = scramble(Math.imul(this.#lanes[lane]!, 31) + scramble(word + lane))
  }

  become(other: Digest): void {
    for (let lane = 0; lane < LANES; lane++) this.#lanes[lane] = other.#lanes[lane]!
  }

  /**
   * What each piece makes of a digest is kept: an edit leaves pieces before it as they are. A step
   * each, well below a millisecond.
   */
  *addList({ pieces }: Pieces<number | Octets>): Steps<void> {
    for (const piece of pieces) {
      const from = this.text
      const known = STIRRED.get(piece)
      if (known?.from === from) {
        this.become(known.to)
        continue
      }
      for (const one of piece)
        if (typeof one === 'number') this.add(one)
        else this.addText(one)
      const to = new Digest()
      to.become(this)
      STIRRED.set(piece, { from, to })
      yield
    }
  }

  addText(text: string): void {
    this.add(text.length)
    for (let index = 0; index < text.length; index++) this.add(text.charCodeAt(index))
  }

  get text(): string {
    return this.#lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
  }
}
