// The document that comes of records put over what the files say, in their order. A record that
// leads nowhere there, or with which nothing could be served, is left out, and the others are in
// force all the same: of two that exclude each other the later one is, at both servers of a pair.

import type { Compiled } from '../../config/compile/compile.ts'
import { checkedSoon } from '../../config/edit-check.ts'
import { type Edit, edited, findAt, indexingAlong, isProblem } from '../../config/edits.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import type { Plan } from '../../config/plan/plan.ts'
import type { Steps } from '../../config/plan/steps.ts'
import { formatProblem, type Problem } from '../../config/text/problem.ts'
import type { EditRecord } from './edit-record.ts'

/** A document with what is served of it. */
export interface Built {
  readonly document: ConfigDocument
  readonly plan: Plan
  /** Of compile. */
  readonly problems: readonly Problem[]
}

export interface Rebuilt extends Built {
  /** Records that are left out, with the reason. */
  readonly unusable: ReadonlyMap<string, string>
}

/** What compile makes of a document, a little at a time: see config/compile. */
export type Compile = (document: ConfigDocument) => Steps<Compiled>

export function* rebuilt(
  base: Built,
  records: readonly EditRecord[],
  compile: Compile,
): Steps<Rebuilt> {
  const unusable = new Map<string, string>()
  let { document } = base
  for (const record of records) {
    const next = yield* carriedOut(document, record.edits)
    if (typeof next === 'string') unusable.set(record.id, next)
    else document = next
  }
  if (document === base.document) return { ...base, unusable }
  const built = judgedBuilt(document, base, yield* compile(document))
  if (typeof built !== 'string') return { ...built, unusable }
  return yield* oneByOne(base, records, compile)
}

/** Some of them cannot be in force together: which is found by trying. */
function* oneByOne(base: Built, records: readonly EditRecord[], compile: Compile): Steps<Rebuilt> {
  const unusable = new Map<string, string>()
  let built = base
  for (const record of records) {
    const next = yield* withRecord(built, record, compile)
    if (typeof next === 'string') unusable.set(record.id, next)
    else built = next
  }
  return { ...built, unusable }
}

/** A record behind all others; a text is the reason why it cannot be in force. */
function* withRecord(built: Built, record: EditRecord, compile: Compile): Steps<Built | string> {
  const document = yield* carriedOut(built.document, record.edits)
  if (typeof document === 'string') return document
  if (document === built.document) return built
  return judgedBuilt(document, built, yield* compile(document))
}

/** What was compiled of a document; a text is the reason why it is not to be in force. */
export function judgedBuilt(
  document: ConfigDocument,
  before: Built,
  { plan, problems }: Compiled,
): Built | string {
  const [error] = newProblems(before.problems, problems, 'error')
  if (error !== undefined) return formatProblem(error)
  return plan === undefined ? 'it could not be served' : { document, plan, problems }
}

/**
 * What another server or another file made possible may be impossible here: each edit is judged
 * again. What it takes out may be gone.
 */
export function* carriedOut(
  document: ConfigDocument,
  edits: readonly Edit[],
): Steps<ConfigDocument | string> {
  let result = document
  for (const edit of edits) {
    yield
    yield* indexingAlong(result, edit.path)
    if (edit.value === undefined && findAt(result, edit.path) === undefined) continue
    const { problems } = yield* checkedSoon(result, edit)
    const error = problems.find(({ severity }) => severity === 'error')
    if (error !== undefined) return formatProblem(error)
    const next = edited(result, edit.path, edit.value)
    if (isProblem(next)) return formatProblem(next)
    result = next
  }
  return result
}

/** Those of the severity that were not there before; what stands elsewhere by now is no news. */
export function newProblems(
  before: readonly Problem[],
  after: readonly Problem[],
  ...severities: readonly Problem['severity'][]
): Problem[] {
  const known = new Map<string, number>()
  for (const problem of before) {
    const name = nameOf(problem)
    known.set(name, (known.get(name) ?? 0) + 1)
  }
  return after.filter((problem) => {
    if (!severities.includes(problem.severity)) return false
    const name = nameOf(problem)
    const count = known.get(name) ?? 0
    if (count > 0) known.set(name, count - 1)
    return count === 0
  })
}

function nameOf({ code, message, hint }: Problem): string {
  return `${code} ${message} ${hint}`
}
