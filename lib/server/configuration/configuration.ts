// The configuration of a running server: see running-configuration.ts. One change follows the
// other: it is judged, compiled, put in force between two batches, and stored in the batch whose
// commit answers it. What clients are told by it can be acknowledged no sooner than that.

import type { Compiled } from '../../config/compile/compile.ts'
import { isProblem, type Step } from '../../config/edits.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import type { Plan } from '../../config/plan/plan.ts'
import type { Problem } from '../../config/text/problem.ts'
import type { Members } from '../../config/whole.ts'
import type { ConfigSource, Reading } from '../../ports/config-source.ts'
import type { StoredEdit } from '../../ports/journal.ts'
import { needsRestart, needsRestartWords } from '../same-plan.ts'
import { tellProblems } from './config-lines.ts'
import { pullDatabases, whyNoEdits } from './database-pull.ts'
import type { Change, ConfigurationDuties } from './duties.ts'
import { EDITS_MAX, EditBook } from './edit-book.ts'
import type { EditRecord, EditState } from './edit-record.ts'
import { type ConfigStart, InForce } from './in-force.ts'
import { type JudgedEdits, judging } from './judging.ts'
import { NewRecords } from './new-records.ts'
import { PairEdits, toldOf } from './pair-edits.ts'
import { type Built, newProblems, type Rebuilt } from './rebuild.ts'
import {
  DONE,
  hasErrors,
  NEVER_IN_FORCE,
  refusedBy,
  refusedFor,
  TOO_MANY_EDITS,
  WHY_NOT,
} from './results.ts'
import type {
  Author,
  ConfigAnswer,
  ConfigChange,
  ConfigResult,
  ConfigurationStatus,
  EditScope,
  RunningConfiguration,
  Tried,
  WantedEdits,
} from './running-configuration.ts'
import { partsOf } from './shared-part.ts'
import { refusedReload, tellInserted, tellNotReloaded, tellUnusable } from './tell-changes.ts'
import { tryEdits, tryMembers } from './trial.ts'
import { guarded, type Turn, Turns } from './turns.ts'

export class Configuration implements RunningConfiguration {
  readonly #source: ConfigSource
  readonly #duties: ConfigurationDuties
  readonly #book = new EditBook()
  readonly #news: NewRecords
  readonly #inForce: InForce
  #digest: string
  /** What the partner asks for, and where it puts its own. */
  readonly shared: PairEdits
  #read: string
  #refused = ''
  readonly #turns: Turns

  constructor(start: ConfigStart, duties: ConfigurationDuties) {
    this.#source = start.source
    this.#turns = new Turns((error) => duties.reporter.fault(error))
    this.#duties = duties
    this.#news = new NewRecords(this.#book, duties.newId, () => this.#source.today())
    this.#inForce = new InForce(start, duties)
    this.#digest = start.digest
    this.#read = start.source.today()
    this.shared = new PairEdits({
      book: this.#book,
      insert: (record, done) => this.#insert(record, done),
      troubleOf: (id) => this.#inForce.built.unusable.get(id) ?? '',
      store: (changes) => duties.store(changes, () => {}),
    })
  }

  get document(): ConfigDocument {
    return this.#inForce.built.document
  }

  get base(): ConfigDocument {
    return this.#inForce.base.document
  }

  get plan(): Plan {
    return this.#inForce.built.plan
  }

  get version(): number {
    return this.#inForce.version
  }

