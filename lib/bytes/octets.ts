// Octets: a short run of raw bytes (hardware address, client-id, option value) held as a string with
// one character (U+0000 … U+00FF) a byte. Strings are immutable, compare with ===, hash, and cost
// V8 one byte a character, which is what lease keys need.

/** Raw bytes as a string, one character per byte. */
export type Octets = string

/** Bytes `start` (inclusive) to `end` (exclusive) as octets. */
export function octetsFromBytes(bytes: Uint8Array, start = 0, end = bytes.length): Octets {
  let text = ''
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!)
  return text
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
  if (/^([0-9a-f]{2})*$/i.test(text)) {
    let octets = ''
    for (let at = 0; at < text.length; at += 2)
      octets += String.fromCharCode(Number.parseInt(text.slice(at, at + 2), 16))
    return octets
  }
  if (!/^[0-9a-f]{1,2}([:\- ][0-9a-f]{1,2})+$/i.test(text)) return undefined
  let octets = ''
  for (const pair of text.split(/[:\- ]/)) octets += String.fromCharCode(Number.parseInt(pair, 16))
  return octets
}
