// Elements of a list, or members of a map, that are put into it or taken out where it stands in a
// file: commas come and go with them, comments and the rest of the lines stay.

import type { Node } from 'jsonc-parser'
import { indentAt, isLineStart, nextSign, restOfLine } from './gaps.ts'
import { type Layout, layoutOf } from './layout.ts'
import type { Positions } from './positions.ts'
import { type Splices, Unplaceable } from './splice.ts'

/** Text for an element, laid out for a line that begins with `indent`. */
export type Written = (indent: string, layout: Layout) => string

export interface ContainerEdit {
  readonly node: Node
  /** Children that go. */
  readonly removed: ReadonlySet<Node>
  /** Behind which child what is new stands; undefined: at the beginning. */
  readonly added: readonly { readonly behind: Node | undefined; readonly text: Written }[]
}

interface Spot {
  readonly file: string
  readonly start: number
  readonly end: number
}

/** Where the node stands; whole in one file. */
export function spotOf(node: Node, positions: Positions): Spot {
  const start = positions.origin(node.offset)
  const last = positions.origin(node.offset + node.length - 1)
  if (start === undefined || last?.file !== start.file) throw new Unplaceable('over two files')
  return { file: start.file, start: start.offset, end: last.offset + 1 }
}

export function editContainer(whole: ContainerEdit, positions: Positions, splices: Splices): void {
  const edit = replaced(whole, positions, splices)
  const { node, removed, added } = edit
  const children = node.children ?? []
  for (const [index, child] of children.entries())
    if (removed.has(child)) remove(children, index, removed, positions, splices)
  const isLeft = children.some((child) => !removed.has(child))
  for (const anchor of new Set(added.map(({ behind }) => behind))) {
    const texts = added.filter(({ behind }) => behind === anchor).map(({ text }) => text)
    if (isLeft) insert(edit, anchor, texts, positions, splices)
    else fill(node, texts, positions, splices)
  }
}

/** What is new stands in the place of what goes, where both would meet; the rest of the edit. */
function replaced(
  { node, removed, added }: ContainerEdit,
  positions: Positions,
  splices: Splices,
): ContainerEdit {
  const children = node.children ?? []
  const left = new Set(removed)
  const others: ContainerEdit['added'][number][] = []
  const moved = new Map<Node | undefined, Node>()
  for (const one of added) {
    const behind = moved.get(one.behind) ?? one.behind
    const next = children[behind === undefined ? 0 : children.indexOf(behind) + 1]
    const place = [behind, next].find((child) => child !== undefined && left.has(child))
    if (place === undefined) {
      others.push({ behind, text: one.text })
      continue
    }
    const { file, start, end } = spotOf(place, positions)
    const text = splices.text(file)
    splices.add(file, start, end, one.text(indentAt(text, start), layoutOf(text)))
    left.delete(place)
    moved.set(one.behind, place)
  }
  return { node, removed: left, added: others }
}

function remove(
  children: readonly Node[],
  index: number,
  removed: ReadonlySet<Node>,
  positions: Positions,
  splices: Splices,
): void {
  const { file, start, end } = spotOf(children[index]!, positions)
  const text = splices.text(file)
  const comma = nextSign(text, end)
  const hasComma = text[comma] === ','
  const behind = hasComma ? comma + 1 : end
  const isLast = children.slice(index + 1).every((child) => removed.has(child))
  if (isLast && !hasComma) dropCommaBefore(children, index, removed, positions, splices)
  if (hasComma && comma !== end) throwIfComment(text, end, comma)
  const line = restOfLine(text, behind)
  const isWhole =
    isLineStart(text, start) && (line > behind || text[line] === '\n' || text[line] === '\r')
  if (!isWhole) {
    const blanks = /^[ \t]*/.exec(text.slice(behind))![0].length
    return splices.add(file, start, behind + (hasComma ? blanks : 0), '')
  }
  const from = text.lastIndexOf('\n', start - 1)
  splices.add(file, Math.max(from, 0), line, '')
}

/** A comment between a value and its comma is the author's: what is around is written anew. */
function throwIfComment(text: string, from: number, to: number): void {
  if (/\S/.test(text.slice(from, to))) throw new Unplaceable('a comment before a comma')
}

