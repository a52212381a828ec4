// The text of a request as a value, read a part at a time: between two parts datagrams are taken,
// however long the text is and whatever it is made of. Comments are allowed, of a repeated key the
// last counts, and integers that a number cannot hold become BigInt. How deep lists and maps are in
// each other is bounded, so whatever walks a value later may do so by recursion.

export const DEPTH_MAX = 100

/** Characters of one string or number. */
export const TOKEN_MAX: number = 1 << 20

/** `trouble` says where the text is no JSON, in words for whoever sent it. */
export type Parsed =
  | { readonly value: unknown; readonly trouble?: undefined }
  | { readonly value?: undefined; readonly trouble: string }

/** The whole text at once. */
export function parsed(text: string): Parsed {
  const reading = new Reading(text)
  for (;;) {
    const found = reading.step()
    if (found !== undefined) return found
  }
}

/** Characters of one part: a millisecond or two. */
const PART = 32_768

/** Of white space, so that a part is no longer. */
const SPACE = /[ \t\r\n]{1,32768}/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /true|false|null/y
const INTEGER = /^-?\d+$/
/** More than any integer of the protocols has; what is longer is no BigInt either. */
const DIGITS_MAX = 80

type Container = unknown[] | Record<string, unknown>

/** What may come next. */
type Wanted = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing'

export class Reading {
  readonly #text: string
  #at = 0
  #wanted: Wanted = 'value'
  /** Lists and maps that are not at their end. */
  readonly #open: Container[] = []
  /** That was read last. */
  #key = ''
  #root: unknown

  constructor(text: string) {
    this.#text = text
  }

