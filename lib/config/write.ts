// A configuration that is in force, written into the files that it was read from: only what differs
// is changed in them. What was written is read again before anybody sees it: it says what was
// meant, or nothing is written.

import { canonical } from './canonical/canonical.ts'
import { relaxed } from './canonical/relaxed.ts'
import { type ParsedConfig, parseConfig } from './check.ts'
import { joined } from './join.ts'
import type { ConfigDocument } from './keys/document.ts'
import type { Source } from './load.ts'
import { isAlike } from './text/alike.ts'
import type { Include } from './text/expand.ts'
import { laidOut } from './text/layout.ts'
import { formatProblem } from './text/problem.ts'
import { Rewriter } from './text/rewrite.ts'
import { Splices, Unplaceable } from './text/splice.ts'

export type Rewritten =
  /**
   * Of the files that change, by the names by which they were read; none where all say it. `file`:
   * the one that was meant, or the first.
   */
  | {
      readonly texts: ReadonlyMap<string, string>
      readonly file: string
      readonly trouble?: undefined
    }
  | { readonly trouble: string }

interface Part extends ParsedConfig {
  readonly file: string
}

/** Maps of the process: whatever else stands in a file is left alone. */
const SERVED = ['Dhcp4', 'Dhcp6', 'Whio', 'Control-agent', 'DhcpDdns'] as const

/** Of several files, only that of `version` is changed, where one is named. */
export function rewritten(
  sources: readonly Source[],
  include: Include,
  wanted: ConfigDocument,
  version?: 4 | 6,
): Rewritten {
  const read = new Reading(sources, include)
  const parts = read.parts(new Map())
  const { document, problems } = joined(parts)
  if (document === undefined) {
    const first = problems.find(({ severity }) => severity === 'error')
    return { trouble: first === undefined ? 'nothing is in it' : formatProblem(first) }
  }
  const target = relaxed(document, wanted)
  const homes = homesOf(parts, target, version)
  const [first] = homes.keys()
  const { file } = first ?? sources[0]!
  for (const isWhole of [false, true]) {
    const texts = attempt(homes, target, read, isWhole)
    if (texts !== undefined && says(read, texts, target, homes)) return { texts, file }
  }
  return { trouble: 'what has changed has no place in it; write another file' }
}

/** The files as they are, those that are included among them. */
class Reading {
  readonly texts = new Map<string, string>()
  readonly #sources: readonly Source[]
  readonly #include: Include

  constructor(sources: readonly Source[], include: Include) {
    this.#sources = sources
    this.#include = include
  }

  /** `others`: texts in the place of those that are there. */
  parts(others: ReadonlyMap<string, string>): readonly Part[] {
    const include: Include = (path, from) => {
      const text = others.get(path) ?? this.texts.get(path) ?? this.#include(path, from)
      if (typeof text === 'string' && !others.has(path)) this.texts.set(path, text)
      return text
    }
    return this.#sources.map(({ file, text: own }) => {
      const text = others.get(file) ?? own
      if (!others.has(file)) this.texts.set(file, text)
      return { file, ...parseConfig(text, file, include) }
    })
  }
}

type Served = (typeof SERVED)[number]
type Homes = ReadonlyMap<Part, readonly Served[]>

/** Which map is written where: what is new stands in the first file. */
function homesOf(parts: readonly Part[], target: ConfigDocument, version?: 4 | 6): Homes {
  const homes = new Map<Part, Served[]>()
  for (const key of SERVED) {
    const home = parts.find(({ document }) => document?.[key] !== undefined)
    if (home === undefined && target[key] === undefined) continue
    const part = home ?? parts[0]!
    homes.set(part, [...(homes.get(part) ?? []), key])
  }
  const named = version && ([...homes].find(([, keys]) => keys.includes(`Dhcp${version}`)) ?? [])[0]
  return named === undefined ? homes : new Map([[named, homes.get(named)!]])
}

/** Undefined where a change has no place. `isWhole`: maps that differ are written anew. */
function attempt(
  homes: Homes,
  target: ConfigDocument,
  { texts }: Reading,
  isWhole: boolean,
): ReadonlyMap<string, string> | undefined {
  const splices = new Splices(texts)
  try {
    for (const [{ document, positions }, keys] of homes) {
      const rewriter = new Rewriter(positions, splices)
      const [before, after] = [only(document, keys), only(target, keys)]
      if (!isWhole) rewriter.change([], before, after)
      else
        for (const key of keys)
          if (!isAlike(before[key], after[key]) && before[key] !== undefined)
            rewriter.replace([key], after[key])
    }
    return splices.made()
  } catch (error) {
    if (error instanceof Unplaceable) return undefined
    throw error
  }
}

function only(document: ConfigDocument | undefined, keys: readonly Served[]) {
  const entries = keys.map((key) => [key, document?.[key]] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

/** Read again, the files say what was meant. */
function says(
  read: Reading,
  texts: ReadonlyMap<string, string>,
  target: ConfigDocument,
  homes: Homes,
): boolean {
  const { document } = joined(read.parts(texts))
  if (document === undefined) return false
  const keys = new Set([...homes.values()].flat())
  return SERVED.filter((key) => keys.has(key)).every((key) => {
    if (key !== 'Dhcp4' && key !== 'Dhcp6') return isAlike(document[key], target[key])
    const version = key === 'Dhcp4' ? 4 : 6
    return isAlike(canonical(document, version), canonical(target, version))
  })
}

/** A file of its own, with all of the document, in as few words as will do. */
export function wholeText(document: ConfigDocument): string {
  const maps = only(relaxed({} as ConfigDocument, document), SERVED)
  return `${laidOut(maps, '', { unit: '  ', newline: '\n' })}\n`
}
