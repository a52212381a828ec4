// What is taken out of names of clients: whatever matches a regular expression, as
// `hostname-char-set` has it, gives way to a replacement.

import { RE2JS } from 're2js'
import { type Octets, octetsFromBytes } from '../bytes/octets.ts'
import { type PatternTrouble, sourceOf } from './posix-pattern.ts'

export interface Sanitizer {
  readonly pattern: string
  readonly replacement: string
  readonly clean: (name: Octets) => Octets
}

/** C's view of a text: octets are characters, and the longest match counts. */
const FLAGS = RE2JS.DISABLE_UNICODE_GROUPS | RE2JS.DOTALL | RE2JS.LONGEST_MATCH

/**
 * Why there is none, or the sanitizer. The pattern is a POSIX extended regular expression, the
 * replacement letters, digits, dots, hyphens and underscores.
 */
export function sanitizerOf(pattern: string, replacement: string): Sanitizer | PatternTrouble {
  const translated = sourceOf(octetsFromBytes(new TextEncoder().encode(pattern)))
  if ('message' in translated) return translated
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(translated.source, FLAGS)
  } catch {
    return { at: 0, message: 'it is too large or repeats what cannot be repeated' }
  }
  const clean = translated.isSet ? bySet(compiled, replacement) : byMatch(compiled, replacement)
  return { pattern, replacement, clean }
}

/** One bracket, which is what people write: a table of octets tells it. */
function bySet(compiled: RE2JS, replacement: string): Sanitizer['clean'] {
  const isIn = Array.from({ length: 256 }, (_, code) => compiled.matches(String.fromCharCode(code)))
  return (name) => {
    let clean = ''
    let from = 0
    for (let at = 0; at < name.length; at++) {
      if (!isIn[name.charCodeAt(at)]) continue
      clean += name.slice(from, at) + replacement
      from = at + 1
    }
    return from === 0 ? name : clean + name.slice(from)
  }
}

function byMatch(compiled: RE2JS, replacement: string): Sanitizer['clean'] {
  return (name) => compiled.matcher(name).replaceAll(replacement)
}
