// The pass before the JSON parser: what Kea's dialect has over JSON with comments. Includes are
// spliced in, comments of one line (they end with their file, too) and commas too many become
// blanks, and brackets are matched, so that a missing one is named with its partner and no nesting
// harms a parser that recurses.

import type { Severity } from './problem.ts'
import { SourceMap } from './source.ts'

/** The most brackets that may be open at once, and the most files that may include one another. */
export const DEPTH_MAX = 200
const INCLUDE_DEPTH_MAX = 10
/** The most includes in all, and the most text, so that includes of includes stay finite. */
const INCLUDES_MAX = 1000
const TEXT_MAX = 128 * 1024 * 1024

/**
 * Gives the text of an included file, `from` being the file whose directive names it; undefined =
 * no such file.
 */
export type Include = (
  path: string,
  from: string,
) => string | { readonly trouble: string } | undefined

/** A problem of the text itself: it has an offset and no path. */
export interface Finding {
  readonly severity: Severity
  /** In the joined text. */
  readonly offset: number
  readonly code: string
  readonly message: string
  readonly hint: string
}

export interface Expanded {
  /** JSON with comments, as long as the files together without their include directives. */
  readonly text: string
  readonly map: SourceMap
  readonly findings: readonly Finding[]
  /** Offsets at which an include could not be read: what is missing there was reported already. */
  readonly holes: readonly number[]
  /**
   * The first offset from which brackets or comments do not match; nothing after it can be judged.
   */
  readonly broken: number | undefined
}

export function expand(text: string, file: string, include: Include): Expanded {
  return new Expander(include).run(text, file)
}

const INCLUDE = /<\?include\s+"([^"\n]*)"\s*\?>/y
const BLANK = 32
const QUOTE = 34
const HASH = 35
const COMMA = 44
const DOT = 46
const SLASH = 47
const STAR = 42
const LESS = 60
const BACKSLASH = 92
const NEWLINE = 10
const RETURN = 13
const OPEN_BRACE = 123
const CLOSE_BRACE = 125
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const BYTE_ORDER_MARK = 0xfeff

class Expander {
  readonly #include: Include
  readonly #map = new SourceMap()
  readonly #pieces: string[] = []
  readonly #findings: Finding[] = []
  readonly #holes: number[] = []
  /** The file that is read: `start` is its first character that is not written yet. */
  #scan = { name: '', file: 0, text: '', start: 0 }
  /** The files that are open, the innermost last. */
  readonly #chain: string[] = []
  /** Brackets that are open: offset in the joined text and the code that closes each. */
  readonly #openers: { readonly offset: number; readonly closer: number }[] = []
  /**
   * The last two characters that are neither blank nor comment, and the piece the last one can be
   * blanked in.
   */
  #last = 0
  #lastButOne = 0
  #lastOffset = 0
  #length = 0
  #includes = 0
  #broken: number | undefined

  constructor(include: Include) {
    this.#include = include
  }

  run(text: string, file: string): Expanded {
    this.#file(text, file)
    if (this.#broken === undefined) this.#checkAllClosed()
    const findings = this.#findings
    return {
      text: this.#pieces.join(''),
      map: this.#map,
      findings,
      holes: this.#holes,
      broken: this.#broken,
    }
  }

  #file(text: string, name: string): void {
    const outer = this.#scan
    const start = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0
    const file = this.#map.addFile(name, text)
    this.#scan = { name, file, text, start }
    this.#chain.push(name)
    this.#map.addSegment(this.#length, file, start)
    for (let i = start; i < text.length && this.#broken === undefined; ) i = this.#step(text, i)
    this.#emit(text.length)
    this.#chain.pop()
    this.#scan = outer
  }

  /** Deals with what begins at `i`; returns the index behind it. */
  #step(text: string, i: number): number {
    const code = text.charCodeAt(i)
    if (code <= BLANK) return i + 1
    if (code === QUOTE) {
      this.#significant(code, this.#offset(i))
      return stringEnd(text, i)
    }
    if (code === HASH) return this.#lineComment(text, i)
    if (code === SLASH) {
      const next = text.charCodeAt(i + 1)
      if (next === SLASH) return this.#lineComment(text, i)
      if (next === STAR) return this.#blockComment(text, i)
    }
    if (code === LESS && text.startsWith('<?include', i)) return this.#directive(text, i)
    if (code === DOT && isBareFraction(text, i)) this.#addZero(i)
    this.#symbol(code, i)
    return i + 1
  }

