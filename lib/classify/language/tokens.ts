// The words of an expression, exactly as Kea's lexer tells them apart: the longest one that begins
// at a place counts.

import { ipv4FromText } from '../../address/ipv4.ts'
import { ipv6FromText } from '../../address/ipv6.ts'
import { octetsFromUint } from '../../bytes/cursor.ts'
import { type Octets, octetsFromBytes, octetsFromHex } from '../../bytes/octets.ts'
import { Refusal } from './refusal.ts'

/** The longest expression, in characters. A test for each of 10,000 hardware addresses fits. */
const EXPRESSION_MAX = 512 * 1024

interface Place {
  readonly at: number
  readonly end: number
}

export type Token = Place &
  (
    | { readonly kind: 'word' | 'name' | 'sign'; readonly text: string }
    | { readonly kind: 'string' | 'hex' | 'address'; readonly value: Octets }
    | { readonly kind: 'integer'; readonly value: number }
    /** What is none; nothing behind it is read. */
    | { readonly kind: 'unknown'; readonly text: string; readonly hint: string }
    /** Behind the last one. */
    | { readonly kind: 'end' }
  )

const WORDS = [
  ...[
    'option',
    'relay4',
    'relay6',
    'peeraddr',
    'linkaddr',
    'text',
    'hex',
    'exists',
    'pkt',
    'iface',
  ],
  ...['src', 'dst', 'len', 'pkt4', 'mac', 'hlen', 'htype', 'ciaddr', 'giaddr', 'yiaddr', 'siaddr'],
  ...['pkt6', 'msgtype', 'transid', 'vendor', 'vendor-class', 'data', 'enterprise', 'substring'],
  ...['split', 'lcase', 'ucase', 'all', 'concat', 'ifelse', 'sifelse', 'hexstring', 'addrtotext'],
  ...['int8totext', 'int16totext', 'int32totext', 'uint8totext', 'uint16totext', 'uint32totext'],
  ...['not', 'and', 'sand', 'or', 'sor', 'member', 'match'],
  // Beyond Kea.
  ...['known', 'unknown', 'secs', 'flags', 'hops', 'sname', 'file'],
]
const KNOWN_WORDS = new Set(WORDS)

