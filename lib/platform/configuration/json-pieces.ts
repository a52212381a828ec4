// A value as pieces of JSON, each of which takes a moment: lists and maps of lists are gone into,
// all else is short.

/** Characters of a piece. */
const PIECE = 65_536

export function* jsonPieces(value: unknown): Generator<string> {
  let text = ''
  for (const part of parts(value)) {
    text += part
    if (text.length < PIECE) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

function* parts(value: unknown): Generator<string> {
  if (Array.isArray(value)) {
    let mark = '['
    for (const element of value) {
      yield mark
      yield* parts(element)
      mark = ','
    }
    return yield value.length === 0 ? '[]' : ']'
  }
  if (typeof value !== 'object' || value === null || !hasLists(value)) return yield short(value)
  let mark = '{'
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue
    yield `${mark}${JSON.stringify(key)}:`
    yield* parts(member)
    mark = ','
  }
  yield mark === '{' ? '{}' : '}'
}

function hasLists(map: object): boolean {
  for (const member of Object.values(map))
    if (typeof member === 'object' && member !== null) return true
  return false
}

function short(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch {
    // An integer that no file may have; what is said of it is its digits.
    return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? rawJSON(one) : one))
  }
}

/** Not yet among the types of the library. */
function rawJSON(value: bigint): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(value))
}

/** Large integers as they were. */
export function parsedJson(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text)
  const revive = (_: string, value: unknown, { source = '' }: { source?: string } = {}) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
      ? BigInt(source)
      : value
  return JSON.parse(text, revive as Parameters<typeof JSON.parse>[1])
}
