// Where a text stops being JSON. The engine's own words quote the text, which may hold passwords,
// and tell the place only sometimes; this is asked only where it has refused the text.

/** What may come next. */
type Wanted = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing'

const SPACE = /[ \t\r\n]*/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has none of them in a string
const STRING = /"(?:[^"\\\u0000-\u001f]+|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/**
 * Index of the first character that cannot stand there; the length where the end came too early.
 */
export function faultIn(text: string): number {
  const open: ('{' | '[')[] = []
  let wanted: Wanted = 'value'
  let at = endOf(SPACE, text, 0)!
  while (at < text.length && wanted !== 'nothing') {
    const first = text[at]!
    let end: number | undefined = at + 1
    if (first === '{' || first === '[') {
      if (!isValue(wanted)) return at
      open.push(first)
      wanted = first === '{' ? 'key-or-end' : 'value-or-end'
    } else if (first === '}' || first === ']') {
      if (!wanted.endsWith('end') || open.pop() !== (first === '}' ? '{' : '[')) return at
      wanted = behindValue(open)
    } else if (first === ',' || first === ':') {
      if (wanted !== (first === ',' ? 'comma-or-end' : 'colon')) return at
      wanted = first === ',' && open.at(-1) === '{' ? 'key' : 'value'
    } else {
      const isKey: boolean = wanted === 'key' || wanted === 'key-or-end'
      if (!isKey && !isValue(wanted)) return at
      end = endOf(STRING, text, at) ?? (isKey ? undefined : endOf(SCALAR, text, at))
      if (end === undefined) return at
      wanted = isKey ? 'colon' : behindValue(open)
    }
    at = endOf(SPACE, text, end)!
  }
  return at
}

function isValue(wanted: Wanted): boolean {
  return wanted === 'value' || wanted === 'value-or-end'
}

function behindValue(open: readonly string[]): Wanted {
  return open.length === 0 ? 'nothing' : 'comma-or-end'
}

/** Where what the pattern describes ends. */
function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}