  /** Offset in the joined text of a character of the file. */
  #offset(i: number): number {
    return this.#length + i - this.#scan.start
  }

  /** Writes what stands before `end` and is not written yet. */
  #emit(end: number): void {
    const { text, start } = this.#scan
    if (end > start) this.#push(text.slice(start, end))
    this.#scan.start = end
  }

  #lineComment(text: string, i: number): number {
    this.#emit(i)
    const end = lineEnd(text, i)
    this.#push(' '.repeat(end - i))
    this.#scan.start = end
    return end
  }

  #blockComment(text: string, i: number): number {
    const end = text.indexOf('*/', i + 2)
    if (end !== -1) return end + 2
    this.#break(this.#offset(i), 'open-comment', 'the comment does not end', 'close it with */')
    return text.length
  }

  #addZero(i: number): void {
    this.#emit(i)
    this.#push('0')
    this.#map.addSegment(this.#length, this.#scan.file, i)
  }

  #symbol(code: number, i: number): void {
    const offset = this.#offset(i)
    if (code === COMMA && this.#last === COMMA) return this.#secondComma(i)
    const comma = this.#trailingComma(code)
    if (comma !== undefined) {
      this.#emit(i)
      this.#blankAt(comma)
    }
    this.#bracket(code, offset)
    this.#significant(code, offset)
  }

  /** Kea passes over it. */
  #secondComma(i: number): void {
    this.#find('warning', this.#offset(i), 'second-comma', 'two commas in a row', 'remove one')
    this.#emit(i)
    this.#push(' ')
    this.#scan.start = i + 1
  }

  /**
   * Splices a file in. No token spans two files: not even a string without an end, nor one that
   * ends in \.
   */
  #directive(text: string, i: number): number {
    this.#emit(i)
    INCLUDE.lastIndex = i
    const match = INCLUDE.exec(text)
    const end = match === null ? lineEnd(text, i) : i + match[0].length
    this.#push(' ')
    this.#splice(match?.[1], this.#scan.name)
    this.#push('\n\n')
    this.#scan.start = end
    this.#map.addSegment(this.#length, this.#scan.file, end)
    return end
  }

  #push(piece: string): void {
    this.#pieces.push(piece)
    this.#length += piece.length
  }

  #significant(code: number, offset: number): void {
    this.#lastButOne = this.#last
    this.#last = code
    this.#lastOffset = offset
  }

  #find(severity: Severity, offset: number, code: string, message: string, hint: string): void {
    this.#findings.push({ severity, offset, code, message, hint })
  }

  #break(offset: number, code: string, message: string, hint: string): void {
    this.#broken = offset
    this.#find('error', offset, code, message, hint)
  }

  /**
   * Offset of the comma before a closing bracket, where there is an element before it; else
   * undefined.
   */
  #trailingComma(code: number): number | undefined {
    if (code !== CLOSE_BRACE && code !== CLOSE_BRACKET) return undefined
    if (this.#last !== COMMA) return undefined
    const before = this.#lastButOne
    if (before === COMMA || before === OPEN_BRACE || before === OPEN_BRACKET) return undefined
    return this.#lastOffset
  }

  /**
   * Replaces the comma at an offset of the joined text, which is in one of the last pieces, by a
   * blank.
   */
  #blankAt(offset: number): void {
    this.#find('warning', offset, 'trailing-comma', 'a comma before a closing bracket', 'remove it')
    let index = this.#pieces.length - 1
    let start = this.#length - this.#pieces[index]!.length
    while (start > offset) start -= this.#pieces[--index]!.length
    const piece = this.#pieces[index]!
    this.#pieces[index] = `${piece.slice(0, offset - start)} ${piece.slice(offset - start + 1)}`
  }

  #bracket(code: number, offset: number): void {
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (this.#openers.length === DEPTH_MAX) {
        this.#break(offset, 'too-deep', `brackets are nested deeper than ${DEPTH_MAX}`, '')
      }
      this.#openers.push({ offset, closer: code + 2 })
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      const opener = this.#openers.pop()
      if (opener?.closer === code) return
      const found = String.fromCharCode(code)
      if (opener === undefined) {
        this.#break(offset, 'stray-bracket', `"${found}" closes nothing`, 'remove it')
      } else {
        const wanted = String.fromCharCode(opener.closer)
        const hint = `"${wanted}" would close the bracket of ${this.#lineColumn(opener.offset)}`
        this.#break(offset, 'wrong-bracket', `"${found}" does not match the open bracket`, hint)
      }
    }
  }

  #checkAllClosed(): void {
    const opener = this.#openers.at(-1)
    if (opener === undefined) return
    const wanted = String.fromCharCode(opener.closer)
    const hint = `"${wanted}" would close the bracket of ${this.#lineColumn(opener.offset)}`
    this.#break(this.#length, 'open-bracket', 'the text ends within brackets', hint)
  }

  #lineColumn(offset: number): string {
    const { line, column } = this.#map.place(offset)
    return `line ${line}, column ${column}`
  }

  /** The text of a file at the end of what is written; whatever goes wrong leaves a hole. */
  #splice(path: string | undefined, from: string): void {
    const trouble = path === undefined ? undefined : this.#refuse(path)
    const offset = this.#length
    if (path === undefined) {
      const hint = 'write <?include "file"?>'
      this.#hole('bad-include', 'the include directive has no file name in double quotes', hint)
    } else if (trouble !== undefined) {
      this.#hole('include-too-deep', `"${path}" cannot be included: ${trouble}`, '')
    } else {
      const content = this.#include(path, from)
      if (typeof content === 'string') this.#file(content, path)
      else {
        const why = content?.trouble ?? 'there is no such file'
        this.#hole('include-unreadable', `"${path}" cannot be included: ${why}`, '')
      }
    }
    if (this.#length > TEXT_MAX && this.#broken === undefined) {
      this.#break(offset, 'too-long', `more than ${TEXT_MAX} characters are included`, '')
    }
  }

  /** Why this file may not be included here, or undefined. */
  #refuse(path: string): string | undefined {
    if (this.#chain.includes(path)) return 'it includes itself'
    if (this.#chain.length > INCLUDE_DEPTH_MAX) return `more than ${INCLUDE_DEPTH_MAX} levels deep`
    if (++this.#includes > INCLUDES_MAX) return `more than ${INCLUDES_MAX} includes`
    return undefined
  }

  #hole(code: string, message: string, hint: string): void {
    const offset = this.#length - 1
    this.#holes.push(offset)
    this.#last = 0
    this.#find('error', offset, code, message, hint)
  }
}

/** `.5`, which Kea reads as 0.5. */
function isBareFraction(text: string, dot: number): boolean {
  return isDigit(text.charCodeAt(dot + 1)) && !isDigit(text.charCodeAt(dot - 1))
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

// Strings, lines and comments end exactly where the parser sees them end: otherwise brackets that
// are counted here as text would be nesting there.

/** Index after the closing quote, or of the end of the line where there is none. */
function stringEnd(text: string, quote: number): number {
  let i = quote + 1
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) return i + 1
    if (code === NEWLINE || code === RETURN) return i
    if (code === BACKSLASH) i++
  }
  return Math.min(i, text.length)
}

function lineEnd(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === NEWLINE || code === RETURN) return i
  }
  return text.length
}
