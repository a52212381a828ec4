// POSIX extended regular expressions (IEEE Std 1003.1 §9.4) as `hostname-char-set` has them: what
// they match, and what is refused with its place.

import t from 'tap'
import { sanitizerOf } from '../../lib/names/sanitizer.ts'

function cleaned(pattern: string, name: string, replacement = ''): string {
  const sanitizer = sanitizerOf(pattern, replacement)
  if ('message' in sanitizer) throw new Error(`${sanitizer.at} ${sanitizer.message}`)
  return sanitizer.clean(name)
}

t.test('every match gives way', async (t) => {
  const rows: [pattern: string, name: string, clean: string][] = [
    ['[^A-Za-z0-9.-]', 'my_host!x', 'myhostx'],
    ['[^A-Za-z0-9.-]', 'myhost', 'myhost'],
    ['[]_]', 'a]b_c', 'abc'],
    ['[^]a]', 'a]b', 'a]'],
    ['[a-c-]', 'abcd-', 'd'],
    ['[-a]', 'a-b', 'b'],
    ['[\\w]', 'a\\w', 'a'],
    ['[_\\-]', 'a_\\-', 'a'],
    ['[[:digit:]_]', 'a1_2', 'a'],
    ['[^[:alnum:].]', 'a-1.b!', 'a1.b'],
    ['[[:space:]]+', 'a \t b', 'ab'],
    ['\\.', 'a.b', 'ab'],
    ['\\w', 'a-b', '-'],
    ['a|ab', 'abc', 'c'],
    ['(foo|bar)+$', 'xfoobar', 'x'],
    ['^x', 'xx', 'x'],
    ['a{2}', 'aaab', 'ab'],
    ['a{2,}', 'aaab', 'b'],
    ['a{,2}b', 'aaab', 'a'],
    ['ab?c*', 'abccd', 'd'],
    ['.', 'ab\n', ''],
    ['}', 'a}', 'a'],
    [']', 'a]', 'a'],
    ['é', 'a\xc3\xa9', 'a'],
  ]
  for (const [pattern, name, clean] of rows) t.equal(cleaned(pattern, name), clean, pattern)
  t.equal(cleaned('[^a]', 'a\xc3\xa9', 'x'), 'axx', 'an octet is a character')
  t.equal(cleaned('b+', 'abba', '-'), 'a-a', 'the longest match')
})

t.test(
  'what cannot be said in linear time, or means nothing, is refused with its place',
  async (t) => {
    const rows: [pattern: string, at: number, message: RegExp][] = [
      ['(a)\\1', 3, /refer back/],
      ['(?:a)', 0, /begin with/],
      ['*a', 0, /nothing that \* can repeat/],
      ['a|+', 2, /nothing that \+ can repeat/],
      ['a**', 2, /can repeat/],
      ['a*?', 2, /can repeat/],
      ['a(b', 1, /does not end/],
      ['ab)', 2, /no group/],
      ['a[b', 1, /does not end/],
      ['[]', 0, /does not end/],
      ['[a[:word:]]', 2, /no such class/],
      ['[[=a=]]', 1, /stand for themselves/],
      ['[a-[.z.]]', 3, /stand for themselves/],
      ['[z-a]', 1, /before it begins/],
      ['[a-[:digit:]]', 1, /range/],
      ['a{x}', 1, /number of times/],
      ['a{,}', 1, /number of times/],
      ['a{3,2}', 1, /fewer/],
      ['a{256}', 1, /255/],
      ['\\d', 0, /means nothing/],
      ['\\<a', 0, /means nothing/],
      ['a\\', 1, /means nothing/],
      ['a'.repeat(1025), 1024, /longer/],
      ['((((a{255}){255}){255}){255})', 0, /too large/],
    ]
    for (const [pattern, at, message] of rows)
      t.match(sanitizerOf(pattern, ''), { at, message }, pattern.slice(0, 40))
  },
)

t.test('a pattern on which others need years takes a moment', async (t) => {
  const hard = 'a'.repeat(250)
  t.equal(cleaned('(a|aa)+$x', hard), hard)
})