  /** Reads on; what came of it, once that is known. */
  step(): Parsed | undefined {
    const until = Math.min(this.#at + PART, this.#text.length)
    while (this.#at < until) {
      const trouble = this.#take(this.#text.charCodeAt(this.#at))
      if (trouble !== undefined) return { trouble: `error: ${trouble} in ${this.#place()}` }
    }
    if (this.#at < this.#text.length) return undefined
    if (this.#wanted === 'nothing') return { value: this.#root }
    return { trouble: `error: unexpected end of the text in ${this.#place()}` }
  }

  /** What the character begins; returns what is wrong with it. */
  #take(code: number): string | undefined {
    switch (code) {
      case CODES.space:
      case CODES.tab:
      case CODES.return:
      case CODES.newline:
        return this.#skip(endOf(SPACE, this.#text, this.#at)!)
      case CODES.hash:
      case CODES.slash:
        return this.#comment()
      case CODES.openMap:
      case CODES.openList:
        return this.#enter(code === CODES.openMap ? {} : [])
      case CODES.closeMap:
      case CODES.closeList:
        return this.#leave(code === CODES.closeList)
      case CODES.comma:
        if (this.#wanted !== 'comma-or-end') return this.#unexpected()
        this.#wanted = Array.isArray(this.#open.at(-1)) ? 'value' : 'key'
        return this.#skip(this.#at + 1)
      case CODES.colon:
        if (this.#wanted !== 'colon') return this.#unexpected()
        this.#wanted = 'value'
        return this.#skip(this.#at + 1)
      case CODES.quote:
        return this.#string()
      default:
        return this.#scalar()
    }
  }

  #skip(end: number): undefined {
    this.#at = end
  }

  #unexpected(): string {
    return `unexpected character ${this.#text[this.#at]}`
  }

  get #wantsValue(): boolean {
    return this.#wanted === 'value' || this.#wanted === 'value-or-end'
  }

  #comment(): string | undefined {
    const text = this.#text
    const isBlock = text.startsWith('/*', this.#at)
    if (!isBlock && text[this.#at] === '/' && text[this.#at + 1] !== '/') return this.#unexpected()
    const end = text.indexOf(isBlock ? '*/' : '\n', this.#at + (isBlock ? 2 : 0))
    if (end < 0 && isBlock) return this.#unexpected()
    return this.#skip(end < 0 ? text.length : end + (isBlock ? 2 : 0))
  }

  #enter(container: Container): string | undefined {
    if (!this.#wantsValue) return this.#unexpected()
    if (this.#open.length === DEPTH_MAX) return `more than ${DEPTH_MAX} levels of lists and maps`
    this.#put(container)
    this.#open.push(container)
    this.#wanted = Array.isArray(container) ? 'value-or-end' : 'key-or-end'
    return this.#skip(this.#at + 1)
  }

  #leave(isList: boolean): string | undefined {
    const wanted = this.#wanted
    const mayEnd = wanted === 'comma-or-end' || wanted === 'value-or-end' || wanted === 'key-or-end'
    if (!mayEnd || Array.isArray(this.#open.at(-1)) !== isList) return this.#unexpected()
    this.#open.pop()
    this.#wanted = this.#behindValue
    return this.#skip(this.#at + 1)
  }

  get #behindValue(): Wanted {
    return this.#open.length === 0 ? 'nothing' : 'comma-or-end'
  }

  #string(): string | undefined {
    const isKey = this.#wanted === 'key' || this.#wanted === 'key-or-end'
    if (!isKey && !this.#wantsValue) return this.#unexpected()
    const end = this.#endOfString()
    if (end === undefined) return this.#unexpected()
    let value: string
    try {
      // A copy: a part of the text would keep all of it.
      value = JSON.parse(this.#text.slice(this.#at, end)) as string
    } catch {
      return this.#unexpected()
    }
    if (isKey) {
      this.#key = value
      this.#wanted = 'colon'
    } else this.#value(value)
    return this.#skip(end)
  }

  /** Undefined where it has none, or is too long. */
  #endOfString(): number | undefined {
    const text = this.#text
    const most = Math.min(text.length, this.#at + TOKEN_MAX)
    for (let at = this.#at + 1; at < most; at++) {
      const code = text.charCodeAt(at)
      if (code === CODES.quote) return at + 1
      if (code === CODES.backslash) at++
    }
    return undefined
  }

  #scalar(): string | undefined {
    if (!this.#wantsValue) return this.#unexpected()
    const text = this.#text
    const word = endOf(WORD, text, this.#at)
    const end = word ?? endOf(NUMBER, text, this.#at)
    if (end === undefined || end - this.#at > TOKEN_MAX) return this.#unexpected()
    const token = text.slice(this.#at, end)
    this.#value(word === undefined ? numberOf(token) : JSON.parse(token))
    return this.#skip(end)
  }

  #value(value: unknown): void {
    this.#put(value)
    this.#wanted = this.#behindValue
  }

  #put(value: unknown): void {
    const container = this.#open.at(-1)
    if (container === undefined) this.#root = value
    else if (Array.isArray(container)) container.push(value)
    // Else this one would not be a member.
    else if (this.#key === '__proto__')
      Object.defineProperty(container, this.#key, { value, ...ORDINARY })
    else container[this.#key] = value
  }

  /** As Kea counts: lines from 0, columns from 1. */
  #place(): string {
    if (this.#at > TOKEN_MAX) return `<wire>, character ${this.#at + 1}`
    const lines = this.#text.slice(0, this.#at).split('\n')
    return `<wire>:${lines.length - 1}:${lines.at(-1)!.length + 1}`
  }
}

const ORDINARY = { configurable: true, enumerable: true, writable: true }

const CODES = {
  tab: 0x09,
  newline: 0x0a,
  return: 0x0d,
  space: 0x20,
  quote: 0x22,
  hash: 0x23,
  comma: 0x2c,
  slash: 0x2f,
  colon: 0x3a,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  openMap: 0x7b,
  closeMap: 0x7d,
} as const

function numberOf(token: string): number | bigint {
  const number = Number(token)
  if (Number.isSafeInteger(number) || token.length > DIGITS_MAX) return number
  return INTEGER.test(token) ? BigInt(token) : number
}

/** Where what the pattern describes ends. */
function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}
