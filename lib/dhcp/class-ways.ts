// The classes of a client as one object: a way goes on with each of them that makes a difference to
// options somewhere, in the order in which they were assigned. Clients in the same classes come to
// the same object, without allocation, and by few objects, which stay close.

import type { ClassSet } from '../classify/class-set.ts'
import {
  entriesOf,
  type OptionLevel,
  type OptionsOfClasses,
  saysNothing,
} from '../config/plan/option-set.ts'

export interface ClassWay {
  next: Map<number, ClassWay> | undefined
}

export class ClassWays {
  /** In no class that makes a difference. */
  readonly start: ClassWay = newWay()
  /** The classes that make a difference, a bit each; undefined = none does. */
  #mattering: Int32Array | undefined = undefined
  readonly #countStep: () => void

  /** `countStep` is told of each way that is made. */
  constructor(ofClasses: OptionsOfClasses, countStep: () => void) {
    this.#countStep = countStep
    const words: number[] = []
    for (const [number, level] of ofClasses.entries()) {
      if (level === undefined || saysNothing(level)) continue
      words[number >>> 5] = (words[number >>> 5] ?? 0) | (1 << (number & 31))
      addTags(words, level)
    }
    this.#use(words)
  }

  /**
   * From now on the classes that entries of these levels are for make a difference, too. Ways that
   * were taken before do for options of other levels.
   */
  regard(levels: readonly OptionLevel[]): void {
    const words = [...(this.#mattering ?? [])]
    for (const level of levels) addTags(words, level)
    this.#use(words)
  }

  of(classes: ClassSet): ClassWay {
    let way = this.start
    const mattering = this.#mattering
    if (mattering === undefined) return way
    const { order, count } = classes
    for (let index = 0; index < count; index++) {
      const number = order[index]!
      const word = number >>> 5
      if (word >= mattering.length || ((mattering[word]! >>> (number & 31)) & 1) === 0) continue
      way = way.next?.get(number) ?? this.#nextOf(way, number)
    }
    return way
  }

  #use(words: readonly (number | undefined)[]): void {
    if (words.length > 0) this.#mattering = Int32Array.from(words, (word) => word ?? 0)
  }

  #nextOf(way: ClassWay, number: number): ClassWay {
    this.#countStep()
    const next = newWay()
    way.next ??= new Map()
    way.next.set(number, next)
    return next
  }
}

function newWay(): ClassWay {
  return { next: undefined }
}

/** Those that some entry of the level is for. */
function addTags(words: number[], level: OptionLevel): void {
  for (const { tag } of entriesOf(level))
    for (const [word, bits] of tag?.entries() ?? []) words[word] = (words[word] ?? 0) | bits
}
