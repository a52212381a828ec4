// Patterns of match(): the regular expressions that Kea's C++ library reads, in the words of a
// library that needs time linear in the value. What only backtracking can answer is refused.

import { RE2JS } from 're2js'
import type { Octets } from '../../bytes/octets.ts'
import { Refusal } from './refusal.ts'

/** The longest pattern. */
const PATTERN_MAX = 4096
/** How many groups may be open at once, and how often something may be repeated by number. */
const GROUPS_MAX = 50
const REPEAT_MAX = 1000

const FLAGS = RE2JS.DISABLE_UNICODE_GROUPS

/** Whether a whole value fits the pattern. Throws a Refusal whose place is one of the pattern. */
export function compilePattern(pattern: Octets): (value: Octets) => boolean {
  const source = new Translator(pattern).translate()
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(source, FLAGS)
  } catch {
    throw new Refusal('bad-pattern', 0, 'the pattern is too large', 'repeat less by numbers')
  }
  return (value) => compiled.matches(value)
}

/** Letters behind a backslash that mean a set of octets, as they are written in brackets. */
const SETS: Readonly<Record<string, string>> = {
  d: '0-9',
  D: '\\x00-\\x2f\\x3a-\\xff',
  w: '0-9A-Za-z_',
  W: '\\x00-\\x2f\\x3a-\\x40\\x5b-\\x5e\\x60\\x7b-\\xff',
  // As isspace() has it: with the vertical tab.
  s: '\\x09-\\x0d\\x20',
  S: '\\x00-\\x08\\x0e-\\x1f\\x21-\\xff',
}

const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, v: 11, f: 12, 0: 0 }

const POSIX = new Set(
  'alnum alpha blank cntrl digit graph lower print punct space upper xdigit d w s'.split(' '),
)

class Translator {
  readonly #pattern: string
  #at = 0
  /** Places of the groups that are open. */
  readonly #open: number[] = []
  /** Whether what stands before can be repeated. */
  #isRepeatable = false
  #source = ''

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  translate(): string {
    const { length } = this.#pattern
    if (length > PATTERN_MAX)
      throw this.#refusal(PATTERN_MAX, `the pattern is longer than ${PATTERN_MAX} characters`)
    while (this.#at < length) this.#step()
    if (this.#open.length > 0) throw this.#refusal(this.#open.at(-1)!, 'the group does not end')
    return this.#source
  }

  #step(): void {
    const start = this.#at
    const sign = this.#take()
    if (sign === '(') this.#group(start)
    else if (sign === ')') this.#endGroup(start)
    else if (sign === '[') this.#add(this.#set(start))
    else if (sign === '\\') this.#escape(start)
    else if (sign === '.') this.#add('[^\\x0a\\x0d]')
    else if ('*+?{'.includes(sign)) this.#repeat(sign, start)
    else if (sign === '|' || sign === '^' || sign === '$') this.#add(sign, false)
    else this.#add(literal(sign.charCodeAt(0)))
  }

  /** The next character; '' at the end. */
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

  #refusal(at: number, message: string, hint = ''): Refusal {
    return new Refusal('bad-pattern', at, message, hint)
  }

  #group(start: number): void {
    if (this.#open.length === GROUPS_MAX)
      throw this.#refusal(start, `more than ${GROUPS_MAX} groups are open here`)
    if (this.#takes('?:') || !this.#takes('?')) {
      this.#open.push(start)
      this.#add('(?:', false)
      return
    }
    const isAhead = this.#takes('=') || this.#takes('!')
    if (isAhead)
      throw this.#refusal(start, 'a pattern cannot look ahead', 'test the value twice, with and')
    throw this.#refusal(start, 'nothing but (?: can begin with (?')
  }

  #endGroup(start: number): void {
    if (this.#open.pop() === undefined) throw this.#refusal(start, 'no group is open here', '\\)')
    this.#add(')')
  }

  #repeat(sign: string, start: number): void {
    if (!this.#isRepeatable) throw this.#refusal(start, `there is nothing that ${sign} can repeat`)
    const repeat = sign === '{' ? this.#counts(start) : sign
    // A lazy one fits the same whole values.
    this.#takes('?')
    this.#add(repeat, false)
  }

