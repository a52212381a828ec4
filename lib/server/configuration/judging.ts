// What somebody wants the document to be: judged by the keys, and put into it.

import { checkedSoon } from '../../config/edit-check.ts'
import { type Edit, edited, indexingAlong, isProblem } from '../../config/edits.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import type { Steps } from '../../config/plan/steps.ts'
import type { Problem } from '../../config/text/problem.ts'
import { hasErrors } from './results.ts'
import type { WantedEdits } from './running-configuration.ts'

export interface JudgedEdits {
  /** Undefined where it is not to be; else what it would be. */
  readonly document: ConfigDocument | undefined
  /** In today's spelling. */
  readonly edits: readonly Edit[]
  readonly problems: readonly Problem[]
}

/** A step for each edit, since one of a list of 50,000 costs milliseconds. */
export function* judging(before: ConfigDocument, wanted: WantedEdits): Steps<JudgedEdits> {
  let document = before
  const edits: Edit[] = []
  const problems: Problem[] = []
  for (const edit of typeof wanted === 'function' ? yield* wanted(before) : wanted) {
    yield* indexingAlong(document, edit.path)
    const checked = yield* checkedSoon(document, edit)
    problems.push(...checked.problems)
    for (const one of checked.edits) {
      const next = edited(document, one.path, one.value)
      if (isProblem(next)) return { document: undefined, edits, problems: [...problems, next] }
      document = next
      edits.push(one)
    }
    yield
  }
  return { document: hasErrors(problems) ? undefined : document, edits, problems }
}
