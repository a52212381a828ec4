// The configuration of a running server: see running-configuration.ts. One change follows the
// other: it is judged, compiled, put in force between two batches, and stored in the batch whose
// commit answers it. What clients are told by it can be acknowledged no sooner than that.

import { relaxed } from '../../config/canonical/relaxed.ts'
import type { Compiler } from '../../config/compile/compile.ts'
import { difference, isSame } from '../../config/difference.ts'
import type { Edit, Step } from '../../config/edits.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import type { Plan } from '../../config/plan/plan.ts'
import type { Problem } from '../../config/text/problem.ts'
import type { ConfigSource, Reading } from '../../ports/config-source.ts'
import type { StoredEdit } from '../../ports/journal.ts'
import type { ServerState } from '../events.ts'
import type { Reporter } from '../reporter.ts'
import { needsRestart, needsRestartWords } from '../same-plan.ts'
import { tellProblems, tellRefused } from './config-lines.ts'
import { EDITS_MAX, EditBook } from './edit-book.ts'
import type { EditRecord, EditState } from './edit-record.ts'
import { checkedWhole, judged } from './judged.ts'
import { type Built, newProblems, type Rebuilt, rebuilt } from './rebuild.ts'
import { DONE, hasErrors, refusedFor, TOO_MANY_EDITS } from './results.ts'
import type {
  Author,
  ConfigAnswer,
  ConfigChange,
  ConfigResult,
  ConfigurationStatus,
  EditMaker,
  EditScope,
  Members,
  RunningConfiguration,
  Tried,
} from './running-configuration.ts'
import { isShared } from './shared-part.ts'
import { Turns } from './turns.ts'

export interface ConfigurationDuties {
  /** A new plan is in force, between two batches. `isWhole`: the configuration is another one. */
  use(plan: Plan, isWhole: boolean): void
  /** Stores records in the next batch; `done` when that is durable. */
  store(edits: readonly StoredEdit[], done: () => void): void
  newId(): string
  /** Nothing is changed that would not be stored. */
  state(): ServerState
  readonly reporter: Pick<Reporter, 'say'>
  /** The other server of the pair, where it is to hear of edits. */
  readonly partner: EditPartner | undefined
}

export interface EditPartner {
  /** `done` when it has stored the records, or is not to be waited for. */
  tell(records: readonly EditRecord[], done: () => void): void
}

/** What was served when the server was made. */
export interface ConfigStart extends Built {
  readonly source: ConfigSource
  readonly compiler: Compiler
  readonly digest: string
}

export class Configuration implements RunningConfiguration {
  readonly #source: ConfigSource
  readonly #compiler: Compiler
  readonly #duties: ConfigurationDuties
  /** Database and pair stay what they were at the start. */
  readonly #started: Plan
  readonly #book = new EditBook()
  #base: Built
  #built: Rebuilt
  #digest: string
  /** Which records each document has, of those that may still be written. */
  readonly #madeOf = new WeakMap<ConfigDocument, readonly EditRecord[]>()
  #version = 1
  #read: string
  #refused = ''
  #watchers: ((change: ConfigChange) => void)[] = []
  readonly #turns = new Turns()

  constructor({ source, compiler, digest, ...built }: ConfigStart, duties: ConfigurationDuties) {
    this.#source = source
    this.#compiler = compiler
    this.#duties = duties
    this.#started = built.plan
    this.#base = built
    this.#built = { ...built, unusable: new Map() }
    this.#digest = digest
    this.#read = source.today()
  }

  get document(): ConfigDocument {
    return this.#built.document
  }

  get base(): ConfigDocument {
    return this.#base.document
  }

  get plan(): Plan {
    return this.#built.plan
  }

  get version(): number {
    return this.#version
  }

