// What somebody wants the document to be: judged by the keys, and put into it.

import { checkConfig } from '../../config/check.ts'
import { shared } from '../../config/difference.ts'
import { checkedEdit } from '../../config/edit-check.ts'
import { type Edit, edited, isProblem } from '../../config/edits.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import { withFollowing } from '../../config/load.ts'
import type { Problem } from '../../config/text/problem.ts'
import type { InForce } from './in-force.ts'
import { hasErrors } from './results.ts'
import type { Members, Tried } from './running-configuration.ts'

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

/** Maps of the top level in the place of those that are there. */
export function checkedWhole(before: ConfigDocument, members: Members): Omit<Judged, 'edits'> {
  const { document, problems } = checkConfig({ ...before, ...members })
  return { document: document && shared(before, document), problems }
}

/** What the keys have left of it is compiled even if it is not to be: every fault is told. */
export function tried(
  { document, problems }: Pick<Judged, 'document' | 'problems'>,
  inForce: Pick<InForce, 'compile'>,
): Tried {
  if (document === undefined) return { document, plan: undefined, problems }
  const compiled = inForce.compile(document)
  const plan = hasErrors(problems) ? undefined : compiled.plan
  return { document, plan, problems: withFollowing(problems, compiled.problems) }
}
