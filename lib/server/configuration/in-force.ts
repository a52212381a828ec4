// What is in force: the document that the files say, the one that it has become by edits, and what
// is served of it. It compiles, and knows of each document of late which edits it has.

import { type Compiled, Compiler } from '../../config/compile/compile.ts'
import { type Edit, edited, isProblem } from '../../config/edits.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import type { HostTables } from '../../config/plan/host-rows.ts'
import type { Plan } from '../../config/plan/plan.ts'
import { allAtOnce, type Steps } from '../../config/plan/steps.ts'
import { formatProblem, type Problem } from '../../config/text/problem.ts'
import type { Members } from '../../config/whole.ts'
import type { ConfigSource, Judged, Reading, Running } from '../../ports/config-source.ts'
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

export interface InForceDuties {
  /** A new plan is in force, between two batches. `isWhole`: the configuration is another one. */
  readonly use: (plan: Plan, isWhole: boolean) => void
  /** The clock goes on while something is done. */
  readonly now: () => Instant
  /** What databases of reservations say. */
  readonly hostTables: () => HostTables
}

/** For so long the compiler may keep messages of clients waiting: milliseconds. */
const SLICE_MAX = 3

export class InForce {
  readonly #source: ConfigSource
  #compiler: Compiler
  readonly #use: (plan: Plan, isWhole: boolean) => void
  readonly #now: () => Instant
  readonly #hostTables: () => HostTables
  /** Whether base was compiled before databases of reservations said what they say now. */
  #isBaseOutdated = false
  /** Database and pair stay what they were at the start. */
  readonly started: Plan
  #base: Built
  #built: Rebuilt
  #version = 1
  /** Which records each document has, of those that may still be written. */
  readonly #madeOf = new WeakMap<ConfigDocument, readonly EditRecord[]>()
  #watchers: ((change: ConfigChange) => void)[] = []

  constructor(start: ConfigStart, { use, now, hostTables }: InForceDuties) {
    const { source, compiler, document, plan, problems } = start
    this.#source = source
    this.#compiler = compiler
    this.#use = use
    this.#now = now
    this.#hostTables = hostTables
    this.started = plan
    this.#base = { document, plan, problems }
    this.#built = { ...this.#base, unusable: new Map() }
  }

  /** What the files say. */
  get base(): Built {
    return this.#base
  }

  set base(base: Built) {
    this.#base = base
    this.#isBaseOutdated = false
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

  /** A little at a time, with messages of clients between. */
  compileSoon(document: ConfigDocument, done: (compiled: Compiled) => void, lost: Lost): void {
    this.#compilingSoon(this.#steps(document), done, lost)
  }

  #compilingSoon<Result>(steps: Steps<Result>, done: (result: Result) => void, lost: Lost): void {
    this.soon(steps, done, (error) => {
      // What it remembers may be half of something.
      this.#compiler = new Compiler()
      lost(error)
    })
  }

