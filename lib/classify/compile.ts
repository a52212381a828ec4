// The text of an expression, once at load, to what is asked of every message.

import type { Compiled, CompiledTest, CompiledText, Names, Refused } from './expression.ts'
import { isDecodedLate } from './facts.ts'
import { testOf, textOf } from './language/closures.ts'
import { foldTest, foldText } from './language/fold.ts'
import { lint } from './language/lint.ts'
import { mayFail } from './language/may-fail.ts'
import { parseTest, parseText } from './language/parse.ts'
import { Refusal } from './language/refusal.ts'
import { Remarks } from './language/remarks.ts'
import { type Node, type Source, visit } from './language/tree.ts'

/** A class test, or whatever else is true or false. */
export function compileTest(text: string, names: Names): CompiledTest | Refused {
  const remarks = new Remarks(text)
  const tree = read(remarks, () => parseTest(text, names, remarks))
  if (tree === undefined) return { problems: remarks.problems }
  const folded = foldTest(tree)
  return { ...described(text, names, tree, folded, remarks), test: testOf(folded), tree, folded }
}

/** A value: of a template, of an option, of an identifier. */
export function compileText(text: string, names: Names): CompiledText | Refused {
  const remarks = new Remarks(text)
  const tree = read(remarks, () => parseText(text, names, remarks))
  if (tree === undefined) return { problems: remarks.problems }
  const folded = foldText(tree)
  return { ...described(text, names, tree, folded, remarks), value: textOf(folded), tree }
}

/** The tree, undefined where there is a problem. */
function read<Tree extends Node>(remarks: Remarks, parse: () => Tree): Tree | undefined {
  try {
    const tree = parse()
    return remarks.problems.length === 0 ? tree : undefined
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    remarks.refuse(error)
    return undefined
  }
}

function described(
  text: string,
  { family }: Names,
  tree: Node,
  folded: Node,
  remarks: Remarks,
): Compiled {
  lint(tree, family, remarks)
  const isDoubted = remarks.notes.some(({ kind }) => kind === 'doubt')
  if (folded.kind === 'constant' && !isDoubted)
    remarks.doubt('constant', tree.at, `this is always ${folded.value}`)
  const members = new Set<number>()
  let readsLate = false
  visit(tree, (node) => {
    if (node.kind === 'member') members.add(node.number)
    if (node.kind === 'value' || node.kind === 'exists')
      readsLate ||= isLate(node.origin.source, family)
  })
  return { text, members, readsLate, notes: remarks.notes, mayFail: mayFail(folded) }
}

/** Of DHCPv4 only: in DHCPv6 these codes have meanings of their own. */
function isLate(source: Source, family: 4 | 6): boolean {
  if (family === 6) return false
  return source.from === 'sub-option' && isDecodedLate(source.path.codes[0]!)
}
