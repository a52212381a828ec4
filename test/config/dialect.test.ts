// Kea's dialect of JSON: what is accepted, what is not, and at which file, line and column it is
// said.

import fc from 'fast-check'
import { createScanner } from 'jsonc-parser'
import t from 'tap'
import { expand, type Include } from '../../lib/config/text/expand.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'
import { readDocument } from '../../lib/config/text/read.ts'

const nothing: Include = () => undefined

/** The files of a test, by name. */
function from(files: Readonly<Record<string, string>>): Include {
  return (path) => files[path]
}

function lines(text: string, include: Include = nothing): string[] {
  const { problems } = readDocument(text, 'f', include)
  return problems.map((problem) => `${problem.severity} ${formatProblem(problem)}`)
}

t.test('what Kea accepts', async (t) => {
  const cases: readonly (readonly [name: string, text: string, value: unknown])[] = [
    ['a # comment', '{ # [ "x\n"a": 1 # { \n}', { a: 1 }],
    ['a // comment', '{ // "\n"a": 1 } // ]', { a: 1 }],
    ['a /* */ comment', '{ /* " \n [ */ "a": /* 2 */ 1 }', { a: 1 }],
    [
      'comment signs in a string',
      '{"a": "# // /* <?include \\" */"}',
      { a: '# // /* <?include " */' },
    ],
    ['a # comment at the end without a newline', '[1] # end', [1]],
    ['JSON escapes', String.raw`["\"\\\/\b\f\n\r\t\u0041\u00ff"]`, ['"\\/\b\f\n\r\tA\u00ff']],
    ['UTF-8', '["Ā 🦆"]', ['Ā 🦆']],
    [
      'numbers',
      '[0, -1, 2.5, 1e3, 9007199254740991, 0.875]',
      [0, -1, 2.5, 1000, 9007199254740991, 0.875],
    ],
    ['fractions without a zero', '[.5, -.25,.125]', [0.5, -0.25, 0.125]],
    ['words', '[true, false, null]', [true, false, null]],
    ['a byte order mark', '\ufeff[1]', [1]],
    ['CRLF', '[1,\r\n2]\r\n', [1, 2]],
    ['200 brackets', '['.repeat(200) + ']'.repeat(200), undefined],
  ]
  for (const [name, text, value] of cases) {
    const read = readDocument(text, 'f', nothing)
    t.same(read.problems, [], name)
    if (value !== undefined) t.same(read.value, value, name)
  }
})

