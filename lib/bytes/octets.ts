// Octets: a short run of raw bytes (hardware address, client-id, option value) held as a string
// with one character (U+0000 … U+00FF) a byte. Strings are immutable, compare with ===, hash, and
// cost V8 one byte a character, which is what lease keys need.

/** Raw bytes as a string, one character per byte. */
export type Octets = string

/** Longest run of bytes that becomes a string in one call: that of one DHCPv4 option part. */
const RUN_MAX = 255

/** One reused list of character codes for each length: a call with it leaves a flat string. */
const runs: number[][] = Array.from({ length: RUN_MAX + 1 }, (_, length) =>
  new Array<number>(length).fill(0),
)

/**
 * Bytes `start` (inclusive) to `end` (exclusive) as octets. Up to 255 bytes make one flat string.
 * Joining characters one by one would instead keep a tree of fragments alive, 256 bytes of memory
 * for 19 octets where the flat string takes 40, and a lease table holds a million of them.
 */
export function octetsFromBytes(bytes: Uint8Array, start = 0, end = bytes.length): Octets {
  const length = end - start
  if (length > RUN_MAX) return octetsFromRuns(bytes, start, end)
  const run = runs[length]!
  for (let index = 0; index < length; index++) run[index] = bytes[start + index]!
  return String.fromCharCode.apply(null, run)
}

function octetsFromRuns(bytes: Uint8Array, start: number, end: number): Octets {
  const parts: Octets[] = []
  for (let at = start; at < end; at += RUN_MAX)
    parts.push(octetsFromBytes(bytes, at, Math.min(at + RUN_MAX, end)))
  return parts.join('')
}

/** The bytes of `octets` in a new array. */
export function bytesFromOctets(octets: Octets): Uint8Array {
  const bytes = new Uint8Array(octets.length)
  writeOctets(octets, bytes, 0)
  return bytes
}

/** Writes `octets` at `at` and returns the position behind them. The caller guarantees the room. */
export function writeOctets(octets: Octets, target: Uint8Array, at: number): number {
  for (let index = 0; index < octets.length; index++) target[at + index] = octets.charCodeAt(index)
  return at + octets.length
}

/** The two digits of each octet. */
const DIGITS = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))

/** Lower-case hexadecimal, `separator` between the bytes: `02:00:5e:10`. */
export function hexFromOctets(octets: Octets, separator = ''): string {
  let text = ''
  for (let index = 0; index < octets.length; index++) {
    if (index > 0) text += separator
    text += DIGITS[octets.charCodeAt(index)]
  }
  return text
}

/**
 * Octets from hexadecimal digits: `02005e10`, or pairs with `:`, `-` or single spaces between them
 * (then one digit a byte is allowed too: `2:0:5e:10`). Undefined when the text is nothing of these.
 */
export function octetsFromHex(text: string): Octets | undefined {
  const separated = /[:\- ]/.test(text)
  if (!separated && text.length % 2 !== 0) return undefined
  const bytes = new Uint8Array(text.length)
  let length = 0
  for (let at = 0; at < text.length; ) {
    const high = digitAt(text, at)
    const low = digitAt(text, at + 1)
    if (high < 0 || (low < 0 && !separated)) return undefined
    bytes[length++] = low < 0 ? high : high * 16 + low
    at += low < 0 ? 1 : 2
    if (!separated || at === text.length) continue
    if (!/[:\- ]/.test(text[at]!) || ++at === text.length) return undefined
  }
  return octetsFromBytes(bytes, 0, length)
}

/** The value of a hexadecimal digit, -1 for anything else. */
function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}