  get status(): ConfigurationStatus {
    return {
      files: this.#source.files,
      read: this.#read,
      refused: this.#refused,
      needsRestart: needsRestart(this.plan, this.#inForce.started),
      edits: this.#book.standing.length,
      unusable: [...this.#inForce.built.unusable.values()],
      databases: this.#source.databases?.() ?? [],
    }
  }

  /** The journal has been read: its edits stand over what the files say. */
  begin(stored: readonly StoredEdit[]): void {
    this.#takeUp(stored)
    this.#turns.take((next) => this.#prepareAnew(next))
    // Whoever has asked so far has his turn when the server serves.
    this.#source.later(() => this.#turns.start())
  }

  /** Edits may name other hooks than the files. */
  #prepareAnew(next: () => void, { plan } = this): void {
    if (JSON.stringify(plan.hooks) === JSON.stringify(this.#inForce.started.hooks)) return next()
    this.#duties.prepare(plan, false, (trouble) => {
      if (trouble === '') this.#duties.use(plan, false)
      else this.#withoutHooks(trouble)
      next()
    })
  }

  #takeUp(stored: readonly StoredEdit[]): void {
    const unreadable = this.#book.load(stored)
    const { reporter } = this.#duties
    if (unreadable > 0) reporter.say('CONFIG_EDITS_UNREADABLE', { edits: unreadable })
    const { standing, digest } = this.#book
    if (standing.length === 0) return
    reporter.say('CONFIG_EDITS_STAND', { edits: standing.length })
    if (digest !== this.#digest) reporter.say('CONFIG_EDITS_OTHER_FILE', {})
    const built = this.#inForce.rebuild(standing)
    tellUnusable(reporter, new Map(), built.unusable)
    this.#accept(built, 'file', false)
  }

  watch(watcher: (change: ConfigChange) => void): () => void {
    return this.#inForce.watch(watcher)
  }

  isFromPartner(path: readonly Step[], value: unknown): boolean {
    return this.#book.isFromPartner(path, value)
  }

  // ---- what is asked

  /** In its turn, since one document is compiled after the other. */
  try(edits: WantedEdits, answer: (tried: Tried) => void): void {
    const fault = (error: unknown): void => this.#duties.reporter.fault(error)
    this.#turns.take((next) => tryEdits(edits, this.#inForce, answer, next, fault))
  }

  test(members: Members, answer: (tried: Tried) => void): void {
    tryMembers(members, this.#inForce, answer)
  }

  edit(edits: WantedEdits, scope: EditScope, author: Author, answer: ConfigAnswer): void {
    this.#inTurn(answer, (turn) => {
      const carryOut = ({ document, edits: known, problems }: JudgedEdits): void => {
        if (document === undefined) return turn.over(answer, refusedFor(problems))
        this.#carryOut({ document, edits: known, problems, scope, author, isWhole: false }, turn)
      }
      this.#inForce.soon(judging(this.document, edits), carryOut, turn.lost)
    })
  }

