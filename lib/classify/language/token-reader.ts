// Tokens one after the other, for the parser: what comes next, what must, and the words for a
// place where it does not.

import { Refusal } from './refusal.ts'
import { short, type Token, tokensOf } from './tokens.ts'

export class TokenReader {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #next = 0

  /** Throws a Refusal at a token that is malformed. */
  constructor(text: string) {
    this.#text = text
    this.#tokens = tokensOf(text)
  }

  get token(): Token {
    return this.#tokens[this.#next]!
  }

  get isEnd(): boolean {
    return this.token.kind === 'end'
  }

  /** Position behind the last token that was taken. */
  get end(): number {
    return this.#next === 0 ? 0 : this.#tokens[this.#next - 1]!.end
  }

  take(): Token {
    const { token } = this
    if (token.kind !== 'end') this.#next++
    return token
  }

  /** Whether this word or sign is next. */
  isNext(text: string): boolean {
    const { token } = this
    return (token.kind === 'word' || token.kind === 'sign') && token.text === text
  }

  /** Takes the word or sign if it is next. */
  takes(text: string): boolean {
    if (!this.isNext(text)) return false
    this.#next++
    return true
  }

  expect(sign: string): void {
    if (!this.takes(sign)) throw this.unexpected(`'${sign}'`)
  }

  /** One of these words. */
  word<Word extends string>(words: readonly Word[]): Word {
    const { token } = this
    const word = token.kind === 'word' ? words.find((one) => one === token.text) : undefined
    if (word === undefined) throw this.unexpected(words.join(', '))
    this.#next++
    return word
  }

  /** An integer from `min` to `max`. */
  integer(min: number, max: number): number {
    const { token } = this
    if (token.kind !== 'integer') throw this.unexpected(`a number ${min} to ${max}`)
    this.#next++
    const { value, at } = token
    if (value >= min && value <= max) return value
    throw new Refusal('out-of-range', at, `${value} is not within ${min} to ${max}`)
  }

  string(what: string): string {
    const { token } = this
    if (token.kind !== 'string') throw this.unexpected(what)
    this.#next++
    return token.value
  }

  /** Where `wanted` is missing: a word that is none may be a text without its quotes. */
  missing(wanted: string): Refusal {
    const { token } = this
    const isText = token.kind === 'unknown' && token.hint === '' && /\w/.test(token.text)
    if (!isText || '[(.'.includes(this.#text[token.end] ?? ' ')) return this.unexpected(wanted)
    return this.unexpected(`${wanted}; a text stands in single quotes, such as '${token.text}'`)
  }

  /** `wanted` is what would be right here. */
  unexpected(wanted: string): Refusal {
    const { token } = this
    const hint = `here stands ${wanted}`
    if (token.kind === 'unknown') {
      const message = `${quoted(token.text)} is no word of an expression`
      return new Refusal('bad-character', token.at, message, token.hint || hint)
    }
    const text = quoted(this.#text.slice(token.at, token.end))
    const found = token.kind === 'end' ? 'the expression ends too early' : `${text} is unexpected`
    return new Refusal('bad-syntax', token.at, found, hint)
  }
}

function quoted(text: string): string {
  return text.includes("'") ? short(text) : `'${short(text)}'`
}
