// Changes of the text of files, gathered and then made at once: each replaces what stands between
// two offsets of one file.

export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A change that cannot be made where it belongs: what is around it is written anew. */
export class Unplaceable extends Error {}

export class Splices {
  readonly #texts: ReadonlyMap<string, string>
  readonly #byFile = new Map<string, Splice[]>()

  constructor(texts: ReadonlyMap<string, string>) {
    this.#texts = texts
  }

  /** The text of the file as it is. */
  text(file: string): string {
    const text = this.#texts.get(file)
    if (text === undefined) throw new Unplaceable(`${file} is not known`)
    return text
  }

  add(file: string, start: number, end: number, text: string): void {
    const list = this.#byFile.get(file) ?? []
    this.#byFile.set(file, list)
    list.push({ start, end, text })
  }

  /** The files that are others now. */
  made(): ReadonlyMap<string, string> {
    const made = new Map<string, string>()
    for (const [file, splices] of this.#byFile) made.set(file, spliced(this.text(file), splices))
    return made
  }
}

function spliced(text: string, splices: readonly Splice[]): string {
  const parts: string[] = []
  let at = 0
  // What is put in at one place stays in the order in which it was said.
  for (const { start, end, text: piece } of splices.toSorted((a, b) => a.start - b.start)) {
    if (start < at) throw new Unplaceable('two changes meet')
    parts.push(text.slice(at, start), piece)
    at = end
  }
  return [...parts, text.slice(at)].join('')
}
