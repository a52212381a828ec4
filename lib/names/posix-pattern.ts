// POSIX extended regular expressions (IEEE Std 1003.1 §9.4) in the words of a library that takes
// time linear in the text. What it cannot say, and what POSIX leaves open, is refused.

import type { Octets } from '../bytes/octets.ts'

/** Why a pattern cannot be taken, and at which character of it, from 0. */
export interface PatternTrouble {
  readonly at: number
  readonly message: string
}

export interface PatternSource {
  readonly source: string
  /** The whole pattern is one bracket expression: it matches single octets. */
  readonly isSet: boolean
}

const PATTERN_MAX = 1024
/** RE_DUP_MAX of POSIX. */
const REPEAT_MAX = 255

const CLASSES = new Set(
  'alnum alpha blank cntrl digit graph lower print punct space upper xdigit'.split(' '),
)

/** Letters that mean something behind a backslash in GNU's library, which Kea is built with. */
const GNU_LETTERS = 'wWsSbB'

class Refusal extends Error {
  readonly at: number

  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

export function sourceOf(pattern: Octets): PatternSource | PatternTrouble {
  try {
    return new Translator(pattern).translate()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { at: error.at, message: error.message }
  }
}

class Translator {
  readonly #pattern: Octets
  #at = 0
  #source = ''
  #parts = 0
  #sets = 0
  /** Places of the groups that are open. */
  readonly #open: number[] = []
  /** Whether what stands before can be repeated. */
  #isRepeatable = false

  constructor(pattern: Octets) {
    this.#pattern = pattern
  }

  translate(): PatternSource {
    const { length } = this.#pattern
    if (length > PATTERN_MAX)
      throw new Refusal(PATTERN_MAX, `it is longer than ${PATTERN_MAX} characters`)
    while (this.#at < length) this.#step()
    if (this.#open.length > 0) throw new Refusal(this.#open.at(-1)!, 'the group does not end')
    return { source: this.#source, isSet: this.#parts === 1 && this.#sets === 1 }
  }

  #step(): void {
    const start = this.#at
    const sign = this.#take()
    this.#parts++
    if (sign === '(') {
      if (this.#pattern[this.#at] === '?') throw new Refusal(start, 'a group cannot begin with ?')
      this.#open.push(start)
      this.#add('(?:', false)
    } else if (sign === ')') {
      if (this.#open.pop() === undefined) throw new Refusal(start, 'no group is open here')
      this.#add(')')
    } else if (sign === '[') {
      this.#sets++
      this.#add(this.#set(start))
    } else if (sign === '\\') this.#escape(start)
    else if ('*+?{'.includes(sign)) this.#repeat(sign, start)
    else if ('|^$'.includes(sign)) this.#add(sign, false)
    else if (sign === '.') this.#add('.')
    else this.#add(literal(sign))
  }

  #take(): string {
    return this.#pattern[this.#at++] ?? ''
  }

  #takes(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #add(source: string, isRepeatable = true): void {
    this.#source += source
    this.#isRepeatable = isRepeatable
  }

  #repeat(sign: string, start: number): void {
    if (!this.#isRepeatable) throw new Refusal(start, `there is nothing that ${sign} can repeat`)
    this.#add(sign === '{' ? this.#counts(start) : sign, false)
  }

  #counts(start: number): string {
    const counts = /(\d{0,3})(,(\d{0,3}))?\}/y
    counts.lastIndex = this.#at
    const found = counts.exec(this.#pattern)
    const [, least = '', comma, most = ''] = found ?? []
    if (found === null || (least === '' && most === ''))
      throw new Refusal(start, '{ begins a number of times')
    this.#at = counts.lastIndex
    const [min, max] = [Number(least), Number(most || least)]
    if (Math.max(min, max) > REPEAT_MAX)
      throw new Refusal(start, `nothing is repeated by number more than ${REPEAT_MAX} times`)
    if (comma !== undefined && most !== '' && max < min)
      throw new Refusal(start, 'the most times are fewer than the least')
    return `{${min}${comma === undefined ? '' : `,${most}`}}`
  }

  #escape(start: number): void {
    const letter = this.#take()
    if (letter !== '' && GNU_LETTERS.includes(letter))
      return this.#add(`\\${letter}`, !'bB'.includes(letter))
    if (/^[1-9]$/.test(letter))
      throw new Refusal(start, 'a pattern cannot refer back to what a group found')
    if (letter === '' || /[A-Za-z0-9<>'`]/.test(letter))
      throw new Refusal(start, `\\${letter} means nothing here`)
    this.#add(literal(letter))
  }

  /** A bracket expression: a backslash is a character in it, and so is a ] that comes first. */
  #set(start: number): string {
    const isOpposite = this.#takes('^')
    let source = ''
    for (let isFirst = true; isFirst || !this.#takes(']'); isFirst = false) {
      if (this.#at >= this.#pattern.length) throw new Refusal(start, 'the bracket does not end')
      source += this.#member()
    }
    return `[${isOpposite ? '^' : ''}${source}]`
  }

  #member(): string {
    const start = this.#at
    if (this.#takes('[:')) return this.#class(start)
    const first = this.#single()
    const isRange = this.#pattern[this.#at] === '-' && this.#pattern[this.#at + 1] !== ']'
    if (!isRange || this.#at + 1 >= this.#pattern.length) return literal(first)
    this.#take()
    if (this.#pattern.startsWith('[:', this.#at))
      throw new Refusal(start, 'a range ends with a character')
    const last = this.#single()
    if (last < first) throw new Refusal(start, 'the range ends before it begins')
    return `${literal(first)}-${literal(last)}`
  }

  #single(): string {
    if (this.#pattern.startsWith('[=', this.#at) || this.#pattern.startsWith('[.', this.#at))
      throw new Refusal(this.#at, 'characters stand for themselves here')
    return this.#take()
  }

  #class(start: number): string {
    const end = this.#pattern.indexOf(':]', this.#at)
    const name = end < 0 ? '' : this.#pattern.slice(this.#at, end)
    if (!CLASSES.has(name)) throw new Refusal(start, 'there is no such class of characters')
    this.#at = end + 2
    return `[:${name}:]`
  }
}

function literal(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
