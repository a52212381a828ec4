// What somebody wants the document to be: judged by the keys, and put into it.

import { checkedEdit } from '../../config/edit-check.ts'
import { type Edit, edited, isProblem } from '../../config/edits.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import type { Problem } from '../../config/text/problem.ts'
import { hasErrors } from './results.ts'

export interface Judged {
  /** Undefined where it is not to be; else what it would be. */
  readonly document: ConfigDocument | undefined
  /** In today's spelling. */
  readonly edits: readonly Edit[]
  readonly problems: readonly Problem[]
}

export function judged(before: ConfigDocument, wanted: readonly Edit[]): Judged {
  let document = before
  const edits: Edit[] = []
  const problems: Problem[] = []
  for (const edit of wanted) {
    const checked = checkedEdit(document, edit)
    problems.push(...checked.problems)
    for (const one of checked.edits) {
      const next = edited(document, one.path, one.value)
      if (isProblem(next)) return { document: undefined, edits, problems: [...problems, next] }
      document = next
      edits.push(one)
    }
  }
  return { document: hasErrors(problems) ? undefined : document, edits, problems }
}
