// The text of a request as a value. Comments are allowed, of a repeated key the last counts, and
// integers that a number cannot hold become BigInt. How deep lists and maps are in each other is
// counted before anything is read: whatever walks a value later may do so by recursion.

import { faultIn } from './json-fault.ts'

export const DEPTH_MAX = 100

/** `trouble` says where the text is no JSON, in words for whoever sent it. */
export type Parsed =
  | { readonly value: unknown; readonly trouble?: undefined }
  | { readonly value?: undefined; readonly trouble: string }

export function parsed(text: string): Parsed {
  const { plain, depth } = withoutComments(text)
  if (depth > DEPTH_MAX) return { trouble: `more than ${DEPTH_MAX} levels of lists and maps` }
  try {
    return { value: HUGE.test(plain) ? JSON.parse(plain, exact) : JSON.parse(plain) }
  } catch {
    return { trouble: `error: ${troubleIn(plain)}` }
  }
}

/** Without so many digits in a row no integer is beyond 2^53. */
const HUGE = /\d{16}/
const INTEGER = /^-?\d+$/

function exact(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && INTEGER.test(source) ? BigInt(source) : value
}

/** Comments become blanks, so that places stay what they are. */
function withoutComments(text: string): { plain: string; depth: number } {
  const plain: string[] = []
  let depth = 0
  let deepest = 0
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === OPEN_MAP || code === OPEN_LIST) deepest = Math.max(deepest, ++depth)
    else if (code === CLOSE_MAP || code === CLOSE_LIST) depth--
    else if (code === QUOTE) at = endOfString(text, at)
    else if (code === HASH || code === SLASH) {
      const end = endOfComment(text, at)
      if (end === at) continue
      plain.push(text.slice(from, at), text.slice(at, end).replace(/[^\n]/g, ' '))
      from = end
      at = end - 1
    }
  }
  return { plain: plain.length === 0 ? text : plain.join('') + text.slice(from), depth: deepest }
}

const OPEN_MAP = 0x7b
const CLOSE_MAP = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const QUOTE = 0x22
const BACKSLASH = 0x5c
const HASH = 0x23
const SLASH = 0x2f

/** Where the closing quote is; the end of the text where there is none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at
    if (code === BACKSLASH) at++
  }
  return text.length
}

/** Behind the comment; `at` where it is none or has no end, so that the slash stays. */
function endOfComment(text: string, at: number): number {
  if (text.startsWith('/*', at)) return behind(text.indexOf('*/', at + 2), 2, at)
  if (text[at] === '/' && text[at + 1] !== '/') return at
  return behind(text.indexOf('\n', at), 0, text.length)
}

function behind(found: number, length: number, otherwise: number): number {
  return found < 0 ? otherwise : found + length
}

/** `unexpected character } in <wire>:0:12`, counted as Kea counts: lines from 0, columns from 1. */
function troubleIn(text: string): string {
  const at = faultIn(text)
  const what = at < text.length ? `unexpected character ${text[at]}` : 'unexpected end of the text'
  return `${what} in ${placeOf(text, at)}`
}

function placeOf(text: string, at: number): string {
  const before = text.slice(0, at)
  const lines = before.split('\n')
  return `<wire>:${lines.length - 1}:${lines.at(-1)!.length + 1}`
}