/** The comma of the last child that stays would be one too many. */
function dropCommaBefore(
  children: readonly Node[],
  index: number,
  removed: ReadonlySet<Node>,
  positions: Positions,
  splices: Splices,
): void {
  // Those that go together with it take their commas along.
  if (index > 0 && removed.has(children[index - 1]!)) {
    const kept = children.slice(0, index).findLast((child) => !removed.has(child))
    if (kept === undefined) return
    return dropCommaOf(kept, positions, splices)
  }
  if (index > 0) dropCommaOf(children[index - 1]!, positions, splices)
}

function dropCommaOf(child: Node, positions: Positions, splices: Splices): void {
  const { file, end } = spotOf(child, positions)
  const comma = nextSign(splices.text(file), end)
  if (splices.text(file)[comma] !== ',') throw new Unplaceable('a comma in another file')
  splices.add(file, comma, comma + 1, '')
}

function insert(
  { node, removed }: ContainerEdit,
  anchor: Node | undefined,
  texts: readonly Written[],
  positions: Positions,
  splices: Splices,
): void {
  const children = node.children ?? []
  const kept = children.filter((child) => !removed.has(child))
  const before = children.slice(0, anchor === undefined ? 0 : children.indexOf(anchor) + 1)
  const last = before.findLast((child) => !removed.has(child))
  if (last === undefined) return insertFirst(kept[0]!, texts, positions, splices)
  const { file, start, end } = spotOf(last, positions)
  const text = splices.text(file)
  const layout = layoutOf(text)
  const comma = nextSign(text, end)
  const hasComma = text[comma] === ','
  const isLast = last === kept.at(-1)
  if (!hasComma && !isLast) throw new Unplaceable('a comma in another file')
  const indent = indentAt(text, start)
  const isOwnLine = isLineStart(text, start)
  const pieces = texts.map((write) => write(indent, layout))
  const joint = isOwnLine ? `${layout.newline}${indent}` : ' '
  const at = hasComma ? restIf(isOwnLine, text, comma + 1) : restIf(isOwnLine, text, end)
  if (!hasComma && at !== end) splices.add(file, end, end, ',')
  const head = !hasComma && at === end ? ',' : ''
  // The comma that was there goes before what is new; the one that is new goes behind.
  const tail = hasComma && !(isLast && isTrailing(text, comma)) ? ',' : ''
  splices.add(file, at, at, `${head}${joint}${pieces.join(`,${joint}`)}${tail}`)
}

function restIf(isOwnLine: boolean, text: string, at: number): number {
  return isOwnLine ? restOfLine(text, at) : at
}

function isTrailing(text: string, comma: number): boolean {
  return /[\]}]/.test(text[nextSign(text, comma + 1)] ?? '}')
}

function insertFirst(
  first: Node,
  texts: readonly Written[],
  positions: Positions,
  splices: Splices,
): void {
  const { file, start } = spotOf(first, positions)
  const text = splices.text(file)
  const layout = layoutOf(text)
  const indent = indentAt(text, start)
  const joint = isLineStart(text, start) ? `,${layout.newline}${indent}` : ', '
  const pieces = texts.map((write) => write(indent, layout))
  splices.add(file, start, start, `${pieces.join(joint)}${joint}`)
}

/** Of a list or map with nothing in it, or nothing that stays. */
function fill(node: Node, texts: readonly Written[], positions: Positions, splices: Splices): void {
  const { file, start, end } = spotOf(node, positions)
  if ((node.children ?? []).length > 0) throw new Unplaceable('all of it is another')
  const text = splices.text(file)
  const layout = layoutOf(text)
  const outer = indentAt(text, start)
  const indent = outer + layout.unit
  const pieces = texts.map((write) => write(indent, layout))
  const body = `${layout.newline}${indent}${pieces.join(`,${layout.newline}${indent}`)}`
  const isBlank = /^\s*$/.test(text.slice(start + 1, end - 1))
  if (isBlank) splices.add(file, start + 1, end - 1, `${body}${layout.newline}${outer}`)
  else splices.add(file, start + 1, start + 1, body)
}