const BLANKS = /[ \t\n]*/y
const STRING = /'[^'\n]*'/y
const HEX = /0[xX][0-9a-fA-F]+/y
const INTEGER = /-?[0-9]+/y
const IPV4 = /[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+/y
const IPV6 = /[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*/y
const WORD = new RegExp([...WORDS].sort((a, b) => b.length - a.length).join('|'), 'y')
const NAME = /[A-Za-z][\w-]*/y
const SIGN = /==|[.()[\],*+]/y

/** The tokens of a text, `end` last. Throws a Refusal at a token that is malformed. */
export function tokensOf(text: string): Token[] {
  if (text.length > EXPRESSION_MAX)
    throw new Refusal(
      'expression-too-long',
      EXPRESSION_MAX,
      `the expression is longer than ${EXPRESSION_MAX} characters`,
    )
  const tokens: Token[] = []
  let at = endOf(BLANKS, text, 0)
  while (at < text.length) {
    const token = tokenAt(text, at, isBehindBracket(tokens))
    tokens.push(token)
    if (token.kind === 'unknown') break
    at = endOf(BLANKS, text, token.end)
  }
  tokens.push({ kind: 'end', at, end: at })
  return tokens
}

function isBehindBracket(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1)
  return last?.kind === 'sign' && last.text === '['
}

/** Position behind what the pattern finds at this place, which is `at` when that is nothing. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function tokenAt(text: string, at: number, mayBeName: boolean): Token {
  if (text[at] === "'") return stringAt(text, at)
  if (mayBeName) {
    const name = nameAt(text, at)
    if (name !== undefined) return name
  }
  const ipv6 = endOf(IPV6, text, at)
  if (ipv6 > at) return address(text, at, ipv6)
  const hex = endOf(HEX, text, at)
  if (hex > at) return hexString(text, at, hex)
  const ipv4 = endOf(IPV4, text, at)
  if (ipv4 > at) return address(text, at, ipv4)
  const integer = endOf(INTEGER, text, at)
  if (integer > at) return integerToken(text, at, integer)
  const word = endOf(WORD, text, at)
  if (word > at) return { kind: 'word', text: text.slice(at, word), at, end: word }
  const sign = endOf(SIGN, text, at)
  if (sign > at) return { kind: 'sign', text: text.slice(at, sign), at, end: sign }
  return unknown(text, at)
}

/** A name of an option is known by the bracket behind it, so that it may also be a word. */
function nameAt(text: string, at: number): Token | undefined {
  const end = endOf(NAME, text, at)
  if (end === at || /[-_]/.test(text[end - 1]!)) return undefined
  if (text[endOf(BLANKS, text, end)] !== ']') return undefined
  return { kind: 'name', text: text.slice(at, end), at, end }
}

function stringAt(text: string, at: number): Token {
  const end = endOf(STRING, text, at)
  if (end === at)
    throw new Refusal(
      'open-string',
      at,
      'the string does not end',
      "a string stands between two ' in one line",
    )
  return { kind: 'string', value: octetsOfText(text.slice(at + 1, end - 1)), at, end }
}

/** What is no octet by itself is meant as it stands in the file: in UTF-8. */
function octetsOfText(text: string): Octets {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is not ASCII is meant
  return /^[\x00-\x7f]*$/.test(text) ? text : octetsFromBytes(new TextEncoder().encode(text))
}

function hexString(text: string, at: number, end: number): Token {
  const digits = text.slice(at + 2, end)
  const value = octetsFromHex(digits.length % 2 === 0 ? digits : `0${digits}`)!
  return { kind: 'hex', value, at, end }
}

function address(text: string, at: number, end: number): Token {
  const written = text.slice(at, end)
  if (written.includes(':')) {
    const value = ipv6FromText(written)
    if (value !== undefined) return { kind: 'address', value, at, end }
  } else {
    const value = ipv4FromText(written)
    if (value !== undefined) return { kind: 'address', value: octetsFromUint(value, 4), at, end }
  }
  const digits = written.replaceAll(':', '')
  const isHardware = /^[\da-f]{1,2}(?::[\da-f]{1,2})+$/i.test(written)
  throw new Refusal(
    'bad-address',
    at,
    `'${short(written)}' is no address`,
    isHardware ? `a hardware address is written 0x${digits}` : '',
  )
}

function integerToken(text: string, at: number, end: number): Token {
  const written = text.slice(at, end)
  // No digits beyond those of 64 bits are converted.
  const fits = written.length <= 20 && BigInt.asIntN(64, BigInt(written)) === BigInt(written)
  if (!fits) throw new Refusal('bad-integer', at, `${short(written)} does not fit in 64 bits`)
  return { kind: 'integer', value: Number(written), at, end }
}

/** What people write instead, by how it begins. */
const MISTAKES: readonly (readonly [RegExp, string])[] = [
  [/"/y, "strings stand between single quotes: 'text'"],
  [/!=/y, 'unequal is written: not a == b'],
  [/!/y, 'the opposite is written with not'],
  [/=/y, 'equality is written =='],
  [/&/y, 'both is written: a and b'],
  [/\|/y, 'either is written: a or b'],
  [/[<>]/y, 'values are compared with == only'],
  [/\r/y, 'lines end with a newline alone, without a carriage return'],
  [/-/y, 'a name of an option ends with a letter or digit; nothing is subtracted'],
  [/(?:KNOWN|UNKNOWN|ALL)\b/y, "a class is asked for with member('…')"],
  [
    /(?:true|false)\b/y,
    'a test is true or false by itself; nothing is compared with true or false',
  ],
]

function unknown(text: string, at: number): Token {
  const mistake = MISTAKES.find(([pattern]) => endOf(pattern, text, at) > at)
  const run = text.slice(at, endOf(NAME, text, at))
  const word = run === '' ? String.fromCodePoint(text.codePointAt(at)!) : run
  const isUpper = KNOWN_WORDS.has(word.toLowerCase())
  const hint = mistake?.[1] ?? (isUpper ? `words are lower case: ${word.toLowerCase()}` : '')
  return { kind: 'unknown', text: word, hint, at, end: at + word.length }
}

/** For a message. */
export function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