  #counts(start: number): string {
    const counts = /(\d{1,9})(,(\d{0,9}))?\}/y
    counts.lastIndex = this.#at
    const found = counts.exec(this.#pattern)
    if (found === null) throw this.#refusal(start, '{ begins a number of times', '\\{ is the brace')
    this.#at = counts.lastIndex
    const [min, max] = [Number(found[1]), Number(found[3] || found[1])]
    if (Math.max(min, max) > REPEAT_MAX)
      throw this.#refusal(start, `nothing is repeated by number more than ${REPEAT_MAX} times`)
    if (max < min) throw this.#refusal(start, 'the most times are fewer than the least')
    return `{${found[0]}`
  }

  #escape(start: number): void {
    const letter = this.#take()
    if (letter === 'b' || letter === 'B') this.#add(`\\${letter}`, false)
    else if (/[1-9]/.test(letter))
      throw this.#refusal(start, 'a pattern cannot refer back to what a group found')
    else {
      const set = SETS[letter]
      this.#add(set === undefined ? literal(this.#character(letter, start)) : `[${set}]`)
    }
  }

  /** The character that a backslash and what follows it mean. */
  #character(letter: string, start: number): number {
    const control = CONTROLS[letter]
    if (control !== undefined) return control
    if (letter === 'c' && /[A-Za-z]/.test(this.#pattern[this.#at] ?? ''))
      return this.#take().charCodeAt(0) & 31
    if (letter === 'x') return this.#hex(2, start)
    if (letter === 'u') return this.#hex(4, start)
    if (letter === '' || /[A-Za-z0-9]/.test(letter))
      throw this.#refusal(start, `\\${letter} means nothing here`)
    return letter.charCodeAt(0)
  }

  #hex(digits: number, start: number): number {
    const text = this.#pattern.slice(this.#at, this.#at + digits)
    const value = text.length === digits && /^[\da-f]+$/i.test(text) ? Number(`0x${text}`) : 256
    if (value > 255) throw this.#refusal(start, 'this is no octet', '\\x41')
    this.#at += digits
    return value
  }

  /** What stands in brackets. */
  #set(start: number): string {
    const isOpposite = this.#takes('^')
    let source = ''
    let isEmpty = true
    while (!this.#takes(']')) {
      if (this.#at >= this.#pattern.length) throw this.#refusal(start, 'the bracket does not end')
      source += this.#setMember()
      isEmpty = false
    }
    if (isEmpty)
      throw this.#refusal(start, 'the bracket is empty', 'a ] inside is written first as \\]')
    return `[${isOpposite ? '^' : ''}${source}]`
  }

  #setMember(): string {
    const start = this.#at
    const first = this.#setItem()
    if (typeof first === 'string') return first
    const isRange = this.#pattern[this.#at] === '-' && this.#pattern[this.#at + 1] !== ']'
    if (!isRange || this.#at + 1 >= this.#pattern.length) return literal(first)
    this.#take()
    const last = this.#setItem()
    if (typeof last === 'string') throw this.#refusal(start, 'a range ends with a character')
    if (last < first) throw this.#refusal(start, 'the range ends before it begins')
    return `${literal(first)}-${literal(last)}`
  }

  /** A character, or the source of a set in the set. */
  #setItem(): number | string {
    const start = this.#at
    if (this.#takes('[:')) return this.#posix(start)
    if (this.#takes('[=') || this.#takes('[.'))
      throw this.#refusal(start, 'characters are named by themselves here', '\\[')
    const sign = this.#take()
    if (sign !== '\\') return sign.charCodeAt(0)
    const letter = this.#take()
    if (letter === 'b') return 8
    return SETS[letter] ?? this.#character(letter, start)
  }

  #posix(start: number): string {
    const end = this.#pattern.indexOf(':]', this.#at)
    const name = end < 0 ? '' : this.#pattern.slice(this.#at, end)
    if (!POSIX.has(name))
      throw this.#refusal(start, 'there is no such set', 'alpha, digit, alnum, xdigit, space, …')
    this.#at = end + 2
    return SETS[name] ?? `[:${name}:]`
  }
}

function literal(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`
}
