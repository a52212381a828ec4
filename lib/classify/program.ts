// How a client gets into classes, in the order of evaluation: every client is in ALL, what it calls
// its vendor is a class, then come the definitions in the order of the document (pass 1), those
// that ask whether it is KNOWN when that is known (pass 2), and others when its address is. Of the
// names that clients make by what they send only those get a number that the document mentions.

import { type Octets, octetsFromBytes } from '../bytes/octets.ts'
import { CLASS, type ClassSet, maskOf } from './class-set.ts'
import { type CompiledTest, type CompiledText, Failure } from './expression.ts'
import type { Facts } from './facts.ts'
import { Sweep, type SweepSink } from './sweep.ts'

/** Of a client that says who made it (option 60): this, and what it says. */
export const OF_VENDOR = 'VENDOR_CLASS_'
/** Of what the value of a template is: this, the name of the template, `_` and the value. */
export const SPAWNED = 'SPAWN_'

/** What of a definition says who is in the class. */
export interface Membership {
  readonly name: string
  readonly number: number
  readonly test: CompiledTest | undefined
  /** Its value names a further class. */
  readonly template: CompiledText | undefined
  /** Tested only where a list of additional classes names it. */
  readonly onlyAdditional: boolean
  /** It asks whether the client is KNOWN, so it is tested when that is known. */
  readonly afterKnown: boolean
}

/** Is told of expressions that have no value for a message: the client is not in the class. */
export interface ClassTrouble {
  classFailed(name: string, failure: Failure): void
}

export class ClassProgram {
  readonly #vendors: ReadonlyMap<Octets, readonly number[]>
  readonly #early: Pass
  readonly #late: Pass
  /** Classes that evaluation takes away before it begins anew. */
  readonly #tested: Int32Array
  /** By number. */
  readonly #members: readonly (Membership | undefined)[]
  readonly #templates: ReadonlyMap<number, Pass>

  /** `names`: of every class that something mentions, by number. */
  constructor(definitions: readonly Membership[], names: readonly string[]) {
    const asked = definitions.filter(({ test, template }) => test !== undefined || template)
    const soon = asked.filter(({ onlyAdditional }) => !onlyAdditional)
    this.#vendors = byValue(OF_VENDOR, names)
    this.#early = new Pass(
      soon.filter(({ afterKnown }) => !afterKnown),
      names,
    )
    this.#late = new Pass(
      soon.filter(({ afterKnown }) => afterKnown),
      names,
    )
    this.#tested = maskOf(asked.map(({ number }) => number))
    const members: (Membership | undefined)[] = names.map(() => undefined)
    for (const definition of definitions) members[definition.number] = definition
    this.#members = members
    this.#templates = new Map(
      definitions
        .filter(({ template }) => template !== undefined)
        .map((definition) => [definition.number, new Pass([definition], names)]),
    )
  }

  /** What is certain from the message alone; `vendor`: its option 60. */
  begin(classes: ClassSet, vendor: Octets | undefined): void {
    classes.add(CLASS.all)
    if (vendor === undefined || this.#vendors.size === 0) return
    const numbers = this.#vendors.get(withoutNuls(vendor))
    if (numbers !== undefined) for (const number of numbers) classes.add(number)
  }

  early(facts: Facts, classes: ClassSet, trouble: ClassTrouble): void {
    this.#early.run(facts, classes, trouble)
  }

  /** KNOWN or UNKNOWN is assigned. */
  late(facts: Facts, classes: ClassSet, trouble: ClassTrouble): void {
    this.#late.run(facts, classes, trouble)
  }

  /** Evaluates anew what may depend on the classes of a reservation, which go first. */
  again(reserved: readonly number[], facts: Facts, classes: ClassSet, trouble: ClassTrouble): void {
    classes.remove(this.#tested)
    for (const number of reserved) classes.add(number)
    this.#early.run(facts, classes, trouble)
  }

  /** The class of a list of additional ones: assigned without a test, else by it. */
  additional(number: number, facts: Facts, classes: ClassSet, trouble: ClassTrouble): void {
    const member = this.#members[number]
    if (member === undefined) return
    const { name, test } = member
    if (member.template !== undefined)
      return this.#templates.get(number)!.run(facts, classes, trouble)
    try {
      if (test === undefined || test.test(facts)) classes.add(number)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      trouble.classFailed(name, error)
    }
  }
}

/** Definitions that are tested together. */
class Pass implements SweepSink {
  readonly #steps: readonly Membership[]
  readonly #sweep: Sweep
  /** By step, of a template: classes by its value. */
  readonly #spawned: readonly ReadonlyMap<Octets, readonly number[]>[]
  #classes!: ClassSet
  #trouble!: ClassTrouble

  constructor(steps: readonly Membership[], names: readonly string[]) {
    this.#steps = steps
    this.#sweep = new Sweep(steps.map(({ test, template }) => test ?? template!))
    this.#spawned = steps.map(({ name, template }) =>
      template === undefined ? NOTHING : byValue(`${SPAWNED}${name}_`, names),
    )
  }

  run(facts: Facts, classes: ClassSet, trouble: ClassTrouble): void {
    if (this.#steps.length === 0) return
    this.#classes = classes
    this.#trouble = trouble
    this.#sweep.run(facts, this)
  }

  matched(step: number): void {
    this.#classes.add(this.#steps[step]!.number)
  }

  /** The class of the value goes before the template's, so that what it gives wins. */
  gave(step: number, value: Octets): void {
    const numbers = this.#spawned[step]!.get(value)
    if (numbers !== undefined) for (const number of numbers) this.#classes.add(number)
    this.#classes.add(this.#steps[step]!.number)
  }

  failed(step: number, failure: Failure): void {
    this.#trouble.classFailed(this.#steps[step]!.name, failure)
  }
}

const NOTHING: ReadonlyMap<Octets, readonly number[]> = new Map()

/**
 * Numbers of the classes that are called by a prefix and a value, by the value. Kea before 3.3
 * takes the value as it stands; since then what is no letter, digit or one of a few signs is
 * written as % and two digits. Both are understood: a file keeps the spelling that it began with.
 */
function byValue(prefix: string, names: readonly string[]): Map<Octets, number[]> {
  const found = new Map<Octets, number[]>()
  for (const [number, name] of names.entries()) {
    if (!name.startsWith(prefix)) continue
    const written = octetsFromBytes(new TextEncoder().encode(name.slice(prefix.length)))
    for (const value of new Set([written, unescaped(written)])) {
      const numbers = found.get(value)
      if (numbers === undefined) found.set(value, [number])
      else numbers.push(number)
    }
  }
  return found
}

function unescaped(written: Octets): Octets {
  return written.replaceAll(/%(%|[0-9a-f]{2})/g, (_, sign: string) =>
    sign === '%' ? sign : String.fromCharCode(Number.parseInt(sign, 16)),
  )
}

/** Some clients end the text with NULs. */
function withoutNuls(text: Octets): Octets {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--
  return end === text.length ? text : text.slice(0, end)
}