t.test('what is wrong is told once, with its place', async (t) => {
  const cases: readonly (readonly [name: string, text: string, ...lines: string[]])[] = [
    [
      'trailing comma in a map',
      '{\n  "a": 1,\n}',
      'warning f:2:9: a comma before a closing bracket (remove it)',
    ],
    [
      'trailing comma in a list, a comment between',
      '[1, # one\n // two\n]',
      'warning f:1:3: a comma before a closing bracket (remove it)',
    ],
    ['comma after nothing', '[,]', 'error f:1:2: a value is expected, not ","'],
    ['two commas', '[1,,2]', 'warning f:1:4: two commas in a row (remove one)'],
    [
      'commas wherever they are too many',
      '{"a": 1,, "b": [2,\n,],}',
      'warning f:1:9: two commas in a row (remove one)',
      'warning f:2:1: two commas in a row (remove one)',
      'warning f:1:18: a comma before a closing bracket (remove it)',
      'warning f:2:3: a comma before a closing bracket (remove it)',
    ],
    [
      'comma left out',
      '{"a": 1\n "b": 2}',
      'error f:2:2: a comma is expected, not "b" (one stands between members and between elements)',
    ],
    ['colon left out', '{"a" 1}', 'error f:1:6: a colon is expected after the key, not "1"'],
    ['value left out', '{"a": }', 'error f:1:7: a value is expected, not "}"'],
    [
      'key without quotes',
      '{ a: 1 }',
      'error f:1:3: "a" is no JSON value (strings and keys stand in double quotes)',
    ],
    [
      'single quotes',
      "['a']",
      "error f:1:2: 'a' is no JSON value (strings and keys stand in double quotes)",
    ],
    ['True', '[True]', 'error f:1:2: "True" is no JSON value (true is written in lower case)'],
    [
      'quote left out',
      '{"a": "x,\n"b": 1}',
      'error f:1:7: the string has no closing quote on its line',
    ],
    ['leading zero', '[07]', 'error f:1:2: a number has no leading zeros'],
    ['hexadecimal', '[0x1f]', 'error f:1:3: this is no number (decimal digits only)'],
    [
      'no digit after the point',
      '[1.]',
      'error f:1:2: the number is not complete (a digit follows a point and an exponent)',
    ],
    [
      'a place behind .5',
      '[.5, 1e400]',
      'error f:1:6 [1]: 1e400 is too large a number (at most 1.7e308)',
    ],
    ['1e400', '[1e400]', 'error f:1:2 [0]: 1e400 is too large a number (at most 1.7e308)'],
    [
      '2^53',
      '{"a":\n [9007199254740992]}',
      'error f:2:3 a[0]: 9007199254740992 is too large a number (at most 9007199254740991)',
    ],
    [
      '-2^53',
      '[-9007199254740992]',
      'error f:1:2 [0]: -9007199254740992 is too large a number (at most 9007199254740991)',
    ],
    [
      '\\u0100',
      '{"a": "\\u0100"}',
      'error f:1:7 a: \\u0100 is above \\u00ff (write the character itself, in UTF-8)',
    ],
    [
      '\\u0100 in a key',
      '{"\\u0100": 1}',
      'error f:1:2 \u0100: \\u0100 is above \\u00ff (write the character itself, in UTF-8)',
    ],
    ['an escaped backslash before u', '["\\\\u0100"]'],
    [
      'unknown escape',
      '["\\x"]',
      'error f:1:2: there is no such escape (\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u00xx)',
    ],
    [
      'tab in a string',
      '["a\tb"]',
      'error f:1:2: a control character stands in the string (a tab is written \\t)',
    ],
    [
      'duplicate key',
      '{\n "a": 1,\n "b": 2,\n  "a": 3 }',
      'error f:4:3 a: the key stands here for the second time (first at f:2:2)',
    ],
    [
      'closing brace left out',
      '{ "a": {\n "b": 1 }\n',
      'error f:3:1: the text ends within brackets ("}" would close the bracket of line 1, column 1)',
    ],
    [
      'wrong bracket',
      '{ "a": [ 1 }',
      'error f:1:12: "}" does not match the open bracket ("]" would close the bracket of line 1, column 8)',
    ],
    ['bracket too many', '{}\n}', 'error f:2:1: "}" closes nothing (remove it)'],
    [
      'text after the end',
      '{} {}',
      'error f:1:4: the document has ended before, not "{" (one pair of braces holds everything)',
    ],
    ['open comment', '[1] /* x', 'error f:1:5: the comment does not end (close it with */)'],
    ['empty', '', 'error f:1:1: a value is expected'],
    [
      '201 brackets',
      `${'['.repeat(201)}${']'.repeat(201)}`,
      'error f:1:201: brackets are nested deeper than 200',
    ],
    [
      'three slips',
      '{"a": 1,\n"b" 2,\n"c": tru,\n"d": 1e999}',
      'error f:2:5: a colon is expected after the key, not "2"',
      'error f:3:6: "tru" is no JSON value (strings and keys stand in double quotes)',
      'error f:4:6 d: 1e999 is too large a number (at most 1.7e308)',
    ],
  ]
  for (const [name, text, ...expected] of cases) t.same(lines(text), expected, name)
})

