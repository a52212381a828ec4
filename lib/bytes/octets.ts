// Octets: a short run of raw bytes (hardware address, client-id, option value) held as a string with
// one character (U+0000 … U+00FF) a byte. Strings are immutable, compare with ===, hash, and cost
// V8 one byte a character, which is what lease keys need.

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
  if (length > RUN_MAX)
    return (
      octetsFromBytes(bytes, start, start + RUN_MAX) + octetsFromBytes(bytes, start + RUN_MAX, end)
    )
  const run = runs[length]!
  for (let index = 0; index < length; index++) run[index] = bytes[start + index]!
  return String.fromCharCode.apply(null, run)
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

/** Lower-case hexadecimal, `separator` between the bytes: `02:00:5e:10`. */
export function hexFromOctets(octets: Octets, separator = ''): string {
  let text = ''
  for (let index = 0; index < octets.length; index++) {
    if (index > 0) text += separator
    text += octets.charCodeAt(index).toString(16).padStart(2, '0')
  }
  return text
}

/**
 * Octets from hexadecimal digits: `02005e10`, or pairs with `:`, `-` or single spaces between them
 * (then one digit a byte is allowed too: `2:0:5e:10`). Undefined when the text is nothing of these.
 */
export function octetsFromHex(text: string): Octets | undefined {
  const joined = /^([0-9a-f]{2})*$/i.test(text)
  if (!joined && !/^[0-9a-f]{1,2}([:\- ][0-9a-f]{1,2})+$/i.test(text)) return undefined
  const digits = text.match(joined ? /../g : /[0-9a-f]+/gi) ?? []
  return octetsFromBytes(Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16)))
}
