// Text in Kea's dialect of JSON -> a plain value, its positions, and everything that is wrong with
// the text.
//
// The dialect: JSON with #, // and /* */ comments; a comma too many (warning); .5 for 0.5; and
// <?include "file"?> wherever a token may stand, ten files deep. Files are read by the function the
// caller gives: Kea looks for a relative name in its working directory; `whio` does so too, and
// where there is no such file, beside the file that names it. A key that stands twice, a number
// that JavaScript cannot hold and a \u escape above \u00ff (Kea's strings are bytes) are errors.
// Stricter than Kea 2.2: no leading zeros.

import { type Node, type ParseError, parseTree } from 'jsonc-parser'
import { type Expanded, expand, type Finding, type Include } from './expand.ts'
import { Positions } from './positions.ts'
import type { Path, Problem } from './problem.ts'
import { describeSyntaxError } from './syntax.ts'

export interface Read {
  /** Undefined where the text is so broken that judging the rest would be guessing. */
  readonly value: unknown
  readonly positions: Positions
  readonly problems: readonly Problem[]
  /**
   * Offsets at which something was reported to be missing or broken: what is missing there is no
   * news.
   */
  readonly holes: readonly number[]
}

export function readDocument(text: string, file: string, include: Include): Read {
  const expanded = expand(text, file, include)
  const errors: ParseError[] = []
  const root =
    expanded.broken === undefined || expanded.findings.every((f) => f.code !== 'too-deep')
      ? parseTree(expanded.text, errors, { allowTrailingComma: false })
      : undefined
  const syntax = syntaxFindings(expanded, errors)
  const builder = new Builder(expanded)
  const sound = expanded.broken === undefined && root !== undefined
  const value = root === undefined ? undefined : builder.build(root)
  const { positions } = builder
  positions.startAt(value)
  const problems = [...expanded.findings, ...syntax].map((f) => toProblem(f, expanded))
  return {
    value: sound ? value : undefined,
    positions,
    problems: [...problems, ...builder.problems],
    holes: [...expanded.holes, ...syntax.map(({ offset }) => offset)],
  }
}

/**
 * One finding a slip: what follows from the one before, or from a bracket or an include, is left
 * out.
 */
function syntaxFindings(expanded: Expanded, errors: readonly ParseError[]): Finding[] {
  const { text, broken, holes, map } = expanded
  const findings: Finding[] = []
  let end = -1
  let line = ''
  let nextHole = 0
  for (const error of errors) {
    if (broken !== undefined && error.offset >= broken) break
    const place = map.place(error.offset)
    const here = `${place.file}:${place.line}`
    const follows = end !== -1 && (here === line || isBlank(text, end, error.offset))
    // Of all holes the nearest one before the error tells: between others and the error there is
    // more.
    while (nextHole < holes.length && holes[nextHole]! <= error.offset) nextHole++
    const inHole = nextHole > 0 && isBlank(text, holes[nextHole - 1]!, error.offset)
    end = Math.max(end, error.offset + error.length)
    if (follows || inHole) continue
    line = here
    findings.push(describeSyntaxError(text, error))
  }
  return findings
}

/**
 * Only blanks and comments stand between the offsets; comments of one line are blanks by now.
 * Written so that there is one way to match: a lazy comment would be tried with every end there is.
 */
function isBlank(text: string, start: number, end: number): boolean {
  if (end - start > 10_000) return false
  return /^(?:\s|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)*$/.test(text.slice(start, end))
}

function toProblem({ severity, offset, code, message, hint }: Finding, { map }: Expanded): Problem {
  return { severity, path: [], code, message, hint, place: map.place(offset) }
}

/** Makes values of nodes, and finds what a JSON parser passes over. */
class Builder {
  readonly problems: Problem[] = []
  readonly #expanded: Expanded
  readonly positions: Positions
  readonly #escapes: boolean
  /** Where the node stands that is being built. */
  readonly #path: (string | number)[] = []

  constructor(expanded: Expanded) {
    this.#expanded = expanded
    this.positions = new Positions(expanded.map)
    this.#escapes = expanded.text.includes('\\u')
  }

  build(node: Node): unknown {
    switch (node.type) {
      case 'object':
        return this.#map(node)
      case 'array':
        return this.#list(node)
      case 'string':
        this.#checkString(node)
        return node.value
      case 'number':
        this.#checkNumber(node)
        return node.value
      default:
        return node.value
    }
  }

  #list(node: Node): unknown[] {
    const list = (node.children ?? []).map((child, index) => this.#member(index, child))
    this.positions.made(list, node)
    return list
  }

  #map(node: Node): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    const keys = new Map<string, Node>()
    for (const member of node.children ?? []) {
      const [keyNode, valueNode] = member.children ?? []
      if (keyNode === undefined || valueNode === undefined) continue
      const key: string = keyNode.value
      const first = keys.get(key)
      this.#path.push(key)
      this.#checkString(keyNode)
      if (first === undefined) define(map, key, this.build(valueNode))
      else this.#duplicate(first, keyNode)
      this.#path.pop()
      if (first === undefined) keys.set(key, keyNode)
    }
    this.positions.made(map, node)
    return map
  }

  #member(step: number, node: Node): unknown {
    this.#path.push(step)
    const value = this.build(node)
    this.#path.pop()
    return value
  }

  #duplicate(first: Node, keyNode: Node): void {
    const { file, line, column } = this.#expanded.map.place(first.offset)
    const message = 'the key stands here for the second time'
    this.#error(keyNode, 'duplicate-key', message, `first at ${file}:${line}:${column}`)
  }

  #checkString(node: Node): void {
    if (!this.#escapes) return
    for (const [found] of this.#raw(node).matchAll(/\\(?:u[0-9a-fA-F]{4}|.)/g)) {
      if (found[1] !== 'u' || found.length < 6 || found.startsWith('00', 2)) continue
      const hint = 'write the character itself, in UTF-8'
      this.#error(node, 'wide-escape', `${found} is above \\u00ff`, hint)
      return
    }
  }

  #checkNumber(node: Node): void {
    const raw = this.#raw(node)
    const whole = !/[.eE]/.test(raw)
    if (whole ? Number.isSafeInteger(node.value) : Number.isFinite(node.value)) return
    const limit = whole ? 'at most 9007199254740991' : 'at most 1.7e308'
    const shown = raw.length > 24 ? `${raw.slice(0, 24)}...` : raw
    this.#error(node, 'number-too-large', `${shown} is too large a number`, limit)
  }

  #raw(node: Node): string {
    return this.#expanded.text.slice(node.offset, node.offset + node.length)
  }

  #error(node: Node, code: string, message: string, hint: string): void {
    const place = this.#expanded.map.place(node.offset)
    const path: Path = [...this.#path]
    this.problems.push({ severity: 'error', path, code, message, hint, place })
  }
}

/** Sets a member even where its name means something to JavaScript. */
function define(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') map[key] = value
  else
    Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true })
}
