// A whole configuration that somebody wants, judged against the one before: what is wrong with it,
// and the edits that lead there. This is the long part of a change, and it needs nothing of a
// server, so that it may be done beside it.

import { relaxed } from './canonical/relaxed.ts'
import { checkConfig } from './check.ts'
import { Compiler } from './compile/compile.ts'
import { difference } from './difference.ts'
import type { Edit } from './edits.ts'
import type { ConfigDocument } from './keys/document.ts'
import { type Loaded, withFollowing } from './load.ts'
import type { CompileContext } from './plan/compile-context.ts'
import type { Problem } from './text/problem.ts'

/** Maps of the top level, as people write them. What is left out stays as it is. */
export interface Members {
  readonly Dhcp4?: unknown
  readonly Dhcp6?: unknown
  readonly Whio?: unknown
  readonly DhcpDdns?: unknown
}

export interface Judgement {
  /** From the document before to what is wanted; undefined where that cannot be served. */
  readonly edits: readonly Edit[] | undefined
  readonly problems: readonly Problem[]
}

/** `isTrial`: it will not be compiled elsewhere, so that every fault is to be found here. */
export function judgedWhole(
  before: ConfigDocument,
  members: Members,
  context: CompileContext,
  isTrial: boolean,
): Judgement {
  const { document, problems } = checkConfig({ ...before, ...members })
  if (document === undefined) return { edits: undefined, problems }
  const isSound = problems.every(({ severity }) => severity !== 'error')
  const found = isTrial || !isSound ? new Compiler().compile(document, context) : undefined
  const all = found === undefined ? problems : withFollowing(problems, found.problems)
  const isServed = isSound && (found === undefined || found.plan !== undefined)
  // Whoever writes back what was got has said everything: what holds already is no edit.
  const edits = isServed ? difference(before, relaxed(before, document)) : undefined
  return { edits, problems: all }
}

/** What was read in the place of the document before. */
export function judgedLoaded(
  before: ConfigDocument,
  { plan, document, problems }: Omit<Loaded, 'configDatabases'>,
): Judgement {
  const isServed = plan !== undefined && document !== undefined
  return { edits: isServed ? difference(before, document) : undefined, problems }
}