  get status(): ConfigurationStatus {
    return {
      files: this.#source.files,
      read: this.#read,
      refused: this.#refused,
      needsRestart: needsRestart(this.plan, this.#started),
      edits: this.#book.standing.length,
      unusable: [...this.#built.unusable.values()],
    }
  }

  /** The journal has been read: its edits stand over what the files say. */
  begin(stored: readonly StoredEdit[]): void {
    const unreadable = this.#book.load(stored)
    const { reporter } = this.#duties
    if (unreadable > 0) reporter.say('CONFIG_EDITS_UNREADABLE', { edits: unreadable })
    const { standing, digest } = this.#book
    if (standing.length === 0) return
    reporter.say('CONFIG_EDITS_STAND', { edits: standing.length })
    if (digest !== this.#digest) reporter.say('CONFIG_EDITS_OTHER_FILE', {})
    const built = this.#rebuild()
    this.#tellUnusable(built)
    this.#accept(built, 'file', false)
  }

  watch(watcher: (change: ConfigChange) => void): () => void {
    this.#watchers.push(watcher)
    return () => {
      this.#watchers = this.#watchers.filter((one) => one !== watcher)
    }
  }

  isFromPartner(path: readonly Step[], value: unknown): boolean {
    const wanted = JSON.stringify(path)
    for (const { edits, origin } of this.#book.standing.toReversed()) {
      const edit = edits.find((one) => JSON.stringify(one.path) === wanted)
      if (edit !== undefined) return origin === 'partner' && isSame(edit.value, value)
    }
    return false
  }

  // ---- what is asked

  try(edits: readonly Edit[]): Tried {
    const { document, problems } = judged(this.document, edits)
    if (document === undefined) return { document, plan: undefined, problems }
    const compiled = this.#compile(document)
    return { document, plan: compiled.plan, problems: [...problems, ...compiled.problems] }
  }

  test(members: Members): Tried {
    const { document, problems } = checkedWhole(this.document, members)
    if (document === undefined) return { document, plan: undefined, problems }
    const compiled = this.#compile(document)
    const all = [...problems, ...compiled.problems]
    return { document, plan: hasErrors(problems) ? undefined : compiled.plan, problems: all }
  }

  edit(
    edits: readonly Edit[] | EditMaker,
    scope: EditScope,
    author: Author,
    answer: ConfigAnswer,
  ): void {
    this.#inTurn(answer, (done) => {
      const wanted = typeof edits === 'function' ? edits(this.document) : edits
      const { document, edits: known, problems } = judged(this.document, wanted)
      if (document === undefined) return done(refusedFor(problems))
      this.#carryOut(known, document, problems, scope, author, done)
    })
  }

  replace(members: Members, author: Author, answer: ConfigAnswer): void {
    this.#inTurn(answer, (done) => {
      const { document, problems } = checkedWhole(this.document, members)
      if (document === undefined || hasErrors(problems)) return done(refusedFor(problems))
      // Whoever writes back what was got has said everything: what holds already is no edit.
      const wanted = relaxed(this.document, document)
      const edits = difference(this.document, wanted)
      this.#carryOut(edits, wanted, problems, 'pair', author, done, true)
    })
  }

  reload(_author: Author, answer: ConfigAnswer): void {
    // Whatever the disk does: a file that was mended is to be in force.
    this.#turns.take((next) => {
      answer(this.#reload())
      next()
    })
  }

  written(document: ConfigDocument, answer: ConfigAnswer): void {
    this.#source.digest((digest) =>
      this.#inTurn(answer, (done) => {
        const records = document === this.base ? [] : this.#madeOf.get(document)
        if (records === undefined)
          return done({ ...DONE, allowed: false, why: 'that configuration was never in force' })
        this.#digest = digest
        this.#base = this.#builtFrom(document)
        const changes = this.#enter(records, 'written')
        this.#duties.store([...changes, ...this.#book.standOver(digest)], () => done(DONE))
      }),
    )
  }

  /** What the files say as they were read last, for a machine that has changed meanwhile. */
  compileAnew(): void {
    const base = this.#compile(this.base)
    if (base.plan === undefined) return
    this.#base = { document: this.base, plan: base.plan, problems: base.problems }
    this.#accept(this.#rebuild(), 'file')
  }

  // ---- how it is carried out

  #carryOut(
    edits: readonly Edit[],
    document: ConfigDocument,
    told: readonly Problem[],
    scope: EditScope,
    author: Author,
    done: (result: ConfigResult) => void,
    isWhole = false,
  ): void {
    if (document === this.document) return done({ ...DONE, problems: told })
    if (this.#book.standing.length >= EDITS_MAX) return done(TOO_MANY_EDITS)
    const { plan, problems } = this.#compile(document)
    const news = newProblems(this.#built.problems, problems, 'error', 'warning')
    const all = [...told, ...news]
    if (plan === undefined || hasErrors(news)) return done(refusedFor(all))
    const records = this.#recordsOf(edits, scope, author)
    const stored = [...this.#book.add(records), ...this.#book.standOver(this.#digest)]
    if (isWhole) this.#source.using(plan)
    this.#accept({ document, plan, problems, unusable: this.#built.unusable }, author, isWhole)
    const { length } = this.#book.standing
    this.#duties.reporter.say('CONFIG_EDITED', { command: author.command, edits: length })
    const result = { ...DONE, problems: all, needsRestart: needsRestart(plan, this.#started) }
    this.#store(stored, records, () => done(result))
  }

  #recordsOf(edits: readonly Edit[], scope: EditScope, author: Author): EditRecord[] {
    const isOfPair = (edit: Edit) => scope === 'pair' && isShared(edit)
    const parts: [EditScope, Edit[]][] = [
      ['pair', edits.filter(isOfPair)],
      ['here', edits.filter((edit) => !isOfPair(edit))],
    ]
    return parts
      .filter(([, some]) => some.length > 0)
      .map(([of, some], index) => this.#record({ scope: of, edits: some }, author, index))
  }

  #record(
    said: Pick<EditRecord, 'scope'> & Partial<EditRecord>,
    author: Author,
    index = 0,
  ): EditRecord {
    return {
      id: this.#duties.newId(),
      number: this.#book.nextNumber + index,
      state: 'stands',
      origin: 'here',
      edits: [],
      drops: [],
      author,
      at: this.#source.today(),
      ...said,
    }
  }

  #reload(): ConfigResult {
    const before = { compiler: this.#compiler, document: this.base }
    const reading = this.#source.read(this.#context(), before)
    const { plan, document } = reading
    if (plan !== undefined) this.#source.using(plan)
    tellProblems(reading.problems, this.plan, this.#duties.reporter)
    if (plan === undefined || document === undefined) return this.#refuseReading(reading)
    this.#refused = ''
    this.#read = this.#source.today()
    this.#digest = reading.digest
    this.#base = { document, plan, problems: reading.problems }
    const dropped = this.#book.standing
    const stored = this.#enter(dropped, 'dropped')
    if (dropped.length > 0)
      this.#duties.reporter.say('CONFIG_EDITS_DROPPED', { edits: dropped.length })
    this.#accept({ ...this.#base, unusable: new Map() }, 'file')
    if (stored.length > 0) this.#duties.store(stored, () => {})
    const waiting = needsRestart(plan, this.#started)
    const problems = reading.problems.filter(({ severity }) => severity !== 'info')
    const why = waiting.length === 0 ? '' : needsRestartWords(waiting)
    return { allowed: true, why, problems, needsRestart: waiting, dropped: dropped.length }
  }

  #refuseReading({ problems, trouble }: Reading): ConfigResult {
    const errors = problems.filter(({ severity }) => severity === 'error').length
    const file = this.#source.files.join(' and ')
    const why = trouble || `${file} has ${errors} error${errors === 1 ? '' : 's'}`
    this.#refused = why
    tellRefused(problems, this.plan, this.#duties.reporter, { file, trouble: why })
    const told = problems.filter(({ severity }) => severity !== 'info')
    return {
      ...DONE,
      allowed: false,
      why: `${why}: what was in force stays in force`,
      problems: told,
    }
  }

  #rebuild(): Rebuilt {
    return rebuilt(this.#base, this.#book.standing, (document) => this.#compile(document))
  }

  #builtFrom(document: ConfigDocument): Built {
    if (document === this.document) return this.#built
    const { plan, problems } = this.#compile(document)
    return { document, plan: plan ?? this.plan, problems }
  }

  #compile(document: ConfigDocument) {
    return this.#compiler.compile(document, this.#context())
  }

  #context() {
    return this.#source.context(this.#started, this.plan)
  }

  #accept(built: Rebuilt, by: ConfigChange['by'], isWhole = by === 'file'): void {
    const before = this.document
    this.#built = built
    const records = this.#book.standing.filter(({ id }) => !built.unusable.has(id))
    this.#madeOf.set(built.document, records)
    this.#version++
    this.#duties.use(built.plan, isWhole)
    const change = { version: this.#version, before, after: built.document, by }
    for (const watcher of this.#watchers) watcher(change)
  }

  /** Of a server on its own nobody asks any more. */
  #enter(records: readonly EditRecord[], state: EditState): StoredEdit[] {
    const isOfPair = this.#started.ha !== undefined
    return this.#book.enter(records, state, ({ scope }) => isOfPair && scope === 'pair')
  }

  #store(stored: readonly StoredEdit[], records: readonly EditRecord[], done: () => void): void {
    const told = records.filter(({ scope }) => scope === 'pair')
    this.#duties.store(stored, () => {
      const { partner } = this.#duties
      if (partner === undefined || told.length === 0) done()
      else partner.tell(told, done)
    })
  }

  #tellUnusable({ unusable }: Rebuilt): void {
    for (const why of unusable.values()) this.#duties.reporter.say('CONFIG_EDIT_UNUSABLE', { why })
  }

  // ---- one after the other

  #inTurn(answer: ConfigAnswer, work: (done: (result: ConfigResult) => void) => void): void {
    const refusal = WHY_NOT[this.#duties.state()]
    if (refusal !== '') return answer({ ...DONE, allowed: false, why: refusal })
    this.#turns.take((next) => {
      work((result) => answer(result))
      next()
    })
  }
}

const WHY_NOT: Readonly<Record<ServerState, string>> = {
  starting: 'the server is starting',
  serving: '',
  failed: 'the lease database does not store',
  stopping: 'the server is stopping',
  stopped: 'the server is stopping',
}