  replace(members: Members, author: Author, answer: ConfigAnswer): void {
    this.#inTurn(answer, (turn) =>
      this.#inForce.judge(members, false, ({ edits, problems, trouble }) => {
        if (edits === undefined)
          return turn.over(answer, trouble === '' ? refusedFor(problems) : refusedBy(trouble))
        const carryOut = (document: ConfigDocument | Problem): void => {
          if (isProblem(document)) return turn.over(answer, refusedFor([document]))
          const change = { document, edits, problems, scope: 'pair', author } as const
          this.#carryOut({ ...change, isWhole: true }, turn)
        }
        this.#inForce.editSoon(this.document, edits, carryOut, turn.lost)
      }),
    )
  }

  /** Whatever the disk does: a file that was mended is to be in force. */
  reload(author: Author, answer: ConfigAnswer): void {
    this.#turns.answered(answer, ({ over, lost }) =>
      this.#inForce.read((reading, built) => {
        if (this.#isEnding) return over(answer, refusedBy(WHY_NOT.stopping))
        if (built === undefined) return over(answer, this.#notReloaded(reading))
        const put = (trouble: string): void => {
          if (this.#isEnding) return over(answer, refusedBy(WHY_NOT.stopping))
          if (trouble === '') this.#reload(built, reading, author, answer)
          else answer(this.#withoutHooks(trouble))
          over()
        }
        this.#duties.prepare(built.plan, true, guarded(put, lost))
      }, lost),
    )
  }

  pull(answer: ConfigAnswer): void {
    const [source, inForce] = [this.#source, this.#inForce]
    const accept = (done: () => void, lost: Turn['lost']) => this.#acceptBase(done, lost)
    const state = { isEnding: () => this.#isEnding, accept }
    const duties = { source, inForce, reporter: this.#duties.reporter, ...state }
    this.#turns.answered(answer, (turn) => pullDatabases(duties, turn))
  }

  written(document: ConfigDocument, answer: ConfigAnswer): void {
    this.#source.digest((digest) =>
      this.#inTurn(answer, ({ over, lost }) => {
        const records = this.#inForce.recordsOf(document)
        if (records === undefined) return over(answer, refusedBy(NEVER_IN_FORCE))
        const enter = (): void => {
          this.#digest = digest
          const changes = this.#enter(records, 'written')
          this.#duties.store([...changes, ...this.#book.standOver(digest)], () => answer(DONE))
          over()
        }
        this.#inForce.rebase(document, enter, lost)
      }),
    )
  }

  /** What the files say as they were read last, for a machine that has changed meanwhile. */
  compileAnew(): void {
    this.#turns.take((next) => {
      const lost = (error: unknown): void => {
        this.#duties.reporter.fault(error)
        next()
      }
      const put = ({ plan, problems }: Compiled): void => {
        if (plan === undefined) return next()
        this.#inForce.base = { document: this.base, plan, problems }
        this.#acceptBase(next, lost)
      }
      this.#inForce.compileSoon(this.base, put, lost)
    })
  }

  /** Databases of reservations say something else; `done` when that is in force. */
  compileHosts(done: (plan: Plan) => void): void {
    const told = (): void => done(this.plan)
    this.#turns.answered(told, ({ over, lost }) => {
      if (this.#isEnding) return over()
      this.#inForce.compileHosts(() => over(told, DONE), lost)
    })
  }

  // ---- how it is carried out

  #carryOut(change: Change, { over, answer, lost }: Turn): void {
    const { document, problems: told, edits } = change
    const why = whyNoEdits(edits, this.plan)
    if (why !== '') return over(answer, refusedBy(why))
    if (document === this.document) return over(answer, { ...DONE, problems: told })
    if (this.#book.standing.length >= EDITS_MAX) return over(answer, TOO_MANY_EDITS)
    const enforce = (compiled: Compiled): void => {
      const put = (trouble: string): void => {
        if (trouble !== '') return over(answer, refusedBy(trouble))
        this.#enforce(change, compiled, answer)
        over()
      }
      if (compiled.plan === undefined) put('')
      else this.#duties.prepare(compiled.plan, change.isWhole, guarded(put, lost))
    }
    this.#inForce.compileSoon(document, enforce, lost)
  }

  #enforce(change: Change, { plan, problems }: Compiled, answer: ConfigAnswer): void {
    const { document, edits, scope, author, isWhole } = change
    const { built, started } = this.#inForce
    const news = newProblems(built.problems, problems, 'error', 'warning')
    const all = [...change.problems, ...news]
    if (this.#isEnding) return answer({ ...DONE, allowed: false, why: WHY_NOT.stopping })
    if (plan === undefined || hasErrors(news)) return answer(refusedFor(all))
    const records = partsOf(edits, scope).map((part, index) =>
      this.#news.record(part, author, index),
    )
    const stored = [...this.#book.add(records), ...this.#book.standOver(this.#digest)]
    if (isWhole) this.#source.using(plan)
    this.#accept({ document, plan, problems, unusable: built.unusable }, author, isWhole)
    const { length } = this.#book.standing
    this.#duties.reporter.say('CONFIG_EDITED', { command: author.command, edits: length })
    const result = { ...DONE, problems: all, needsRestart: needsRestart(plan, started) }
    this.#store(stored, records, () => answer(result))
  }

  /** A record of the partner, in its place among the others. */
  #insert(record: EditRecord, done: (why: string) => void): void {
    this.#turns.take((next) => {
      const dropped = record.drops.flatMap((id) => {
        const one = this.#book.get(id)
        return one?.state === 'stands' ? [one] : []
      })
      const changes = [...this.#enter(dropped, 'dropped'), ...this.#book.add([record])]
      const { standing } = this.#book
      const put = (built: Rebuilt): void => {
        if (this.#isEnding) return next()
        const { unusable: before } = this.#inForce.built
        const counts = { dropped: dropped.length, edits: standing.length }
        tellInserted(this.#duties.reporter, record, { ...counts, before, after: built.unusable })
        this.#accept(built, 'partner')
        const all = [...changes, ...this.#book.standOver(this.#digest)]
        this.#duties.store(all, () => done(built.unusable.get(record.id) ?? ''))
        next()
      }
      this.#inForce.with(record, standing, put, (error) => {
        // It is kept: the next start puts it in its place.
        this.#duties.reporter.fault(error)
        this.#duties.store(changes, () => done('an error of the server'))
        next()
      })
    })
  }

  #notReloaded(reading: Reading): ConfigResult {
    const { reporter } = this.#duties
    this.#refused = tellNotReloaded(reporter, reading, this.#source.files, this.plan)
    return refusedReload(reading, this.#refused)
  }

  #withoutHooks(trouble: string): ConfigResult {
    this.#refused = trouble
    this.#duties.reporter.say('HOOKS_REFUSED', { trouble })
    return refusedBy(trouble)
  }

  #reload(built: Built, reading: Reading, author: Author, answer: ConfigAnswer): void {
    const { plan } = built
    this.#source.using(plan)
    tellProblems(reading.problems, this.plan, this.#duties.reporter)
    this.#refused = ''
    this.#read = this.#source.today()
    this.#digest = reading.digest
    this.#inForce.base = built
    const dropped = this.#book.standing
    const isOfPair = this.#inForce.started.ha !== undefined
    const word = isOfPair ? this.#news.dropWord(dropped, author) : []
    const stored = [...this.#enter(dropped, 'dropped'), ...this.#book.add(word)]
    if (dropped.length > 0)
      this.#duties.reporter.say('CONFIG_EDITS_DROPPED', { edits: dropped.length })
    this.#accept({ ...this.#inForce.base, unusable: new Map() }, 'file')
    const waiting = needsRestart(plan, this.#inForce.started)
    const problems = reading.problems.filter(({ severity }) => severity !== 'info')
    const why = waiting.length === 0 ? '' : needsRestartWords(waiting)
    const result = { ...DONE, why, problems, needsRestart: waiting, dropped: dropped.length }
    // What was dropped must not be there again after a crash. A disk that does not store is not
    // waited for: a file that was mended is in force all the same.
    const isStored = stored.length === 0 || this.#duties.state() === 'failed'
    if (stored.length > 0) this.#store(stored, word, () => isStored || answer(result))
    if (isStored) answer(result)
  }

  #accept(built: Rebuilt, by: ConfigChange['by'], isWhole = by === 'file'): void {
    this.#inForce.accept(built, by, this.#book.standing, isWhole)
  }

  /** What the files say is another: edits go on to stand over it. */
  #acceptBase(done: () => void, lost: Turn['lost']): void {
    const accept = (built: Rebuilt): void => {
      if (!this.#isEnding) this.#accept(built, 'file')
      done()
    }
    this.#inForce.rebuildSoon(this.#book.standing, accept, lost)
  }

  /** Of a server on its own nobody asks any more. */
  #enter(records: readonly EditRecord[], state: EditState): StoredEdit[] {
    const isOfPair = this.#inForce.started.ha !== undefined
    return this.#book.enter(records, state, ({ scope }) => isOfPair && scope === 'pair')
  }

  #store(stored: readonly StoredEdit[], records: readonly EditRecord[], done: () => void): void {
    const told = records.filter(({ scope }) => scope === 'pair')
    this.#duties.store(stored, () => {
      const partner = this.#duties.partner()
      if (partner === undefined || told.length === 0) done()
      else partner.tell(told.map(toldOf), done)
    })
  }

  /** It may have begun to stop while a document was compiled. */
  get #isEnding(): boolean {
    const state = this.#duties.state()
    return state === 'stopping' || state === 'stopped'
  }

  // ---- one after the other

  #inTurn(answer: ConfigAnswer, work: (turn: Turn) => void): void {
    const refusal = WHY_NOT[this.#duties.state()]
    if (refusal !== '') return answer({ ...DONE, allowed: false, why: refusal })
    this.#turns.answered(answer, work)
  }
}
