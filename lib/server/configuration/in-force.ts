// What is in force: the document that the files say, the one that it has become by edits, and what
// is served of it. It compiles, and knows of each document of late which edits it has.

import { type Compiled, Compiler } from '../../config/compile/compile.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import type { Plan } from '../../config/plan/plan.ts'
import type { ConfigSource, Reading } from '../../ports/config-source.ts'
import type { Instant } from '../../time/units.ts'
import type { EditRecord } from './edit-record.ts'
import { type Built, carriedOut, judgedBuilt, type Rebuilt, rebuilt } from './rebuild.ts'
import type { ConfigChange } from './running-configuration.ts'

/** What was served when the server was made. */
export interface ConfigStart extends Built {
  readonly source: ConfigSource
  readonly compiler: Compiler
  readonly digest: string
}

/** For so long the compiler may keep messages of clients waiting: milliseconds. */
const SLICE_MAX = 3

export class InForce {
  readonly #source: ConfigSource
  readonly #compiler: Compiler
  readonly #use: (plan: Plan, isWhole: boolean) => void
  readonly #now: () => Instant
  /** The compiler is in the middle of a document. */
  #isCompiling = false
  /** Database and pair stay what they were at the start. */
  readonly started: Plan
  /** What the files say. */
  base: Built
  #built: Rebuilt
  #version = 1
  /** Which records each document has, of those that may still be written. */
  readonly #madeOf = new WeakMap<ConfigDocument, readonly EditRecord[]>()
  #watchers: ((change: ConfigChange) => void)[] = []
  readonly #compile = (document: ConfigDocument): Compiled => this.compile(document)

  /** `now`: a clock that goes on meanwhile. */
  constructor(start: ConfigStart, use: (plan: Plan, isWhole: boolean) => void, now: () => Instant) {
    const { source, compiler, document, plan, problems } = start
    this.#source = source
    this.#compiler = compiler
    this.#use = use
    this.#now = now
    this.started = plan
    this.base = { document, plan, problems }
    this.#built = { ...this.base, unusable: new Map() }
  }

  get built(): Rebuilt {
    return this.#built
  }

  get version(): number {
    return this.#version
  }

  watch(watcher: (change: ConfigChange) => void): () => void {
    this.#watchers.push(watcher)
    return () => {
      this.#watchers = this.#watchers.filter((one) => one !== watcher)
    }
  }

  /** At once. In the middle of another document without what the compiler knows of this one. */
  compile(document: ConfigDocument): Compiled {
    const compiler = this.#isCompiling ? new Compiler() : this.#compiler
    return compiler.compile(document, this.#context())
  }

  /** A little at a time, with messages of clients between. */
  compileSoon(document: ConfigDocument, done: (compiled: Compiled) => void): void {
    const steps = this.#compiler.steps(document, this.#context())
    this.#isCompiling = true
    const goOn = (): void => {
      const until = this.#now() + SLICE_MAX
      for (;;) {
        const step = steps.next()
        if (step.done === true) {
          const { value } = step
          this.#isCompiling = false
          // What is put in force is a slice of its own.
          return this.#now() >= until ? this.#source.later(() => done(value)) : done(value)
        }
        if (this.#now() >= until) return this.#source.later(goOn)
      }
    }
    goOn()
  }

  read(): Reading {
    return this.#source.read(this.#context(), {
      compiler: this.#compiler,
      document: this.base.document,
    })
  }

  /** The records over what the files say, in their order. */
  rebuild(standing: readonly EditRecord[]): Rebuilt {
    return rebuilt(this.base, standing, this.#compile)
  }

  /** One that has come. Mostly it is behind all others; else the document is made anew. */
  with(record: EditRecord, standing: readonly EditRecord[], done: (built: Rebuilt) => void): void {
    if (record.state !== 'stands' || standing.at(-1) !== record) return done(this.rebuild(standing))
    const before = this.#built
    const { unusable } = before
    const without = (why: string) =>
      done({ ...before, unusable: new Map([...unusable, [record.id, why]]) })
    const document = carriedOut(before.document, record.edits)
    if (typeof document === 'string') return without(document)
    if (document === before.document) return done(before)
    this.compileSoon(document, (compiled) => {
      const built = judgedBuilt(document, before, compiled)
      if (typeof built === 'string') without(built)
      else done({ ...built, unusable })
    })
  }

  /** The files say this document by now. */
  rebase(document: ConfigDocument): void {
    if (document === this.#built.document) {
      this.base = this.#built
      return
    }
    const { plan, problems } = this.compile(document)
    this.base = { document, plan: plan ?? this.#built.plan, problems }
  }

  /** `isWhole`: the configuration is another one, not the same with an edit. */
  accept(
    built: Rebuilt,
    by: ConfigChange['by'],
    standing: readonly EditRecord[],
    isWhole: boolean,
  ): void {
    const { document: before } = this.#built
    this.#built = built
    if (built.document === before && by === 'partner') return
    const records = standing.filter(({ id }) => !built.unusable.has(id))
    this.#madeOf.set(built.document, records)
    this.#version++
    this.#use(built.plan, isWhole)
    const change = { version: this.#version, before, after: built.document, by }
    for (const watcher of this.#watchers) watcher(change)
  }

  /** Undefined where it was never in force. */
  recordsOf(document: ConfigDocument): readonly EditRecord[] | undefined {
    return document === this.base.document ? [] : this.#madeOf.get(document)
  }

  #context() {
    return this.#source.context(this.started, this.#built.plan)
  }
}
