// A configuration, read and judged as far as its schema goes: what compile is given. Positions stay
// at hand, so that what compile finds can be told with file, line and column as well.

import type { ConfigDocument } from './keys/document.ts'
import { judge } from './keys/judge.ts'
import { type Slip, validate } from './keys/validate.ts'
import { Draft } from './text/draft.ts'
import { DEPTH_MAX, type Include } from './text/expand.ts'
import { Positions } from './text/positions.ts'
import { formatPath, type Path, type Problem } from './text/problem.ts'
import { prune } from './text/prune.ts'
import { type Read, readDocument } from './text/read.ts'

export interface ParsedConfig {
  /**
   * The document in today's spelling, without the parts that are reported as wrong, so that the
   * rest can be compiled and judged, too. Undefined where nothing is left. With an error among the
   * problems it is not to be served.
   */
  readonly document: ConfigDocument | undefined
  /** Gives problems of compile their places. */
  readonly positions: Positions
  /** In the order of the text. */
  readonly problems: readonly Problem[]
}

/** Reads a configuration from text. `file` is its name in problems; see Include for `include`. */
export function parseConfig(text: string, file: string, include: Include): ParsedConfig {
  return checkRead(readDocument(text, file, include))
}

/**
 * Takes a configuration that is an object already; it is copied. Problems have paths and no places.
 */
export function checkConfig(config: unknown): ParsedConfig {
  if (isDeeper(config, DEPTH_MAX)) return refused(tooDeep)
  const problems: Problem[] = []
  const value = copy(config, [], problems) ?? null
  return checkRead({ value, positions: new Positions(), problems, holes: [] })
}

const tooDeep: Problem = {
  severity: 'error',
  path: [],
  code: 'too-deep',
  message: `maps and lists are nested deeper than ${DEPTH_MAX}`,
  hint: '',
}

function refused(problem: Problem): ParsedConfig {
  return { document: undefined, positions: new Positions(), problems: [problem] }
}

/** What contains itself is deeper than anything. */
function isDeeper(value: unknown, max: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return max === 0 || Object.values(value).some((member) => isDeeper(member, max - 1))
}

/**
 * Maps and lists anew, anything else as it is: what is no JSON is for the schema to refuse. Numbers
 * that no file may have are told of here.
 */
function copy(value: unknown, path: (string | number)[], problems: Problem[]): unknown {
  if (typeof value === 'bigint') {
    problems.push(tooLarge(value, [...path]))
    return Number(value)
  }
  if (typeof value !== 'object' || value === null) return value
  const at = (step: string | number, member: unknown): unknown => {
    path.push(step)
    const copied = copy(member, path, problems)
    path.pop()
    return copied
  }
  if (Array.isArray(value)) return value.map((element, index) => at(index, element))
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, at(key, member)]))
}

function tooLarge(value: bigint, path: Path): Problem {
  const message = `${value} is too large a number`
  const hint = `at most ${Number.MAX_SAFE_INTEGER}`
  return { severity: 'error', path, code: 'number-too-large', message, hint }
}

/**
 * Validates and judges what was read, and adds what is wrong with it to what was found before. The
 * value stays as it is; the document shares with it all that is not rewritten.
 */
export function checkRead({ value, positions, problems: before, holes }: Read): ParsedConfig {
  if (value === undefined) return { document: undefined, positions, problems: inOrder(before) }
  const slips = validate(value)
  const reported = new Set(before.map(({ path }) => formatPath(path)))
  const news = slips.filter(({ problem, remove }) =>
    problem.code === 'missing-key'
      ? !positions.holdsAny(remove, holes)
      : !reported.has(formatPath(problem.path)),
  )
  const wrong = [...before, ...news.map(({ problem }) => positions.locate(problem))]
  const draft = new Draft(value, positions)
  const damaged = pruneAll(draft, slips, positions)
  if (damaged === undefined) return { document: undefined, positions, problems: inOrder(wrong) }
  const judged = judge(draft, positions, damaged)
  const document = draft.root as ConfigDocument
  return { document, positions, problems: inOrder([...wrong, ...judged]) }
}

/**
 * Takes wrong parts out until the schema accepts the rest; the maps that lost something, undefined
 * where nothing is left.
 */
function pruneAll(
  draft: Draft,
  slips: readonly Slip[],
  positions: Positions,
): Set<object> | undefined {
  const damaged = new Set<object>()
  for (let left = slips; left.length > 0; left = validate(draft.root)) {
    if (left.some(({ remove }) => remove.length === 0)) return undefined
    const paths = left.map(({ remove }) => remove)
    for (const map of prune(draft, paths, positions)) damaged.add(map)
  }
  return damaged
}

/** By line and column within each file; the files in the order in which they are first named. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map(({ place }) => place?.file))]
  const rank = ({ place }: Problem): number => files.indexOf(place?.file)
  return problems.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
      (a.place?.column ?? 0) - (b.place?.column ?? 0),
  )
}