  #steps(document: ConfigDocument): Steps<Compiled> {
    return this.#compiler.steps(document, this.#context())
  }

  /** The document that the edits make of another one, a little at a time as well. */
  editSoon(
    before: ConfigDocument,
    edits: readonly Edit[],
    done: (document: ConfigDocument | Problem) => void,
    lost: Lost,
  ): void {
    this.soon(stepsBy(before, edits), done, lost)
  }

  /** Whatever is done in steps: `done` may be called at once. */
  soon<Result>(steps: Steps<Result>, done: (result: Result) => void, lost: Lost): void {
    const go = (work: () => void): void => {
      try {
        work()
      } catch (error) {
        lost(error)
      }
    }
    const take = (): void => {
      const until = this.#now() + SLICE_MAX
      for (;;) {
        const step = steps.next()
        if (step.done === true) {
          const { value } = step
          // What is done with it is a slice of its own.
          return this.#now() >= until
            ? this.#source.later(() => go(() => done(value)))
            : done(value)
        }
        if (this.#now() >= until) return this.#source.later(goOn)
      }
    }
    const goOn = (): void => go(take)
    goOn()
  }

  /** Databases of reservations say something else: what is in force is, with that. */
  compileHosts(done: () => void, lost: Lost): void {
    const { document } = this.#built
    const enforce = ({ plan, problems }: Compiled): void => {
      if (plan !== undefined) {
        this.#built = { ...this.#built, plan, problems }
        if (document === this.base.document) this.base = { document, plan, problems }
        else this.#isBaseOutdated = true
        this.#use(plan, false)
      }
      done()
    }
    this.compileSoon(document, enforce, lost)
  }

  /** What the files say by now. */
  read(done: BuiltOf, lost: Lost): void {
    const { document: before } = this.base
    this.#source.read(before, this.#running, (reading) => this.#build(before, reading, done, lost))
  }

  /** What configuration databases say by now, on top of the files as they were read last. */
  pull(done: BuiltOf, lost: Lost): void {
    const { document: before } = this.base
    const nothing: Reading = { edits: [], problems: [], digest: '', trouble: '' }
    if (this.#source.pull === undefined) return done(nothing, this.base)
    this.#source.pull(before, this.#running, (reading) => this.#build(before, reading, done, lost))
  }

  #build(before: ConfigDocument, reading: Reading, done: BuiltOf, lost: Lost): void {
    if (reading.edits === undefined) return done(reading, undefined)
    const compile = (document: ConfigDocument | Problem): void => {
      if (isProblem(document)) return lost(new Error(formatProblem(document)))
      const judge = ({ plan, problems }: Compiled): void => {
        if (plan !== undefined) done(reading, { document, plan, problems: reading.problems })
        else done({ ...reading, problems: [...reading.problems, ...problems] }, undefined)
      }
      this.compileSoon(document, judge, lost)
    }
    this.editSoon(before, reading.edits, compile, lost)
  }

  judge(members: Members, isTrial: boolean, done: (judged: Judged) => void): void {
    const order = { before: this.#built.document, members, isTrial }
    this.#source.judge(order, this.#running, done)
  }

  /** The records over what the files say, in their order: at once, as long as nobody is served. */
  rebuild(standing: readonly EditRecord[]): Rebuilt {
    return allAtOnce(this.#rebuilding(standing))
  }

  /** The same, with messages of clients between. */
  rebuildSoon(standing: readonly EditRecord[], done: (built: Rebuilt) => void, lost: Lost): void {
    this.#compilingSoon(this.#rebuilding(standing), done, lost)
  }

  *#rebuilding(standing: readonly EditRecord[]): Steps<Rebuilt> {
    if (this.#isBaseOutdated) {
      const { document } = this.base
      const { plan, problems } = yield* this.#steps(document)
      if (plan !== undefined) this.base = { document, plan, problems }
    }
    return yield* rebuilt(this.base, standing, (document) => this.#steps(document))
  }

  /** One that has come. Mostly it is behind all others; else the document is made anew. */
  with(
    record: EditRecord,
    standing: readonly EditRecord[],
    done: (built: Rebuilt) => void,
    lost: Lost,
  ): void {
    if (record.state !== 'stands' || standing.at(-1) !== record)
      return this.rebuildSoon(standing, done, lost)
    const before = this.#built
    const { unusable } = before
    const without = (why: string) =>
      done({ ...before, unusable: new Map([...unusable, [record.id, why]]) })
    const compile = (document: ConfigDocument | string): void => {
      if (typeof document === 'string') return without(document)
      if (document === before.document) return done(before)
      const judge = (compiled: Compiled): void => {
        const built = judgedBuilt(document, before, compiled)
        if (typeof built === 'string') without(built)
        else done({ ...built, unusable })
      }
      this.compileSoon(document, judge, lost)
    }
    this.soon(carriedOut(before.document, record.edits), compile, lost)
  }

  /** The files say this document by now. */
  rebase(document: ConfigDocument, done: () => void, lost: Lost): void {
    const put = ({ plan = this.#built.plan, problems }: Compiled): void => {
      this.base = { document, plan, problems }
      done()
    }
    if (document === this.#built.document) put(this.#built)
    else this.compileSoon(document, put, lost)
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
    return { ...this.#source.context(this.#running), hostTables: this.#hostTables() }
  }

  get #running(): Running {
    return { started: this.started, inForce: this.#built.plan }
  }
}

type Lost = (error: unknown) => void
/** Undefined where it cannot be served. */
type BuiltOf = (reading: Reading, built: Built | undefined) => void

function* stepsBy(before: ConfigDocument, edits: readonly Edit[]): Steps<ConfigDocument | Problem> {
  let document = before
  for (const { path, value } of edits) {
    const next = edited(document, path, value)
    if (isProblem(next)) return next
    document = next
    yield
  }
  return document
}
