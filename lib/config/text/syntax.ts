// What the JSON parser says, in the words of somebody who has to repair the file.

import type { ParseError } from 'jsonc-parser'
import type { Finding } from './expand.ts'

/** The parser's codes (a const enum there, which type stripping cannot use) -> message and hint. */
const WORDS: Readonly<Record<number, readonly [code: string, message: string, hint: string]>> = {
  1: ['bad-symbol', 'is no JSON value', 'strings and keys stand in double quotes'],
  2: ['bad-number', 'is no number', 'whole numbers in digits, others with a decimal point'],
  3: ['key-expected', 'a key in double quotes is expected', ''],
  4: ['value-expected', 'a value is expected', ''],
  5: ['colon-expected', 'a colon is expected after the key', ''],
  6: ['comma-expected', 'a comma is expected', 'one stands between members and between elements'],
  9: ['end-expected', 'the document has ended before', 'one pair of braces holds everything'],
  12: ['open-string', 'the string has no closing quote on its line', ''],
  13: ['bad-number', 'the number is not complete', 'a digit follows a point and an exponent'],
  14: ['bad-escape', 'a \\u escape has four hexadecimal digits', ''],
  15: ['bad-escape', 'there is no such escape', '\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u00xx'],
  16: ['bad-character', 'a control character stands in the string', 'a tab is written \\t'],
}

const LITERAL = /^(true|false|null)$/i

export function describeSyntaxError(text: string, error: ParseError): Finding {
  const { offset, length } = error
  const [code, message, hint] = WORDS[error.error] ?? ['bad-syntax', 'this is no JSON', '']
  const finding = { severity: 'error', offset, code, message, hint } as const
  const token = text.slice(offset, offset + Math.min(length, 24))
  if (code === 'bad-symbol') return describeSymbol(finding, text, token)
  if (code === 'comma-expected' && isLeadingZero(text, offset)) {
    const leading = { code: 'bad-number', message: 'a number has no leading zeros', hint: '' }
    return { ...finding, ...leading, offset: offset - 1 }
  }
  if (token === '' || code === 'open-string' || error.error > 9) return finding
  return { ...finding, message: `${message}, not ${quoted(token)}` }
}

function describeSymbol(finding: Finding, text: string, token: string): Finding {
  const before = text[finding.offset - 1] ?? ''
  if (/[0-9.]/.test(before)) {
    const words = { code: 'bad-number', message: 'this is no number', hint: 'decimal digits only' }
    return { ...finding, ...words }
  }
  const message = `${quoted(token)} ${finding.message}`
  return LITERAL.test(token)
    ? { ...finding, message, hint: `${token.toLowerCase()} is written in lower case` }
    : { ...finding, message }
}

function isLeadingZero(text: string, offset: number): boolean {
  return /[0-9]/.test(text[offset] ?? '') && text[offset - 1] === '0'
}

function quoted(token: string): string {
  return /["']/.test(token) ? token : `"${token}"`
}
