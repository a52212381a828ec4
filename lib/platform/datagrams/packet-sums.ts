// The sum of the Internet (RFC 1071): words of 16 bits, ones' complement.

/** Adds `length` bytes from `at` as 16-bit words, an odd last one with a zero behind it. */
export function sumOf(bytes: Uint8Array, at: number, length: number, start: number): number {
  // High and low octets apart and four words a round: a third less time than word by word.
  let high = 0
  let low = 0
  let index = at
  const end = at + (length & ~1)
  for (const rounds = end - 7; index < rounds; index += 8) {
    high += bytes[index]! + bytes[index + 2]! + bytes[index + 4]! + bytes[index + 6]!
    low += bytes[index + 1]! + bytes[index + 3]! + bytes[index + 5]! + bytes[index + 7]!
  }
  for (; index < end; index += 2) {
    high += bytes[index]!
    low += bytes[index + 1]!
  }
  if ((length & 1) === 1) high += bytes[end]!
  return start + high * 256 + low
}

/** What stands in the header for a sum. */
export function foldedSum(total: number): number {
  let value = total
  while (value > 0xffff) value = (value & 0xffff) + Math.floor(value / 0x10000)
  return ~value & 0xffff
}
