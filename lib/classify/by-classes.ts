// What differs from client to client by which masks admit it: made once for each combination that
// occurs, then found without allocation, always as the same object.

import { admits, type ClassMask, type ClassSet } from './class-set.ts'

/** Combinations that are kept; then all are forgotten, since strangers may choose their classes. */
export const COMBINATIONS_MAX = 1024

interface Branch<Value> {
  admitted: Branch<Value> | undefined
  refused: Branch<Value> | undefined
  /** At the end of a way through all masks. */
  value: Value | undefined
}

export class ByClasses<Value extends object> {
  /** The masks that make a difference, each once. */
  readonly #masks: readonly Int32Array[]
  readonly #make: (classes: ClassSet) => Value
  #root: Branch<Value> = newBranch()
  #count = 0

  /** What `make` returns may depend on nothing but which of the masks admit the classes. */
  constructor(masks: Iterable<ClassMask>, make: (classes: ClassSet) => Value) {
    const distinct = new Map<string, Int32Array>()
    for (const mask of masks) if (mask !== undefined) distinct.set(mask.join(), mask)
    this.#masks = [...distinct.values()]
    this.#make = make
  }

  of(classes: ClassSet): Value {
    let branch = this.#root
    // Most parts of most configurations are for everybody.
    if (this.#masks.length === 0 && branch.value !== undefined) return branch.value
    for (const mask of this.#masks) branch = nextOf(branch, admits(mask, classes))
    return branch.value ?? this.#remember(branch, classes)
  }

  #remember(branch: Branch<Value>, classes: ClassSet): Value {
    const value = this.#make(classes)
    if (this.#count < COMBINATIONS_MAX) {
      this.#count++
      branch.value = value
      return value
    }
    this.#root = newBranch()
    this.#count = 0
    return value
  }
}

function nextOf<Value>(branch: Branch<Value>, isAdmitted: boolean): Branch<Value> {
  if (isAdmitted) {
    branch.admitted ??= newBranch()
    return branch.admitted
  }
  branch.refused ??= newBranch()
  return branch.refused
}

function newBranch<Value>(): Branch<Value> {
  return { admitted: undefined, refused: undefined, value: undefined }
}
