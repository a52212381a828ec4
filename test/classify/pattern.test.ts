// Patterns of match(): what they mean, what is refused and where, and that no value makes them
// slow.

import t from 'tap'
import { compilePattern } from '../../lib/classify/language/pattern.ts'
import { Refusal } from '../../lib/classify/language/refusal.ts'

const OCTETS = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))

/** Each must fit the octets and texts that it fits for JavaScript; or that the other one fits. */
const PATTERNS: readonly (readonly [pattern: string, own?: string])[] = [
  ['.'],
  ['\\d'],
  ['\\D'],
  ['\\w'],
  ['\\W'],
  ['\\s', '[\\t-\\r ]'],
  ['\\S', '[^\\t-\\r ]'],
  ['[\\s]', '[\\t-\\r ]'],
  ['[\\S]', '[^\\t-\\r ]'],
  ['[^\\S]', '[\\t-\\r ]'],
  ['[\\D]'],
  ['[\\W_]'],
  ['[[:alpha:]]', '[A-Za-z]'],
  ['[[:digit:][:space:]x]', '[0-9\\t-\\r x]'],
  ['[^[:xdigit:]]', '[^0-9A-Fa-f]'],
  ['[[:d:]]', '[0-9]'],
  ['[a-f]'],
  ['[^a-f]'],
  ['[a\\-f]'],
  ['[a-]'],
  ['[-a]'],
  ['[\\]]'],
  ['[[]', '[\\[]'],
  ['[\\b]'],
  ['[\\x41-\\x43]'],
  ['[.*+?]'],
  ['\\x41'],
  ['\\u0041'],
  ['\\cJ'],
  ['\\n'],
  ['\\0'],
  ['\\.'],
  ['\\/'],
  ['\\\\'],
  [']', '\\]'],
  ['}', '\\}'],
  ['\xe4'],
  ['(a|b)c?'],
  ['(?:ab)*'],
  ['a{2}'],
  ['a{2,}'],
  ['a{1,2}'],
  ['a*?b'],
  ['a{1,2}?'],
  ['^ab$'],
  ['a|ab'],
  ['|ab'],
  ['()'],
  ['ab\\b'],
  ['a\\Bb'],
  ['.*port:\\d+'],
]

/** `.` and `$` have other ideas of lines in JavaScript. */
const OWN_DOT = (pattern: string): string =>
  pattern.replaceAll(/^\.|(?<=[^[\\])\.(?=\*)/g, '[^\\n\\r]')

const TEXTS = [
  '',
  'a',
  'b',
  'ab',
  'ac',
  'bc',
  'aa',
  'aaa',
  'abab',
  'aab',
  'xport:12',
  'port:',
  'ab\n',
]

t.test('a pattern fits what it fits in Kea, and the whole of it', async (t) => {
  for (const [pattern, own = OWN_DOT(pattern)] of PATTERNS) {
    const fits = compilePattern(pattern)
    const wanted = new RegExp(`^(?:${own})$`)
    const wrong = [...OCTETS, ...TEXTS].filter((value) => fits(value) !== wanted.test(value))
    t.same(wrong, [], pattern)
  }
})

/** Where a pattern is refused, from 0. */
const REFUSED: readonly (readonly [pattern: string, at: number])[] = [
  ['a(?=b)', 1],
  ['a(?!b)', 1],
  ['(?<=a)b', 0],
  ['(?<!a)b', 0],
  ['(?<name>a)', 0],
  ['(?i)a', 0],
  ['(a)\\1', 3],
  ['\\pL', 0],
  ['\\Qa\\E', 0],
  ['\\A', 0],
  ['\\z', 0],
  ['a\\', 1],
  ['\\x4', 0],
  ['\\u1234', 0],
  ['(a', 0],
  ['(a(b)', 0],
  ['a)', 1],
  ['[a', 0],
  ['[]', 0],
  ['[^]', 0],
  ['[b-a]', 1],
  ['[a-\\d]', 1],
  ['[[:word:]]', 1],
  ['[[=a=]]', 1],
  ['[[.a.]]', 1],
  ['*a', 0],
  ['a**', 2],
  ['(*a)', 1],
  ['a|*', 2],
  ['a{2}{3}', 4],
  ['a{b', 1],
  ['a{,3}', 1],
  ['a{2,1}', 1],
  ['a{1001}', 1],
  ['^*', 1],
  ['((a{99}){99}){99}', 0],
]

t.test(
  'what only backtracking can answer, and what is malformed, is refused in its place',
  async (t) => {
    for (const [pattern, at] of REFUSED)
      try {
        compilePattern(pattern)
        t.fail(pattern)
      } catch (error) {
        t.type(error, Refusal)
        t.match(error, { code: 'bad-pattern', at }, pattern)
      }
  },
)

t.test('the patterns that break others have an answer', async (t) => {
  const value = 'a'.repeat(5000)
  for (const pattern of [
    '(a+)+b',
    '(a|a)*b',
    '(a|aa)+b',
    '(.*a){20}b',
    '(a*)*b',
    '(?:a?){99}a{99}b',
  ])
    t.equal(compilePattern(pattern)(value), false, pattern)
  t.equal(compilePattern('(a|b)*a(a|b){15}')(value), true)
})
