// Texts of a lease (hostname, user context) as UTF-8, which is how they are packed in the lease
// table and in change records. Nearly all of them are empty or ASCII, which is the fast way here.

const encoder = new TextEncoder()
// A byte order mark is a character of the text like any other.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const strictDecoder = new TextDecoder('utf-8', { fatal: true })

/**
 * A field of a lease that is longer than records can hold; the engine should have cut or refused
 * it.
 */
export class LeaseTextError extends Error {
  override readonly name = 'LeaseTextError'

  constructor(field: string, length: number, max: number) {
    super(`lease field ${field} has ${length} bytes, at most ${max} are possible`)
  }
}

/** Bytes that writeUtf8 will write. */
export function utf8Length(text: string): number {
  return isAscii(text) ? text.length : encoder.encode(text).length
}

/** Writes the text at `at` and returns the position behind it. The caller guarantees the room. */
export function writeUtf8(text: string, target: Uint8Array, at: number): number {
  if (!isAscii(text)) return at + encoder.encodeInto(text, target.subarray(at)).written
  for (let index = 0; index < text.length; index++) target[at + index] = text.charCodeAt(index)
  return at + text.length
}

/** The text in bytes `start` to `end`. Bytes that are no UTF-8 become U+FFFD. */
export function utf8FromBytes(bytes: Uint8Array, start: number, end: number): string {
  return start === end ? '' : decoder.decode(bytes.subarray(start, end))
}

/**
 * Whether the bytes `start` to `end` are UTF-8. What is not would come back longer than it was,
 * perhaps too long for a record.
 */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at < end && bytes[at]! < 128) at++
  if (at === end) return true
  try {
    strictDecoder.decode(bytes.subarray(at, end))
    return true
  } catch {
    return false
  }
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) return false
  return true
}