t.test('<?include?>', async (t) => {
  t.test('splices the text in wherever a token may stand', async (t) => {
    const include = from({ subnets: '[1, // one\n2]\n# end', members: '"b": 2, "c": 3' })
    const text = '{ "a": <?include "subnets"?>,\n <?include "members"?> }'
    t.same(readDocument(text, 'f', include).value, { a: [1, 2], b: 2, c: 3 })
    t.same(lines(text, include), [])
  })

  t.test('says who names whom', async (t) => {
    const calls: string[] = []
    const include: Include = (path, from) => {
      calls.push(`${from} > ${path}`)
      return path === 'a' ? '<?include "b"?>' : '1'
    }
    readDocument('[<?include "a"?>]', 'f', include)
    t.same(calls, ['f > a', 'a > b'])
  })

  t.test('keeps the places of both files', async (t) => {
    const include = from({ inner: '\n  "b": 1,\n  "b": 2' })
    t.same(lines('{ "b": 0, <?include "inner"?>,\n  "c": 1,\n "c": 2 }', include), [
      'error inner:2:3 b: the key stands here for the second time (first at f:1:3)',
      'error inner:3:3 b: the key stands here for the second time (first at f:1:3)',
      'error f:3:2 c: the key stands here for the second time (first at f:2:3)',
    ])
  })

  t.test('tokens do not span files', async (t) => {
    t.same(lines('[1<?include "x"?>]', from({ x: '2' })), [
      'error x:1:1: a comma is expected, not "2" (one stands between members and between elements)',
    ])
  })

  t.test('a file that is not there is one problem', async (t) => {
    const expected = ['error f:1:8: "no" cannot be included: there is no such file']
    t.same(lines('{ "a": <?include "no"?> }', nothing), expected)
    t.same(lines('{ "a": <?include "no"?>, "b": 1 }', nothing), expected)
    t.same(lines('[ 1,   <?include "no"?>\n# x\n ]', nothing), expected)
    t.same(
      lines('[<?include "x"?>]', () => ({ trouble: 'permission denied' })),
      ['error f:1:2: "x" cannot be included: permission denied'],
    )
  })

  t.test('without a name', async (t) => {
    t.same(lines('[<?include x?>\n]'), [
      'error f:1:2: the include directive has no file name in double quotes (write <?include "file"?>)',
    ])
  })

  t.test('ten deep and no deeper', async (t) => {
    const deep =
      (last: number): Include =>
      (path) =>
        Number(path) === last ? '1' : `<?include "${Number(path) + 1}"?>`
    t.same(readDocument('[<?include "1"?>]', 'f', deep(10)).value, [1])
    t.same(lines('[<?include "1"?>]', deep(11)), [
      'error 10:1:1: "11" cannot be included: more than 10 levels deep',
    ])
  })

  t.test('a circle is seen, and a wide tree ends', async (t) => {
    t.same(lines('[<?include "a"?>]', from({ a: '<?include "b"?>', b: '<?include "a"?>' })), [
      'error b:1:1: "a" cannot be included: it includes itself',
    ])
    let reads = 0
    const wide: Include = () => {
      reads++
      return Array.from({ length: 20 }, (_, i) => `<?include "${reads}-${i}"?>`).join(' ')
    }
    readDocument('<?include "x"?>', 'f', wide)
    t.ok(reads <= 1000, `${reads} files were read`)
  })
})

t.test('hostile text ends soon in an ordinary error', async (t) => {
  const bombs: readonly (readonly [name: string, text: string, code: string])[] = [
    ['10 MB of [', '['.repeat(10_000_000), 'too-deep'],
    ['maps in maps', '{"a":'.repeat(1_000_000), 'too-deep'],
    ['brackets behind a broken string', `["\\\n"${'['.repeat(100_000)}`, 'too-deep'],
    ['brackets behind a carriage return', `["a\r${'['.repeat(100_000)}`, 'too-deep'],
    [
      'brackets behind a comment that a carriage return ends',
      `// \r${'['.repeat(100_000)}`,
      'too-deep',
    ],
    ['a string that never ends', `["${'a'.repeat(1_000_000)}`, 'open-bracket'],
    ['a comment that never ends', `[/*${'*'.repeat(1_000_000)}`, 'open-comment'],
  ]
  for (const [name, text, code] of bombs) {
    const { value, problems } = readDocument(text, 'f', nothing)
    t.equal(value, undefined, name)
    t.ok(
      problems.some((problem) => problem.code === code),
      `${name}: ${code}`,
    )
    t.ok(problems.length < 5, `${name}: ${problems.length} problems`)
  }
})

t.test('__proto__ is a key like any other', async (t) => {
  const value = readDocument('{"__proto__": {"x": 1}}', 'f', nothing).value as object
  t.same(Object.keys(value), ['__proto__'])
  t.equal((value as { x?: number }).x, undefined)
})

t.test('the pre-pass and the parser see the same brackets', async (t) => {
  const piece = fc.constantFrom(
    '"',
    '\\',
    '/',
    '*',
    '#',
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '\n',
    '\r',
    ' ',
    'a',
    '1',
    '.5',
    '//',
    '/*',
    '*/',
    '<?include "x"?>',
  )
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))
  const property = fc.property(text, text, (outer, inner) => {
    const { text, broken } = expand(outer, 'f', () => inner.replaceAll('<?', ''))
    return broken !== undefined || depthAtEnd(text) === 0
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 3000, seed: 42 }))
})

/** Open brackets at the end, as the parser counts; -1 where one was closed that was not open. */
function depthAtEnd(text: string): number {
  const scanner = createScanner(text, true)
  let depth = 0
  for (let token = scanner.scan(); token !== 17; token = scanner.scan()) {
    if (token === 1 || token === 3) depth++
    if (token === 2 || token === 4) depth--
    if (depth < 0) return -1
  }
  return depth
}
