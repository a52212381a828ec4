// A document with what configuration databases say on top of it, as if all of it had been read: the
// same problems in the same words, each told where it came from.

import { Homes } from './backend/homes.ts'
import { Merge } from './backend/merge.ts'
import type { ConfigPart } from './backend/part.ts'
import { checkedPart } from './backend-part.ts'
import type { ConfigDocument } from './keys/document.ts'
import type { Positions } from './text/positions.ts'
import type { Problem } from './text/problem.ts'

interface Read {
  readonly document: ConfigDocument | undefined
  readonly positions: Pick<Positions, 'locate'>
  readonly problems: readonly Problem[]
}

/** A part counts where the document has the map of its family. */
export function mergedWith(read: Read, parts: readonly ConfigPart[]): Read {
  if (read.document === undefined || parts.length === 0) return read
  const homes = new Homes()
  const problems: Problem[] = []
  let { document } = read
  for (const part of parts) {
    const key = part.family === 4 ? 'Dhcp4' : 'Dhcp6'
    const own = document[key]
    if (own === undefined) continue
    const checked = checkedPart(part)
    const merge = new Merge({ ...own }, checked.part, homes)
    document = { ...document, [key]: merge.merged() }
    problems.push(...checked.problems, ...merge.problems)
  }
  homes.startAt(document)
  const inFile = (problem: Problem) => read.positions.locate(problem)
  return {
    document,
    positions: { locate: (problem) => homes.locate(problem, inFile) },
    problems: [...read.problems, ...problems],
  }
}
